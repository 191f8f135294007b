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
    """The names of the resources that are not spared."""
    names: list[str] = []
    original = resource_memo.Notes.__init__

    def noted(notes: resource_memo.Notes) -> None:
        names.append("")
        original(notes)

    monkeypatch.setattr(resource_memo.Notes, "__init__", noted)
    yield spared, names


def test_a_sound_resource_is_checked_once(checked: tuple[Lint, list[str]]) -> None:
    lint, names = checked
    resources = {name: {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}} for name in ("One", "Other")}
    lint(resources)
    first = len(names)
    lint(resources)
    assert (first, len(names)) == (2, 2)


def test_where_the_source_is_another_nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "shorten", lambda *_: frozenset())
    assert "Remembering" not in type(Linter().rules.data["E1101"]).__name__
