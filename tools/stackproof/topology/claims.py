"""What resources claim for themselves alone: names, and what else there can be once in a region, account or the world.

Source: of each type, its row in the tables only_once and resource_types of `stackproof.aws.data`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.aws.data import facts, rows
from stackproof.aws.references import FORMATS
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.placeholders import OPENING
from stackproof.foundation.values import properties_path, values_at


class Claim(NamedTuple):
    """What a resource has that no other of its type may have: the text of a property, in the world, account or region.

    `key` is the property, dotted, "" where there can be one resource at all; `why` what comes of two, where AWS does
    not refuse the second.
    """

    logical: str
    path: Path
    key: str
    text: str
    among: str
    region: str
    why: str = ""

    def of(self, stack: Stack) -> tuple[str, ...]:
        """Return the claim as others of its type would make it."""
        scenario = stack.scenario
        scope = {
            "world": (scenario.partition.name,),
            "account": (scenario.account,),
            "region": (scenario.account, self.region),
        }
        text = self.text.lower().removeprefix("https://").rstrip("./")
        return (stack.resources[self.logical]["Type"], self.key, text, *scope[self.among])

    def where(self, stack: Stack) -> str:
        account = stack.scenario.account
        places = {"world": "in the world", "account": f"in account {account}"}
        return places.get(self.among, f"in {self.region} of one account")


def name_property(stack: Stack, logical: str) -> str:
    kind = stack.resources[logical]["Type"]
    return FORMATS[kind].name if kind in FORMATS else ""


def claims(stack: Stack) -> Iterator[Claim]:
    """Give what the resources of a stack claim, by a name of their own and by what else there can be once."""
    unique, more, here = facts("resource_types", "unique_in"), rows("only_once"), stack.scenario.region
    for logical, resource in stack.resources.items():
        properties = resource.get("Properties", {})
        key, among = name_property(stack, logical), unique.get(resource["Type"], "region")
        name = properties.get(key)
        if _is_known(name) and among != "nothing":
            yield Claim(logical, properties_path(logical, key), key, name, among, here)
        for row in more.get(resource["Type"], ()):
            if _counts(row, properties):
                yield from _by_row(stack, logical, properties, row)


def _by_row(stack: Stack, logical: str, properties: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[Claim]:
    among, here = row["among"], stack.scenario.region
    if not row["by"]:
        yield Claim(logical, ("Resources", logical), "", "", among, here, row.get("why", ""))
    for dotted in row["by"]:
        for path, value in values_at(properties, dotted):
            text = str(value)
            if _is_known(text):
                at = properties_path(logical, *path)
                for region in _regions(stack, properties, row):
                    yield Claim(logical, at, dotted, text, among, region, row.get("why", ""))


def _regions(stack: Stack, properties: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """Return the regions in which a resource claims something: its own, or those that it is copied to."""
    here = stack.scenario.region
    if "replicas" not in row:
        return [here]
    if row["replicas"] == "*":
        return [region for region in sorted(stack.scenario.partition.regions) if region != here]
    return [str(region) for _, region in values_at(properties, row["replicas"]) if region != here]


def _counts(row: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
    """Tell whether a row speaks of a resource with these properties."""
    wanted = all(
        any(value in ("*", str(found).lower(), str(found)) for _, found in values_at(properties, dotted))
        for dotted, value in row.get("when", {}).items()
    )
    return wanted and not any([*values_at(properties, dotted)] for dotted in row.get("without", ()))


def _is_known(text: object) -> bool:
    """Tell whether a text is one and the same in both regions where it is written alike."""
    return isinstance(text, str) and OPENING not in text
