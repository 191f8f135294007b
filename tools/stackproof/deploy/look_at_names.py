"""Whether names that a stack takes are free, or its own: of buckets in the world, of tables and others in a region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.aws.data import facts
from stackproof.aws.references import FORMATS
from stackproof.deploy.client import Failed
from stackproof.deploy.look import Look, Side, looked
from stackproof.foundation.values import as_list

BUCKET = "AWS::S3::Bucket"


class Name(NamedTuple):
    """A name that a stack takes in a region, for a resource of a type."""

    region: str
    kind: str
    name: str

    @property
    def what(self) -> str:
        return f"{self.kind.rpartition('::')[2]} {self.name}"


def of_names(side: Side) -> Iterator[Look]:
    """Give a look for each name of a type that can be looked for, in each region where the stack takes it."""
    known: Mapping[str, Mapping[str, str]] = facts("account", "look")
    for kind in (BUCKET, *known):
        for _, properties in side.stack.of_type(kind):
            text = properties.get(FORMATS[kind].name)
            for region in _regions(side, properties) if isinstance(text, str) else ():
                name = Name(region, kind, str(text))
                action = "s3:ListBucket" if kind == BUCKET else known[kind]["action"]
                yield looked(region, name.what, action, _bucket if kind == BUCKET else _named, side, name)


def _regions(side: Side, properties: Mapping[str, Any]) -> list[str]:
    """Return where a resource takes its name: a global table in the region of each replica."""
    replicas = [str(replica["Region"]) for replica in as_list(properties.get("Replicas", [])) if "Region" in replica]
    return replicas or [side.region]


def _named(side: Side, name: Name) -> Look:
    call = facts("account", "look")[name.kind]
    if "key" in call:
        listed = side.pages(call["client"], call["operation"], call["key"])
        if name.name not in {item[call["parameter"]] for item in listed}:
            return Look(name.region, name.what, "ready", "the name is free")
        return _there(side, name, call["remove"])
    try:
        side.cloud.ask(call["client"], name.region, call["operation"], **{call["parameter"]: name.name})
    except Failed as error:
        if error.code == call["none"]:
            return Look(name.region, name.what, "ready", "the name is free")
        raise
    return _there(side, name, call["remove"])


def _bucket(side: Side, name: Name) -> Look:
    """Look for a bucket. S3 answers 403 for one of another account, and where the caller may not look.

    Source: Amazon S3 API Reference, "HeadBucket"; Amazon S3 User Guide, "Verifying bucket ownership".
    """
    try:
        found = side.ask("s3", "head_bucket", Bucket=name.name, ExpectedBucketOwner=side.account)
    except Failed as error:
        if error.code == "404":
            return Look(side.region, name.what, "ready", "the name is free")
        if error.code not in ("301", "403") or name.name in _own(side):
            raise
        detail = "the name is taken by another account"
        return Look(side.region, name.what, "missing", detail, "give the stack another name for it")
    if found.get("BucketRegion", side.region) != side.region:
        detail = f"it is there, in {found['BucketRegion']}"
        return Look(side.region, name.what, "missing", detail, "give the stack another name for it")
    return _there(side, name, "aws s3api delete-bucket --bucket")


def _own(side: Side) -> set[str]:
    return {str(bucket["Name"]) for bucket in side.ask("s3", "list_buckets").get("Buckets", ())}


def _there(side: Side, name: Name, remove: str) -> Look:
    if name.name in side.there.get(name.kind, ()):
        return Look(name.region, name.what, "ready", f"it is of the stack {side.stack.scenario.stack}")
    detail = f"it is there, and not of the stack {side.stack.scenario.stack}"
    command = f"{remove} {name.name} --region {name.region}"
    return Look(
        name.region, name.what, "missing", detail, f"take another name, or if its data is not needed: {command}"
    )
