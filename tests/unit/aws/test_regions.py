"""Regions, zones and partitions from what other packages ship."""

import pytest

from stackproof.aws import regions
from stackproof.foundation.finding import CannotTell


@pytest.mark.parametrize(
    ("region", "name", "suffix"),
    [
        ("us-east-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
    ],
)
def test_a_region_is_in_its_partition(region: str, name: str, suffix: str) -> None:
    assert regions.partition_of(region)[:2] == (name, suffix)


def test_what_is_global_is_no_region() -> None:
    with pytest.raises(CannotTell, match="'aws-global' is no region of AWS"):
        regions.partition_of("aws-global")


def test_zones_are_in_order() -> None:
    assert regions.zones("eu-central-1") == ("eu-central-1a", "eu-central-1b", "eu-central-1c")


def test_zones_of_a_region_that_is_not_known() -> None:
    with pytest.raises(CannotTell, match="the availability zones of mars-north-1 are not known"):
        regions.zones("mars-north-1")


def test_most_regions_have_known_zones() -> None:
    known = 0
    for partition in regions.partitions():
        for region in partition.regions:
            try:
                known += len(regions.zones(region)) >= 2
            except CannotTell:
                continue
    assert known >= 30


@pytest.mark.parametrize(
    ("region", "opt_in"),
    [("us-east-1", False), ("eu-north-1", False), ("eu-south-1", True), ("ap-east-1", True), ("cn-north-1", False)],
)
def test_a_region_from_after_march_2019_is_opt_in(region: str, opt_in: bool) -> None:
    assert regions.is_opt_in(region) is opt_in
