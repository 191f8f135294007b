"""Whether every accepted value of the parameters forms names, ARNs and other texts that AWS takes.

For each property that is formed of parameters or pseudo parameters the set of its texts is compared with what AWS
demands of it. A text outside is a counterexample: the values that form it are worked out of it, completed by values of
the other parameters under which the resource is there, and put to the evaluator. Only what it confirms is refuted; what
neither can be proved nor confirmed is undecided, by its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from stackproof.automata import construction, images, search, sets
from stackproof.automata.automaton import Undecided
from stackproof.aws.regions import Partition
from stackproof.evaluation.acceptance import refusal
from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.stack import Stack, resolve
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.memo import memoised
from stackproof.proof.accepted import Language, finite, language, preimage, regional, regions
from stackproof.proof.constraints import Constraint
from stackproof.proof.fitting import NO_CELLS, Cells, Fitting, longest, outside, put_in
from stackproof.proof.logic import Is
from stackproof.proof.properties import Property, properties
from stackproof.proof.reachable import Space, explore, possible, satisfy, space
from stackproof.proof.texts import Part, Reading, Text, Unknown, joined, readings, substituted
from stackproof.template.parameters import declarations

ACCOUNT, STACK = "111111111111", "stack"
OTHERS = 4
"""Values of a parameter that are tried, to see whether a text is wrong because of it."""
SAMPLES = 12
"""Values of a parameter that are put into a text in which it stands more than once."""


class Refuted(NamedTuple):
    """Accepted values that form a text which AWS does not take. `parameter` is to be narrowed, "" if there is none."""

    of: Property
    parameter: str
    text: str
    scenario: Scenario
    demanded: Constraint


class Doubt(NamedTuple):
    """A property that could be neither proved nor refuted, and why."""

    of: Property
    reason: str


@dataclass(frozen=True)
class Names:
    """What came of the properties of a template in one partition."""

    proved: tuple[Property, ...]
    refuted: tuple[Refuted, ...]
    undecided: tuple[Doubt, ...]


@memoised
def names(template: Document, partition: Partition, stack: str = STACK, account: str = ACCOUNT) -> Names:
    """Prove or refute every property of a template that is formed of parameters or pseudo parameters."""
    proved: list[Property] = []
    refuted: list[Refuted] = []
    undecided: list[Doubt] = []
    prover = _Prover(template, partition, stack, account)
    for prop in properties(template):
        try:
            found = prover.refutation(prop)
        except Unknown:
            continue
        except Undecided as error:
            undecided.append(Doubt(prop, error.reason))
            continue
        if found is None:
            proved.append(prop)
        else:
            refuted.append(found)
    return Names(tuple(proved), tuple(refuted), tuple(undecided))


class _Prover(Fitting):
    """Proves the properties of one template in one partition."""

    def __init__(self, template: Document, partition: Partition, stack: str, account: str) -> None:
        super().__init__(template, partition)
        self.stack = stack
        self.account = account
        self.stacks: dict[tuple[object, ...], Stack] = {}

    @cached_property
    def space(self) -> Space:
        return space(self.template, self.partition)

    def refutation(self, prop: Property) -> Refuted | None:
        """Return the shortest counterexample to a property, None if it is proved; raise Unknown or Undecided."""
        doubt: Undecided | None = None
        refuted: list[Refuted] = []
        outcomes = {prop.condition: True} if prop.condition else {}
        finite_values = lambda name: finite(self.template, self.partition, name)  # noqa: E731
        for reading in readings(self.template, self.partition, prop.node, finite_values, outcomes):
            for demanded in prop.demanded:
                try:
                    found = self.against(prop, reading, demanded)
                except Undecided as error:
                    doubt = doubt or error
                    continue
                refuted += [found] if found else []
        if doubt and not refuted:
            raise doubt
        return min(refuted, key=lambda each: len(each.text), default=None)

    def against(self, prop: Property, reading: Reading, demanded: Constraint) -> Refuted | None:
        """Return a counterexample to one demand of one reading."""
        if not any(isinstance(piece, Part) for piece in reading.text) and not reading.values:
            return None  # literal text is cfn-lint's to judge
        if self.fits(reading.text, demanded):
            return None
        doubts: list[str] = []
        for cells in self.contexts(reading):
            try:
                values = self.counterexample(reading.text, cells, demanded)
                if values is not None:
                    return self.confirmed(prop, reading, demanded, {**reading.values, **values})
            except Undecided as error:
                doubts.append(error.reason)
        if doubts:
            raise Undecided(doubts[0])
        return None

    def contexts(self, reading: Reading) -> Iterator[Cells]:
        """Give what the parameters in a reading may be where it comes about, class by class of their values."""
        spoken = {atom.name for atom in self.space.statements.atoms.values() if isinstance(atom, Is)}
        inside = {piece.name for piece in reading.text if isinstance(piece, Part)}
        keep = frozenset((inside | reading.values.keys()) & spoken)
        for left in explore(self.space, possible(self.space, reading.outcomes), [], keep):
            cells = {name: self.cell(name, value) for name, value in left.kept}
            if all(cells[name].loose.accepts(value) for name, value in reading.values.items() if name in cells):
                yield {name: cell for name, cell in cells.items() if name in inside}

    def cell(self, name: str, value: str) -> Language:
        """Return the values of a parameter that no constant of Conditions and Rules tells from one."""
        known = language(self.template, self.partition, name)
        found = known.loose
        for atom in self.space.statements.atoms.values():
            if isinstance(atom, Is) and atom.name == name:
                predicate = self.space.statements.texts[atom.key]
                holds = predicate.accepts(value)
                found = sets.intersection(found, predicate) if holds else sets.difference(found, predicate)
        return known._replace(loose=found)

    def counterexample(self, text: Text, cells: Cells, demanded: Constraint) -> dict[str, str] | None:
        """Return values of a text's parts with which it does not fit, None if there are none; raise Undecided."""
        if self.fits(text, demanded, cells):
            return None
        names = [piece.name for piece in text if isinstance(piece, Part)]
        shares = self.sized(text, cells, demanded) if demanded.most is not None else None
        if shares is None:
            parts = self.parts(text, cells)
            found = outside(construction.concatenation(*parts), demanded)
            shares = images.shares(parts, found) if found is not None else None
        if shares is None:
            wider = [why for name in names if (why := language(self.template, self.partition, name).wider)]
            raise Undecided(wider[0] if wider else "no plain value was found that forms it")
        values = self.values(text, cells, shares)
        repeated = [name for name, met in values.items() if len(met) > 1]
        if not repeated:
            return {name: met[0] for name, met in values.items()}
        return self.repeated(text, cells, demanded, repeated[0], values[repeated[0]])

    def values(self, text: Text, cells: Cells, shares: Sequence[str]) -> dict[str, list[str]]:
        """Return the values of each part's parameter that give its share of a text."""
        found: dict[str, list[str]] = {}
        for piece, share in zip(text, shares, strict=True):
            if isinstance(piece, Part):
                wanted = preimage(piece.operations, construction.literal(share))
                value = sets.shared(self.known(piece.name, cells).texts, wanted)
                if value is None:
                    raise Undecided(f"no value of {piece.name} was found that gives {share!r}")
                met = found.setdefault(piece.name, [])
                met += [value] if value not in met else []
        return found

    def repeated(
        self, text: Text, cells: Cells, demanded: Constraint, name: str, met: Sequence[str]
    ) -> dict[str, str] | None:
        """Return a counterexample in which a parameter that stands more than once has one value."""
        known = self.known(name, cells).texts
        tried = list(dict.fromkeys([*met, *search.some(known, SAMPLES), *longest(known)]))
        try:
            every = [value for value in finite(self.template, self.partition, name) if known.accepts(value)]
        except Undecided:
            every = []
        for value in every or tried:
            left = joined([substituted(piece, name, value) for piece in text])
            found = self.counterexample(left, cells, demanded)
            if found is not None:
                return {**found, name: value}
        if every:
            return None
        raise Undecided(f"{name} stands in it more than once")

    def confirmed(self, prop: Property, reading: Reading, demanded: Constraint, values: Mapping[str, str]) -> Refuted:
        """Return a counterexample that the evaluator confirms; raise Undecided if it does not."""
        for name, value in values.items():
            self.accepted(name, value)
        scenario = self.scenario(reading, values)
        try:
            formed = self.resolved(scenario).evaluator.value(prop.node)
        except CannotTell as error:
            raise Undecided(f"values that would break it cannot be worked out: {error.message}") from None
        if not isinstance(formed, str) or not demanded.fails(formed):
            raise Undecided(f"it was not confirmed: {formed!r}")
        return Refuted(prop, self.to_narrow(reading, values, demanded), formed, scenario, demanded)

    def resolved(self, scenario: Scenario) -> Stack:
        """Return the stack of a scenario, worked out once for all properties; raise Undecided if it is refused."""
        key = (scenario.region, scenario.account, scenario.stack, *sorted(scenario.parameters.items()))
        if key not in self.stacks:
            if reason := refusal(self.template, scenario):
                raise Undecided(f"values that would break it are refused: {reason}")
            self.stacks[key] = resolve(self.template, scenario)
        return self.stacks[key]

    def accepted(self, name: str, value: str) -> None:
        """Raise Undecided for a value of which it is not known that the parameter accepts it."""
        known = language(self.template, self.partition, name)
        declared = declarations(self.template).get(name)
        if known.wider and declared is not None and declared.pattern is not None:
            try:
                if declared.pattern.accepts(value):
                    return
            except (Undecided, TimeoutError):
                pass
            raise Undecided(known.wider)

    def to_narrow(self, reading: Reading, values: Mapping[str, str], demanded: Constraint) -> str:
        """Return the parameter to which a counterexample is due: with another value of it the text fits."""
        named = [piece.name for piece in reading.text if isinstance(piece, Part)]
        declared = [name for name in (*named, *reading.values) if name in declarations(self.template)]
        free = [name for name in declared if name not in regional(self.template)]
        for name in free:
            known = self.known(name, NO_CELLS)
            default = declarations(self.template)[name].default
            tried = [text for text in search.some(known.loose, OTHERS) if known.allows(len(text))]
            for value in [*([default] if default is not None else []), *tried]:
                text = put_in(reading.text, {**values, name: value})
                if not demanded.fails(text):
                    return name
        return (free or declared or [""])[0]

    def scenario(self, reading: Reading, values: Mapping[str, str]) -> Scenario:
        """Return a stack with some values, and others with which the reading comes about."""
        spoken = frozenset(name for group in self.space.groups for first in group[:1] for name, _ in first.values)
        pinned = tuple(sorted((name, value) for name, value in values.items() if name in spoken))
        whole = space(self.template, self.partition, (), pinned)
        found = satisfy(whole, possible(whole, reading.outcomes))
        if found is None:
            raise Undecided("values that would break it are not accepted together")
        every = {**dict(found), **values}
        declared = declarations(self.template)
        for name, parameter in declared.items():
            if name not in every and parameter.default is None:
                every[name] = search.shortest(language(self.template, self.partition, name).texts) or ""
        region = every.get("AWS::Region") or regions(self.partition)[0]
        account, stack = every.get("AWS::AccountId", self.account), every.get("AWS::StackName", self.stack)
        parameters = {name: value for name, value in every.items() if name in declared}
        return Scenario("all accepted values", "source", region, account, stack, parameters)
