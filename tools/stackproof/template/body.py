"""A template as it is sent to CloudFormation: inline without white space, or by URL as it is written."""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePath
from typing import NamedTuple

from stackproof.foundation.document import Document

INLINE_LIMIT = 51_200
"""Bytes of a template body sent inline. Source: CloudFormation User Guide, "Understand CloudFormation quotas"."""
URL_LIMIT = 1_000_000
"""Bytes of a template sent by URL: 1 MB. Source: as above."""

BUCKET_OUTPUT = "TemplateBucketName"
"""The output that a stack tells its bucket for templates by: lib/Prerequisites.json has it."""

FOLDER = "stackproof"
"""The folder of a bucket that templates are put into."""


class Upload(NamedTuple):
    """A template for a bucket: its text, and a key made of what it holds, so that the same is there once."""

    text: str
    key: str


def minified(template: Document) -> str:
    """Return the template as JSON without white space, keys in the order of the text."""
    return json.dumps(template.value, separators=(",", ":"), ensure_ascii=False)


def fits_inline(template: Document) -> bool:
    return len(minified(template).encode()) <= INLINE_LIMIT


def upload(template: Document) -> Upload:
    """Return a template as it goes into a bucket: as it is written. One of more than 1 MB has not been read."""
    suffix = PurePath(template.path).suffix or ".json"
    return Upload(template.text, f"{FOLDER}/{hashlib.sha256(template.text.encode()).hexdigest()}{suffix}")
