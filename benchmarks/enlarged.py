"""The template as many times over as it takes to have some number of resources: for the benchmarks, not to be deployed.

    python benchmarks/enlarged.py 480 > enlarged.json && python benchmarks/gate.py enlarged.json

Each copy refers to itself and has names of its own; the size limit of a template sent inline is broken, as it must be.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

TEMPLATE = Path("lib/TapStack.json")


def copied(value: Any, ids: frozenset[str], number: int) -> Any:
    """Return a value with references to the copy's own resources, and names that hold the copy's number."""
    if isinstance(value, list):
        return [copied(item, ids, number) for item in value]
    if isinstance(value, str):
        named = value.replace("-${EnvironmentSuffix}", f"-{number}${{EnvironmentSuffix}}")
        return re.sub(r"\$\{(\w+)(?=[.}])", lambda found: f"${{{renamed(found[1], ids, number)}", named)
    if not isinstance(value, dict):
        return value
    if list(value) == ["Ref"]:
        return {"Ref": renamed(value["Ref"], ids, number)}
    if list(value) == ["Fn::GetAtt"]:
        logical, attribute = value["Fn::GetAtt"]
        return {"Fn::GetAtt": [renamed(logical, ids, number), attribute]}
    return {
        key: depended(item, ids, number) if key == "DependsOn" else copied(item, ids, number)
        for key, item in value.items()
    }


def renamed(name: str, ids: frozenset[str], number: int) -> str:
    return f"{name}{number}" if name in ids else name


def depended(value: Any, ids: frozenset[str], number: int) -> Any:
    if isinstance(value, list):
        return [renamed(item, ids, number) for item in value]
    return renamed(value, ids, number)


def enlarged(template: dict[str, Any], wanted: int) -> dict[str, Any]:
    """Return the template with whole copies of all its resources until there are at least so many."""
    resources = dict(template["Resources"])
    ids = frozenset(resources)
    number = 1
    while len(resources) < wanted:
        number += 1
        resources |= {
            f"{name}{number}": copied(resource, ids, number) for name, resource in template["Resources"].items()
        }
    return {**template, "Resources": resources}


if __name__ == "__main__":
    print(json.dumps(enlarged(json.loads(TEMPLATE.read_text(encoding="utf-8")), int(sys.argv[1])), indent=2))
