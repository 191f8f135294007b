"""Scenarios that a synthesised CDK app gives: pairs of its stacks in two regions, as cdk.out/manifest.json names them.

Source: AWS CDK, cloud-assembly-schema: artifacts of the types aws:cloudformation:stack and cdk:cloud-assembly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from stackproof.foundation.files import read_text
from stackproof.foundation.finding import CannotTell, Place

ENVIRONMENT = re.compile(r"aws://([^/]+)/([a-z0-9-]+)")
SYNTH = "give the stack an env with a region, and run cdk synth"


class Stack(NamedTuple):
    """A stack of an app: its id, its template's path, and where it is deployed; `account` is "" where none is named."""

    name: str
    template: str
    stack: str
    region: str
    account: str
    parameters: dict[str, str]

    @property
    def side(self) -> dict[str, object]:
        found: dict[str, object] = {"region": self.region, "stack": self.stack, "template": self.template}
        found |= {"account": self.account} if self.account else {}
        return {**found, "parameters": self.parameters} if self.parameters else found


def scenarios(folder: str) -> tuple[str, str]:
    """Return the template of the first pair, and the text of a scenarios file for the pairs of an app."""
    found = [*stacks(Path(folder))]
    pairs = [*_pairs(found)]
    if not pairs:
        named = ", ".join(f"{stack.name} ({stack.region})" for stack in found) or "none"
        place = Place(str(Path(folder, "manifest.json")), 1, 1)
        raise CannotTell(f"no two stacks of the app differ by their region only: {named}", place, SYNTH)
    listed = [
        {"name": f"{first.name} and {second.name}", "source": first.side, "target": second.side}
        for first, second in pairs
    ]
    return pairs[0][0].template, json.dumps({"deployments": listed})


def stacks(folder: Path) -> Iterator[Stack]:
    """Give the stacks of a cloud assembly and of those in it; raise CannotTell for one whose region is not known."""
    path = folder / "manifest.json"
    try:
        artifacts: dict[str, Any] = json.loads(read_text(str(path)))["artifacts"]
        for name, artifact in artifacts.items():
            properties = artifact.get("properties", {})
            if artifact["type"] == "cdk:cloud-assembly":
                yield from stacks(folder / properties["directoryName"])
            elif artifact["type"] == "aws:cloudformation:stack":
                account, region = _environment(name, artifact["environment"], path)
                template = str(folder / properties["templateFile"])
                parameters = {key: str(value) for key, value in properties.get("parameters", {}).items()}
                yield Stack(name, template, str(properties.get("stackName", name)), region, account, parameters)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"it is no manifest of a cloud assembly: {type(error).__name__}: {error}"
        raise CannotTell(message, Place(str(path), 1, 1), "give the folder that cdk synth writes") from None


def _environment(name: str, environment: str, path: Path) -> tuple[str, str]:
    found = ENVIRONMENT.fullmatch(environment)
    if found is None or found[2] == "unknown-region":
        raise CannotTell(f"the region of stack {name} is not known: {environment}", Place(str(path), 1, 1), SYNTH)
    return (found[1] if re.fullmatch("[0-9]{12}", found[1]) else ""), found[2]


def _pairs(found: list[Stack]) -> Iterator[tuple[Stack, Stack]]:
    """Pair stacks whose ids are the same but for the region or the words source, target and their like.

    Where two stacks are all there are, in two regions, they are a pair whatever their ids are.
    """
    groups: dict[str, list[Stack]] = {}
    for stack in found:
        groups.setdefault(_without_region(stack), []).append(stack)
    if len(found) == 2:
        groups = {"": found}
    for members in groups.values():
        first = members[0]
        yield from ((first, other) for other in members[1:] if other.region != first.region)


def _without_region(stack: Stack) -> str:
    plain = re.sub("[^a-z0-9]", "", stack.name.lower())
    plain = plain.replace(re.sub("[^a-z0-9]", "", stack.region), "")
    return re.sub("primary|secondary|source|target|replica|failover|main|standby|dr$", "", plain)
