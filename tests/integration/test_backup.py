"""Backups: taken daily, copied to the target, and restored there to see that they can be."""

from typing import Any

import pytest
from deployed import Stack, pages


def vault(stack: Stack) -> dict[str, Any]:
    name = stack["BackupVaultArn"].rpartition(":")[2]
    found: dict[str, Any] = stack.client("backup").describe_backup_vault(BackupVaultName=name)
    return found


def test_the_vault_is_encrypted_by_a_key_that_is_rotated(stack: Stack) -> None:
    key = vault(stack)["EncryptionKeyArn"]
    assert stack.client("kms").get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def plan(source: Stack) -> tuple[str, dict[str, Any]]:
    """Return the id of the plan that fills the vault, and the plan."""
    name = source["BackupVaultArn"].rpartition(":")[2]
    backup = source.client("backup")
    for page in pages(backup, "list_backup_plans", "BackupPlansList"):
        body = backup.get_backup_plan(BackupPlanId=page["BackupPlanId"])["BackupPlan"]
        if any(rule["TargetBackupVaultName"] == name for rule in body["Rules"]):
            return str(page["BackupPlanId"]), body
    raise AssertionError(f"no backup plan fills {name}")


def test_backups_are_taken_daily_and_kept_for_thirty_days(source: Stack) -> None:
    (rule,) = plan(source)[1]["Rules"]
    assert (rule["ScheduleExpression"], rule["Lifecycle"]) == ("cron(0 2 * * ? *)", {"DeleteAfterDays": 30})


def test_backups_have_time_to_start_and_to_finish(source: Stack) -> None:
    (rule,) = plan(source)[1]["Rules"]
    assert (rule["StartWindowMinutes"], rule["CompletionWindowMinutes"] >= 480) == (60, True)


def test_backups_are_copied_to_the_target_s_vault(source: Stack, target: Stack) -> None:
    (rule,) = plan(source)[1]["Rules"]
    (copy,) = rule["CopyActions"]
    assert (copy["DestinationBackupVaultArn"], copy["Lifecycle"]) == (target["BackupVaultArn"], {"DeleteAfterDays": 30})


@pytest.mark.helped
def test_bucket_and_tables_are_backed_up(source: Stack) -> None:
    backup, (plan_id, _) = source.client("backup"), plan(source)
    listed = pages(backup, "list_backup_selections", "BackupSelectionsList", BackupPlanId=plan_id)
    assert listed, "the plan selects nothing"
    selected = backup.get_backup_selection(BackupPlanId=plan_id, SelectionId=listed[0]["SelectionId"])[
        "BackupSelection"
    ]
    state = source["TradingAnalyticsTableArn"].replace(source.table, source["MigrationStateTableName"])
    assert set(selected["Resources"]) == {source["TradingDataBucketArn"], source["TradingAnalyticsTableArn"], state}


def restores(target: Stack) -> list[dict[str, Any]]:
    """The selections of the plan that restores from the target's vault."""
    backup = target.client("backup")
    listed = backup.list_restore_testing_plans()["RestoreTestingPlans"]
    for plan_listed in listed:
        name = plan_listed["RestoreTestingPlanName"]
        body = backup.get_restore_testing_plan(RestoreTestingPlanName=name)["RestoreTestingPlan"]
        if target["BackupVaultArn"] in body["RecoveryPointSelection"]["IncludeVaults"]:
            found: list[dict[str, Any]] = [
                backup.get_restore_testing_selection(
                    RestoreTestingPlanName=name, RestoreTestingSelectionName=selection["RestoreTestingSelectionName"]
                )["RestoreTestingSelection"]
                for selection in backup.list_restore_testing_selections(RestoreTestingPlanName=name)[
                    "RestoreTestingSelections"
                ]
            ]
            return found
    raise AssertionError(f"nothing restores from {target['BackupVaultArn']}")


@pytest.mark.emulator("neither its CloudFormation nor its Backup has restore testing, nor has moto's")
def test_copies_of_bucket_and_table_are_restored_weekly(source: Stack, target: Stack) -> None:
    restored = {arn for item in restores(target) for arn in item["ProtectedResourceArns"]}
    assert restored == {source["TradingDataBucketArn"], source["TradingAnalyticsTableArn"]}
