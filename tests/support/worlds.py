"""Small templates and scenarios that several tests start from."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stackproof.evaluation.scenario import Pair, Scenario, load
from stackproof.foundation.document import Document
from stackproof.template import loader

ROOT = Path(__file__).parents[2]
BUCKET: dict[str, Any] = {"Type": "AWS::S3::Bucket"}


def product() -> Document:
    """Return the repository's own template."""
    return loader.load(str(ROOT / "lib/TapStack.json"))


def pairs() -> tuple[Pair, ...]:
    """Return the repository's own scenarios."""
    return load(str(ROOT / "rules/scenarios.yaml"))


def scenario(region: str = "us-east-1", **parameters: str) -> Scenario:
    return Scenario("test", "source", region, "444444444444", "teststack", parameters)


def document(sections: Mapping[str, Any]) -> Document:
    """Return a template of the given sections, with places."""
    return loader.parse(json.dumps(sections, indent=2), "t.json")


def world(value: Any, **sections: Any) -> Document:
    """Return a template in which one property of one resource, Resources.It.Properties.It, has a value."""
    own = sections.pop("Resources", {})
    return document({**sections, "Resources": {**own, "It": {**BUCKET, "Properties": {"It": value}}}})
