"""The regions, partitions and availability zones of AWS, as botocore and cfn-lint ship them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from stackproof.aws.botocore_files import partition_table
from stackproof.aws.cfnlint_files import zones_by_region
from stackproof.foundation.finding import CannotTell


class Partition(NamedTuple):
    """A group of regions: `name` stands in ARNs, `suffix` is what AWS::URLSuffix gives."""

    name: str
    suffix: str
    regions: frozenset[str]


@cache
def partitions() -> tuple[Partition, ...]:
    """Return every partition."""
    return tuple(
        Partition(
            entry["id"],
            entry["outputs"]["dnsSuffix"],
            frozenset(name for name in entry["regions"] if not name.endswith("-global")),
        )
        for entry in partition_table()
    )


DEFAULT_ENABLED = frozenset(
    (
        *("ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1"),
        *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    )
)
"""The regions of the partition aws from before March 20, 2019: every later one is an opt-in region for SNS.

Source: Amazon SNS Developer Guide, "Sending Amazon SNS messages to an Amazon SQS queue in a different Region".
"""


def is_opt_in(region: str) -> bool:
    """Tell whether an account has to enable a region before it can use it."""
    return partition_of(region).name == "aws" and region not in DEFAULT_ENABLED


def partition_of(region: str) -> Partition:
    """Return the partition of a region; raise CannotTell for a region that AWS does not have."""
    for partition in partitions():
        if region in partition.regions:
            return partition
    raise CannotTell(f"{region!r} is no region of AWS", fix="give a region such as us-east-1")


@cache
def zones(region: str) -> tuple[str, ...]:
    """Return the availability zones of a region, in order."""
    table = zones_by_region()
    if region not in table:
        raise CannotTell(f"the availability zones of {region} are not known", fix="upgrade cfn-lint")
    return tuple(table[region])
