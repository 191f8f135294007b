"""A property that takes an id or ARN made by AWS is given one of the type that it takes, not a name and not another's.

The name of an API, the address of an elastic IP (which is what its Ref gives) or a subnet where a route table is due
are found out when half of the stack is there; so is a replica key whose primary is no multi-Region key, and the Ref of
a key, which is its id, where a log group takes its ARN. What is handed over by a parameter is checked as the scenario
has it.
Source: of each type, its row in the table ids of stackproof.aws.data; for the ARNs of keys, the types' schemas
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack
from stackproof.aws.data import rows
from stackproof.aws.schemas import subschema
from stackproof.topology.made_ids import last_key, taken_ids
from stackproof.topology.texts import texts_of

APPLIES_TO = ("Resources",)
TOKEN = re.compile(r"\{\{(\w+)(?:\.([\w.]+))?@[\w-]+\}\}")
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
"""What the id of a key looks like. Source: AWS KMS Developer Guide, "Key identifiers (KeyId)"."""
STANDS_FOR_ONE = re.compile("CHANGE-ME|example")
"""What scenarios hold that were written by `init`, until somebody fills them in."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for path, kind, text in taken_ids(stack):
            if text and not STANDS_FOR_ONE.search(text) and (why := wrong(stack, kind, text)):
                message = f"{path[1]} has {why} as {last_key(path)}, which takes the {called(kind)}"
                yield stack.finding(path, message, f"give it {fix(kind)}")
        yield from keys_by_id(stack)


def keys_by_id(stack: Stack) -> Iterator[Finding]:
    """Find the Ref of a key, which is its id, where the schema of a type takes an ARN and no id."""
    keys = {str(stack.evaluator.references.ref(logical)): logical for logical, _ in stack.of_type("AWS::KMS::Key")}
    for path, text in texts_of(stack) if keys else ():
        if text in keys and path[0] == "Resources" and path[2] == "Properties":
            pattern = str(subschema(stack.resources[str(path[1])]["Type"], path[3:]).get("pattern", ""))
            if pattern.lstrip("^(").startswith("arn") and not re.search(pattern, KEY_ID):
                message = f"{path[1]} has the Ref of {keys[text]}, its id, as {last_key(path)}, which takes an ARN"
                yield stack.finding(path, message, "give it its Arn, by Fn::GetAtt")


def wrong(stack: Stack, kind: str, text: str) -> str:
    """Return what a text is instead of an id of a type; "" if it is one, or may be."""
    row = rows("ids")[kind][0]
    if token := TOKEN.fullmatch(text):
        there = stack.resources.get(token[1], {}).get("Type", "")
        if there == kind:
            attribute = row.get("attribute", "")
            return f"the Ref of {token[1]}" if attribute and not token[2] else ""
        return f"{token[1]}, an {there}," if there in rows("ids") and not token[2] else ""
    if "{{" in text:
        return ""
    of_that_name = (
        logical
        for logical, properties in stack.of_type(kind)
        if text in (properties.get("Name"), properties.get("UserPoolName"))
    )
    if owner := next(of_that_name, None):
        return f"{text!r}, the name of {owner},"
    return "" if re.fullmatch(row["form"], text) else repr(text)


def called(kind: str) -> str:
    row = rows("ids")[kind][0]
    return str(row.get("called", f"{'ARN' if row['form'].startswith('arn') else 'id'} of an {kind}"))


def fix(kind: str) -> str:
    attribute = rows("ids")[kind][0].get("attribute")
    return f"its {attribute}, by Fn::GetAtt" if attribute else "the one that AWS made, by Ref or Fn::GetAtt"
