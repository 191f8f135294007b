"""What the owner of a bucket in another account is asked to set."""

import json
import re
from pathlib import Path

from stackproof.evaluation import scenario
from stackproof.plan.foreign_buckets import owners_part
from stackproof.template import loader

ROOT = Path(__file__).parents[3]
TEMPLATE = loader.load(str(ROOT / "lib/TapStack.json"))
PAIRS = {pair.name: pair for pair in scenario.load(str(ROOT / "rules/scenarios.yaml"))}


def policy(text: str) -> dict[str, list[dict[str, object]]]:
    (found,) = re.findall(r"--policy '(.*?)'", text, re.S)
    return dict(json.loads(found))


def test_nobody_is_asked_where_replicas_stay_in_the_account() -> None:
    assert owners_part(TEMPLATE, PAIRS["cutover-target"]) == ""


def test_the_owner_versions_the_bucket() -> None:
    text = owners_part(TEMPLATE, PAIRS["foreign-account"])
    assert "put-bucket-versioning --bucket replicas-of-trading-data --versioning-configuration Status=Enabled" in text


def test_the_owner_lets_the_replication_role_in_and_nobody_else_of_the_account() -> None:
    (statement,) = policy(owners_part(TEMPLATE, PAIRS["foreign-account"]))["Statement"]
    assert statement["Resource"] == "arn:aws:s3:::replicas-of-trading-data/*"
    role = "arn:aws:iam::111111111111:role/trading-platform-S3ReplicationRole-*"
    assert statement["Condition"] == {"ArnLike": {"aws:PrincipalArn": role}}


def test_the_owner_allows_what_the_rule_does() -> None:
    (statement,) = policy(owners_part(TEMPLATE, PAIRS["foreign-account"]))["Statement"]
    done = ["s3:ReplicateObject", "s3:ReplicateTags", "s3:ReplicateDelete", "s3:ObjectOwnerOverrideToBucketOwner"]
    assert statement["Action"] == done
