"""Where resources of a type take tags, as the schemas that cfn-lint ships say."""

from __future__ import annotations

import json
from functools import cache

from stackproof.regions import shipped

ANY_REGION = "us-east-1"
"""The region whose list of schemas is read: whether a type takes tags does not differ by region."""


@cache
def _schemas() -> dict[str, str]:
    listed: dict[str, str] = json.loads(shipped("cfnlint", f"data/schemas/providers/{ANY_REGION}.json"))
    return listed


@cache
def tag_property(kind: str) -> str:
    """Return the property that takes a type's tags, "" if it takes none or is not known.

    Source: CloudFormation CLI User Guide, "Resource type schema", "tagging".
    """
    if kind not in _schemas():
        return ""
    schema = json.loads(shipped("cfnlint", f"data/schemas/resources/{_schemas()[kind]}.json"))
    tagging = schema.get("tagging", {})
    if not tagging.get("taggable", schema.get("taggable", True)):
        return ""
    name = str(tagging.get("tagProperty", "/properties/Tags")).rpartition("/")[2]
    return name if name in schema["properties"] else ""
