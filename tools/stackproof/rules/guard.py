"""Guard rule files put to a document: what each of their blocks says, and where it fails.

Each file runs alone, on the resources that it selects by type: this is faster
than all files joined and put to the whole document, and no name of one file shadows another's.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from stackproof.aws.schemas import subschema
from stackproof.evaluation.resource import Resource, once_of_alike
from stackproof.foundation.finding import CannotTell, Path, Place
from stackproof.foundation.values import as_mapping
from stackproof.rules import guard_report
from stackproof.rules.guard_engine import Engine, Report, engine
from stackproof.rules.guard_forms import LITERAL, REMARK
from stackproof.rules.guard_report import Block, Failure, Status

__all__ = ["Block", "Failure", "GuardFile", "Status", "Subject", "evaluate"]

TYPE = re.compile(r"""\b\w+::\w+(?:::\w+)*|'[^'\n]*'|"[^"\n]*\"""")
SELECTION = re.compile(r"\bResources\b")
BY_TYPE = re.compile(
    r"""\bResources(?:\.\*)?\[\s*(?:\w+\s*\|\s*)?Type\s*
    (?:==\s*(?:'[^']*'|"[^"]*")|(?i:IN)\s*\[[^\]/]*\])
    (?:(?!\b(?i:or)\b|\|)[^\[\]])*\]""",  # further conditions narrow the choice, alternatives widen it
    re.VERBOSE,
)
POLICIES = ("AssumeRolePolicyDocument", "KeyPolicy", "PolicyDocument", "ResourcePolicy")
POLICY_AS_TEXT = re.compile(rf'"(?:{"|".join(POLICIES)})": "\s*{{')
QUOTED_NUMBER = re.compile(r'"-?[0-9]{1,18}"')
WHOLE = re.compile(r"-?[0-9]{1,18}")
PARSE_ERROR = re.compile(r"at line (\d+) at column (\d+).*?fragment\s*(.*?)`*\Z", re.DOTALL)


class GuardFile(NamedTuple):
    """A rule file: the name of its rule, where it stands, what it says."""

    name: str
    path: str
    text: str


class _Wanted(NamedTuple):
    sections: frozenset[str]
    types: frozenset[str]


class _Pieces(NamedTuple):
    """A stack's resources, each as its type, its name and its JSON, and its other sections."""

    resources: Sequence[tuple[str, str, str]]
    sections: Mapping[str, Any]

    @classmethod
    def of(cls, stack: Mapping[str, Any]) -> _Pieces:
        resources: Mapping[str, Any] = stack.get("Resources", {})
        found = [(str(value.get("Type")), name, _resource(value)) for name, value in resources.items()]
        return cls(found, {name: value for name, value in stack.items() if name != "Resources"})

    def text(self, wanted: _Wanted | None) -> str:
        found = self.resources if wanted is None else [piece for piece in self.resources if piece[0] in wanted.types]
        resources = _object(f"{json.dumps(name)}:{text}" for _, name, text in found)
        others = (name for name in self.sections if wanted is None or name in wanted.sections)
        return _object((f'"Resources":{resources}', *(_member(name, self.sections[name]) for name in others)))


class Subject:
    """A document to be checked: a resolved stack, or with `pair` both, as `{"Source": stack, "Target": stack}`."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        is_pair = document.keys() == {"Source", "Target"}
        self._parts = {side: _Pieces.of(document[side]) for side in document} if is_pair else {"": _Pieces.of(document)}

    @classmethod
    def pair(cls, source: Subject, target: Subject) -> Subject:
        """Return both sides as one document, without putting either into JSON again."""
        both = cls.__new__(cls)
        both._parts = {"Source": source._parts[""], "Target": target._parts[""]}
        return both

    @classmethod
    def of_resources(cls, stacks: Iterable[Subject]) -> Subject:
        """Return the resources of several stacks, those that are alike once, as one document under other names."""
        every = cls.__new__(cls)
        found = dict.fromkeys((kind, text) for stack in stacks for kind, _, text in stack._parts[""].resources)
        every._parts = {"": _Pieces([(kind, f"R{at}", text) for at, (kind, text) in enumerate(found)], {})}
        return every

    def text(self, file: GuardFile) -> str:
        """Return as JSON what a file can see: all, or what it selects if it selects by type only."""
        wanted = _wanted(file.text)
        if "" in self._parts:
            return self._parts[""].text(wanted)
        return _object(f'"{side}":{stack.text(wanted)}' for side, stack in self._parts.items())


def evaluate(file: GuardFile, subject: Subject) -> tuple[Block, ...]:
    """Return what each rule block of a file says of a document.

    Raises CannotTell for a file that does not parse, holds no rule, names two blocks or variables
    alike, or asks what Guard cannot answer; and for a report that cannot be read.
    """
    return _evaluate(file, subject.text(file), engine())


def passing(file: GuardFile, subject: Subject) -> tuple[Block, ...]:
    """Return what each rule block says of a document, () where one fails, or cannot be evaluated: see evaluate."""
    try:
        return _without_failures(file, subject.text(file), engine()) or ()
    except CannotTell:
        return ()


def _without_failures(file: GuardFile, document: str, by: Engine) -> tuple[Block, ...] | None:
    """Return the blocks of a file none of which fails, by the short report; None where one does, or may do so.

    The long report is ten times as large as the document.
    """
    _refuse_repeated("variable", _named(file.text, "let"), file)
    names = _named(file.text, "rule")
    _refuse_repeated("rule block", names, file)
    return guard_report.read_short(_run(file, document, by, verbose=False), names)


@lru_cache(maxsize=4096)
def _evaluate(file: GuardFile, document: str, by: Engine) -> tuple[Block, ...]:
    # Scenarios that differ in nothing that a file can see ask it the same: it is put once.
    try:
        blocks = _without_failures(file, document, by)
        if blocks is None:
            blocks = guard_report.read(_run(file, document, by), document)
    except ValueError as error:
        raise _cannot(file, f"what Guard reports cannot be read: {error}") from None
    if not blocks:
        raise _cannot(file, "holds no rule", "write a rule block, or delete the file")
    return blocks


def _run(file: GuardFile, document: str, by: Engine, *, verbose: bool = True) -> Report | None:
    try:
        with _silence():
            return by.run(document, file.text, verbose)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the native side is no Exception
        located = PARSE_ERROR.search(str(error))
        if not located:
            # On Python 3.14 a panic of guardpycfn carries a null where its words should stand.
            words = " ".join(str(error).split()).replace("<NULL>", "internal error, without further words")
            raise _cannot(file, f"Guard cannot evaluate it: {words}") from None
        line, column, rest = located.groups()
        start = rest.strip().split("\n")[0]
        reason = f"does not parse from {start!r} on" if start else "does not parse"
        raise _cannot(file, reason, "correct its syntax there", int(line), int(column)) from None


@contextmanager
def _silence() -> Iterator[None]:
    # The native side writes its panics to standard error itself; what it means is raised too.
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _cannot(file: GuardFile, reason: str, fix: str = "", line: int = 1, column: int = 1) -> CannotTell:
    return CannotTell(f"rule {file.name}: {reason}", Place(file.path, line, column), fix)


def _refuse_repeated(what: str, names: Sequence[str], file: GuardFile) -> None:
    # Guard itself lets the last of two variables win without a word, and reports both blocks.
    for name in names:
        if names.count(name) > 1:
            raise _cannot(file, f"two {what}s are named {name}", "give each a name of its own")


@lru_cache(maxsize=1024)
def _wanted(text: str) -> _Wanted | None:
    """Return which sections and types of resources a file asks for; None if that cannot be told."""
    code = REMARK.sub(r"\1", text)
    selections = len(SELECTION.findall(code))
    if not selections or selections != len(BY_TYPE.findall(code)):
        return None
    return _Wanted(frozenset(re.findall(r"\w+", code)), frozenset(text.strip("'\"") for text in TYPE.findall(code)))


@lru_cache(maxsize=1024)
def _named(text: str, word: str) -> tuple[str, ...]:
    """Return what a file names outside its blocks: variables (`let`) or blocks (`rule`)."""
    code = re.sub(LITERAL, "''", REMARK.sub(r"\1", text))
    depth, names = 0, []
    for token in re.finditer(rf"[{{}}]|\b{word}\s+(\w+)", code):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if token[1] and not depth:
            names.append(token[1])
    return tuple(names)


def _member(name: str, value: Any) -> str:
    return f"{json.dumps(name)}:{json.dumps(value)}"


@once_of_alike
def _resource(value: Mapping[str, Any]) -> str:
    """Return a resource as JSON; a number that is written as a text is one, as CloudFormation takes it.

    Guard compares a text with no number. What a parameter gives is a text, whatever type the parameter has. A policy
    that is given as a text of JSON is what it says.
    """
    text = value.text if isinstance(value, Resource) else json.dumps(value)
    if "Properties" not in value:
        return text
    if POLICY_AS_TEXT.search(text):
        value = {**value, "Properties": _with_policies(value["Properties"])}
        text = json.dumps(value)
    if not QUOTED_NUMBER.search(text):
        return text
    return json.dumps({**value, "Properties": _with_numbers(str(value.get("Type")), value["Properties"], ())})


def _with_policies(value: Any) -> Any:
    """Return properties with the policies read that are given as texts; one that is no JSON stays a text."""
    if isinstance(value, list):
        return [_with_policies(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _policy(item) if key in POLICIES else _with_policies(item) for key, item in value.items()}


def _policy(value: Any) -> Any:
    return as_mapping(value) or value if isinstance(value, str) else value


def _with_numbers(kind: str, value: Any, path: Path) -> Any:
    if isinstance(value, dict):
        return {key: _with_numbers(kind, item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_numbers(kind, item, (*path, index)) for index, item in enumerate(value)]
    if isinstance(value, str) and WHOLE.fullmatch(value) and subschema(kind, path).get("type") in ("integer", "number"):
        return int(value)
    return value


def _object(members: Iterable[str]) -> str:
    return "{" + ",".join(members) + "}"
