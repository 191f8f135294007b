"""The sets of texts that parameters and pseudo parameters may be, and what operations make of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import ceil, floor
from typing import Any, NamedTuple

from stackproof.automata import construction, images, search, sets
from stackproof.automata.automaton import Automaton, Undecided
from stackproof.automata.charset import chars, complement
from stackproof.automata.construction import EVERYTHING
from stackproof.automata.numbers import whole_numbers
from stackproof.automata.pattern import java
from stackproof.automata.search import LONGEST
from stackproof.aws.regions import Partition, zones
from stackproof.evaluation.acceptance import accepts
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.memo import memoised
from stackproof.proof.texts import Operation, Part
from stackproof.template.parameters import SHAPES, Declaration, declarations

FINITE = 64
"""So many values of one parameter are tried one by one, where a proof needs its value."""
STACK_NAME = "[a-zA-Z][-a-zA-Z0-9]{0,127}"
"""Source: CloudFormation API Reference, CreateStack, StackName. A StackSet names its stacks StackSet-NAME-UUID, which
is among them (User Guide, "StackSets concepts")."""
ACCOUNT = "[0-9]{12}"
GREATEST = 10**30
"""A number beyond it is as good as none."""
BLANK = chars(" \t\n\r\f\x0b")


CONSTRAINTS = ("AllowedPattern", "AllowedValues", "MinLength", "MaxLength", "MinValue", "MaxValue")


def constrains(template: Document) -> bool:
    """Tell whether a template constrains any of its parameters."""
    declared = template.value.get("Parameters", {})
    return any(key in CONSTRAINTS for declaration in declared.values() for key in declaration)


class Language(NamedTuple):
    """The texts that a parameter may be: those of an automaton that have `least` to `most` characters.

    Where `wider` is not empty, they are more than it accepts, for that reason.
    """

    loose: Automaton
    wider: str = ""
    least: int = 0
    most: int | None = None

    @property
    def texts(self) -> Automaton:
        return _bounded(self.loose, self.least, self.most)

    def allows(self, length: int) -> bool:
        """Tell whether a text may have so many characters."""
        return length >= self.least and (self.most is None or length <= self.most)

    def lengths(self) -> tuple[int, int | None]:
        """Return the least and the most characters, None for any number; no text may have just so many."""
        least, most = _lengths(self.loose)
        most = self.most if most is None else most if self.most is None else min(most, self.most)
        return max(least, self.least), most


def equals(template: Document) -> Iterator[list[Any]]:
    """Give the arguments of each Fn::Equals of Conditions and Rules, as written, before any transform."""
    waiting: list[Any] = [template.value.get(section, {}) for section in ("Conditions", "Rules")]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, dict):
            if isinstance(compared := node.get("Fn::Equals"), list):
                yield compared
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


@memoised
def regional(template: Document) -> frozenset[str]:
    """Return the parameters that Conditions or Rules compare with AWS::Region.

    They name a region of the deployment: a stack that names no region has no other one to belong to.
    """
    found: set[str] = set()
    for compared in equals(template):
        names = [operand.get("Ref") for operand in compared if isinstance(operand, dict)]
        found.update(str(name) for name in names if "AWS::Region" in names)
    return frozenset(found & declarations(template).keys())


@cache
def regions(partition: Partition) -> tuple[str, ...]:
    """Return the regions of a partition in which something can be deployed: those whose zones are known."""
    return tuple(region for region in sorted(partition.regions) if _has_zones(region))


def _has_zones(region: str) -> bool:
    try:
        return bool(zones(region))
    except CannotTell:
        return False


@memoised
def language(template: Document, partition: Partition, name: str) -> Language:
    """Return the texts that a parameter or a pseudo parameter may be in a stack of a partition."""
    if name == "AWS::Region":
        return Language(construction.texts(regions(partition)))
    if name in ("AWS::AccountId", "AWS::StackName"):
        return Language(java(ACCOUNT if name == "AWS::AccountId" else STACK_NAME))
    declaration = declarations(template)[name]
    if name in regional(template) and (
        named := [region for region in regions(partition) if accepts(declaration, region)]
    ):
        return Language(construction.texts(named))
    if declaration.listed:
        found = _items(declaration)
        blank = construction.repeated(BLANK)
        item = construction.concatenation(blank, sets.difference(found.texts, _with(",")), blank)
        return Language(_rows(item, ","), found.wider)
    return _items(declaration)


@memoised
def items(template: Document, name: str) -> Language:
    """Return the texts that an item of a list may be."""
    found = _items(declarations(template)[name])
    return Language(sets.difference(found.texts, _with(",")), found.wider)


def _items(declaration: Declaration) -> Language:
    """Return the texts that a parameter accepts, of a list those that each item may be."""
    if declaration.stored:
        raise Undecided(f"the value of {declaration.name} stands in Systems Manager")
    if declaration.allowed:
        return Language(construction.texts(value for value in declaration.allowed if accepts(declaration, value)))
    if declaration.kind == "Number":
        return _numbers(declaration)
    shape = SHAPES[declaration.kind]
    found = java(shape) if shape else EVERYTHING
    wider = ""
    if declaration.pattern is not None:
        try:
            matched = declaration.pattern.automaton()
            found = matched if found is EVERYTHING else sets.intersection(found, matched)
        except Undecided as error:
            wider = f"AllowedPattern of {declaration.name} has {error.reason}"
    least, most = declaration.limits.get("MinLength", 0), declaration.limits.get("MaxLength")
    # No value has more than 4,096 bytes.
    return Language(found, wider, int(min(least, LONGEST + 1)), None if most is None else int(min(most, LONGEST)))


def _numbers(declaration: Declaration) -> Language:
    """Return numbers as people write them: whole ones, where a range is declared; the type alone takes fractions too.

    CloudFormation's type takes 1.5 and 1e3 as well, and offers no way to refuse them.
    """
    least, most = declaration.limits.get("MinValue"), declaration.limits.get("MaxValue")
    if least is None and most is None:
        return Language(java(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"))
    lower, upper = (None if end is None or abs(end) > GREATEST else end for end in (least, most))
    return Language(whole_numbers(None if lower is None else ceil(lower), None if upper is None else floor(upper)))


def finite(template: Document, partition: Partition, name: str) -> list[str]:
    """Return every value of a parameter; raise Undecided where they are more than FINITE."""
    found = language(template, partition, name)
    if name == "AWS::Region" or name in regional(template):
        return search.some(found.texts, len(partition.regions))
    values = search.some(found.texts, FINITE + 1)
    if len(values) > FINITE or found.wider:
        raise Undecided(f"{name} may be more than {FINITE} values")
    return values


@cache
def _bounded(loose: Automaton, least: int, most: int | None) -> Automaton:
    return sets.within(loose, least, most) if least or most is not None else loose


@cache
def _lengths(automaton: Automaton) -> tuple[int, int | None]:
    return search.lengths(automaton) if automaton.accepting else (0, 0)


@cache
def _with(char: str) -> Automaton:
    """Return the texts that hold a character."""
    return construction.concatenation(EVERYTHING, construction.literal(char), EVERYTHING)


@cache
def _free_of(char: str) -> Automaton:
    return construction.repeated(complement(chars(char)))


def _rows(item: Automaton, delimiter: str) -> Automaton:
    """Return the texts of one item or more, with a delimiter between."""
    return construction.concatenation(
        item, construction.starred(construction.concatenation(construction.literal(delimiter), item))
    )


def image(
    template: Document, partition: Partition, part: Part, values: Language | None = None, *, loose: bool = False
) -> Automaton:
    """Return what a part may be; `given` are the values of its parameter, else all that it accepts.

    If `loose`, the lengths of its parameter are left out of account.
    """
    if part.operations and part.operations[0][0] in ("item", "joined"):
        item = items(template, part.name).texts
        first, delimiter, _ = part.operations[0]
        found = item if first == "item" else _rows(item, delimiter)
        return _after(found, part.operations[1:])
    known = language(template, partition, part.name) if values is None else values
    return _after(known.loose if loose else known.texts, part.operations)


def bounds(
    template: Document, partition: Partition, part: Part, values: Language | None = None
) -> tuple[int, int | None]:
    """Return how many characters a part has at the least and at the most, None for any number; see `image`."""
    kinds = {kind for kind, _, _ in part.operations}
    if kinds & {"item", "joined"}:
        return _lengths(image(template, partition, part, values))
    least, most = (language(template, partition, part.name) if values is None else values).lengths()
    for kind, _, by in part.operations:
        if kind == "piece":
            least = 0
        elif len(str(by)) != 1:
            least, most = _lengths(image(template, partition, part, values))
    return least, most


def _after(found: Automaton, operations: tuple[Operation, ...]) -> Automaton:
    for kind, char, more in operations:
        found = images.replaced(found, char, str(more)) if kind == "replace" else images.piece(found, char, int(more))
    return found


def preimage(operations: tuple[Operation, ...], wanted: Automaton) -> Automaton:
    """Return the texts of which operations make one that is wanted."""
    for kind, char, more in reversed(operations):
        if kind == "replace":
            wanted = _unreplaced(wanted, char, str(more))
        elif kind == "piece":
            wanted = _at(sets.intersection(wanted, _free_of(char)), char, int(more))
        elif kind == "item":
            blank = construction.repeated(BLANK)
            single = sets.intersection(wanted, _free_of(","))
            wanted = _at(construction.concatenation(blank, single, blank), ",", int(more))
        else:
            wanted = _unreplaced(wanted, ",", char)
    return wanted


def _at(wanted: Automaton, char: str, index: int) -> Automaton:
    """Return the texts whose part of that index, cut at a character, is one that is wanted."""
    before = [_free_of(char), construction.literal(char)] * index
    behind = construction.union(
        construction.literal(""), construction.concatenation(construction.literal(char), EVERYTHING)
    )
    return construction.concatenation(*before, wanted, behind)


def _unreplaced(wanted: Automaton, char: str, by: str) -> Automaton:
    """Return the texts that are wanted when every character of one kind has been replaced by a text."""
    code = ord(char)

    def led(state: int) -> set[int]:
        reached = {state}
        for letter in map(ord, by):
            reached = {to for origin in reached for first, last, to in wanted.moves[origin] if first <= letter <= last}
        return reached

    def follow(state: int) -> Iterator[tuple[int, int, int]]:
        for first, last, to in wanted.moves[state]:
            for low, high in images.without(first, last, code):
                yield low, high, to
        for to in led(state):
            yield code, code, to

    return construction.explored(wanted.starts, follow, wanted.accepting.__contains__)
