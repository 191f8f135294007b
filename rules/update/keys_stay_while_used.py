"""No key goes, is disabled, or loses the alias that is used, while data is encrypted by it.

What was encrypted by a key stays so when a store takes another key, and nobody reads it without the old one. KMS
deletes a key that a stack deletes after its waiting period, and refuses its use at once. An alias that goes while a
resource names it makes the next use fail.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
Source: https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html
pack: core
on: update
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Finding, Stack, is_true, resource_of
from stackproof.aws.updates import holds_data
from stackproof.changes.resource import ResourceChange
from stackproof.changes.stack_update import StackUpdate
from stackproof.changes.update import Update
from stackproof.topology.texts import texts_of

APPLIES_TO = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey", "AWS::KMS::Alias")
KEYS, ALIAS = APPLIES_TO[:2], APPLIES_TO[2]
OF_A_KEY = re.compile("kms|key|encrypt|sse", re.I)
AFTER_ALL = "leave the key as it is until nothing is encrypted by it: data that expired, or was copied"


def check(update: Update) -> Iterator[Finding]:
    for side in update.sides:
        for change in side.changes:
            kind = change.before["Type"] if change.before else ""
            if kind in KEYS and (why := unusable(change)):
                used = [logical for logical in users(side.before, change.logical) if kept(side, logical)]
                if used:
                    message = (
                        f"{change.logical} {why}, and {', '.join(used)} hold{'s' * (len(used) == 1)} what it encrypted"
                    )
                    yield side.finding(change, message, AFTER_ALL)
            elif kind == ALIAS and change.leaves:
                yield from without_alias(side, change)
            elif kind == ALIAS and any(changed.is_at("TargetKeyId") for changed in change.properties):
                yield from moved(side, change)


def unusable(change: ResourceChange) -> str:
    if change.fate == "delete":
        return "is deleted"
    before, after = (is_true(change.properties_of(version).get("Enabled", True)) for version in ("before", "after"))
    return "is disabled" if change.after is not None and before and not after else ""


def users(stack: Stack, logical: str) -> list[str]:
    """Return the resources that hold data which a key, or an alias of it, encrypts."""
    aliases = [
        name for name, alias in stack.of_type(ALIAS) if resource_of(stack, alias.get("TargetKeyId"), *KEYS) == logical
    ]
    names = {logical, *aliases}
    found = [
        str(path[1])
        for path, text in texts_of(stack)
        if path[0] == "Resources"
        and any(OF_A_KEY.search(str(key)) for key in path[3:])
        and holds_data(stack.resources[str(path[1])]["Type"])
        and resource_of(stack, text, *APPLIES_TO) in names
    ]
    return [logical for logical in dict.fromkeys(found) if logical not in names]


def kept(side: StackUpdate, logical: str) -> bool:
    """Tell whether the data of a resource outlives the update."""
    change = side.by_id.get(logical)
    return change is None or change.fate != "delete"


def without_alias(side: StackUpdate, change: ResourceChange) -> Iterator[Finding]:
    name = change.properties_of("before").get("AliasName")
    taken = {alias.get("AliasName") for _, alias in side.after.of_type(ALIAS)}
    for path, text in texts_of(side.after):
        if path[0] == "Resources" and isinstance(name, str) and name not in taken and name in text.split(":")[-1:]:
            message = f"{path[1]} names {name}, whose {change.logical} is {'replaced' if change.after else 'taken out'}"
            yield side.after.finding(path, message, "leave the alias, or name what takes its place")


def moved(side: StackUpdate, change: ResourceChange) -> Iterator[Finding]:
    """Give an alias that leads to another key while the old one goes."""
    old = resource_of(side.before, change.properties_of("before").get("TargetKeyId"), *KEYS)
    leaving = side.by_id.get(old) if old else None
    if leaving and leaving.leaves and users(side.before, str(old)):
        message = f"{change.logical} leads to another key, and {old}, by which data is encrypted, leaves the stack"
        fix = f"leave {old} in the template, so that its policy goes on to let the readers in"
        yield side.finding(change, message, fix, "Properties", "TargetKeyId")
