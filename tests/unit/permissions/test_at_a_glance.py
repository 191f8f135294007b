"""What a template needs as it is written, and the rule that holds the role in which it is deployed to that."""

import json
from pathlib import Path
from typing import Any

import pytest
from stacks import resource, verdict

from stackproof.foundation.finding import CannotTell
from stackproof.permissions.at_a_glance import glance

RULE = "deploying_roles_suffice"
TRUST = {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
QUEUE = {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}}}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(QUEUE))
    return path


def document(actions: Any, resources: Any = "*") -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": resources}]}


def role(deploys: Any, *documents: dict[str, Any], **more: Any) -> dict[str, Any]:
    policies = [{"PolicyName": f"p{at}", "PolicyDocument": each} for at, each in enumerate(documents)]
    found = resource("IAM::Role", AssumeRolePolicyDocument={"Statement": [TRUST]}, Policies=policies, **more)
    return {**found, "Metadata": {"stackproof": {"deploys": deploys}}}


def messages(resources: dict[str, Any]) -> set[str]:
    found = verdict(RULE, resources)
    return {finding.message for finding in found.findings} | {error.message for error in found.errors}


def test_what_its_types_need_is_needed_and_what_it_may_need_is_possible(template: Path) -> None:
    found = glance(template)
    assert found.needed["sqs:CreateQueue"] == ("AWS::SQS::Queue",)
    assert {"iam:passrole", "sqs:createqueue", "cloudformation:createstack"} <= found.possible


def test_a_template_of_yaml_is_read_as_well(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("Resources:\n  Q: {Type: AWS::SQS::Queue}\n")
    assert "sqs:CreateQueue" in glance(tmp_path / "t.yaml").needed


@pytest.mark.parametrize("text", ["{", "[]", '{"Resources": []}'])
def test_what_is_no_template_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(CannotTell):
        glance(tmp_path / "t.json")


def test_a_role_with_the_needed_actions_passes(template: Path) -> None:
    assert messages({"R": role(str(template), document([*glance(template).needed]))}) == set()


def test_what_a_role_lacks_is_named_with_its_type(template: Path) -> None:
    most = [name for name in glance(template).needed if name != "sqs:DeleteQueue"]
    message = f"R lacks sqs:DeleteQueue, which AWS::SQS::Queue of {template} needs"
    assert messages({"R": role(str(template), document(most))}) == {message}


def test_a_type_that_is_not_known_is_no_pass(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"P": {"Type": "AWS::CodeBuild::Project"}}}))
    (found,) = messages({"R": role(str(tmp_path / "t.json"))})
    assert found.startswith("what CloudFormation calls for AWS::CodeBuild::Project of ")


def test_a_template_that_is_not_there_is_no_pass() -> None:
    assert messages({"R": role("no/such.json")}) == {"R deploys no/such.json, which is not there"}


LONG = [f"arn:aws:sqs:us-east-1:111111111111:{'q' * 60}{number}" for number in range(120)]


def test_policies_in_a_role_that_iam_would_refuse_are_named(template: Path) -> None:
    found = messages({"R": role(str(template), document([*glance(template).needed], LONG))})
    assert any("characters, of 10,240 that they may have" in message for message in found)


def test_a_managed_policy_that_iam_would_refuse_is_named(template: Path) -> None:
    policy = resource("IAM::ManagedPolicy", PolicyDocument=document([*glance(template).needed], LONG))
    found = messages({"P": policy, "R": role(str(template), ManagedPolicyArns=[{"Ref": "P"}])})
    assert any("characters, of 6,144 that a managed policy may have" in message for message in found)


def test_more_managed_policies_than_a_role_may_have_are_named(template: Path) -> None:
    arns = [f"arn:aws:iam::111111111111:policy/p{number}" for number in range(11)]
    found = messages({"R": role(str(template), document([*glance(template).needed]), ManagedPolicyArns=arns)})
    assert "R has 11 managed policies, of 10 that a role may have" in found
