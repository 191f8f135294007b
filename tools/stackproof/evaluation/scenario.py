"""What is deployed where: the pairs of stacks that the gate proves, read from scenarios.yaml."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from stackproof.aws.regions import Partition, partition_of
from stackproof.evaluation import parameter_files
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Path, Place, Side
from stackproof.template.loader import load as load_template
from stackproof.template.loader import load_document

STACK, ACCOUNT = "stack", "111111111111"
"""What a scenarios file need not say."""
KEYS = {
    "file": {"account", "stack", "placeholders", "deployments", "must_reject", "must_accept", "refused", "accepted"},
    "deployment": {"name", "parameters", "parameter-files", "source", "target"},
    "side": {"region", "stack", "account", "template", "parameters", "parameter-files", "outputs", "exports"}
    | {"conditions", "keys", "ssm"},
}
STACK_NAME = "[A-Za-z][A-Za-z0-9-]{0,127}"
"""Source: CloudFormation API Reference, CreateStack, StackName."""


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
    placeholders: tuple[str, ...] = ()
    """The parameters whose values only stand for others: nothing is deployed with them."""
    stored: Mapping[str, str] = field(default_factory=dict)
    """The values of parameters of Systems Manager that are stated, by name: `ssm` of a side."""
    template: Document | None = field(default=None, compare=False, repr=False)
    """The side's own template, where it is not the one that is checked."""

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
    `parameter-files` beside any `parameters` are files that values come from, where `parameters` gives none; a side:
    {region, parameters, stack, account, template}, and what is stated of it: {outputs, exports, conditions,
    keys}, and of parameters of Systems Manager: {ssm}, the stored value by name.
    """
    reader = Reader(document)
    top = reader.mapping((), "file")
    reader.account(("account",))
    reader.stack(("stack",))
    deployments = top.get("deployments")
    if not isinstance(deployments, list) or not deployments:
        message = f"a scenarios file needs a list of deployments{found(deployments)}"
        raise reader.refuse(("deployments",), message, "write - {name: N, source: {region: R}, target: {region: R}}")
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
        self.templates: dict[str, Document] = {}

    def pair(self, path: Path) -> Pair:
        self.mapping(path, "deployment")
        name = self.name(path, "a deployment")
        shared = self.parameters((*path, "parameters"))
        return Pair(name, self.side(path, name, "source", shared), self.side(path, name, "target", shared))

    def of_files(self, path: Path, region: str) -> parameter_files.Values:
        """Return the values of the parameter files that are named at a path; of a parameter the last file's."""
        named = self.at(path) or []
        found: parameter_files.Values = {}
        for index, entry in enumerate(named if isinstance(named, list) else [named]):
            where = (*path, index) if isinstance(named, list) else path
            file, mark, environment = self.scalar(where, entry).partition("#")
            found |= parameter_files.read(f"{self.file(where, file)}{mark}{environment}", region)
        return found

    def side(self, path: Path, name: str, side: Side, shared: Mapping[str, str]) -> Scenario:
        here = (*path, side)
        if self.at(here) is None:
            raise self.refuse(path, f"deployment {name!r} has no {side}", f"add {side}: {{region: R}}")
        entry = self.mapping(here, "side")
        account = self.account((*here, "account")) or self.account(("account",)) or ACCOUNT
        stack = self.stack((*here, "stack")) or self.stack(("stack",)) or STACK
        if "region" not in entry:
            raise self.refuse(here, f"the {side} of deployment {name!r} has no region", "add region: R")
        region = self.region((*here, "region"))
        own = self.parameters((*here, "parameters"))
        of_files = [self.of_files((*where, "parameter-files"), region) for where in (path, here)]
        places = {key: place for key, (_, place) in of_files[0].items()}
        places |= {key: self.document.place((*path, "parameters", key)) for key in shared}
        places |= {key: place for key, (_, place) in of_files[1].items()}
        places |= {key: self.document.place((*here, "parameters", key)) for key in own}
        first, second = ({key: value for key, (value, _) in values.items()} for values in of_files)
        parameters = {**first, **shared, **second, **own}
        stored = self.parameters((*here, "ssm"))
        standing = self.placeholders()
        template = self.template((*here, "template"))
        return Scenario(
            name, side, region, account, stack, parameters, places, self.stated(here), standing, stored, template
        )  # fmt: skip

    def template(self, path: Path) -> Document | None:
        """Return the template at a path, relative to the file of scenarios or to the current folder; None if none."""
        value = self.at(path)
        if value is None:
            return None
        found = self.file(path, value)
        if found not in self.templates:
            self.templates[found] = load_template(found)
        return self.templates[found]

    def file(self, path: Path, value: Any) -> str:
        """Return the path of a file that is named: relative to the file of scenarios, else to the current folder."""
        name = self.scalar(path, value)
        places = [os.path.normpath(FilePath(self.document.path).parent / name), os.path.normpath(name)]
        found = next((candidate for candidate in places if FilePath(candidate).is_file()), None)
        if found is None:
            where = " nor ".join(dict.fromkeys(places))
            raise self.refuse(
                path,
                f"there is neither {where}" if places[0] != places[1] else f"there is no {where}",
                "name a file, relative to this one or to the current folder",
            )
        return found

    def placeholders(self) -> tuple[str, ...]:
        """Return the names of parameters whose values are placeholders."""
        found_here = self.at(("placeholders",)) or []
        if not isinstance(found_here, list):
            raise self.refuse(("placeholders",), "placeholders must be a list of names", "write [NAME, NAME]")
        return tuple(self.scalar(("placeholders", index), parameter) for index, parameter in enumerate(found_here))

    def account(self, path: Path) -> str | None:
        """Return the account id at a path, None where there is none."""
        return self.shaped(path, "[0-9]{12}", "account id", "give 12 digits in quotes")

    def stack(self, path: Path) -> str | None:
        """Return the stack name at a path, None where there is none."""
        fix = "write at most 128 letters, digits and hyphens, a letter first"
        return self.shaped(path, STACK_NAME, "stack name", fix)

    def shaped(self, path: Path, shape: str, what: str, fix: str) -> str | None:
        value = self.at(path)
        if value is None:
            return None
        if not re.fullmatch(shape, self.scalar(path, value)):
            raise self.refuse(path, f"{value!r} is no {what}", fix)
        return str(value)

    def region(self, path: Path) -> str:
        """Return the region at a path; raise CannotTell for what is none of AWS."""
        region = self.scalar(path, self.at(path))
        try:
            partition_of(region)
        except CannotTell as error:
            raise self.refuse(path, error.message, error.fix) from None
        return region

    def name(self, path: Path, what: str) -> str:
        """Return the name of an entry of a list."""
        where = (*path, "name")
        if self.at(where) is None:
            raise self.refuse(path, f"{what} has no name", "add name: N")
        name = self.scalar(where, self.at(where))
        if not name.strip():
            raise self.refuse(where, f"{what} has no name", "write one behind name:")
        return name

    def scalar(self, path: Path, value: Any) -> str:
        """Return what must be one text."""
        if not isinstance(value, str):
            message = f"{path[-1]} must be one text{found(value)}"
            raise self.refuse(path, message, f'write {path[-1]}: "TEXT"')
        return value

    def stated(self, path: Path) -> Stated:
        return Stated(*(self.parameters((*path, key)) for key in ("outputs", "exports", "conditions", "keys")))

    def parameters(self, path: Path) -> dict[str, str]:
        entry = self.at(path)
        if entry is None or entry == "":
            return {}
        if not isinstance(entry, dict):
            message = f"{path[-1]} must be a mapping of names to values{found(entry)}"
            raise self.refuse(path, message, "write NAME: value")
        return {name: self.text((*path, name), value) for name, value in entry.items()}

    def text(self, path: Path, value: Any) -> str:
        """Return a value as CloudFormation takes it: text, a list as text with commas."""
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return ",".join(value)
        if not isinstance(value, str):
            message = f"the value of {path[-1]} in {path[-2]} is neither text nor a list of texts{found(value)}"
            raise self.refuse(path, message, "quote it")
        return value

    def mapping(self, path: Path, kind: str) -> dict[str, Any]:
        value = self.at(path)
        if not isinstance(value, dict):
            what = f"{path[-2]}[{path[-1]}]" if path and isinstance(path[-1], int) else str(path[-1]) if path else ""
            text = f"{what or self.document.path} must be a mapping{found(value)}"
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


def found(value: Any) -> str:
    """Return what stands where something else was expected, as the end of a message; "" where nothing does."""
    kinds = {dict: "a mapping", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    if value is None:
        return ""
    return f", not {kinds[type(value)]}" if type(value) in kinds else f", not {value!r}"


def command_line(region: str, account: str, stack: str, parameters: Mapping[str, str]) -> Scenario:
    """Return the scenario that the arguments of one command give."""
    if not re.fullmatch("[0-9]{12}", account):
        raise CannotTell(f"{account!r} is no account id", fix="give 12 digits")
    partition_of(region)
    return Scenario("the command line", "source", region, account, stack, parameters)
