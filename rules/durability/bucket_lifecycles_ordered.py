"""A bucket's lifecycle moves objects in the order and with the pauses that S3 takes, and deletes them last.

S3 refuses a move to infrequent access before the 30th day, a move back to a warmer class, and an expiration that is not
after every move; the bucket then fails when it is created or, worse, when the change is rolled out.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-transition.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from stackproof.api import Deployment, Finding, Path, number, properties_path

APPLIES_TO = ("AWS::S3::Bucket",)
CLASSES = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
"""The storage classes as objects may go down them."""
INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::S3::Bucket"):
            path: Path = properties_path(logical, "LifecycleConfiguration", "Rules")
            for index, rule in enumerate(properties.get("LifecycleConfiguration", {}).get("Rules", [])):
                current = wrong("Transitions", rule.get("Transitions", []), rule.get("ExpirationInDays"))
                gone = rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays")
                moves = rule.get("NoncurrentVersionTransitions", [])
                for key, why_not in (*current, *wrong("NoncurrentVersionTransitions", moves, gone)):
                    message = f"rule {rule.get('Id', index)} of {logical} {why_not}"
                    yield stack.finding((*path, index, key), message, "order the days as the storage classes")


def wrong(key: str, moves: list[Mapping[str, Any]], gone: Any) -> Iterator[tuple[str, str]]:
    """Give what is wrong with the moves of a rule, with the property that holds them."""
    steps = sorted((number(move, "TransitionInDays", 0), str(move.get("StorageClass"))) for move in moves)
    for days, kind in steps:
        if kind in INFREQUENT and days < 30:
            yield key, f"moves objects to {kind} after {days:g} days, 30 at the least"
    for (days, kind), (later, colder) in pairwise(steps):
        if rank(colder) <= rank(kind):
            yield key, f"moves objects from {kind} to {colder}, which is not colder"
        elif kind in INFREQUENT and later < days + 30:
            yield key, f"moves objects to {colder} {later - days:g} days after {kind}, 30 at the least"
    if gone is not None and steps and float(gone) <= steps[-1][0]:
        yield key, f"deletes objects after {float(gone):g} days, and moves them after {steps[-1][0]:g}"


def rank(kind: str) -> int:
    return CLASSES.index(kind) if kind in CLASSES else -1
