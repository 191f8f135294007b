"""Where resources of a type take tags, as the schemas that cfn-lint ships say."""

from __future__ import annotations

from functools import cache

from stackproof.aws.schemas import schema


@cache
def tag_property(kind: str) -> str:
    """Return the property that takes a type's tags, "" if it takes none or is not known.

    Source: CloudFormation CLI User Guide, "Resource type schema", "tagging".
    """
    whole = schema(kind)
    tagging = whole.get("tagging", {})
    if not tagging.get("taggable", whole.get("taggable", True)):
        return ""
    name = str(tagging.get("tagProperty", "/properties/Tags")).rpartition("/")[2]
    return name if name in whole.get("properties", {}) else ""
