"""Writes docs/reference.md from the schemas of the scenarios and of the configuration, and the settings of the rules.

python docs/reference.py [--check]
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stackproof.rules import rule_files
from stackproof.rules.runner import loaded
from stackproof.rules.settings import defaults

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/reference.md"
DATA = ROOT / "tools/stackproof/gate/data"
HEAD = """\
# Every key of scenarios.yaml and of the configuration

Made by `python docs/reference.py` from the JSON schemas that the files are held to; do not edit it by hand.
`stackproof schema scenarios` and `stackproof schema configuration` print them, for editors. With
`stackproof schema scenarios > scenarios.schema.json`, and `# yaml-language-server: $schema=scenarios.schema.json` as
the first line, an editor completes and checks scenarios.yaml.
"""


def page() -> str:
    """Return the text of the page."""
    found = [rule for rule in rule_files.discover(str(ROOT / "rules")) if rule.settings]
    lines = [HEAD, "## scenarios.yaml", "", *_table(_schema("scenarios"))]
    lines += ["", "## stackproof.toml, or `[tool.stackproof]` of pyproject.toml", "", *_table(_schema("configuration"))]
    lines += [
        "",
        "## Settings of rules, `[tool.stackproof.rule.NAME]`",
        "",
        "| rule | setting | default | what it is |",
    ]
    lines.append("| --- | --- | --- | --- |")
    for rule in found:
        for name, value, about in defaults(rule, None if rule.is_guard else loaded(rule).module):
            lines.append(f"| {rule.name} | {name} | `{_cell(value)}` | {_cell(about)} |")
    return "\n".join(lines) + "\n"


def _schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{name}.schema.json").read_text(encoding="utf-8"))
    return found


def _table(schema: dict[str, Any]) -> Iterator[str]:
    yield from ("| key | type | what it is |", "| --- | --- | --- |")
    for path, member, needed in _keys(schema, schema, ""):
        types = member.get("type", "any")
        types = " or ".join(types) if isinstance(types, list) else types
        types = ", ".join(f"`{value}`" for value in member["enum"]) if "enum" in member else types
        yield f"| `{path}` | {types} | {_cell(member['description'])}{' Required.' if needed else ''} |"


def _keys(schema: dict[str, Any], whole: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any], bool]]:
    for name, stated in schema.get("properties", {}).items():
        member = _whole(stated, whole)
        here = f"{path}{name}"
        yield here, member, name in schema.get("required", [])
        if "items" in member:
            yield from _keys(_whole(member["items"], whole), whole, f"{here}[].")
        yield from _keys(member, whole, f"{here}.")
        if isinstance(member.get("additionalProperties"), dict):
            yield from _keys(member["additionalProperties"], whole, f"{here}.NAME.")


def _whole(member: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    return {**whole["$defs"][member["$ref"].rpartition("/")[2]], **member} if "$ref" in member else member


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    if "--check" in sys.argv:
        fresh = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page()
        if not fresh:
            print("docs/reference.md is stale; fix: python docs/reference.py", file=sys.stderr)
        return 0 if fresh else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
