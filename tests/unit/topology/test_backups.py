"""What a stack's backup plans keep."""

from typing import Any

import pytest
from stacks import ACCOUNT, arn, ref, resource, stack

from stackproof.evaluation.stack import Stack
from stackproof.topology.backups import backup_rules, selections, stores

BUCKET = resource("S3::Bucket", BucketName="b", Tags=[{"Key": "kept", "Value": "yes"}])
TABLE = resource("DynamoDB::Table", TableName="t")


def plan(**selection: Any) -> Stack:
    rules = [{"RuleName": "daily", "CopyActions": [{"DestinationBackupVaultArn": "x"}]}]
    return stack(
        {
            "B": BUCKET,
            "T": TABLE,
            "D": resource("RDS::DBInstance"),
            "P": resource("Backup::BackupPlan", BackupPlan={"BackupPlanRule": rules}),
            "S": resource("Backup::BackupSelection", BackupPlanId=ref("P"), BackupSelection=selection),
        }
    )


def test_the_stores_that_backup_knows_are_named_as_it_names_them() -> None:
    assert stores(plan()) == {"B": "S3", "T": "DynamoDB", "D": "RDS"}


def test_the_rules_of_a_plan_have_their_paths_and_copies() -> None:
    (rule,) = backup_rules(plan())
    path = ("Resources", "P", "Properties", "BackupPlan", "BackupPlanRule", 0)
    assert (rule.plan, rule.path, [where for where, _ in rule.copies()]) == ("P", path, [(*path, "CopyActions", 0)])


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        ({"Resources": [arn("B")]}, ["B"]),
        ({"Resources": ["*"]}, ["B", "T"]),
        ({"Resources": [f"arn:aws:dynamodb:*:{ACCOUNT}:table/*"]}, ["T"]),
        ({"Resources": ["*"], "NotResources": [arn("T")]}, ["B"]),
        ({"ListOfTags": [{"ConditionKey": "kept", "ConditionValue": "yes"}]}, ["B"]),
        ({"Resources": [{"Fn::Sub": "arn:aws:rds:us-east-1:1:db:${D}"}]}, ["D"]),
        ({}, []),
    ],
    ids=["by ARN", "all", "by pattern", "all but one", "by tag", "by a name that AWS gives", "none"],
)
def test_a_selection_takes_stores_by_arn_pattern_and_tag(selection: dict[str, Any], taken: list[str]) -> None:
    assert list(selections(plan(**selection))) == [("S", "P", taken)]
