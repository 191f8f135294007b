"""AWS's managed policies that are known are those that moto has copies of, of the same version."""

import json
from functools import cache
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from stackproof.aws.data import FOLDER, document
from stackproof.aws.managed_policies import managed_policy
from stackproof.foundation.values import as_list

TEXT = (FOLDER / "managed_policies.json").read_text(encoding="utf-8")
KNOWN: dict[str, dict[str, Any]] = json.loads(TEXT)


@cache
def of_moto() -> dict[str, dict[str, Any]]:
    found = json.loads(aws_managed_policies_data)
    return {f"{policy['Path'].lstrip('/')}{name}": policy for name, policy in found.items()}


@pytest.mark.parametrize("key", KNOWN)
def test_a_policy_is_what_moto_has_of_the_same_version(key: str) -> None:
    theirs = of_moto()[key]
    if theirs["DefaultVersionId"] != KNOWN[key]["version"]:
        pytest.skip(f"moto has {key} {theirs['DefaultVersionId']}: python docs/managed_policies.py takes it over")
    assert KNOWN[key]["document"] == theirs["Document"]


def test_most_policies_have_the_version_that_moto_has() -> None:
    assert sum(of_moto()[key]["DefaultVersionId"] == row["version"] for key, row in KNOWN.items()) > len(KNOWN) / 2


@pytest.mark.parametrize("key", KNOWN)
def test_a_policy_has_its_page_and_says_what_it_allows(key: str) -> None:
    row = KNOWN[key]
    name = key.rpartition("/")[2]
    assert row.keys() == {"source", "version", "document"}
    assert row["source"] == f"https://docs.aws.amazon.com/aws-managed-policy/latest/reference/{name}.html"
    for statement in as_list(row["document"]["Statement"]):
        assert {"Effect", "Action", "Resource"} <= statement.keys()


def test_a_policy_is_found_by_its_line() -> None:
    assert {key: document("managed_policies", key) for key in KNOWN} == KNOWN
    assert TEXT.count("\n") == len(KNOWN) + 2


def test_a_policy_names_resources_of_the_partition_that_it_is_attached_in() -> None:
    name = "AWSBackupServiceRolePolicyForS3Backup"
    found = json.dumps(managed_policy(f"arn:aws-cn:iam::aws:policy/{name}"))
    assert "arn:aws-cn:s3:::*" in found
    assert "arn:aws:" not in found


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/Nothing",
        "arn:aws:iam::111111111111:policy/AdministratorAccess",
        "AdministratorAccess",
        "",
    ],
)
def test_a_policy_of_an_account_or_of_nobody_is_not_known(arn: str) -> None:
    assert managed_policy(arn) is None
