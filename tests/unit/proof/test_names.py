"""Names for all values: what is proved of the repository's template, and counterexamples where it is weakened."""

import copy
import json
from typing import Any

import pytest
from worlds import ROOT, document, product

from stackproof.aws.regions import partition_of
from stackproof.evaluation.acceptance import refusal
from stackproof.evaluation.stack import resolve
from stackproof.foundation.document import Document
from stackproof.proof.names import Names, names
from stackproof.template import loader

AWS = partition_of("us-east-1")
REGIONS = ("us-east-1", "cn-north-1", "us-gov-west-1")


def changed(parameter: str, declared: dict[str, Any]) -> Document:
    value = copy.deepcopy(json.loads((ROOT / "lib/TapStack.json").read_text(encoding="utf-8")))
    value["Parameters"][parameter] = declared
    return document(value)


def bucket(name: Any, **sections: Any) -> Document:
    resources = {"It": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}}
    return document({"Resources": resources, **sections})


def of_pattern(pattern: str, **more: Any) -> dict[str, Any]:
    return {"P": {"Type": "String", "AllowedPattern": pattern, **more}}


def the_text(found: Names) -> str:
    assert not found.undecided
    return found.refuted[0].text if found.refuted else ""


@pytest.mark.parametrize("region", REGIONS)
def test_every_name_of_the_template_is_proved_in_each_partition(region: str) -> None:
    found = names(product(), partition_of(region))
    assert ([counterexample.text for counterexample in found.refuted], [doubt.reason for doubt in found.undecided]) == (
        [],
        [],
    )


def test_the_buckets_name_is_among_what_is_proved() -> None:
    assert "TradingDataBucket.BucketName" in {item.called for item in names(product(), AWS).proved}


WEAKENED = {
    "a capital": ({"AllowedPattern": "^[a-zA-Z0-9][a-z0-9-]{1,18}[a-z0-9]$"}, "TradingDataBucket.BucketName"),
    "a capital by a class": ({"AllowedPattern": "[\\w&&[^_]]{3,10}"}, "TradingDataBucket.BucketName"),
    "a capital by a property": ({"AllowedPattern": "\\p{Alnum}{3,10}"}, "TradingDataBucket.BucketName"),
    "an underscore": ({"AllowedPattern": "[a-z]\\w?[a-z]"}, "TradingDataBucket.BucketName"),
    "a dot": ({"AllowedPattern": "[a-z0-9.]{3}"}, "TradingDataBucket.BucketName"),
    "a length": ({"AllowedPattern": "[a-z]+", "MaxLength": 40}, "TradingDataBucket.BucketName"),
    "no length": ({"AllowedPattern": "[a-z]+"}, "TradingDataBucket.BucketName"),
    "a letter too many for the restore plan": (
        {"AllowedPattern": "^[a-z0-9][a-z0-9-]{1,28}[a-z0-9]$"},
        "RestoreTestingPlan.RestoreTestingPlanName",
    ),
    "an alternative": ({"AllowedPattern": "^(dev|prod|Test)$"}, "TradingDataBucket.BucketName"),
    "an alternative that the anchors do not hold": (
        {"AllowedPattern": "^dev|[a-z ]{3}$"},
        "TradingDataBucket.BucketName",
    ),
    "a value of a list": ({"AllowedValues": ["dev", "prod_1"]}, "TradingDataBucket.BucketName"),
    "nothing at all": ({}, "TradingDataBucket.BucketName"),
}


@pytest.mark.parametrize(("declared", "broken"), WEAKENED.values(), ids=WEAKENED)
def test_a_weakened_suffix_has_a_counterexample(declared: dict[str, Any], broken: str) -> None:
    found = names(changed("EnvironmentSuffix", {"Type": "String", **declared}), AWS)
    refuted = {counterexample.of.called: counterexample for counterexample in found.refuted}
    item = refuted[broken]
    assert item.parameter == "EnvironmentSuffix"
    assert item.scenario.parameters["EnvironmentSuffix"].replace("-", "_") in item.text.replace("-", "_")


@pytest.mark.parametrize(("declared", "broken"), WEAKENED.values(), ids=WEAKENED)
def test_a_counterexample_is_accepted_and_forms_the_text(declared: dict[str, Any], broken: str) -> None:
    template = changed("EnvironmentSuffix", {"Type": "String", **declared})
    for counterexample in names(template, AWS).refuted:
        assert refusal(template, counterexample.scenario) == ""
        value = resolve(template, counterexample.scenario).evaluator.value(counterexample.of.node)
        assert (value, counterexample.demanded.fails(counterexample.text)) == (counterexample.text, True)
    assert broken


DESTINATION = "TradingDataBucket.ReplicationConfiguration.Rules.Destination"
HANDED_OVER = {
    "PeerVpcId": ("^(vpc-[0-9a-f]{8,17})?$", "VPCPeeringConnection.PeerVpcId"),
    "PeeringConnectionId": ("^(pcx?-[0-9a-f]{17})?$", "PeeringRoute.VpcPeeringConnectionId"),
    "DestinationAccountId": ("^([0-9]{12,13})?$", f"{DESTINATION}.Account"),
    "DestinationBucketName": ("^([a-z0-9.-]{3,64})?$", f"{DESTINATION}.Bucket"),
    "HostedZoneId": ("^(Z[0-9A-Z]{1,40})?$", "FailoverRecord.HostedZoneId"),
}


@pytest.mark.parametrize("parameter", HANDED_OVER)
def test_an_id_of_another_thing_that_cannot_be_has_a_counterexample(parameter: str) -> None:
    pattern, broken = HANDED_OVER[parameter]
    template = changed(parameter, {"Type": "String", "Default": "", "AllowedPattern": pattern})
    found = {counterexample.of.called: counterexample for counterexample in names(template, AWS).refuted}
    assert found[broken].parameter == parameter
    assert refusal(template, found[broken].scenario) == ""


@pytest.mark.parametrize(
    ("name", "parameters", "text"),
    [
        ({"Ref": "P"}, of_pattern("[a-z]{3,63}"), ""),
        ({"Ref": "P"}, of_pattern("[a-z]{2,9}"), "aa"),
        ({"Ref": "P"}, of_pattern("[a-z]{3,64}"), "a" * 64),
        ({"Ref": "P"}, of_pattern("xn--[a-z]"), "xn--a"),
        ({"Ref": "P"}, of_pattern("[a-z]+-s3alias"), "a-s3alias"),
        ({"Ref": "P"}, of_pattern("[0-9]\\.[0-9]\\.[0-9]\\.[0-9]"), "0.0.0.0"),
        ({"Ref": "P"}, of_pattern("[a-z]\\.{1,2}[a-z]"), "a..a"),
        ({"Ref": "P"}, of_pattern("[a-z]{3}", MinLength=4), ""),
        ({"Fn::Sub": "d${P}-${P}"}, of_pattern("[a-z]{1,30}"), ""),
        ({"Fn::Sub": "${P}-${P}"}, of_pattern("[a-z]{1,30}"), "sthree-sthree"),
        ({"Fn::Sub": "d${P}-${P}"}, of_pattern("[a-z]{1,31}"), f"d{'a' * 31}-{'a' * 31}"),
        ({"Fn::Sub": "x${P}x${P}x"}, of_pattern("A|[a-z]"), "xAxAx"),
        ({"Fn::Sub": "${P}${AWS::Region}${P}"}, of_pattern("[a-z]{1,3}"), ""),
        ({"Fn::Join": ["-", ["data", {"Ref": "P"}]]}, of_pattern("[a-z-]{0,2}[a-z]"), ""),
        ({"Fn::Join": ["_", {"Fn::Split": ["-", {"Fn::Sub": "data-${P}"}]}]}, of_pattern("[a-z-]{3}"), "data____"),
        ({"Fn::Join": ["-", {"Fn::Split": ["_", {"Fn::Sub": "data_${P}"}]}]}, of_pattern("[a-z_]{3}a"), ""),
        ({"Fn::Select": [1, {"Fn::Split": [":", {"Ref": "P"}]}]}, of_pattern("[A-Z]+:[a-z]{3,9}(:.*)?"), ""),
        ({"Fn::Select": [0, {"Fn::Split": [":", {"Ref": "P"}]}]}, of_pattern("[A-Z]{3}:[a-z]{3,9}"), "AAA"),
        ({"Fn::Sub": ["d${x}-data", {"x": {"Ref": "P"}}]}, of_pattern("[a-z]{1,9}"), ""),
        ({"Fn::Sub": "data-${AWS::AccountId}"}, {}, ""),
        ({"Fn::Sub": "data-${AWS::StackName}"}, {}, "data-A"),
        ({"Fn::Sub": "data-${P}"}, {"P": {"Type": "Number", "AllowedValues": [1, 2.5, "1e3"]}}, ""),
        ({"Ref": "P"}, {"P": {"Type": "Number", "MinValue": 100, "MaxValue": 999}}, ""),
        ({"Ref": "P"}, {"P": {"Type": "Number", "MinValue": 99, "MaxValue": 999}}, "99"),
        ({"Fn::Sub": "data-${P}"}, {"P": {"Type": "Number", "MinValue": 0}}, "data-10" + "0" * 57),
        ({"Fn::Sub": "data${P}"}, {"P": {"Type": "Number", "MinValue": -5, "MaxValue": 5}}, ""),
        ({"Fn::Sub": "data_${P}"}, {"P": {"Type": "Number", "MinValue": 2, "MaxValue": 10}}, "data_2"),
        ({"Fn::Select": [0, {"Ref": "P"}]}, {"P": {"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]{3}"}}, ""),
        ({"Fn::Join": ["-", {"Ref": "P"}]}, {"P": {"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]"}}, "a"),
        ({"Ref": "P"}, of_pattern("(?=.*a$)[a-zA]{3}(?<!A)\\z"), "AAa"),
        ({"Ref": "P"}, of_pattern("(?!A)[a-zA]{2}+(?<!A)\\z|[a-z&&[^x]]{3}"), "aa"),
    ],
)
def test_a_text_is_decided_for_all_values(name: Any, parameters: dict[str, Any], text: str) -> None:
    found = names(bucket(name, **({"Parameters": parameters} if parameters else {})), AWS)
    assert (the_text(found), len(found.proved)) == (text, 0 if text else 1)


UNDECIDED = {
    "AllowedPattern of P has a back reference": of_pattern("([a-z])\\1{2,4}"),
    "AllowedPattern of P has a negated class with && or a class inside": of_pattern("[^a[b]]{3}"),
    "AllowedPattern of P has the inline flags": of_pattern("(?i)[a-z]{3}"),
}


@pytest.mark.parametrize(("reason", "parameters"), UNDECIDED.items(), ids=UNDECIDED)
def test_what_cannot_be_carried_is_undecided_by_its_name(reason: str, parameters: dict[str, Any]) -> None:
    found = names(bucket({"Ref": "P"}, Parameters=parameters), AWS)
    assert (found.refuted, [doubt.reason[: len(reason)] for doubt in found.undecided]) == ((), [reason])


def test_a_list_in_a_text_is_undecided() -> None:
    found = names(bucket({"Fn::Sub": "data-${P}"}, Parameters={"P": {"Type": "CommaDelimitedList"}}), AWS)
    assert [doubt.reason for doubt in found.undecided] == ["Fn::Sub of the list P"]


def test_a_pattern_that_cannot_be_carried_is_no_doubt_where_any_text_fits() -> None:
    resources = {"It": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": {"Ref": "P"}}}}
    found = names(document({"Parameters": of_pattern("(a)\\1", MaxLength=9), "Resources": resources}), AWS)
    assert (found.refuted, found.undecided) == ((), ())


CONDITIONS = {"Given": {"Fn::Not": [{"Fn::Equals": [{"Ref": "P"}, ""]}]}}


def test_a_value_with_which_the_resource_is_not_there_is_no_counterexample() -> None:
    resources = {"It": {"Type": "AWS::S3::Bucket", "Condition": "Given", "Properties": {"BucketName": {"Ref": "P"}}}}
    sections = {"Parameters": of_pattern("([a-z]{3,9})?"), "Conditions": CONDITIONS, "Resources": resources}
    assert the_text(names(document(sections), AWS)) == ""


def test_a_side_of_an_if_is_read_with_the_values_that_lead_to_it() -> None:
    name = {"Fn::If": ["Given", {"Ref": "P"}, {"Fn::Sub": "data-${P}x"}]}
    sections = {"Parameters": of_pattern("([a-z]{3,9})?"), "Conditions": CONDITIONS}
    assert the_text(names(bucket(name, **sections), AWS)) == ""


def test_a_value_that_rules_refuse_is_no_counterexample() -> None:
    refuses = {"R": {"Assertions": [{"Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "P"}, "Bad"]}]}}]}}
    parameters = of_pattern("Bad|good")
    assert the_text(names(bucket({"Ref": "P"}, Parameters=parameters), AWS)) == "Bad"
    assert the_text(names(bucket({"Ref": "P"}, Parameters=parameters, Rules=refuses), AWS)) == ""


def test_a_mapping_is_read_for_each_key() -> None:
    mappings = {"M": {"dev": {"n": "small"}, "prod": {"n": "Large"}}}
    sections = {"Parameters": {"P": {"Type": "String", "AllowedValues": ["dev", "prod"]}}, "Mappings": mappings}
    found = names(bucket({"Fn::FindInMap": ["M", {"Ref": "P"}, "n"]}, **sections), AWS)
    assert (the_text(found), found.refuted[0].parameter) == ("Large", "P")


def test_a_name_that_only_aws_knows_is_left_alone() -> None:
    resources = {
        "Role": {"Type": "AWS::IAM::Role"},
        "It": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "${Role}-x"}}},
    }
    found = names(document({"Resources": resources}), AWS)
    assert (found.proved, found.refuted, found.undecided) == ((), (), ())


def test_the_name_of_an_export_counts() -> None:
    outputs = {"O": {"Value": "v", "Export": {"Name": {"Fn::Sub": "x_${P}"}}}}
    found = names(bucket("data-bucket", Parameters=of_pattern("[a-z]"), Outputs=outputs), AWS)
    assert (the_text(found), found.refuted[0].of.called) == ("x_a", "O.Export.Name")


def test_a_parameter_in_the_name_of_another_resource_counts() -> None:
    resources = {
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": {"Fn::Sub": "f-${P}"}}},
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": {"Fn::Sub": "/a/${Function}"}}},
    }
    found = names(document({"Parameters": of_pattern("[a-z]( ?)[a-z]"), "Resources": resources}), AWS)
    assert [(counterexample.of.called, counterexample.text) for counterexample in found.refuted] == [
        ("Function.FunctionName", "f-a a"),
        ("Log.LogGroupName", "/a/f-a a"),
    ]


def test_a_template_of_yaml_is_read_alike() -> None:
    properties = "{QueueName: !Sub 'q-${P}'}"
    text = (
        f"Parameters: {{P: {{Type: String}}}}\nResources: {{It: {{Type: AWS::SQS::Queue, Properties: {properties}}}}}"
    )
    assert the_text(names(loader.parse(text, "t.yaml"), AWS)) != ""
