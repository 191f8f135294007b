"""The managed policies of AWS that are known: what each allows, as `data/managed_policies.json` has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackproof.aws.data import document

OF_AWS = ":iam::aws:policy/"
"""What stands in the ARN of a managed policy between its partition and its path and name."""


def managed_policy(arn: str) -> Mapping[str, Any] | None:
    """Return the document of a managed policy of AWS; None for one of an account, and for one that is not known.

    Where it names resources, they are those of the partition that the ARN is of.
    Source: AWS Managed Policy Reference Guide.
    """
    start, of_aws, name = arn.partition(OF_AWS)
    row = document("managed_policies", name) if of_aws else None
    if row is None:
        return None
    text = json.dumps(row["document"]).replace('"arn:aws:', f'"{start}:')
    found: Mapping[str, Any] = json.loads(text)
    return found
