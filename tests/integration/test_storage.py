"""The buckets: encrypted, versioned, closed, replicated."""

import json
from typing import Any

import pytest
from deployed import Stack, Stacks, found, marked


@pytest.mark.helped
def test_the_bucket_is_encrypted(stack: Stack) -> None:
    kept = stack.client("s3").get_bucket_encryption(Bucket=stack.bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert [rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in kept] == ["AES256"]


def test_the_bucket_keeps_versions(stack: Stack) -> None:
    assert stack.client("s3").get_bucket_versioning(Bucket=stack.bucket)["Status"] == "Enabled"


def test_the_bucket_blocks_public_access(stack: Stack) -> None:
    kept = stack.client("s3").get_public_access_block(Bucket=stack.bucket)["PublicAccessBlockConfiguration"]
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    assert kept == dict.fromkeys(names, True)


@pytest.mark.helped
def test_the_bucket_s_owner_owns_its_objects(stack: Stack) -> None:
    kept = stack.client("s3").get_bucket_ownership_controls(Bucket=stack.bucket)["OwnershipControls"]["Rules"]
    assert kept == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_the_bucket_tells_eventbridge(stack: Stack) -> None:
    kept = stack.client("s3").get_bucket_notification_configuration(Bucket=stack.bucket)
    assert "EventBridgeConfiguration" in kept


@pytest.mark.helped
def test_the_bucket_s_objects_move_to_cheaper_classes(stack: Stack) -> None:
    (rule,) = stack.client("s3").get_bucket_lifecycle_configuration(Bucket=stack.bucket)["Rules"]
    moves = [(move["Days"], move["StorageClass"]) for move in rule["Transitions"]]
    assert sorted(moves) == [(90, "STANDARD_IA"), (180, "GLACIER")]


@pytest.mark.helped
def test_the_bucket_forgets_old_versions_and_abandoned_uploads(stack: Stack) -> None:
    (rule,) = stack.client("s3").get_bucket_lifecycle_configuration(Bucket=stack.bucket)["Rules"]
    kept = rule["NoncurrentVersionExpiration"]["NoncurrentDays"], rule["AbortIncompleteMultipartUpload"]
    assert kept == (90, {"DaysAfterInitiation": 7})


def denied(stack: Stack) -> list[tuple[str, dict[str, Any]]]:
    """Return what the bucket's policy denies: the action, and where."""
    policy = json.loads(stack.client("s3").get_bucket_policy(Bucket=stack.bucket)["Policy"])
    return [
        (statement["Action"], statement["Condition"])
        for statement in policy["Statement"]
        if statement["Effect"] == "Deny"
    ]


def test_the_bucket_refuses_requests_without_tls(stack: Stack) -> None:
    assert ("s3:*", {"Bool": {"aws:SecureTransport": "false"}}) in denied(stack)


def test_the_bucket_refuses_objects_that_would_not_replicate(stack: Stack) -> None:
    (condition,) = [where for action, where in denied(stack) if action == "s3:PutObject"]
    assert condition == {"StringEquals": {"s3:x-amz-server-side-encryption": ["aws:kms", "aws:kms:dsse"]}}


def rule(source: Stack) -> dict[str, Any]:
    kept = source.client("s3").get_bucket_replication(Bucket=source.bucket)["ReplicationConfiguration"]["Rules"]
    assert [item["ID"] for item in kept] == ["ReplicateAll"]
    only: dict[str, Any] = kept[0]
    return only


@pytest.mark.helped
def test_replication_leads_to_the_target_s_bucket(source: Stack, target: Stack) -> None:
    assert rule(source)["Destination"]["Bucket"] == target["TradingDataBucketArn"]


@pytest.mark.helped
def test_replication_is_timed_and_measured(source: Stack) -> None:
    destination = rule(source)["Destination"]
    assert (destination["ReplicationTime"]["Time"], destination["Metrics"]["Status"]) == ({"Minutes": 15}, "Enabled")


@pytest.mark.helped
def test_replication_takes_deletions_along(source: Stack) -> None:
    assert rule(source)["DeleteMarkerReplication"] == {"Status": "Enabled"}


@pytest.mark.writes
@pytest.mark.helped
def test_an_object_of_the_source_arrives_in_the_target(stacks: Stacks, source: Stack, target: Stack) -> None:
    key = marked()
    source.client("s3").put_object(Bucket=source.bucket, Key=key, Body=key.encode())
    try:

        def arrived() -> Any:
            return found(lambda: target.client("s3").get_object(Bucket=target.bucket, Key=key), "NoSuchKey", "404")

        assert stacks.eventually(arrived, f"{key} in {target.bucket}", 900)["Body"].read() == key.encode()
    finally:
        for side in (source, target):
            remove(side, key)


def remove(stack: Stack, key: str) -> None:
    """Remove every version of an object."""
    s3 = stack.client("s3")
    kept = s3.list_object_versions(Bucket=stack.bucket, Prefix=key)
    for version in (*kept.get("Versions", []), *kept.get("DeleteMarkers", [])):
        s3.delete_object(Bucket=stack.bucket, Key=version["Key"], VersionId=version["VersionId"])
