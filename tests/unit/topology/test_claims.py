"""What resources claim for themselves alone, by the rows of the tables."""

import json
from typing import Any

import pytest

from stackproof.evaluation.scenario import command_line
from stackproof.evaluation.stack import Stack, resolve
from stackproof.template import loader
from stackproof.topology.claims import claims
from stackproof.topology.records import records


def stack_of(**resources: Any) -> Stack:
    text = loader.parse(json.dumps({"Resources": resources}), "t.json")
    return resolve(text, command_line("us-east-1", "111111111111", "shop", {}))


def claimed(kind: str, **properties: Any) -> set[tuple[str, str, str, str]]:
    stack = stack_of(One={"Type": kind, "Properties": properties})
    return {(claim.key, claim.text, claim.among, claim.region) for claim in claims(stack)}


def test_a_name_is_claimed_among_what_its_type_says() -> None:
    assert claimed("AWS::SNS::Topic", TopicName="shop") == {("TopicName", "shop", "region", "us-east-1")}
    assert claimed("AWS::IAM::Role", RoleName="shop") == {("RoleName", "shop", "account", "us-east-1")}


def test_nothing_is_claimed_by_what_aws_names() -> None:
    assert claimed("AWS::SNS::Topic") == set()


@pytest.mark.parametrize(
    ("types", "found"),
    [
        ({}, True),
        ({"EndpointConfiguration": {"Types": ["EDGE"]}}, True),
        ({"EndpointConfiguration": {"Types": ["REGIONAL"]}}, False),
        ({"RegionalCertificateArn": "arn:aws:acm:us-east-1:111111111111:certificate/1"}, False),
    ],
)
def test_a_row_counts_by_what_the_properties_are(types: dict[str, Any], found: bool) -> None:
    world = ("DomainName", "api.example.com", "world", "us-east-1")
    assert (world in claimed("AWS::ApiGateway::DomainName", DomainName="api.example.com", **types)) is found


def test_what_is_copied_claims_its_name_where_it_is_copied_to() -> None:
    found = claimed("AWS::SecretsManager::Secret", Name="shop", ReplicaRegions=[{"Region": "eu-west-1"}])
    assert found == {("Name", "shop", "region", "us-east-1"), ("Name", "shop", "region", "eu-west-1")}


def test_a_trail_of_every_region_claims_its_name_in_all() -> None:
    found = claimed("AWS::CloudTrail::Trail", TrailName="audit", IsMultiRegionTrail=True, IsLogging=True)
    assert {"us-east-1", "eu-west-1", "ap-south-1"} <= {region for key, _, _, region in found if key == "TrailName"}
    assert ("IsMultiRegionTrail", "True", "account", "us-east-1") in found


def test_a_dynamic_reference_is_no_known_name() -> None:
    assert claimed("AWS::IAM::Role", RoleName="{{resolve:ssm:/name}}") == set()


def record(**properties: Any) -> Any:
    stack = stack_of(One={"Type": "AWS::Route53::RecordSet", "Properties": {"Name": "A.example.com.", **properties}})
    return next(records(stack))


def test_a_record_has_the_policy_of_its_property() -> None:
    assert record(Weight=0).policies == ("weighted",)
    assert record(MultiValueAnswer="false").policies == ()
    assert record(Failover="PRIMARY", Region="us-east-1").policies == ("failover", "latency")


def test_a_record_is_watched_by_a_health_check_or_as_an_alias() -> None:
    assert record(HealthCheckId="x").watched
    assert record(AliasTarget={"EvaluateTargetHealth": "true"}).watched
    assert not record(AliasTarget={"EvaluateTargetHealth": False}).watched


def test_records_of_a_group_have_its_zone() -> None:
    item = {"Name": "A.example.com.", "Type": "A"}
    stack = stack_of(
        Zone={"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "example.com"}},
        Group={
            "Type": "AWS::Route53::RecordSetGroup",
            "Properties": {"HostedZoneName": "example.com.", "RecordSets": [item, {**item, "HostedZoneId": "Z1"}]},
        },
    )
    assert [(found.zone, found.name) for found in records(stack)] == [
        ("{{Zone@us-east-1}}", "a.example.com"),
        ("Z1", "a.example.com"),
    ]
