"""No resource and no output writes out a partition, a region or an account: the template runs in any of them.

`arn:aws:` is wrong in GovCloud and China, a region wrong on the other side, an account wrong in everybody else's. Where
a text needs them, AWS::Partition, AWS::Region, AWS::AccountId and parameters say them. Inline code is left out.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
pack: resilience
severity: info
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from stackproof.api import Deployment, Document, Finding, Path
from stackproof.aws.regions import partitions
from stackproof.topology.texts import texts

APPLIES_TO = ("Resources",)
PARTITION, ACCOUNT = re.compile(r"\barn:aws[a-z-]*:"), re.compile(r"(?<=:)[0-9]{12}(?=[:/])")
REGION = re.compile(r"(?<![\w-])[a-z]{2}(?:-[a-z]+)+-[0-9](?![\w-])")
CODE = ("ZipFile", "Description", "Comment")
Written = tuple[Path, str, str]

_KNOWN: WeakKeyDictionary[Document, list[Written]] = WeakKeyDictionary()


def check(deployment: Deployment) -> Iterator[Finding]:
    template = deployment.source.template
    if template not in _KNOWN:
        _KNOWN[template] = list(written(template.value))
    for path, found, instead in _KNOWN[template]:
        message = f"{path[1]} writes out {found}, which is right in one {kind(found)} only"
        yield Finding("", template.place(path), deployment.name, "both", message, f"write {instead} in its place", path)


def kind(found: str) -> str:
    return "partition" if found.startswith("arn:") else "account" if found.isdigit() else "region"


def written(template: Any) -> Iterator[Written]:
    """Give what is written out, where, and what to write in its place."""
    regions = {region for partition in partitions() for region in partition.regions}
    for path, text in texts({name: template.get(name, {}) for name in ("Resources", "Outputs")}):
        if set(CODE) & set(path):
            continue
        for found in PARTITION.findall(text):
            yield path, found, "arn:${AWS::Partition}:"
        for found in ACCOUNT.findall(text):
            yield path, found, "${AWS::AccountId} or a parameter"
        for found in set(REGION.findall(text)) & regions:
            yield path, found, "${AWS::Region} or a parameter"
