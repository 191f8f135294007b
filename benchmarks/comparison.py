"""Fold beside cloud-radar, another implementation of CloudFormation's functions: where they differ.

    pip install cloud-radar==0.17.0 && PYTHONPATH=tests/support python benchmarks/comparison.py

Worked out by both: the template in every scenario, and every documented case of tests/unit/cases that has a result.
cloud-radar writes a resource's id for a Ref to it and `Id.Attribute` for a GetAtt; fold's references are written so
before they are compared. docs/comparison.md explains every difference.
"""

import collections
import contextlib
import io
import json
import re
import sys
from typing import Any

import test_documented_cases as book
from cloud_radar.cf.unit import Template, functions
from worlds import pairs, product

from stackproof.aws import regions
from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.stack import fold
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.template import loader


def region_data() -> list[dict[str, Any]]:
    """Give cloud-radar the zones that it would fetch from the network."""
    return [{"code": region, "zones": list(regions.zones(region))} for region in ZONED]


ZONED = ("us-east-1", "eu-central-1", "ap-northeast-1", "ap-southeast-2")
functions._fetch_region_data = region_data


def with_blocks(document: Document) -> Document:
    """Write the CidrBlock of a resource where it is got: cloud-radar cuts no block that it does not know."""

    def written(value: Any) -> Any:
        if isinstance(value, list):
            return [written(item) for item in value]
        if not isinstance(value, dict):
            return value
        if list(value) == ["Fn::GetAtt"] and value["Fn::GetAtt"][1:] == ["CidrBlock"]:
            return document.value["Resources"][value["Fn::GetAtt"][0]]["Properties"]["CidrBlock"]
        return {key: written(item) for key, item in value.items()}

    return loader.parse(json.dumps(written(document.value)), document.path)


def theirs(document: Document, scenario: Scenario) -> dict[str, Any]:
    Template.AccountId = scenario.account
    Template.StackName = scenario.stack
    with contextlib.redirect_stdout(io.StringIO()):
        return Template(json.loads(document.text)).render(dict(scenario.parameters), scenario.region)


def as_they_write(value: Any) -> Any:
    """Write what fold leaves to CloudFormation as cloud-radar does."""
    if isinstance(value, list):
        return [as_they_write(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref":
            return argument
        if name == "Fn::GetAtt":
            return ".".join(argument)
        if name == "Fn::Sub":
            source, own = (argument, {}) if isinstance(argument, str) else argument
            known = {key: str(as_they_write(item)) for key, item in own.items()}
            return re.sub(r"\$\{([^}]*)\}", lambda found: known.get(found[1], found[1]), source)
        if name == "Fn::Join":
            return argument[0].join(map(str, as_they_write(argument[1])))
        if name == "Fn::Split":
            return as_they_write(argument[1]).split(argument[0])
        if name == "Fn::Select":
            return as_they_write(argument[1])[argument[0]]
        if name == "Fn::Cidr":
            return [f"block {number}" for number in range(int(argument[1]))]
        if name == "Fn::GetAZs":
            return list(regions.zones(argument))
    return {key: as_they_write(item) for key, item in value.items()}


def properties(resources: dict[str, Any]) -> dict[str, Any]:
    return {name: resource.get("Properties", {}) for name, resource in resources.items()}


def differences(ours: Any, others: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    if isinstance(ours, dict) and isinstance(others, dict):
        keys = [*ours, *(key for key in others if key not in ours)]
        return [
            difference for key in keys for difference in differences(ours.get(key), others.get(key), f"{path}/{key}")
        ]
    if isinstance(ours, list) and isinstance(others, list) and len(ours) == len(others):
        return [
            difference
            for at, pair in enumerate(zip(ours, others, strict=True))
            for difference in differences(*pair, f"{path}/{at}")
        ]
    return [] if ours == others and type(ours) is type(others) else [(path, ours, others)]


def compare(name: str, document: Document, scenario: Scenario) -> str:
    """Print where both differ; return what kind of outcome it is."""
    try:
        ours = as_they_write(properties(dict(fold(document, scenario).resources)))
    except (CannotTell, TypeError, IndexError, AttributeError):
        return "not compared"
    try:
        others = properties(theirs(document, scenario)["Resources"])
    except Exception as error:
        print(f"{name}: they fail: {type(error).__name__}: {' '.join(str(error).split())[:110]}")
        return "they fail"
    found = differences(ours, others)
    for path, our_value, their_value in found[:6]:
        print(f"{name}: {path}: ours {json.dumps(our_value)[:90]}, theirs {json.dumps(their_value, default=str)[:90]}")
    return "different" if found else "alike"


def main() -> int:
    outcomes: collections.Counter[str] = collections.Counter()
    for pair in pairs():
        for side in pair.sides:
            outcomes["template: " + compare(f"{pair.name}, {side.side}", with_blocks(product()), side)] += 1
    for case in book.ALL:
        entry = case.values[0]
        if "is" in entry and not ("assert" in entry or "rule" in entry):
            outcomes["cases: " + compare(str(case.id), book.template_of(entry), book.scenario_of(entry))] += 1
    print("\n".join(f"{count:>5}  {name}" for name, count in sorted(outcomes.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
