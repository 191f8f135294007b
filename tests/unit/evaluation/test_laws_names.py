"""Law: every physical name fits its service, for every suffix that the template accepts and in every region of AWS."""

import re
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from strategies import ALL_REGIONS, TEMPLATE, VALUES, scenarios
from strategies import pair as pair_of

from stackproof.aws.references import FORMATS
from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.stack import resolve

NAMES = {
    # Amazon S3 User Guide, "General purpose bucket naming rules"
    "AWS::S3::Bucket": r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
    r"(?<!-s3alias)(?<!--ol-s3)",
    # Amazon DynamoDB API Reference, "CreateTable"
    "AWS::DynamoDB::Table": r"[A-Za-z0-9_.-]{3,255}",
    "AWS::DynamoDB::GlobalTable": r"[A-Za-z0-9_.-]{3,255}",
    # Amazon Kinesis API Reference, "CreateStream"
    "AWS::Kinesis::Stream": r"[A-Za-z0-9_.-]{1,128}",
    # AWS Lambda API Reference, "CreateFunction"
    "AWS::Lambda::Function": r"[A-Za-z0-9-_]{1,64}",
    # IAM API Reference, "CreateRole"
    "AWS::IAM::Role": r"[\w+=,.@-]{1,64}",
    # CloudWatch Logs API Reference, "CreateLogGroup"
    "AWS::Logs::LogGroup": r"[.\-_/#A-Za-z0-9]{1,512}",
    # Systems Manager API Reference, "PutParameter"; 1,011 characters with the ARN before the name
    "AWS::SSM::Parameter": r"(?!/?(?:aws|ssm))[A-Za-z0-9_.\-/]{1,900}",
    # AWS KMS API Reference, "CreateAlias"
    "AWS::KMS::Alias": r"alias/(?!aws/)[A-Za-z0-9/_-]{1,250}",
    # Amazon SNS API Reference, "CreateTopic"
    "AWS::SNS::Topic": r"[A-Za-z0-9_-]{1,256}",
    # Amazon SQS API Reference, "CreateQueue"
    "AWS::SQS::Queue": r"[A-Za-z0-9_-]{1,80}",
    # CloudWatch API Reference, "PutMetricAlarm" and "PutDashboard"
    "AWS::CloudWatch::Alarm": r"[^\x00-\x1f]{1,255}",
    "AWS::CloudWatch::Dashboard": r"[A-Za-z0-9_-]{1,255}",
    # EventBridge API Reference, "PutRule"
    "AWS::Events::Rule": r"[.\-_A-Za-z0-9]{1,64}",
    # AWS Backup API Reference, "CreateBackupVault" and "CreateRestoreTestingPlan"
    "AWS::Backup::BackupVault": r"[A-Za-z0-9\-_]{2,50}",
    "AWS::Backup::RestoreTestingPlan": r"[A-Za-z0-9_]{1,50}",
    # EventBridge Scheduler API Reference, "CreateSchedule"
    "AWS::Scheduler::Schedule": r"[0-9a-zA-Z\-_.]{1,64}",
    # AWS Step Functions API Reference, "CreateStateMachine"
    "AWS::StepFunctions::StateMachine": r"[0-9A-Za-z_-]{1,80}",
    # Route 53 Developer Guide, "DNS domain name format"
    "AWS::Route53::RecordSet": r"(?=.{1,255}\Z)([A-Za-z0-9_-]{1,63}\.)+[A-Za-z0-9_-]{1,63}\.?",
}
INSIDE: dict[tuple[str, ...], str] = {
    # AWS Backup Developer Guide, "BackupPlan" (50 in the console, 200 through the API) and
    # "RestoreTestingSelectionForCreate"
    ("AWS::Backup::BackupPlan", "BackupPlan", "BackupPlanName"): r"[A-Za-z0-9\-_.]{1,200}",
    ("AWS::Backup::RestoreTestingSelection", "RestoreTestingSelectionName"): r"[A-Za-z0-9_]{1,50}",
}
"""Names that no reference gives: the type, and the way to the name in its properties."""
SELECTION: dict[tuple[str, ...], str] = {
    ("AWS::Backup::BackupSelection", "BackupSelection", "SelectionName"): r"[A-Za-z0-9\-_.]{1,50}"
}
"""Source: AWS Backup Developer Guide, "BackupSelection", and the pattern of the same name in botocore's model."""


Shapes = Mapping[tuple[str, ...], str]


def misfits(scenario: Scenario, inside: Shapes = INSIDE) -> list[tuple[str, Any]]:
    found = []
    for logical, resource in resolve(TEMPLATE, scenario).resources.items():
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind in NAMES and FORMATS[kind].name in properties:
            name = properties[FORMATS[kind].name]
            found += [] if re.fullmatch(NAMES[kind], name) else [(logical, name)]
        for (type_, *way), shape in inside.items():
            if kind == type_:
                name = properties
                for key in way:
                    name = name[key]
                found += [] if re.fullmatch(shape, name) else [(logical, name)]
    return found


@given(scenarios())
def test_law_every_name_fits_its_service(scenario: Scenario) -> None:
    assert [(logical, name) for logical, name in misfits(scenario) if not too_long_a_domain(scenario, name)] == []


def too_long_a_domain(scenario: Scenario, name: str) -> bool:
    """Tell whether a name is of a domain that cannot be a zone of Route 53: the parameter's pattern has no lengths."""
    zone = scenario.parameters["HostedZoneName"].rstrip(".")
    return bool(zone) and name.rstrip(".").endswith(zone) and (len(name) > 255 or max(map(len, zone.split("."))) > 63)


@given(VALUES["EnvironmentSuffix"])
def test_law_every_name_fits_its_service_in_each_region(suffix: str) -> None:
    for region in NARROW:
        other = next(item for item in ALL_REGIONS if item != region)
        parameters = {"EnvironmentSuffix": suffix, "SourceRegion": region, "TargetRegion": other}
        swapped = {"EnvironmentSuffix": suffix, "SourceRegion": other, "TargetRegion": region}
        assert misfits(pair_of(region, other, parameters).source) == []
        assert misfits(pair_of(other, region, swapped).target) == []


def test_the_longest_suffix_fits_in_every_region() -> None:
    suffix = "x" * 20
    for region in ALL_REGIONS:
        other = next(item for item in ALL_REGIONS if item != region)
        parameters = {"EnvironmentSuffix": suffix, "SourceRegion": region, "TargetRegion": other}
        swapped = {"EnvironmentSuffix": suffix, "SourceRegion": other, "TargetRegion": region}
        assert misfits(pair_of(region, other, parameters).source) == []
        assert misfits(pair_of(other, region, swapped).target) == []


def test_the_backup_selection_s_name_fits_with_the_longest_suffix_in_every_region() -> None:
    assert [misfit for region in ALL_REGIONS for misfit in misfits(longest(region), SELECTION)] == []


def longest(region: str) -> Scenario:
    other = next(item for item in ALL_REGIONS if item != region)
    parameters = {"EnvironmentSuffix": "x" * 20, "SourceRegion": region, "TargetRegion": other}
    return pair_of(region, other, parameters).source


NARROW = (min(ALL_REGIONS, key=len), max(ALL_REGIONS, key=len))
"""The regions of the shortest and of the longest name."""


def test_every_named_type_of_the_template_has_its_limits_here() -> None:
    used = {resource["Type"] for resource in TEMPLATE.value["Resources"].values()}
    assert {kind for kind in used if kind in FORMATS and FORMATS[kind].name} - NAMES.keys() == set()
