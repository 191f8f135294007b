"""What the stacks say of themselves: configuration, tags, roles, drift."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from deployed import Stack, Stacks, pages

from stackproof.evaluation import scenario
from stackproof.evaluation.stack import resolve
from stackproof.template import loader

TEMPLATE = loader.load(str(Path(__file__).parents[2] / "lib/TapStack.json"))


def test_the_parameter_names_what_the_function_needs(stack: Stack) -> None:
    value = stack.client("ssm").get_parameter(Name=stack["ConfigParameterName"])["Parameter"]["Value"]
    assert json.loads(value) == {
        "region": stack.region,
        "bucket": stack.bucket,
        "table": stack.table,
        "stream": stack["MarketDataStreamName"],
        "vpc": stack["VPCId"],
    }


def test_the_analytics_function_knows_the_parameter(stack: Stack) -> None:
    variables = stack.function("AnalyticsFunctionArn")["Environment"]["Variables"]
    assert variables == {"CONFIG_PARAMETER": stack["ConfigParameterName"]}


def test_the_template_is_the_one_of_this_repository(stack: Stack) -> None:
    assert stack["TemplateVersion"] == TEMPLATE.value["Outputs"]["TemplateVersion"]["Value"]


def tags(stack: Stack) -> Mapping[str, Mapping[str, str]]:
    """The tags of what bears this stack's suffix, by ARN."""
    asked = {"TagFilters": [{"Key": "Environment", "Values": [stack.suffix]}]}
    found = pages(stack.client("resourcegroupstaggingapi"), "get_resources", "ResourceTagMappingList", **asked)
    return {item["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in item["Tags"]} for item in found}


UNLISTED = pytest.mark.emulator("its tagging API does not list streams")
TAGGED = [
    *(pytest.param(item, marks=pytest.mark.helped) for item in ("TradingDataBucketArn", "TradingAnalyticsTableArn")),
    pytest.param("MarketDataStreamArn", marks=UNLISTED),
    *("AnalyticsFunctionArn", "MigrationTrackerFunctionArn", "MigrationTopicArn", "BackupVaultArn"),
]


@pytest.mark.parametrize("output", TAGGED)
def test_a_resource_says_which_environment_and_region_it_is_of(stack: Stack, output: str) -> None:
    kept = tags(stack).get(stack[output], {})
    assert (kept.get("Environment"), kept.get("Region")) == (stack.suffix, stack.region)


@cache
def resolved(stack: Stack, source: str, target: str) -> Mapping[str, Any]:
    """The template's resources as this stack has them."""
    parameters = {"EnvironmentSuffix": stack.suffix, "SourceRegion": source, "TargetRegion": target}
    side = scenario.command_line(stack.region, stack.account, stack.name, parameters)
    return resolve(TEMPLATE, side).resources


def deployed(stack: Stack, logical: str) -> tuple[list[Any], list[str]]:
    """The policies of a role: its documents, and the ARNs of those that AWS manages."""
    iam = stack.client("iam")
    found = stack.client("cloudformation").describe_stack_resource(StackName=stack.name, LogicalResourceId=logical)
    name = found["StackResourceDetail"]["PhysicalResourceId"]
    documents = []
    for policy in pages(iam, "list_role_policies", "PolicyNames", RoleName=name):
        document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        documents.append(json.loads(unquote(document)) if isinstance(document, str) else document)
    managed = pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    return documents, [item["PolicyArn"] for item in managed]


ROLES = {
    "source": [
        "BackupRole",
        "CanaryScheduleRole",
        "LambdaExecutionRole",
        "MigrationBackfillRole",
        "MigrationForwardRole",
        "MigrationStartRole",
        "MigrationTrackerRole",
        "MigrationWorkflowRole",
        "ReplicationBacklogRole",
        "S3ReplicationRole",
    ],
    "target": ["CanaryScheduleRole", "LambdaExecutionRole", "MigrationTrackerRole", "RestoreTestingRole"],
}


@pytest.mark.parametrize(("side", "logical"), [(side, item) for side, names in ROLES.items() for item in names])
def test_a_role_is_allowed_what_the_template_says(stacks: Stacks, side: str, logical: str) -> None:
    stack: Stack = getattr(stacks, side)
    properties = resolved(stack, stacks.source.region, stacks.target.region)[logical]["Properties"]
    documents, managed = deployed(stack, logical)
    stated = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    found, wanted = (plain(named(stack, item)) for item in (documents, stated))
    assert (found, sorted(managed)) == (wanted, sorted(properties.get("ManagedPolicyArns", [])))


def named(stack: Stack, value: Any) -> Any:
    """Return policies with the ARN of each role that CloudFormation names written as its logical id."""
    text = re.sub(rf":role/{re.escape(stack.name)}-(\w+?Role)-\w+", r":role/\1", json.dumps(value))
    return json.loads(re.sub(r":role/\{\{(\w+)@[\w-]+\}\}", r":role/\1", text))


def plain(value: Any) -> Any:
    """Return a policy with every list sorted, and what is alone out of its list: IAM may write either."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        items = sorted((plain(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
        return items[0] if len(items) == 1 else items
    return value


def test_every_role_of_the_template_is_looked_at(stacks: Stacks) -> None:
    for side, names in ROLES.items():
        resources = resolved(getattr(stacks, side), stacks.source.region, stacks.target.region)
        assert sorted(key for key, resource in resources.items() if resource["Type"] == "AWS::IAM::Role") == names


@pytest.mark.emulator("its drift detection misses a subscription in the other region", stack="source")
def test_nothing_has_drifted(stack: Stack, stacks: Stacks) -> None:
    cloudformation = stack.client("cloudformation")
    asked = cloudformation.detect_stack_drift(StackName=stack.name)["StackDriftDetectionId"]

    def detected() -> Any:
        found = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=asked)
        return None if found["DetectionStatus"] == "DETECTION_IN_PROGRESS" else found

    found = stacks.eventually(detected, f"the drift of {stack.name}", 600)
    listed = cloudformation.describe_stack_resource_drifts(StackName=stack.name)["StackResourceDrifts"]
    drifted = {item["LogicalResourceId"]: item["StackResourceDriftStatus"] for item in listed}
    changed = {key: status for key, status in drifted.items() if status in ("MODIFIED", "DELETED")}
    assert (found["DetectionStatus"], changed) == ("DETECTION_COMPLETE", {})
