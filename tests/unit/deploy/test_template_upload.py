"""A template that is too large to be sent inline: which bucket it goes through, and what is put there."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jmespath
import pytest
from moto import mock_aws

from stackproof.deploy.change_set import Body
from stackproof.deploy.client import Cloud, Failed, session
from stackproof.deploy.template_upload import Sender, bucket_of, uploaded, url
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.plan import shell_template
from stackproof.template import body as bodies
from stackproof.template.body import Upload, upload
from stackproof.template.loader import parse

ACCOUNT = "444444444444"
REGIONS = ("eu-central-1", "us-east-1")


@dataclass(frozen=True)
class Here(Cloud):
    """moto's account, in which stacks are given: two on each page of DescribeStacks."""

    stacks: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    def call(self, region: str, action: str, /, **arguments: Any) -> Mapping[str, Any]:
        assert action == "describe_stacks"
        start = int(arguments.get("NextToken", 0))
        every = self.stacks.get(region, [])
        more = {"NextToken": str(start + 2)} if len(every) > start + 2 else {}
        return {"Stacks": every[start : start + 2], **more}


def stack(name: str, **outputs: str) -> dict[str, Any]:
    return {"StackName": name, "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]}


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    session.cache_clear()
    with mock_aws():
        yield
    session.cache_clear()


def template(size: int, path: str = "large.json") -> Document:
    value = {"Metadata": {"Padding": "x" * size}, "Resources": {"MessageTopic": {"Type": "AWS::SNS::Topic"}}}
    return parse(json.dumps(value, indent=2), path)


def made(cloud: Cloud, region: str, bucket: str) -> None:
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    cloud.ask("s3", region, "create_bucket", Bucket=bucket, **where)


LARGE = template(60_000)
OF_A_STACK = [stack("one"), stack("two", VPCId="vpc-1"), {"StackName": "bare"}, stack("pre", TemplateBucketName="mine")]


def test_what_fits_is_sent_inline_and_nothing_is_looked_for() -> None:
    small = template(10)
    sender = Sender(Here(), small, REGIONS, ACCOUNT)
    sender.check()
    assert sender.body("us-east-1") == Body(bodies.minified(small))


def test_a_bucket_is_found_by_the_output_of_a_stack_on_whichever_page() -> None:
    assert bucket_of(Here(stacks={"eu-central-1": OF_A_STACK}), "eu-central-1") == "mine"
    assert bucket_of(Here(stacks={"eu-central-1": OF_A_STACK}), "us-east-1") == ""


def test_two_stacks_that_tell_of_a_bucket_are_refused() -> None:
    both = [stack("a", TemplateBucketName="one"), stack("b", TemplateBucketName="other")]
    with pytest.raises(CannotTell, match="the stacks a and b in us-east-1 all have") as caught:
        bucket_of(Here(stacks={"us-east-1": both}), "us-east-1")
    assert caught.value.fix == "give --s3-bucket NAME"


def test_without_a_bucket_one_line_says_what_to_do_before_anything_is_changed() -> None:
    with pytest.raises(
        CannotTell, match="more than may be sent inline, and no stack in eu-central-1 or us-east-1"
    ) as caught:
        Sender(Here(), LARGE, REGIONS, ACCOUNT).check()
    assert caught.value.fix == "run stackproof deploy lib/Prerequisites.json first, or give --s3-bucket NAME"


def test_each_region_has_its_own_bucket_and_else_that_of_the_other() -> None:
    stacks = {"eu-central-1": [stack("pre", TemplateBucketName="there")]}
    both = {**stacks, "us-east-1": [stack("pre", TemplateBucketName="here")]}
    assert Sender(Here(stacks=both), LARGE, REGIONS, ACCOUNT).buckets() == {
        "eu-central-1": "there",
        "us-east-1": "here",
    }
    assert Sender(Here(stacks=stacks), LARGE, REGIONS, ACCOUNT).buckets() == dict.fromkeys(REGIONS, "there")
    assert Sender(Here(stacks=both), LARGE, REGIONS, ACCOUNT, "given").buckets() == dict.fromkeys(REGIONS, "given")


def test_the_template_is_put_there_as_written_once_encrypted_and_sent_by_its_url() -> None:
    cloud = Here()
    made(cloud, "eu-west-1", "mine")
    sender = Sender(cloud, LARGE, REGIONS, ACCOUNT, "mine")
    what = upload(LARGE)
    address = f"https://s3.eu-west-1.amazonaws.com/mine/{what.key}"
    assert [sender.body(region) for region in REGIONS] == [Body(url=address)] * 2
    found = cloud.ask("s3", "eu-west-1", "get_object", Bucket="mine", Key=what.key)
    assert found["Body"].read().decode() == LARGE.text
    assert found["ServerSideEncryption"] == "AES256"


def test_what_is_there_is_not_put_again() -> None:
    cloud = Here()
    made(cloud, "us-east-1", "mine")
    cloud.ask("s3", "us-east-1", "put_bucket_versioning", Bucket="mine", VersioningConfiguration={"Status": "Enabled"})
    sent = [Sender(cloud, LARGE, REGIONS, ACCOUNT, "mine").body("us-east-1") for _ in range(2)]
    assert sent[0] == sent[1]
    assert len(cloud.ask("s3", "us-east-1", "list_object_versions", Bucket="mine")["Versions"]) == 1


def test_another_text_has_another_key() -> None:
    assert upload(LARGE).key != upload(template(60_001)).key
    assert upload(template(60_000, "orders.yaml")).key.endswith(".yaml")


class Owned(Here):
    """moto does not look at ExpectedBucketOwner: S3 answers 403 where it is another. Source: S3 User Guide, "Verifying
    bucket ownership with bucket owner condition"."""

    def ask(self, service: str, region: str | None, action: str, /, **arguments: Any) -> Mapping[str, Any]:
        assert "ExpectedBucketOwner" in arguments
        if arguments["ExpectedBucketOwner"] != ACCOUNT:
            raise Failed("HeadBucket: 403: Forbidden")
        return super().ask(service, region, action, **arguments)


def test_a_bucket_of_another_account_is_not_written_to() -> None:
    made(Here(), "us-east-1", "theirs")
    cloud = Owned()
    assert uploaded(cloud, "us-east-1", "theirs", Upload("{}", "a.json"), ACCOUNT).url
    with pytest.raises(Failed, match="no template can be put into the bucket theirs: HeadBucket: 403") as caught:
        uploaded(cloud, "us-east-1", "theirs", Upload("{}", "b.json"), "999999999999")
    assert caught.value.fix == "give --s3-bucket NAME, a bucket of the account 999999999999"


def test_a_bucket_that_is_not_there_is_named() -> None:
    with pytest.raises(Failed, match="no template can be put into the bucket none: HeadBucket: 404"):
        uploaded(Here(), "us-east-1", "none", Upload("{}", "a.json"), ACCOUNT)


def test_the_address_has_the_suffix_of_the_partition() -> None:
    assert url("a.b", "cn-north-1", "k.json") == "https://s3.cn-north-1.amazonaws.com.cn/a.b/k.json"


@pytest.mark.parametrize(("stacks", "bucket"), [(OF_A_STACK, "mine"), ([stack("one")], None), ([], None)])
def test_the_query_of_the_script_finds_the_same(stacks: list[dict[str, Any]], bucket: str | None) -> None:
    assert jmespath.search(shell_template.FOUND, {"Stacks": stacks}) == bucket


AWS = """#!/bin/sh
echo "$@" >> calls
case "$2" in describe-stacks) echo '"mine"' ;; head-bucket) echo eu-west-1 ;; esac
"""


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash to run scripts with")
def test_the_script_puts_the_template_where_deploy_does(tmp_path: Path) -> None:
    before, option = shell_template.of_stack_set(LARGE, "us-east-1", "amazonaws.com")
    lines = ["set -eu", *shell_template.opening(LARGE), *before, f"aws cloudformation create-stack-set {option}"]
    (tmp_path / "aws").write_text(AWS)
    (tmp_path / "aws").chmod(0o755)
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["bash"], input="\n".join(lines), text=True, check=True, cwd=tmp_path, env=path)
    calls = (tmp_path / "calls").read_text().splitlines()
    key = upload(LARGE).key
    assert calls[2:] == [
        f"s3 cp --region eu-west-1 --sse AES256 large.json s3://mine/{key}",
        f"cloudformation create-stack-set --template-url https://s3.eu-west-1.amazonaws.com/mine/{key}",
    ]


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash to run scripts with")
def test_the_script_ends_where_there_is_no_bucket(tmp_path: Path) -> None:
    before, options = shell_template.of_stack(LARGE, "us-east-1")
    lines = ["set -eu", *shell_template.opening(LARGE), *before, f"aws cloudformation deploy {options[0]}"]
    (tmp_path / "aws").write_text(AWS.replace("'\"mine\"'", "null"))
    (tmp_path / "aws").chmod(0o755)
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(
        ["bash"], input="\n".join(lines), text=True, check=False, cwd=tmp_path, env=path, capture_output=True
    )
    assert (done.returncode, "no stack in us-east-1 has the output TemplateBucketName" in done.stderr) == (2, True)
    assert "deploy" not in (tmp_path / "calls").read_text()
