"""Every event pattern matches events of its own stack's resources and none of anybody else's.

A bus has the events of the whole account: a pattern without names wakes its target for strangers, one that is misspelt
for nobody. Each pattern is tried on sample events about the stack's buckets, tables and vaults, on the same about
strangers', and on reads and writes of data, of which there are as many as data. Events of sources that are not AWS's
belong to whoever chose the source's name.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Findings, Path, Stack, as_mapping, properties_path
from stackproof.monitoring.event_patterns import matches
from stackproof.monitoring.sample_events import KINDS, others, own

APPLIES_TO = ("AWS::Events::Rule",)
OF_OBJECTS = {"Object Created", "Object Deleted", "Object Restore Initiated", "Object Restore Completed"}
OF_OBJECTS |= {"Object Restore Expired", "Object Tags Added", "Object Tags Deleted", "Object ACL Updated"}
OF_OBJECTS |= {"Object Storage Class Changed", "Object Access Tier Changed"}
"""Source: Amazon S3 User Guide, "Amazon EventBridge event message structure"."""


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Events::Rule"):
            if "EventPattern" in properties:
                path: Path = properties_path(logical, "EventPattern")
                try:
                    yield from of_pattern(stack, logical, as_mapping(properties["EventPattern"]), path)
                except ValueError as error:
                    yield stack.finding(
                        path, f"EventBridge refuses the pattern of {logical}: {error}", "correct this field"
                    )


def of_pattern(stack: Stack, logical: str, pattern: Mapping[str, Any], path: Path) -> Findings:
    sources = pattern.get("source")
    if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        yield stack.finding(path, f"{logical} takes events of any source", "name the sources")
        return
    if not any(source.startswith("aws.") for source in sources):
        return
    kinds = pattern.get("detail-type")
    if not set(sources) & set(KINDS) or (isinstance(kinds, list) and set(map(str, kinds)) <= OF_OBJECTS):
        return  # of what other services and S3's own events hold there are no samples to try
    known = {kind for source in sources for kind in KINDS.get(source, ())}
    if set(sources) - set(KINDS) or not isinstance(kinds, list) or set(map(str, kinds)) - known:
        message = f"there are no samples of the events that {logical} takes: {kinds} of {sources}"
        fix = "name detail types that monitoring/sample_events.py has, or add samples of these"
        yield stack.cannot_tell(path, message, fix)
        return
    for sample in others(stack):
        if matches(pattern, sample.event):
            message = f"{logical} matches {sample.what} of {sample.about}"
            yield stack.finding(path, message, "name the stack's own resources and the category of events")
    for what, names in (("detail-type", kinds), ("source", sources)):
        for name in names:
            if not any(event.event[what] == name and matches(pattern, event.event) for event in own(stack)):
                message = f"{logical} takes events of {what} {name}, but matches none about a resource of the stack"
                yield stack.finding(path, message, "name the fields as the service does")
    yield from unlike(stack, logical, pattern, path)


def unlike(stack: Stack, logical: str, pattern: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    """Find patterns that tell failures from successes for one kind of event, and for another not."""
    ends = [sample for sample in own(stack) if "COMPLETED" in sample.what or sample.bad]
    bad_states = {
        kind: {sample.bad for sample in ends if sample.event["detail-type"] == kind and matches(pattern, sample.event)}
        for kind in pattern["detail-type"]
    }
    for kind, seen in bad_states.items():
        if True in seen and False in seen and {True} in bad_states.values():
            message = f"{logical} takes failures alone of one kind of event, and of {kind} successes, too"
            yield stack.finding(path, message, "name the states that fail for each kind")
