"""Resources that are alike, and what is found once of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.evaluation.resource import once_of_alike, shared
from stackproof.template.loader import parse

TOPIC = {"Type": "AWS::SNS::Topic"}


@once_of_alike
def keys(resource: Mapping[str, Any], logical: str) -> list[str]:
    return [logical, *resource]


def test_alike_resources_share_what_is_found_of_one() -> None:
    template = parse('{"Resources": {"Alarms": {"Type": "AWS::SNS::Topic"}}}', "alarms.json")
    first, second = (shared(template, "Alarms", {**TOPIC}) for _ in range(2))
    assert keys(first, "Alarms") is keys(second, "Alarms")


def test_a_plain_mapping_is_read_each_time() -> None:
    assert keys(TOPIC, "Alarms") == ["Alarms", "Type"]
