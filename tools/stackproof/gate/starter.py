"""What a new user starts from: scenarios for a template that has none, one for each combination worth having."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import NamedTuple

from stackproof.automata.automaton import Undecided
from stackproof.automata.search import some
from stackproof.aws.regions import partition_of
from stackproof.evaluation.acceptance import accepts, refusal
from stackproof.evaluation.deployment import evaluated
from stackproof.evaluation.scenario import ACCOUNT, STACK, Pair, Scenario
from stackproof.evaluation.transformed import expanded
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.proof.accepted import equals, language, regional
from stackproof.proof.covering import covering, pairs_of, reached
from stackproof.template.parameters import SHAPES, Declaration, declarations
from stackproof.template.section_check import functions

MARK = "CHANGE-ME"
EXAMPLES = (
    "someone@example.com",
    "example.com",
    "222222222222",
    "10.0.0.0/16",
    "Z0123456789ABCDEFGHIJ",
    "vpc-0123456789abcdef0",
    "subnet-0123456789abcdef0",
    "sg-0123456789abcdef0",
    "ami-0123456789abcdef0",
    "example",
)
"""Values that people know at a glance, for parameters that take one."""
MOST = 24
"""Scenarios that are written at the most."""

Fact = tuple[object, bool]


class Start(NamedTuple):
    """The pairs of stacks to begin with, the parameters that are placeholders, and what is worth a line."""

    pairs: tuple[Pair, ...]
    placeholders: tuple[str, ...]
    notes: tuple[str, ...]


def regions_named(template: Document) -> tuple[str, ...]:
    """Return the regions that a template names: constants beside AWS::Region, and defaults of parameters.

    Those of parameters that are compared with AWS::Region come first.
    """
    declared, compared = declarations(template), regional(template)
    found = [declared[name].default for name in declared if name in compared]
    found += list(_compared(template))
    found += [declaration.default for declaration in declared.values()]
    return tuple(dict.fromkeys(region for region in found if region and _is_region(region)))


def _compared(template: Document) -> Iterator[str]:
    for compared in equals(template):
        if {"Ref": "AWS::Region"} in compared:
            yield from (operand for operand in compared if isinstance(operand, str))


def _is_region(text: str) -> bool:
    try:
        partition_of(text)
    except CannotTell:
        return False
    return True


def wanted(template: Document, values: Mapping[str, str]) -> list[str]:
    """Return the parameters that need a value: those without a default that are not given."""
    return [
        name
        for name, declaration in declarations(template).items()
        if declaration.default is None and name not in values
    ]


def placeholder(template: Document, region: str, name: str) -> str:
    """Return a value that stands for one: CHANGE-ME where the parameter accepts it, else the shortest that it does.

    A list has two items of letters and digits, as loops and Fn::Select want them; an ARN has the parts of one.
    """
    declaration = declarations(template)[name]
    if declaration.stored:
        return MARK
    for text in _shaped(declaration, region):
        if accepts(declaration, text) and fits(declaration, text):
            return text
    try:
        known = language(template, partition_of(region), name)
        short = some(known.texts, 1)
    except Undecided:
        return MARK
    fitting = [text for text in (MARK, MARK.lower()) if known.texts.accepts(text) and accepts(declaration, text)]
    return (fitting or [text for text in short if accepts(declaration, text)] or [MARK])[0]


def _shaped(declaration: Declaration, region: str) -> Iterator[str]:
    """Give values in the shape that a parameter's type or name asks for."""
    if declaration.listed:
        kind = [text for text in EXAMPLES if SHAPES.get(declaration.kind) and fits(declaration, text)]
        yield from (f"{text},{text[:-1]}1" for text in kind)
        yield "ChangeMe1,ChangeMe2" if declaration.kind == "String" else "1,2"
    elif declaration.name.lower().endswith("arn"):
        yield f"arn:{partition_of(region).name}:service:{region}:{ACCOUNT}:type/{MARK}"


def fits(declaration: Declaration, text: str) -> bool:
    """Tell whether a text, or each item of it, has the shape of a parameter's type."""
    shape = SHAPES.get(declaration.kind)
    items = [item.strip() for item in text.split(",")] if declaration.listed else [text]
    return not shape or all(re.fullmatch(shape, item) for item in items)


def start(template: Document, regions: tuple[str, str], stated: Mapping[str, str]) -> Start:
    """Return scenarios for two regions: first with the defaults and what is given, then what shows more than that."""
    placeholders = wanted(template, stated)
    values = {**{name: placeholder(template, regions[0], name) for name in placeholders}, **stated}
    name = stack_name(template.path)
    source = Scenario("defaults", "source", regions[0], ACCOUNT, name, values)
    target = Scenario("defaults", "target", regions[1], ACCOUNT, name, values)
    first = Pair("defaults", source, target)
    notes: list[str] = []
    others: list[Pair] = []
    try:
        plain = expanded(template, source)
        functions(plain)  # refuses what CloudFormation does
        examples = (*values.items(), *(("AWS::Region", region) for region in regions), *_examples(template))
        combinations = covering(reached(plain, source.partition, examples))
        others = [pair for _, pair in pairs_of(plain, first, combinations) if _regions(pair) == regions]
    except Undecided as error:
        notes.append(f"only one scenario is written, as the combinations of conditions are not known: {error.reason}")
    if refused := _refusals(template, first):
        notes += [
            f"the template rejects {'these values' if stated else 'its defaults'}: {reason}" for reason in refused
        ]
        first = next((_renamed(pair, "accepted") for pair in others if not _refusals(template, pair)), first)
    return Start((first, *_worth_having(template, first, others)), tuple(placeholders), tuple(notes))


def _refusals(template: Document, pair: Pair) -> list[str]:
    """Return why the template rejects the parameters of a pair's sides, each reason once."""
    return [reason for reason in dict.fromkeys(refusal(template, side) for side in pair.sides) if reason]


def _examples(template: Document) -> Iterator[tuple[str, str]]:
    for name, declaration in declarations(template).items():
        shape = SHAPES.get(declaration.kind)
        fitting = (text for text in EXAMPLES if accepts(declaration, text) and (not shape or re.fullmatch(shape, text)))
        yield from ((name, text) for text in fitting)


def _regions(pair: Pair) -> tuple[str, str]:
    return pair.source.region, pair.target.region


def _worth_having(template: Document, first: Pair, others: Sequence[Pair]) -> Iterator[Pair]:
    """Give the pairs that show an outcome of a condition, or a side of Fn::If, that none before them shows."""
    shown = _facts(template, first)
    left = [(pair, facts) for pair in others if (facts := _facts(template, pair))]
    names: set[str] = {first.name}
    for _ in range(MOST - 1):
        best = max(left, key=lambda candidate: len(candidate[1] - shown), default=None)
        if best is None or best[1] <= shown:
            return
        pair, facts = best
        name = _named(facts - shown, names, _differing(first, pair))
        names.add(name)
        shown |= facts
        yield _renamed(pair, name)


def _renamed(pair: Pair, name: str) -> Pair:
    sides = (Scenario(name, side.side, side.region, side.account, side.stack, side.parameters) for side in pair.sides)
    return Pair(name, *sides)


def _facts(template: Document, pair: Pair) -> frozenset[Fact]:
    """Return which outcomes of conditions and sides of Fn::If a pair has; none where the template refuses it."""
    try:
        stacks = evaluated(template, pair).folded.stacks
    except CannotTell:
        return frozenset()
    outcomes = {(name, holds) for stack in stacks for name, holds in stack.conditions.items() if holds is not None}
    return frozenset(outcomes.union(*(stack.taken for stack in stacks)))


def _differing(first: Pair, pair: Pair) -> str:
    """Return a parameter that a pair gives otherwise than the first."""
    before, after = first.source.parameters, pair.source.parameters
    return next((name for name in after if before.get(name) != after[name]), "scenario")


def _named(new: frozenset[Fact], names: set[str], differing: str) -> str:
    """Return the name of a scenario: the condition that first holds in it, or first does not, or what differs."""
    conditions = sorted((not holds, str(name)) for name, holds in new if isinstance(name, str))
    fails, name = conditions[0] if conditions else (False, differing)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "-", name).strip("-").lower()
    words = f"not-{words}" if fails else words
    tries = (words, *(f"{words}-{number}" for number in range(2, MOST + 2)))
    return next(candidate for candidate in tries if candidate not in names)


def stack_name(path: str) -> str:
    """Return the name of a stack for a template's file."""
    letters = re.sub(r"[^A-Za-z0-9]+", "-", PurePath(path).stem).strip("-")
    return letters[:128] if re.match("[A-Za-z]", letters) else STACK


def as_yaml(template: str, found: Start) -> str:
    """Return the text of a scenarios file."""
    first = found.pairs[0]
    lines = [
        f"# What {template} is deployed with, and where: written by `stackproof init`, yours to change.",
        "# Each deployment is a source and a target stack; a parameter below `parameters` goes to both.",
        f'account: "{first.source.account}"',
        f"stack: {first.source.stack}",
    ]
    if found.placeholders:
        lines += [
            f"# {MARK}: these have no default, and values that only stand for yours. Nothing is deployed with them.",
            f"placeholders: [{', '.join(found.placeholders)}]",
        ]
    lines.append("deployments:")
    for pair in found.pairs:
        lines.append(f"  - name: {pair.name}")
        lines += ["    parameters:"] if pair.source.parameters else []
        for name, value in pair.source.parameters.items():
            mark = f"  # {MARK}" if name in found.placeholders else ""
            lines.append(f"      {name}: {json.dumps(value)}{mark}")
        lines += [f"    {side.side}: {{region: {side.region}}}" for side in pair.sides]
    return "\n".join(lines)


def as_toml(template: str, scenarios: str) -> str:
    """Return the text of stackproof.toml."""
    return "\n".join(
        (
            "# What `stackproof check` checks in this folder, and by which rules. `stackproof rules` lists them.",
            f"template = {json.dumps(template)}",
            f"scenarios = {json.dumps(scenarios)}",
            "",
            "# The packs of rules. The pack own has the rules that you write. The pack house, which is left out here,",
            "# has conventions of stackproof's own project.",
            'select = ["core", "security", "resilience", "own"]',
            "",
            "# What is not run: rules, packs, families, ids of cfn-lint.",
            "ignore = []",
            "",
            "# Names and ARNs that other stacks or people create; * stands for any text. Without this key, a name that",
            "# neither stack creates is only noted. With it, each such name that is not listed is a finding.",
            "# external = []",
        )
    )
