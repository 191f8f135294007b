"""The target can be created first: what the source creates is not needed there while the stack is created.

The target's stack comes first, then the source's, then the target's again with the id of the peering. AWS looks most
of what a property names up while it creates the resource: a bucket to replicate to, a topic to subscribe to, a
principal of a policy. Elsewhere (what policies allow, dashboards, settings of functions) it may be yet to come.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stackproof.deployment import Deployment
from stackproof.finding import Finding, Path
from stackproof.identity import texts_of
from stackproof.referents import created
from stackproof.stack import Stack

APPLIES_TO = ("Resources",)
POLICY = "PolicyDocument"
LATER: Mapping[str, tuple[str, ...]] = {
    "AWS::Backup::BackupSelection": ("BackupSelection",),
    "AWS::Backup::RestoreTestingSelection": ("ProtectedResourceArns",),
    "AWS::CloudWatch::Alarm": ("AlarmDescription", "Dimensions", "Metrics"),
    "AWS::CloudWatch::Dashboard": ("DashboardBody",),
    "AWS::Events::Rule": ("Description", "EventPattern"),
    "AWS::IAM::ManagedPolicy": (POLICY,),
    "AWS::IAM::Policy": (POLICY,),
    "AWS::IAM::Role": ("Description", "Policies"),
    "AWS::IAM::RolePolicy": (POLICY,),
    "AWS::KMS::Key": ("Description", "KeyPolicy"),
    "AWS::Lambda::Function": ("Code", "Description", "Environment"),
    "AWS::Route53::RecordSet": ("ResourceRecords",),
    "AWS::S3::BucketPolicy": (POLICY,),
    "AWS::SNS::TopicPolicy": (POLICY,),
    "AWS::SQS::QueuePolicy": (POLICY,),
    "AWS::SSM::Parameter": ("Description", "Value"),
}
"""The properties that AWS reads only later, by type: what they name need not be there yet."""


def check(deployment: Deployment) -> Iterator[Finding]:
    first, second = deployment.target, deployment.source
    awaited = created(second) - created(first)
    whole = [text for text in awaited if text.startswith("arn:")]
    for path, text in texts_of(first):
        if path[0] == "Resources" and not is_later(first, path):
            named: str | None = text
            if text not in awaited:
                named = next((arn for arn in whole if arn in text), None) if "arn:" in text else None
            if named:
                message = f"{path[1]} needs {named} of {second.scenario.region}, whose stack is created after it"
                yield first.finding(path, message, "let the source point to the target, or hand the name over later")


def is_later(stack: Stack, path: Path) -> bool:
    """Tell whether AWS reads a property only when what it names is used."""
    kind = stack.resources[str(path[1])]["Type"]
    if len(path) < 4 or path[2] != "Properties":
        return True
    return "Principal" not in path and (path[3] in LATER.get(kind, ()) or "Tags" in str(path[3]))
