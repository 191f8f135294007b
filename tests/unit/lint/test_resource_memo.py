"""What cfn-lint remembers changes nothing: the findings are those of cfn-lint without a memory."""

# mypy: disable-error-code="import-untyped"

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cfnlint.version import __version__

from stackproof.lint import resource_memo, worker
from stackproof.lint.patches import MEMORY
from stackproof.lint.worker import Linter

Lint = Callable[..., list[tuple[str, str, str]]]


NETWORK: dict[str, Any] = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    "Subnet1": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.1.0/24"}},
    "Subnet2": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.2.0/24"}},
    "Group": {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"VpcId": {"Ref": "Vpc"}, "GroupDescription": "of the function"},
    },
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "events"}},
    "Topic": {
        "Type": "AWS::SNS::Topic",
        "Properties": {"Subscription": [{"Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}}]},
    },
    "Endpoint": {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            "VpcId": {"Ref": "Vpc"},
            "VpcEndpointType": "Interface",
            "ServiceName": "com.amazonaws.us-east-1.sqs",
            "SecurityGroupIds": [{"Ref": "Group"}],
            "SubnetIds": [{"Ref": "Subnet1"}],
        },
    },
}


def subnet_over_another(resources: dict[str, Any]) -> None:
    resources["Subnet2"]["Properties"]["CidrBlock"] = "10.0.1.128/25"


def vpc_too_small_for_its_subnets(resources: dict[str, Any]) -> None:
    resources["Vpc"]["Properties"]["CidrBlock"] = "10.9.0.0/16"


def referent_gone(resources: dict[str, Any]) -> None:
    del resources["Group"]


def referent_of_another_type(resources: dict[str, Any]) -> None:
    resources["Group"] = copy.deepcopy(resources["Queue"])


def attribute_gone(resources: dict[str, Any]) -> None:
    resources["Queue"] = {"Type": "AWS::EC2::InternetGateway"}


def group_outside_of_the_vpc(resources: dict[str, Any]) -> None:
    del resources["Group"]["Properties"]["VpcId"]


def two_of_one_name(resources: dict[str, Any]) -> None:
    for name in ("One", "Another"):
        resources[name] = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "a", "Type": "String", "Value": "b"}}


def own_text_wrong(resources: dict[str, Any]) -> None:
    resources["Queue"]["Properties"]["MessageRetentionPeriod"] = 7


def second_endpoint_for_one_service(resources: dict[str, Any]) -> None:
    for name in ("Endpoint", "Endpoint2"):
        resources[name] = copy.deepcopy(NETWORK["Endpoint"])
        resources[name]["Properties"]["PrivateDnsEnabled"] = True


CHANGES = [
    subnet_over_another,
    vpc_too_small_for_its_subnets,
    referent_gone,
    referent_of_another_type,
    attribute_gone,
    group_outside_of_the_vpc,
    two_of_one_name,
    own_text_wrong,
    second_endpoint_for_one_service,
]


def linting() -> Lint:
    linter = Linter()

    def lint(resources: dict[str, Any], region: str = "us-east-1", **sections: Any) -> list[tuple[str, str, str]]:
        value = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", **sections, "Resources": resources})
        matches = linter.run({"number": 0, "regions": [region], "value": value})
        return sorted((match["rule"], str(match["path"]), match["message"]) for match in matches)

    return lint


@pytest.fixture(scope="module")
def alone() -> Iterator[Lint]:
    """cfn-lint without a memory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "shorten", lambda *_: frozenset())
        lint = linting()
    yield lint


@pytest.fixture
def spared() -> Lint:
    """cfn-lint with a memory, which is empty; a test is skipped where nothing is remembered: nothing to compare."""
    if MEMORY not in Linter().speedups:
        pytest.skip(f"cfn-lint {__version__} has another source than the one that was read: nothing is remembered")
    return linting()


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    resources = copy.deepcopy(NETWORK)
    change(resources)
    return resources


def test_what_is_right_is_right_the_second_time(spared: Lint) -> None:
    assert [spared(NETWORK), spared(NETWORK)] == [[], []]


@pytest.fixture(scope="module")
def expected(alone: Lint) -> dict[str, list[tuple[str, str, str]]]:
    """What cfn-lint alone finds in the network after each change."""
    return {change.__name__: alone(changed(change)) for change in CHANGES}


def test_every_change_breaks_something(expected: dict[str, Any]) -> None:
    assert {name for name, findings in expected.items() if not findings} == set()


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_change_breaks_is_found_after_the_sound_network(
    change: Callable[[dict[str, Any]], None], spared: Lint, expected: dict[str, Any]
) -> None:
    spared(NETWORK)
    assert spared(changed(change)) == expected[change.__name__]


def test_all_changes_after_each_other_find_what_each_finds_alone(spared: Lint, expected: dict[str, Any]) -> None:
    for change in [*CHANGES, *reversed(CHANGES)]:
        assert spared(changed(change)) == expected[change.__name__], change.__name__
        spared(NETWORK)


def test_a_type_that_a_region_lacks_is_found_after_a_region_that_has_it(spared: Lint, alone: Lint) -> None:
    resources = {"Plan": {"Type": "AWS::AppRunner::VpcIngressConnection"}, **NETWORK}
    spared(resources, "us-east-1")
    assert spared(resources, "mx-central-1") == alone(resources, "mx-central-1") != []


def test_a_template_with_conditions_is_not_remembered(spared: Lint, alone: Lint) -> None:
    condition = {"Never": {"Fn::Equals": [{"Ref": "AWS::Region"}, "nowhere"]}}
    resources = {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::If": ["Never", "a", "b"]}}}}
    spared(resources, Conditions=condition)
    assert spared(resources) == alone(resources) != []


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch, spared: Lint) -> Iterator[tuple[Lint, list[str]]]:
    """The resources, and the properties of resources, that are not spared: `Queue`, `Queue.QueueName`."""
    names: list[str] = []
    remember = resource_memo.Memory._remember

    def noted(
        memory: resource_memo.Memory, key: tuple[Any, ...], *notes: Any, schema: Any = None, **clean: Any
    ) -> bool:
        names.append(str(key[2]) if schema is None else f"{key[2]}.{key[4]}")
        return remember(memory, key, *notes, schema=schema, **clean)

    monkeypatch.setattr(resource_memo.Memory, "_remember", noted)
    yield spared, names


TOPICS: dict[str, Any] = {
    name: {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, "DisplayName": name}} for name in ("A", "B")
}
ALL = ["A", "A.DisplayName", "A.TopicName", "B", "B.DisplayName", "B.TopicName"]


def test_a_sound_resource_is_checked_once(checked: tuple[Lint, list[str]]) -> None:
    lint, names = checked
    lint(TOPICS)
    lint(TOPICS)
    assert sorted(names) == ALL


def test_of_a_resource_that_differs_only_the_properties_that_differ_are_checked(
    checked: tuple[Lint, list[str]],
) -> None:
    lint, names = checked
    lint(TOPICS)
    names.clear()
    lint({**TOPICS, "B": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "C", "DisplayName": "B"}}})
    assert sorted(names) == ["B", "B.TopicName"]


def test_what_does_not_depend_on_the_region_is_checked_in_one_region(checked: tuple[Lint, list[str]]) -> None:
    lint, names = checked
    lint(TOPICS)
    names.clear()
    lint(TOPICS, region="eu-central-1")
    assert names == []


def test_all_resources_of_a_type_with_a_state_are_checked_where_one_differs(checked: tuple[Lint, list[str]]) -> None:
    lint, names = checked
    lint(NETWORK)
    names.clear()
    found = lint(changed(subnet_over_another))
    assert [rule for rule, *_ in found] == ["E3060"]
    assert {"Subnet1", "Subnet2", "Subnet2.CidrBlock"} <= set(names)
    assert "Queue" not in names


INSTANCE = {
    "Server": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-12345678", "InstanceType": "c1.medium"}}
}
"""Of a type of instance that us-east-1 has, and eu-central-1 has not."""


def test_a_value_that_a_region_lacks_is_found_after_a_region_that_has_it(spared: Lint, alone: Lint) -> None:
    spared(INSTANCE)
    assert spared(INSTANCE, "eu-central-1") == alone(INSTANCE, "eu-central-1") != []


def test_an_output_is_checked_again_when_its_resource_differs(spared: Lint, alone: Lint) -> None:
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}}
    changes = {**NETWORK, "Topic": NETWORK["Queue"], "Queue": {"Type": "AWS::EC2::InternetGateway"}}
    assert spared(NETWORK, Outputs=outputs) == []
    assert spared(changes, Outputs=outputs) == alone(changes, Outputs=outputs) != []


OF_INFORMATION: dict[str, Any] = {"cfn-lint": {"config": {"include_checks": ["I"]}}}
STORED: dict[str, Any] = {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {
    "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}}}  # fmt: skip


def test_what_a_configuration_drops_is_found_where_another_asks_for_it(spared: Lint, alone: Lint) -> None:
    assert spared(STORED) == []
    assert spared(STORED, Metadata=OF_INFORMATION) == alone(STORED, Metadata=OF_INFORMATION) != []


def test_what_is_left_out_of_one_job_is_found_in_the_next() -> None:
    linter = Linter()
    zoned: dict[str, Any] = {
        "Subnet1": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": "vpc-12345678", "CidrBlock": "10.0.0.0/24"}}
    }
    zoned["Subnet1"]["Properties"] |= {"AvailabilityZone": "us-east-1a"}
    job = {"number": 0, "regions": ["us-east-1"], "value": json.dumps({"Resources": zoned})}
    found = [[match["rule"] for match in linter.run({**job, **more})] for more in ({"without": ["W3010"]}, {})]
    assert found == [[], ["W3010"]]


def test_where_the_source_is_another_nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "shorten", lambda *_: frozenset())
    assert "Remembering" not in type(Linter().rules.data["E3001"]).__name__
