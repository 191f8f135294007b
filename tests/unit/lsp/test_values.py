"""What the value at a path of the template becomes in each region, and what it names."""

from typing import Any

import pytest
from worlds import document, scenario

from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import resolve
from stackproof.foundation.finding import Path
from stackproof.lsp.values import NotThere, described, named_by, value_in

TEMPLATE: dict[str, Any] = {
    "Parameters": {"Secret": {"Type": "String", "NoEcho": True, "Default": "hidden"}},
    "Conditions": {"IsSource": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}},
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "data-${AWS::Region}"}}},
        "Topic": {
            "Type": "AWS::SNS::Topic",
            "Condition": "IsSource",
            "Properties": {"TopicName": "news"},
        },
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "ManagedPolicyArns": [
                    {"Fn::If": ["IsSource", "arn:aws:iam::aws:policy/A", {"Ref": "AWS::NoValue"}]},
                    "arn:aws:iam::aws:policy/B",
                ],
                "Description": {"Fn::If": ["IsSource", "arn:aws:s3:::data-eu-central-1", "none"]},
            },
        },
    },
}
ROLE = ("Resources", "Role", "Properties")


@pytest.fixture(scope="module", name="deployment")
def _deployment() -> Deployment:
    template = document(TEMPLATE)
    source, target = (resolve(template, scenario(region)) for region in ("us-east-1", "eu-central-1"))
    return Deployment("only", source, target)


@pytest.mark.parametrize(
    ("path", "source", "target"),
    [
        (("Resources", "Bucket", "Properties", "BucketName"), "data-us-east-1", "data-eu-central-1"),
        (("Resources", "Bucket", "Properties", "BucketName", "Fn::Sub"), "data-us-east-1", "data-eu-central-1"),
        ((*ROLE, "ManagedPolicyArns", 1), "arn:aws:iam::aws:policy/B", "arn:aws:iam::aws:policy/B"),
        (("Conditions", "IsSource"), True, False),
        (("Parameters", "Secret", "Default"), "{{Secret@us-east-1}}", "{{Secret@eu-central-1}}"),
    ],
)
def test_a_value_is_that_of_its_region(deployment: Deployment, path: Path, source: object, target: object) -> None:
    assert [value_in(stack, path) for stack in deployment.stacks] == [source, target]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (("Resources", "Topic", "Properties"), "not created"),
        ((*ROLE, "ManagedPolicyArns", 0), "left out"),
        ((*ROLE, "Description", "Fn::If", 1), "the other branch is taken: IsSource is false"),
    ],
)
def test_what_the_target_does_not_have_says_why(deployment: Deployment, path: Path, why: str) -> None:
    with pytest.raises(NotThere, match=why):
        value_in(deployment.target, path)
    assert why in described(deployment, path)


def test_what_is_no_value_of_a_stack_is_described_by_nothing(deployment: Deployment) -> None:
    assert [described(deployment, path) for path in ((), ("Resources",), ("Metadata", "x"))] == ["", "", ""]


def test_a_name_leads_to_the_resource_that_has_it(deployment: Deployment) -> None:
    path = (*ROLE, "Description")
    assert [*named_by(deployment, path)] == [deployment.source.place(("Resources", "Bucket"))]


def test_a_resources_own_name_leads_nowhere(deployment: Deployment) -> None:
    assert [*named_by(deployment, ("Resources", "Bucket", "Properties", "BucketName"))] == []
