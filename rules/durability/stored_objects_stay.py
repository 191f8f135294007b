"""What is replicated or backed up is not deleted by the bucket's own lifecycle, nor are copies before what they copy.

An expiration ends current versions: of a bucket that is replicated or backed up, which takes its pains so that the data
stays, it deletes that very data. It deletes a copy, too: S3 does not replicate what a lifecycle does, so each bucket
follows its own rules, and a copy that goes first is missing on the day it is wanted. Logs are meant to go, and are left
out. An object under a lock that is longer than its life hides behind a delete marker, and is paid for all the same.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Path, Stack, properties_path, resources_by_name
from stackproof.iam.statements import statements
from stackproof.topology.backups import selections
from stackproof.topology.lifecycles import FOREVER, days, lifecycle_rules
from stackproof.topology.replication import BUCKET, copies_of

APPLIES_TO = ("AWS::S3::Bucket",)
WRITERS = (
    "cloudtrail.",
    "config.",
    "delivery.logs.",
    "logdelivery.",
    "logging.s3.",
    "logs.",
)
"""Services that write logs, as principals of bucket policies."""
LOG_PROPERTIES = ("DestinationBucketName", "S3BucketName", "LogDestination")
"""Properties that name the bucket for logs: of buckets, trails, recorders, flow logs."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, _ in stack.of_type(BUCKET):
            yield from locked(stack, logical)
        yield from of_lifecycles(deployment, stack)
        yield from copies(stack, deployment.other(stack))


def of_lifecycles(deployment: Deployment, stack: Stack) -> Iterator[Finding]:
    """Find what deletes every object of a bucket that is replicated or backed up."""
    other = deployment.other(stack)
    copied = {bucket: "replicated" for bucket, _, _ in (*copies_of(stack, other), *copies_of(stack, stack))}
    copied |= {into: "what another replicates to" for _, _, into in copies_of(other, stack)}
    copied |= {store: "backed up" for _, _, stores in selections(stack) for store in stores}
    logs = of_logs(stack)
    for logical, properties in stack.of_type(BUCKET):
        for rule in lifecycle_rules(properties) if logical in copied and logical not in logs else ():
            if rule.expires < FOREVER and rule.takes(""):
                message = f"rule {rule.name} of {logical} deletes every object after {rule.expires:g} days"
                message += f", and the bucket is {copied[logical]}, so that they stay"
                fix = "remove ExpirationInDays, or give the rule the Prefix of what may go"
                yield stack.finding(place(logical, rule.at), message, fix)


def copies(source: Stack, into: Stack) -> Iterator[Finding]:
    """Find rules that delete copies before the other stack's bucket deletes what they are copies of."""
    for bucket, replicating, copy in copies_of(source, into):
        begin = str(replicating.get("Prefix") or (replicating.get("Filter") or {}).get("Prefix") or "")
        own = list(lifecycle_rules(source.resources[bucket].get("Properties", {})))
        for rule in lifecycle_rules(into.resources[copy].get("Properties", {})):
            taken = rule.prefix if rule.prefix.startswith(begin) else begin
            lives = min((lifecycle.expires for lifecycle in own if lifecycle.takes(taken)), default=FOREVER)
            if rule.expires < lives and (rule.prefix.startswith(begin) or begin.startswith(rule.prefix)):
                lifetime = "never deletes them" if lives == FOREVER else f"keeps them for {lives:g} days"
                where = source.scenario.region
                message = f"rule {rule.name} of {copy} deletes copies after {rule.expires:g} days in "
                message += f"{into.scenario.region}, and {bucket} in {where}, which they are copies of, {lifetime}"
                fix = "let the copies expire no sooner than what they are copies of"
                yield into.finding(place(copy, rule.at), message, fix)


def locked(stack: Stack, logical: str) -> Iterator[Finding]:
    """Find rules that delete objects before the bucket's default lock ends."""
    properties = stack.resources[logical].get("Properties", {})
    lock = (properties.get("ObjectLockConfiguration") or {}).get("Rule", {}).get("DefaultRetention", {})
    least = days(lock.get("Days")) if "Days" in lock else 365 * days(lock.get("Years"))
    for rule in lifecycle_rules(properties) if least < FOREVER else ():
        if rule.expires < least:
            message = f"rule {rule.name} of {logical} deletes objects after {rule.expires:g} days, "
            message += f"and a lock holds them for {least:g}"
            yield stack.finding(place(logical, rule.at), message, "let them expire after the lock ends")


def of_logs(stack: Stack) -> set[str]:
    """Return the buckets that services write logs to."""
    buckets = resources_by_name(stack, BUCKET)
    named = [text for resource in stack.resources.values() for text in _named(resource.get("Properties", {}))]
    for statement in statements(stack):
        if statement.effect == "Allow" and any(name.startswith(WRITERS) for name in statement.services()):
            named += [arn.partition("/")[0] for arn in statement.resources]
    return {buckets[text] for text in named if text in buckets}


def _named(properties: object) -> Iterator[str]:
    if isinstance(properties, dict):
        for key, value in properties.items():
            if key in LOG_PROPERTIES and isinstance(value, str):
                yield value.partition("/")[0] if value.startswith("arn:") else value
            elif isinstance(value, dict) and key in ("LoggingConfiguration", "LogConfiguration", "Logging"):
                yield from _named(value)


def place(logical: str, index: int) -> Path:
    return properties_path(logical, "LifecycleConfiguration", "Rules", index, "ExpirationInDays")
