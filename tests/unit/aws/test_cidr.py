"""Arithmetic on CIDR blocks."""

import pytest

from stackproof.aws.cidr import overlap, subnets


def test_a_block_is_cut_from_its_beginning() -> None:
    assert subnets("10.0.0.0/16", 3, 8) == ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]


def test_the_smallest_blocks_have_two_addresses() -> None:
    assert subnets("10.0.0.0/30", 2, 1) == ["10.0.0.0/31", "10.0.0.2/31"]


@pytest.mark.parametrize(
    ("block", "count", "bits"),
    [
        ("10.0.0.0/24", 257, 1),
        ("10.0.0.0/24", 0, 1),
        ("10.0.0.0/24", 1, 0),
        ("10.0.0.0/24", 1, 9),
        ("10.0.0.0/24", 3, 7),
    ],
)
def test_more_than_a_block_holds_is_refused(block: str, count: int, bits: int) -> None:
    with pytest.raises(ValueError, match=r"does not hold|must be 1 to 256"):
        subnets(block, count, bits)


@pytest.mark.parametrize(
    "block", ["10.0.0.0", "10.0.0.0/255.255.0.0", "10.0.0.1/16", "10.0.0.0/33", "x/1", "\u0661.0.0.0/8"]
)
def test_what_is_no_block_is_refused(block: str) -> None:
    with pytest.raises(ValueError, match=r"is no CIDR block|host bits|not appear|not permitted"):
        subnets(block, 1, 8)


@pytest.mark.parametrize(
    ("first", "other", "shared"),
    [("10.0.0.0/16", "10.0.1.0/24", True), ("10.0.0.0/16", "10.1.0.0/16", False), ("10.0.0.0/31", "10.0.0.1/32", True)],
)
def test_blocks_overlap_if_they_share_an_address(first: str, other: str, shared: bool) -> None:
    assert (overlap(first, other), overlap(other, first)) == (shared, shared)
