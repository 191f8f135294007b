"""Buckets have names that hold their region.

Source: Amazon S3 User Guide, "General purpose bucket naming rules".
"""

from collections.abc import Iterator

from stackproof.evaluation.deployment import Deployment
from stackproof.foundation.finding import Finding

APPLIES_TO = ("AWS::S3::Bucket",)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type(*APPLIES_TO):
            name = properties.get("BucketName", "")
            if stack.scenario.region not in name:
                yield stack.finding(
                    ("Resources", logical, "Properties", "BucketName"), f"{logical} is named {name!r}", "add its region"
                )
