"""A bucket's lifecycle moves objects in the order and with the pauses that S3 takes, and deletes them last.

S3 refuses a move to infrequent access before the 30th day, a move back to a warmer class, and an expiration that is not
after every move; the bucket then fails when it is created or, worse, when the change is rolled out. Where two rules are
for the same objects, S3 does what is due first: a move that comes after another rule's expiration never happens.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-transition.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from stackproof.api import Deployment, Finding, Path, properties_path
from stackproof.topology.lifecycles import FOREVER, LifecycleRule, days, lifecycle_rules

APPLIES_TO = ("AWS::S3::Bucket",)
CLASSES = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
"""The storage classes as objects may go down them."""
NEVER = {("ONEZONE_IA", "GLACIER_IR")}
"""Steps down that S3 does not make. Source: Amazon S3 User Guide, "Transitioning objects using Amazon S3 Lifecycle"."""
INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")
OLD = "NoncurrentVersionTransitions"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::S3::Bucket"):
            path: Path = properties_path(logical, "LifecycleConfiguration", "Rules")
            rules = list(lifecycle_rules(properties))
            for rule in rules:
                gone = days((rule.value.get("NoncurrentVersionExpiration") or {}).get("NoncurrentDays"))
                current = wrong("Transitions", rule.moves, rule.expires)
                for key, why_not in (*current, *wrong(OLD, rule.old_moves, gone), *overtaken(rule, rules)):
                    message = f"rule {rule.name} of {logical} {why_not}"
                    where = key if key in rule.value else key.removesuffix("s")
                    yield stack.finding((*path, rule.at, where), message, "order the days as the storage classes")


def overtaken(rule: LifecycleRule, rules: list[LifecycleRule]) -> Iterator[tuple[str, str]]:
    """Give the moves of a rule that come after another rule has deleted the objects."""
    for other in rules:
        last = max((days(move.get("TransitionInDays")) for move in rule.moves), default=0)
        if other is not rule and other.takes(rule.prefix) and other.expires <= last < FOREVER:
            effect = f"moves objects after {last:g} days, which rule {other.name} deletes after {other.expires:g}"
            yield "Transitions", effect


def wrong(key: str, moves: list[Mapping[str, Any]], gone: float) -> Iterator[tuple[str, str]]:
    """Give what is wrong with the moves of a rule, with the property that holds them."""
    for move in moves if key == "Transitions" else ():
        if ("TransitionInDays" in move) is ("TransitionDate" in move):
            yield key, f"moves objects to {move.get('StorageClass')} at no time, or at two"
    dated = [(days(move.get("TransitionInDays")), str(move.get("StorageClass"))) for move in moves]
    steps = sorted(step for step in dated if step[0] < FOREVER)
    for due, kind in steps:
        if kind in INFREQUENT and due < 30:
            yield key, f"moves objects to {kind} after {due:g} days, 30 at the least"
    for (due, kind), (later, colder) in pairwise(steps):
        if rank(colder) <= rank(kind) or (kind, colder) in NEVER:
            yield key, f"moves objects from {kind} to {colder}, which S3 does not"
        elif kind in INFREQUENT and later < due + 30:
            yield key, f"moves objects to {colder} {later - due:g} days after {kind}, 30 at the least"
    if steps and gone <= steps[-1][0]:
        yield key, f"deletes objects after {gone:g} days, and moves them after {steps[-1][0]:g}"


def rank(kind: str) -> int:
    return CLASSES.index(kind) if kind in CLASSES else -1
