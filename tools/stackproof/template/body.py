"""A template as it is sent to CloudFormation: its body without white space."""

from __future__ import annotations

import json

from stackproof.foundation.document import Document

INLINE_LIMIT = 51_200
"""Bytes of a template body sent inline. Source: CloudFormation User Guide, "Understand CloudFormation quotas"."""


def minified(template: Document) -> str:
    """Return the template as JSON without white space, keys in the order of the text."""
    return json.dumps(template.value, separators=(",", ":"), ensure_ascii=False)
