"""What leads from one region to the other in the real template, and what the rules know of it."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import Deployment, resolved
from stackproof.page.diagram import picture
from stackproof.template import loader
from stackproof.topology.cross_region import Crossing, crossings
from stackproof.topology.resource_index import created_names
from stackproof.topology.texts import arns_in, texts_of, words_in

ROOT = Path(__file__).parents[3]
TEMPLATE = loader.load(str(ROOT / "lib/TapStack.json"))
PAIRS = {pair.name: pair for pair in scenario.load(str(ROOT / "rules/scenarios.yaml"))}


@cache
def deployment(name: str) -> Deployment:
    return resolved(TEMPLATE, PAIRS[name])


def kinds(name: str) -> set[tuple[str, str, str]]:
    return {
        (crossing.kind, crossing.logical, crossing.other)
        for crossing in crossings(deployment(name))
        if crossing.kind != "mention"
    }


def referred(name: str) -> Iterator[tuple[str, str, str]]:
    """Give side, resource and text of every text that names what the other stack alone creates, by its beginning."""
    for stack in deployment(name).stacks:
        own, other = created_names(stack), created_names(deployment(name).other(stack))
        theirs = [text for text in other if text not in own]
        for path, text in texts_of(stack):
            if path[0] == "Resources":
                arns = [(arn, item) for arn in arns_in(text) for item in theirs]
                found = [arn for arn, item in arns if arn == item or arn.startswith((f"{item}/", f"{item}:"))]
                found += [word for word, _ in words_in(text) if word in theirs]
                yield from ((stack.scenario.side, str(path[1]), item) for item in found)


def test_the_first_deployment_replicates_copies_subscribes_and_tests_restores() -> None:
    assert kinds("first") == {
        ("replication", "TradingDataBucket", "TradingDataBucket"),
        ("replication", "TradingAnalyticsGlobalTable", "TradingAnalyticsGlobalTable"),
        ("copies", "BackupPlan", "BackupVault"),
        ("subscription", "TargetEventSubscription", "MigrationEventTopic"),
        ("restore test", "TableRestoreTestingSelection", "TradingAnalyticsGlobalTable"),
        ("restore test", "BucketRestoreTestingSelection", "TradingDataBucket"),
    }


def test_peering_leads_both_ways_once_both_sides_know_it() -> None:
    assert kinds("peering") - kinds("first") == {
        ("peering", "VPCPeeringConnection", "TradingVPC"),
        ("peering", "PeeringRoute", "TradingVPC"),
    }


@pytest.mark.parametrize("name", PAIRS)
def test_what_the_rule_finds_in_the_other_stack_leads_across_and_nothing_else(name: str) -> None:
    by_text = {(crossing.side, crossing.logical) for crossing in crossings(deployment(name)) if not unnamed(crossing)}
    assert by_text == {(side, logical) for side, logical, _ in referred(name)}


def unnamed(crossing: Crossing) -> bool:
    """Tell whether it leads to the other region without a name of anything in it: by the region, or by a block."""
    return crossing.path[3] in ("PeerRegion", "Replicas", "DestinationCidrBlock")


@pytest.mark.parametrize("name", PAIRS)
def test_the_arrows_of_the_picture_are_what_leads_across(name: str) -> None:
    drawn = {(arrow.begin, arrow.end, arrow.kind) for arrow in picture(deployment(name)).arrows}
    other = {"source": "target", "target": "source"}
    assert drawn == {
        (f"{crossing.side}:{crossing.logical}", f"{other[crossing.side]}:{crossing.other}", crossing.kind)
        for crossing in crossings(deployment(name))
    }


def test_an_arrow_ends_at_the_edge_of_what_it_leads_to() -> None:
    drawn = picture(deployment("first"))
    (arrow,) = [item for item in drawn.arrows if item.kind == "copies"]
    found = re.fullmatch(r"M([\d.]+) .*H([\d.]+)", arrow.line)
    assert found
    begin, end = found.groups()
    plan = [chip for chip in drawn.chips if chip.text == "BackupPlan"]
    vaults = [chip for chip in drawn.chips if chip.text == "BackupVault"]
    assert float(begin) == plan[0].x + 200
    assert float(end) in [chip.x for chip in vaults]


@pytest.mark.parametrize("name", PAIRS)
def test_no_two_things_of_a_picture_cover_each_other(name: str) -> None:
    chips = sorted(picture(deployment(name)).chips, key=lambda chip: (chip.x, chip.y))
    overlapping = [
        (item.title, two.title) for item, two in pairwise(chips) if item.x == two.x and item.y + item.height > two.y
    ]
    assert overlapping == []


def test_what_one_side_lacks_leaves_a_gap_there() -> None:
    drawn = picture(deployment("first"))
    gaps = {chip.title for chip in drawn.chips if chip.style == "missing"}
    assert "BackupPlan is in the other region alone" in gaps
    assert [chip.text for chip in drawn.chips if chip.style == "replica"] == ["TradingAnalyticsGlobalTable"]
