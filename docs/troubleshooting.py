"""Writes the table of messages in docs/troubleshooting.md from the source: every message that ends 2, and its fix.

python docs/troubleshooting.py [--check]
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/troubleshooting.md"
MARK = "<!-- From here on made by docs/troubleshooting.py from the source. -->"
SAYS = {"CannotTell", "refuse", "_failed", "_refusal", "_cannot", "lost", "AppliesToNothing"}
"""The functions that are given a message and a fix."""
ABOUT = {
    "foundation": "the command line and files",
    "cli": "the command line and files",
    "report": "the command line and files",
    "template": "templates and their functions",
    "evaluation": "scenarios, parameters and references",
    "proof": "scenarios, parameters and references",
    "rules": "rules and their cases",
    "gate": "rules and their cases",
    "lint": "rules and their cases",
    "aws": "what code and roles do",
    "topology": "what code and roles do",
    "code": "what code and roles do",
    "iam": "what code and roles do",
    "permissions": "what code and roles do",
    "monitoring": "what code and roles do",
    "plan": "deployment",
    "deploy": "deployment",
    "page": "the page of a report",
}
"""The heading under which a package's messages stand."""
ROW = re.compile(r"\s+")


def main() -> int:
    text = PAGE.read_text(encoding="utf-8")
    head = text.partition(MARK)[0]
    made = f"{head}{MARK}\n\n{chr(10).join(tables())}"
    if "--check" in sys.argv:
        if text != made:
            print(f"{PAGE.relative_to(ROOT)} is stale; fix: python docs/troubleshooting.py", file=sys.stderr)
        return int(text != made)
    PAGE.write_text(made, encoding="utf-8")
    return 0


def tables() -> Iterator[str]:
    found: dict[str, list[str]] = {title: [] for title in [*ABOUT.values(), "anything else"]}
    for path in sorted([*ROOT.glob("tools/stackproof/**/*.py"), *ROOT.glob("rules/**/*.py")]):
        title = "what code and roles do" if path.relative_to(ROOT).parts[0] == "rules" else ABOUT.get(path.parent.name)
        found[title or "anything else"] += rows(path)
    for title, lines in found.items():
        if lines:
            yield from (f"## About {title}", "", "| message | fix |", "| --- | --- |")
            yield from dict.fromkeys(lines)
            yield ""


def rows(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    constants = texts(tree.body)
    for function in functions:
        named = constants | texts(ast.walk(function))
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and called(node) in SAYS:
                fixes = [keyword.value for keyword in node.keywords if keyword.arg == "fix"]
                texts_given = [
                    named.get(argument.id, "") if isinstance(argument, ast.Name) else shown(argument)
                    for argument in node.args
                ]
                columns = [text for text in texts_given if text]
                columns += map(shown, fixes)
                if columns and " " in columns[0] and any(texts_given):
                    yield f"| {columns[0]} | {columns[1] if len(columns) > 1 else ''} |"


def texts(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Return the texts that are given a name."""
    return {
        node.targets[0].id: text
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and (text := shown(node.value))
    }


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else str(getattr(node.func, "id", ""))


def shown(node: ast.expr) -> str:
    """Return a text as it is written, with … for what is put into it; "" for what is no text."""
    if isinstance(node, ast.Constant):
        text = node.value if isinstance(node.value, str) else ""
    elif isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    elif isinstance(node, ast.IfExp):
        return shown(node.body)
    else:
        return ""
    return ROW.sub(" ", text).replace("|", "\\|").replace("<", "&lt;").strip()


if __name__ == "__main__":
    sys.exit(main())
