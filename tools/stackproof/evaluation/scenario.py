"""What is deployed where: the pairs of stacks that the gate proves, read from scenarios.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from stackproof.aws.regions import Partition, partition_of
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Path, Place, Side
from stackproof.template.loader import load_document

STACK = "stack"
KEYS = {
    "file": {"account", "stack", "deployments", "refused", "accepted"},
    "deployment": {"name", "parameters", "source", "target"},
    "side": {"region", "stack", "account", "parameters", "outputs", "exports", "conditions", "keys"},
}


@dataclass(frozen=True)
class Stated:
    """What a scenarios file states of a stack: its outputs' values, their exports' names, which conditions hold.

    `keys` holds those of tables (NAME) and of their indexes (NAME/INDEX), the attributes parted by commas.
    """

    outputs: Mapping[str, str] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """One stack to be: a region, an account, a stack name and the parameters that are given."""

    name: str
    side: Side
    region: str
    account: str
    stack: str
    parameters: Mapping[str, str]
    places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)
    stated: Stated = Stated()

    @cached_property
    def partition(self) -> Partition:
        return partition_of(self.region)


@dataclass(frozen=True)
class Pair:
    """The two stacks of one deployment."""

    name: str
    source: Scenario
    target: Scenario

    @property
    def sides(self) -> tuple[Scenario, Scenario]:
        return self.source, self.target


def load(path: str) -> tuple[Pair, ...]:
    """Read the pairs of a scenarios file; raise CannotTell with the place for whatever is not understood."""
    return pairs_in(load_document(path, text_only=True))


def pairs_in(document: Document) -> tuple[Pair, ...]:
    """Return the pairs of a scenarios file that has been read.

    A file: `account`, `stack` (both optional) and `deployments`, a list of {name, parameters, source, target};
    a side: {region, parameters, stack, account}, and what is stated of it: {outputs, exports, conditions, keys}.
    """
    reader = Reader(document)
    top = reader.mapping((), "file")
    deployments = top.get("deployments")
    if not isinstance(deployments, list) or not deployments:
        raise reader.refuse(("deployments",), "a scenarios file needs a list of deployments", "add one")
    pairs = tuple(reader.pair(("deployments", index)) for index in range(len(deployments)))
    seen: set[str] = set()
    for index, pair in enumerate(pairs):
        if pair.name in seen:
            raise reader.refuse(
                ("deployments", index, "name"), f"two deployments are named {pair.name!r}", "rename one"
            )
        seen.add(pair.name)
    return pairs


class Reader:
    """Reads parts of a scenarios file by their path."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def pair(self, path: Path) -> Pair:
        entry = self.mapping(path, "deployment")
        name = entry.get("name")
        if not isinstance(name, str) or not name:
            raise self.refuse(path, "a deployment has no name", "add one")
        shared = self.parameters((*path, "parameters"))
        return Pair(name, self.side(path, name, "source", shared), self.side(path, name, "target", shared))

    def side(self, path: Path, name: str, side: Side, shared: Mapping[str, str]) -> Scenario:
        here = (*path, side)
        entry = self.mapping(here, "side")
        top = self.document.value
        account = entry.get("account", top.get("account", "111111111111"))
        if not isinstance(account, str) or not re.fullmatch("[0-9]{12}", account):
            raise self.refuse((*here, "account"), f"{account!r} is no account id", "give 12 digits")
        region = entry.get("region")
        if not isinstance(region, str):
            raise self.refuse(here, f"the {side} of deployment {name!r} has no region", "add one")
        try:
            partition_of(region)
        except CannotTell as error:
            raise self.refuse((*here, "region"), error.message, error.fix) from None
        own = self.parameters((*here, "parameters"))
        places = {key: self.document.place((*path, "parameters", key)) for key in shared}
        places |= {key: self.document.place((*here, "parameters", key)) for key in own}
        stack = entry.get("stack", top.get("stack", STACK))
        return Scenario(name, side, region, account, stack, {**shared, **own}, places, self.stated(here))

    def stated(self, path: Path) -> Stated:
        return Stated(*(self.parameters((*path, key)) for key in ("outputs", "exports", "conditions", "keys")))

    def parameters(self, path: Path) -> dict[str, str]:
        given = self.at(path)
        if given in (None, ""):
            return {}
        if not isinstance(given, dict):
            raise self.refuse(path, f"{path[-1]} must be a mapping of names to values", "write NAME: value")
        return {name: self.text((*path, name), value) for name, value in given.items()}

    def text(self, path: Path, value: Any) -> str:
        """Return a value as CloudFormation takes it: text, a list as text with commas."""
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return ",".join(value)
        if not isinstance(value, str):
            raise self.refuse(
                path, f"the value of {path[-1]} in {path[-2]} is neither text nor a list of texts", "quote it"
            )
        return value

    def mapping(self, path: Path, kind: str) -> dict[str, Any]:
        value = self.at(path)
        if not isinstance(value, dict):
            text = f"{path[-1] if path else self.document.path} must be a mapping"
            raise self.refuse(path, text, f"write KEY: value, with keys of {', '.join(sorted(KEYS[kind]))}")
        for key in value:
            if key not in KEYS[kind]:
                raise self.refuse((*path, key), f"unknown key {key!r}", f"use one of {', '.join(sorted(KEYS[kind]))}")
        return value

    def at(self, path: Path) -> Any:
        value = self.document.value
        for key in path:
            value = value.get(key) if isinstance(value, dict) else value[key] if isinstance(key, int) else None
        return value

    def refuse(self, path: Path, message: str, fix: str) -> CannotTell:
        return CannotTell(message, self.document.place(path), fix)


def command_line(region: str, account: str, stack: str, parameters: Mapping[str, str]) -> Scenario:
    """Return the scenario that the arguments of one command give."""
    if not re.fullmatch("[0-9]{12}", account):
        raise CannotTell(f"{account!r} is no account id", fix="give 12 digits")
    partition_of(region)
    return Scenario("the command line", "source", region, account, stack, parameters)
