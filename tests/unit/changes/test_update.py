"""Both stacks of a deployment updated one after the other: which is first, and what stands between the two updates."""

import json
from typing import Any

import pytest

from stackproof.changes.difference import differences
from stackproof.changes.table import groups
from stackproof.changes.update import Update, updates
from stackproof.evaluation.deployment import Deployment, resolved
from stackproof.evaluation.scenario import Pair, Scenario
from stackproof.foundation.finding import CannotTell
from stackproof.template import loader

SOURCE, TARGET = "us-east-1", "eu-central-1"
IS_SOURCE = {"Fn::Equals": [{"Ref": "AWS::Region"}, SOURCE]}
BUCKET: dict[str, Any] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "data-${AWS::Region}"}}}


def deployment(resources: Any, name: str = "pair", outputs: Any = None, **more: Any) -> Deployment:
    value = {"Conditions": {"IsSource": IS_SOURCE}, "Resources": resources, **({"Outputs": outputs} if outputs else {})}
    sides = [
        Scenario(name, "source", SOURCE, "111111111111", "shop", {}),
        Scenario(name, "target", more.get("region", TARGET), "111111111111", "shop", {}),
    ]
    return resolved(loader.parse(json.dumps(value), "shop.json"), Pair(name, *sides))


def replicating(role: str = "role") -> dict[str, Any]:
    """A bucket whose source replicates to the target's: the target has to be there first."""
    rule = {"Status": "Enabled", "Destination": {"Bucket": f"arn:aws:s3:::data-{TARGET}"}, "Id": role}
    replication = {"Role": "arn:aws:iam::111111111111:role/r", "Rules": [rule]}
    chosen = {"Fn::If": ["IsSource", replication, {"Ref": "AWS::NoValue"}]}
    return {"Bucket": {**BUCKET, "Properties": {**BUCKET["Properties"], "ReplicationConfiguration": chosen}}}


def named(region: str) -> dict[str, Any]:
    """A bucket of one region that the other one's bucket replicates to."""
    found = replicating()
    found["Bucket"]["Properties"]["ReplicationConfiguration"]["Fn::If"] = [
        "IsSource",
        {"Ref": "AWS::NoValue"},
        {
            "Role": "arn:aws:iam::111111111111:role/r",
            "Rules": [{"Status": "Enabled", "Destination": {"Bucket": f"arn:aws:s3:::data-{region}"}}],
        },
    ]
    return found


@pytest.mark.parametrize(
    ("resources", "first"), [(replicating(), "target"), (named(SOURCE), "source"), ({"Bucket": BUCKET}, "target")]
)
def test_the_side_that_waits_for_less_is_updated_first(resources: Any, first: str) -> None:
    both = deployment(resources)
    assert Update(both, both).first == first
    assert Update(both, both).in_order[0].side == first


def test_between_the_updates_the_first_stack_is_new_and_the_second_old() -> None:
    update = Update(
        deployment({"Bucket": BUCKET}), deployment({"Bucket": BUCKET, "Queue": {"Type": "AWS::SQS::Queue"}})
    )
    assert [sorted(stack.resources) for stack in update.between.stacks] == [["Bucket"], ["Bucket", "Queue"]]


def test_what_the_second_stack_reads_of_the_first_is_worked_out_anew() -> None:
    reading = {"StackName": "shop", "Region": TARGET, "OutputName": "Name"}
    note = {"Type": "AWS::SSM::Parameter", "Condition": "IsSource"}
    parameter = {**note, "Properties": {"Type": "String", "Value": {"Fn::GetStackOutput": reading}}}
    before = deployment({"Bucket": BUCKET, "Note": parameter}, outputs={"Name": {"Value": "one"}})
    other = deployment({"Bucket": BUCKET}, outputs={"Other": {"Value": "two"}})
    same = deployment({"Bucket": BUCKET}, outputs={"Name": {"Value": "two"}})
    assert Update(before, same).resolved_between().source.resources["Note"]["Properties"]["Value"] == "two"
    with pytest.raises(CannotTell, match="has no output Name"):
        Update(before, other).resolved_between()


def test_another_stack_is_created_beside_the_one_that_stays() -> None:
    update = Update(deployment({"Bucket": BUCKET}), deployment({"Bucket": BUCKET}, region="eu-west-1"))
    assert [(change.action, change.logical) for change in update.target.changes] == [("create", "Bucket")]
    assert update.source.changes == ()


def test_deployments_are_compared_by_name() -> None:
    before = [deployment({"Bucket": BUCKET}, name) for name in ("a", "b")]
    after = [deployment({"Bucket": BUCKET}, name) for name in ("b", "c")]
    assert [update.name for update in updates(before, after)] == ["b"]


def test_scenarios_that_change_alike_stand_together() -> None:
    more = {"Bucket": BUCKET, "Queue": {"Type": "AWS::SQS::Queue"}}
    found = updates(
        [deployment({"Bucket": BUCKET}, name) for name in ("a", "b", "c")],
        [deployment(more, "a"), deployment({"Bucket": BUCKET}, "b"), deployment(more, "c")],
    )
    assert [group.scenarios for group in groups(found)] == [("a", "c"), ("b",)]


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"a": 1}, {"a": "1"}, []),
        ({"a": True}, {"a": "true"}, []),
        ({"a": True}, {"a": 1}, [("a",)]),
        ({"a": None}, {"a": 0}, [("a",)]),
        ([1, 2], [2, 1], [(0,), (1,)]),
        ([1], [1, 2], [()]),
        ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 2}]}}, [("a", "b", 0, "c")]),
        ({"a": {}}, {}, [("a",)]),
        ("x", {"x": 1}, [()]),
    ],
)
def test_values_differ_where_cloudformation_reads_another_one(before: Any, after: Any, paths: list[Any]) -> None:
    assert [difference.path for difference in differences(before, after)] == paths


def test_the_order_of_a_list_may_say_nothing() -> None:
    assert [*differences({"a": [1, 2]}, {"a": [2, 1]}, lambda path: path == ("a",))] == []
