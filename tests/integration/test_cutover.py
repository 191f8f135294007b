"""A cutover and the way back with trades flowing: none is lost, none doubled, and at every moment a side is active."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from consumer import shards
from created import health_check
from deployed import Stack, Stacks, pages
from deployments import Deployment, deployment
from flowing import Producer, trading

from stackproof.deploy.failure_objects import PREFIXES
from stackproof.deploy.runner import deploy
from stackproof.deploy.stack_events import standing
from stackproof.evaluation.stack import resolve
from stackproof.plan.operations import Operation
from stackproof.plan.switching import switching

pytestmark = [pytest.mark.emulator_only, pytest.mark.helped]
ACCOUNT = "300000000041"


@dataclass(frozen=True)
class Run:
    """What a cutover and a rollback left: the weights after each update, and what was sent."""

    stacks: Stacks
    weights: list[dict[str, int]]
    sent: dict[str, list[str]]

    @property
    def names(self) -> list[str]:
        return sorted(name for names in self.sent.values() for name in names)


def with_health_checks(emulated: Deployment) -> None:
    """Make the health checks beforehand, which the emulator's CloudFormation does not know: its records name them."""
    for side in emulated.job.plan.pair.sides:
        at = Stack(side.side, side.region, side.stack, {}, emulated.session)
        found = resolve(emulated.job.template, side).of_type("AWS::Route53::HealthCheck")
        emulated.reducer.made_before[side.side] = {
            logical: health_check(at, properties)[0] for logical, properties in found
        }


def sent_anew(emulated: Deployment, operation: Operation) -> Operation:
    """Return an update that sends the template: the one that the emulator has is worked out for the old value."""
    side = operation.scenario
    at = standing(emulated.job.cloud, side.region, side.stack)
    assert at is not None
    return replace(operation, switches=False, values={**at.parameters, **operation.values})


def switch(emulated: Deployment, value: str, producer: Producer) -> Iterator[dict[str, int]]:
    """Switch the active side as `deploy --switch` does; give the weights of the records after each update."""
    for operation in switching(emulated.job.template, emulated.job.plan.pair, "ActiveSide", value):
        operations = (sent_anew(emulated, operation),)
        assert deploy(replace(emulated.job, plan=replace(emulated.job.plan, operations=operations))) == 1
        yield producer.weights()
        time.sleep(2)


@pytest.fixture(scope="module")
def run(endpoint: str, tell: Callable[[str], None]) -> Run:
    del endpoint
    zone = deployment(ACCOUNT).session.client("route53").create_hosted_zone(Name="example.com", CallerReference="zone")
    zone_id = zone["HostedZone"]["Id"].rpartition("/")[2]
    parameters = {"EnvironmentSuffix": "cutover", "HostedZoneId": zone_id, "HostedZoneName": "example.com"}
    emulated = deployment(ACCOUNT, **parameters, ReverseReplicationEnabled="true")
    with_health_checks(emulated)
    deploy(emulated.job)
    stacks = emulated.read()[0]
    producer = Producer(stacks, zone_id)
    weights = [producer.weights()]
    with trading(producer):
        time.sleep(2)
        for value in ("target", "source"):
            weights += switch(emulated, value, producer)
    sent = ", ".join(f"{len(names):,} to {region}" for region, names in sorted(producer.sent.items()))
    tell(f"trades sent while the active side was switched and switched back: {sent}")
    return Run(stacks, weights, producer.sent)


def test_the_new_side_is_active_before_the_old_one_stops(run: Run) -> None:
    source, target = run.stacks.source.region, run.stacks.target.region
    active = [{region for region, weight in item.items() if weight} for item in run.weights]
    assert active == [{source}, {source, target}, {target}, {source, target}, {source}]


def test_the_trades_went_where_the_record_said(run: Run) -> None:
    assert [len(run.sent.get(stack.region, [])) > 100 for stack in (run.stacks.source, run.stacks.target)] == [
        True,
        True,
    ]


@pytest.mark.parametrize("side", ["source", "target"])
def test_every_trade_is_stored_once_in_both_regions(run: Run, side: str) -> None:
    stack: Stack = getattr(run.stacks, side)

    def ids() -> list[str]:
        rows = pages(stack.client("dynamodb"), "scan", "Items", TableName=stack.table)
        return sorted(row["TradeId"]["S"] for row in rows)

    run.stacks.eventually(lambda: len(ids()) >= len(run.names), "all trades are stored", 60)
    assert ids() == run.names


def test_no_trade_is_in_both_streams(run: Run) -> None:
    held = sum(len(shard.records) for stack in (run.stacks.source, run.stacks.target) for shard in shards(stack))
    assert held == len(run.names)


def test_a_trade_is_stored_by_the_region_that_it_was_sent_to(run: Run) -> None:
    rows = pages(run.stacks.source.client("dynamodb"), "scan", "Items", TableName=run.stacks.source.table)
    stored: dict[str, set[str]] = {}
    for row in rows:
        stored.setdefault(row["Region"]["S"], set()).add(row["TradeId"]["S"])
    assert stored == {region: set(names) for region, names in run.sent.items()}


def test_nothing_is_parked(run: Run) -> None:
    for stack in (run.stacks.source, run.stacks.target):
        listed = pages(stack.client("s3"), "list_objects_v2", "Contents", Bucket=stack.bucket)
        assert [item["Key"] for item in listed if item["Key"].startswith(PREFIXES)] == []


@pytest.mark.parametrize("side", ["source", "target"])
def test_with_reverse_replication_an_object_of_either_side_is_in_both(run: Run, side: str) -> None:
    """A rollback loses no object that the target took."""
    here: Stack = getattr(run.stacks, side)
    there = run.stacks.other(here)
    here.client("s3").put_object(Bucket=here.bucket, Key=f"of-the-{side}", Body=side.encode())

    def arrived() -> object:
        listed = pages(there.client("s3"), "list_objects_v2", "Contents", Bucket=there.bucket)
        return f"of-the-{side}" in [item["Key"] for item in listed]

    assert run.stacks.eventually(arrived, f"of-the-{side} in {there.bucket}", 900)
