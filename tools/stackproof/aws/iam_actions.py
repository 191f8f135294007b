"""The actions of IAM, the kinds of resource that each knows, and the ARNs of those kinds, as cfn-lint ships them."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, NamedTuple

from stackproof.aws.arn import covers
from stackproof.aws.regions import shipped
from stackproof.foundation.finding import CannotTell

KNOWS_NONE = ("cloudwatch:putmetricdata",)
"""Actions that the shipped table gives a kind of resource, which what they are used for here does not have.

Source: CloudWatch User Guide, "Using condition keys to limit access to CloudWatch namespaces": a policy for
PutMetricData has the resource `*` and the condition key cloudwatch:namespace.
"""


class Action(NamedTuple):
    """An action, lower-case as "service:name", and the ARN patterns of the kinds of resource it knows, by kind."""

    name: str
    kinds: tuple[tuple[str, tuple[str, ...]], ...]

    def narrowed(self, arn: str) -> list[str]:
        """Return what a granted ARN or pattern comes to for this action: the part of each kind that it knows."""
        if not self.kinds:
            return [arn]
        met = (_meet(arn, form) for kind, forms in self.kinds for form in forms if _slashed(kind, arn))
        return list(dict.fromkeys(one for one in met if one))

    def knows(self, arn: str) -> bool:
        """Tell whether an ARN, maybe a pattern itself, is of a kind that this action knows."""
        return bool(self.narrowed(arn))


@cache
def _text() -> str:
    """Return the actions and resources of every service, as text.

    Source: cfn-lint's data/AdditionalSpecs/Policies.json, made from the Service Authorization Reference.
    """
    text = shipped("cfnlint", "data/AdditionalSpecs/Policies.json")
    if not text.startswith('{\n "'):
        raise CannotTell("the table of actions that cfn-lint ships is laid out anew", fix="teach actions.py to read it")
    return text


@cache
def _table(service: str) -> dict[str, Any] | None:
    """Return the actions and resources of one service, or None if there is no such service.

    Only the part of the text that tells of the service is read: the whole takes 25 ms, a service less than one.
    """
    opening = f'\n "{service}": '
    start = _text().find(opening)
    if start < 0:
        return None
    table: dict[str, Any] = json.JSONDecoder().raw_decode(_text(), start + len(opening))[0]
    return table


def is_service(prefix: str) -> bool:
    return _table(prefix) is not None


@cache
def action(name: str) -> Action | None:
    """Return an action by its name, in any case, or None if no service has it."""
    service, _, verb = name.lower().partition(":")
    table = _table(service)
    found = table["Actions"].get(verb) if table else None
    if table is None or found is None:
        return None
    if name.lower() in KNOWS_NONE:
        return Action(name.lower(), ())
    kinds = (
        (kind, tuple(table["Resources"].get(kind.lower(), {}).get("ARNFormats", ())))
        for kind in found.get("Resources", ())
    )
    return Action(name.lower(), tuple(kinds))


def _slashed(kind: str, arn: str) -> bool:
    """Tell a bucket's ARN from an object's, whose formats are one in the shipped table: an object's has a slash."""
    if arn.split(":")[2:3] != ["s3"] or kind not in ("bucket", "object"):
        return True
    return ("/" in arn) == (kind == "object") or arn.endswith(":::*")


def _meet(arn: str, form: str) -> str:
    """Return what an ARN or pattern and the format of a kind have in common, field by field; "" if nothing."""
    ours, theirs = _fields(arn), _fields(re.sub(r"\$\{\w+\}|\.\*", "*", form))
    met = []
    for one, other in zip(ours, theirs, strict=True):
        if covers(other, one):
            met.append(one)
        elif covers(one, other):
            met.append(other)
        else:
            return ""
    return ":".join(met)


def _fields(arn: str) -> list[str]:
    if arn == "*":
        return ["arn", "*", "*", "*", "*", "*"]
    return [*arn.split(":", 5), *[""] * 6][:6]
