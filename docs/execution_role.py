"""Writes what the StackSet execution role of lib/Prerequisites.json allows: what the stacks of the template need.

python docs/execution_role.py [--check]

It is what `stackproof permissions --stack-set NAME --widen` prints: the role serves every environment and region, and
so names each resource for all of them. It is cut into as many managed policies as their size takes.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import resolved
from stackproof.permissions.documents import Statement, policies
from stackproof.permissions.execution_roles import in_stack_set, of_stack_set
from stackproof.permissions.handlers import OPERATIONS
from stackproof.permissions.required import Required, Unknown, requirements
from stackproof.permissions.role import referring
from stackproof.permissions.widening import Width
from stackproof.template import loader

ROOT = Path(__file__).parents[1]
TEMPLATE, SCENARIOS = ROOT / "lib/TapStack.json", ROOT / "rules/scenarios.yaml"
GOAL = ROOT / "lib/Prerequisites.json"
POLICY = "StackSetExecutionPolicy"


def main() -> int:
    text = GOAL.read_text(encoding="utf-8")
    made = fresh(text, needed())
    if "--check" in sys.argv:
        if text != made:
            print(f"{GOAL.relative_to(ROOT)} is stale; fix: python docs/execution_role.py", file=sys.stderr)
        return int(text != made)
    GOAL.write_text(made, encoding="utf-8")
    return 0


def fresh(text: str, wanted: Sequence[Required]) -> str:
    """Return the template with the policies that allow what is wanted."""
    return replaced(text, [text_of(item) for item in policies(wanted, Width.REGIONS).documents])


def needed() -> list[Required]:
    """Return what the role needs; end the program where something is not known that CloudFormation calls."""
    template = loader.load(str(TEMPLATE))
    pairs = [in_stack_set(pair) for pair in scenario.load(str(SCENARIOS))]
    stacks = [stack for pair in pairs for stack in resolved(template, pair).stacks]
    found = [*requirements(stacks, OPERATIONS), *of_stack_set([item.scenario for item in stacks])]
    unknown = sorted({item.kind for item in found if isinstance(item, Unknown)})
    if unknown:
        sys.exit(f"the schemas of {', '.join(unknown)} name no handlers; fix: add rows to aws/data/permissions.yaml")
    return [item for item in found if isinstance(item, Required)]


def text_of(statements: Sequence[Statement]) -> str:
    inner = ",\n".join(_indented("\n".join(_statement(item.stated())), 12) for item in statements)
    return (
        '{\n      "Type": "AWS::IAM::ManagedPolicy",\n      "Condition": "HasStackSetRoles",\n'
        '      "Metadata": { "Comment": "Made by docs/execution_role.py from the scenarios of lib/TapStack.json" },\n'
        '      "Properties": {\n        "Description": "What the stacks of a StackSet of the platform need",\n'
        '        "PolicyDocument": {\n          "Version": "2012-10-17",\n          "Statement": [\n'
        f"{inner}\n          ]\n        }}\n      }}\n    }}"
    )


def _statement(stated: dict[str, Any]) -> Iterator[str]:
    """Give the lines of a statement: an action or a resource a line, a condition in one."""
    stated = referring(stated)
    yield from ("{", '  "Effect": "Allow",')
    yield from _listed("Action", stated["Action"], ",")
    yield from _listed("Resource", stated["Resource"], "," if "Condition" in stated else "")
    if "Condition" in stated:
        yield f'  "Condition": {_line(stated["Condition"])}'
    yield "}"


def _listed(name: str, values: Any, end: str) -> Iterator[str]:
    if not isinstance(values, list):
        yield f'  "{name}": {_line(values)}{end}'
        return
    yield f'  "{name}": ['
    yield ",\n".join(f"    {_line(item)}" for item in values)
    yield f"  ]{end}"


def _line(value: Any) -> str:
    """Return a value as the template writes it in one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)}: {_line(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_line, value)) + "]"
    return json.dumps(value)


def _indented(text: str, width: int) -> str:
    return "\n".join(" " * width + line for line in text.splitlines())


def replaced(text: str, made: Sequence[str]) -> str:
    """Return the template with its policies of this name replaced, and the role's list of them."""
    lines = text.splitlines()
    at = [number for number, line in enumerate(lines) if line.startswith(f'    "{POLICY}')]
    if not at:
        sys.exit(f"{GOAL.name} has no {POLICY}1; fix: put an empty one where the policies are to stand")
    last = next(number for number in range(at[-1], len(lines)) if lines[number].startswith("    }"))
    comma = "," if lines[last].endswith(",") else ""
    new = ",\n".join(f'    "{POLICY}{number}": {item}' for number, item in enumerate(made, 1)) + comma
    whole = "\n".join([*lines[: at[0]], new, *lines[last + 1 :]]) + "\n"
    listed = ", ".join(f'{{ "Ref": "{POLICY}{number}" }}' for number in range(1, len(made) + 1))
    head, mark, tail = whole.partition('"ManagedPolicyArns": [')
    return head + mark + listed + tail[tail.index("]") :]


if __name__ == "__main__":
    sys.exit(main())
