"""A template sent by URL: the bucket that it goes through, found or given, and the object in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stackproof.aws.regions import partition_of
from stackproof.deploy.change_set import Body
from stackproof.deploy.client import Cloud, Failed
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.template.body import BUCKET_OUTPUT as OUTPUT
from stackproof.template.body import INLINE_LIMIT, Upload, fits_inline, minified, upload

THERE = ("PreconditionFailed", "ConditionalRequestConflict")
"""What S3 answers where an object of the key is there, or is being written at the moment.

Source: Amazon S3 API Reference, "PutObject", If-None-Match.
"""


@dataclass(frozen=True)
class Sender:
    """Gives the body of a template as it is sent in a region: inline where it fits, else by URL, uploaded once.

    `bucket_given` names a bucket, of whichever region; else a region's is the one that a stack there tells of.
    """

    cloud: Cloud
    template: Document
    regions: Sequence[str]
    account: str
    bucket_given: str = ""
    sent: dict[str, Body] = field(default_factory=dict)

    def check(self) -> None:
        """Raise CannotTell if the template needs a bucket and there is none, before anything is changed."""
        if not fits_inline(self.template):
            self.buckets()

    def body(self, region: str) -> Body:
        if fits_inline(self.template):
            return Body(minified(self.template))
        bucket = self.buckets()[region]
        if bucket not in self.sent:
            self.sent[bucket] = uploaded(self.cloud, region, bucket, upload(self.template), self.account)
        return self.sent[bucket]

    def found(self) -> Mapping[str, str]:
        """Return the bucket for templates of each region that has one, or the one that is given."""
        if self.bucket_given:
            return dict.fromkeys(self.regions, self.bucket_given)
        return {region: bucket for region in self.regions if (bucket := bucket_of(self.cloud, region))}

    def buckets(self) -> Mapping[str, str]:
        """Return a bucket for each region: its own, or else the one of another."""
        found = self.found()
        if not found:
            size = len(minified(self.template).encode())
            message = f"{self.template.path} has {size} bytes, {size - INLINE_LIMIT} more than may be sent inline, and "
            message += f"no stack in {' or '.join(self.regions)} has the output {OUTPUT}"
            raise CannotTell(
                message, fix="run stackproof deploy lib/Prerequisites.json first, or give --s3-bucket NAME"
            )
        return {region: found.get(region, next(iter(found.values()))) for region in self.regions}


def bucket_of(cloud: Cloud, region: str) -> str:
    """Return the bucket for templates that a stack of a region tells of, "" if none does; refuse two."""
    found = {}
    for stack in every_stack(cloud, region):
        for output in stack.get("Outputs", ()):
            if output["OutputKey"] == OUTPUT:
                found[str(output["OutputValue"])] = stack["StackName"]
    if len(found) > 1:
        message = f"the stacks {' and '.join(found.values())} in {region} all have the output {OUTPUT}"
        raise CannotTell(message, fix="give --s3-bucket NAME")
    return next(iter(found), "")


def every_stack(cloud: Cloud, region: str) -> Iterator[Mapping[str, Any]]:
    """Give every stack of a region, as DescribeStacks describes it."""
    more: dict[str, str] = {}
    while True:
        page = cloud.call(region, "describe_stacks", **more)
        yield from page["Stacks"]
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}


def uploaded(cloud: Cloud, near: str, bucket: str, what: Upload, account: str) -> Body:
    """Put a template into a bucket of the account, unless it is there; return its URL. `near` is a region to ask in.

    Only the account's own bucket is written to: a name that somebody else has taken is no place for a template.
    """
    try:
        region = cloud.ask("s3", near, "head_bucket", Bucket=bucket, ExpectedBucketOwner=account)["BucketRegion"]
    except Failed as error:
        message = f"no template can be put into the bucket {bucket}: {error.message}"
        raise Failed(message, fix=f"give --s3-bucket NAME, a bucket of the account {account}") from error
    try:
        cloud.ask(
            "s3",
            region,
            "put_object",
            Bucket=bucket,
            Key=what.key,
            Body=what.text.encode(),
            ServerSideEncryption="AES256",
            ExpectedBucketOwner=account,
            IfNoneMatch="*",
        )
    except Failed as error:
        if not any(code in error.message for code in THERE):
            raise
    return Body(url=url(bucket, region, what.key))


def url(bucket: str, region: str, key: str) -> str:
    """Return the address of an object, by path, since a name with dots has no certificate.

    Source: Amazon S3 User Guide, "Virtual hosting of general purpose buckets".
    """
    return f"https://s3.{region}.{partition_of(region).suffix}/{bucket}/{key}"
