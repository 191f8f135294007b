"""The Conditions and Rules of a template as statements about its parameters.

Source: CloudFormation Template Reference, "Condition functions" and "Rule-specific intrinsic functions".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

from stackproof.automata import construction
from stackproof.automata.automaton import Automaton, Undecided
from stackproof.aws.regions import Partition
from stackproof.foundation.document import Document
from stackproof.foundation.memo import memoised
from stackproof.proof.accepted import finite, preimage
from stackproof.proof.logic import Atom, Is, Open, Same, Statement, all_of, any_of, atoms_of, negation
from stackproof.proof.texts import Absent, NeedValue, Operation, Part, Reader, Text, Unknown, substituted
from stackproof.template.section_check import functions

WAYS = 256
"""So many ways to cut a constant, or values of a parameter, are written out in one statement."""


class Key(NamedTuple):
    """What Is asks of a value: that operations make one of some texts of it."""

    texts: frozenset[str]
    operations: tuple[Operation, ...]


@dataclass(frozen=True, eq=False)
class Statements:
    """What a template's Conditions say, by name, and what its Rules demand; atoms by their number."""

    conditions: Mapping[str, Statement]
    demanded: Statement
    atoms: Mapping[int, Atom]
    texts: Mapping[Key, Automaton]
    """The texts of the keys of Is."""

    @property
    def undecided(self) -> list[str]:
        return [atom.reason for atom in self.atoms.values() if isinstance(atom, Open)]


@memoised
def statements(template: Document, partition: Partition) -> Statements:
    """Read what a template's Conditions and Rules say in a partition."""
    reader = _Reading(template, partition)
    declared = template.value.get("Conditions", {})
    conditions = {name: reader.condition(name) for name in declared}
    demanded = all_of(reader.demands())
    used = atoms_of(demanded).union(*map(atoms_of, conditions.values()))
    atoms = {number: atom for atom, number in reader.atoms.items() if number in used}
    return Statements(conditions, demanded, atoms, reader.texts)


@dataclass(frozen=True, eq=False)
class _Reading:
    """Reads conditions; `atoms` are those met so far, with their numbers."""

    template: Document
    partition: Partition
    atoms: dict[Atom, int] = field(default_factory=dict)
    texts: dict[Key, Automaton] = field(default_factory=dict)
    known: dict[str, Statement] = field(default_factory=dict)

    def condition(self, name: str) -> Statement:
        if name not in self.known:
            self.known[name] = self.statement(self.template.value["Conditions"][name])
        return self.known[name]

    def demands(self) -> Iterator[Statement]:
        """Give what each assertion of Rules demands."""
        for rule in self.template.value.get("Rules", {}).values():
            asked = self.statement(rule["RuleCondition"]) if "RuleCondition" in rule else True
            for assertion in rule["Assertions"]:
                yield self.any_of([negation(asked), self.statement(assertion["Assert"])])

    def statement(self, node: Any) -> Statement:
        name = functions(self.template).calls.get(id(node))
        if name is None:
            return self.atom(Open("a condition that is no function"))
        inner = node[name]
        if name == "Condition":
            return self.condition(inner)
        if name == "Fn::Not":
            return negation(self.statement(inner[0]))
        if name in ("Fn::And", "Fn::Or"):
            parts = [self.statement(part) for part in inner]
            return all_of(parts) if name == "Fn::And" else self.any_of(parts)
        try:
            if name == "Fn::Equals":
                return self.equal(inner[0], inner[1], {})
            return self.members(name, *inner)
        except (Undecided, Unknown, Absent) as error:
            return self.atom(Open(f"{name}: {getattr(error, 'reason', error)}"))

    def members(self, name: str, first: Any, second: Any) -> Statement:
        """Read a function of Rules on a literal list, or on the value of one parameter."""
        if not isinstance(first, list):
            raise Undecided("a list that is no literal one")
        if name == "Fn::Contains":
            return self.any_of([self.equal(member, second, {}) for member in first])
        if name == "Fn::EachMemberEquals":
            return all_of([self.equal(member, second, {}) for member in first])
        if name == "Fn::EachMemberIn" and isinstance(second, list):
            return all_of([self.any_of([self.equal(member, other, {}) for other in second]) for member in first])
        raise Undecided("it is not carried")

    def equal(self, first: Any, second: Any, values: dict[str, str]) -> Statement:
        """Read that two values are the same; where a mapping's key is open, each of its values is put in."""
        reader = Reader(self.template, self.partition, values, {})
        try:
            mine, its = (reader.text(item) for item in (first, second))
        except NeedValue as need:
            name = str(need)
            return self.any_of(
                all_of([self.among(name, (), value), self.equal(first, second, more)])
                for value in finite(self.template, self.partition, name)
                for more in [{**values, name: value}]
            )
        return self.same(mine, its)

    def same(self, first: Text, second: Text) -> Statement:
        if first == second:
            return True
        for mine, its in ((first, second), (second, first)):
            if all(isinstance(piece, str) for piece in its):
                return self.spelled(mine, "".join(map(str, its)))
        if len(first) == len(second) == 1 and not any(isinstance(p, Part) and p.operations for p in (*first, *second)):
            names = sorted(part.name for part in (*first, *second) if isinstance(part, Part))
            return self.atom(Same(names[0], names[1]))
        return self.tried(first, second)

    def spelled(self, text: Text, wanted: str) -> Statement:
        """Read that a text is a constant: each way in which its parts can share the constant."""
        if not text:
            return wanted == ""
        head, *rest = text
        if isinstance(head, str):
            return self.spelled(tuple(rest), wanted[len(head) :]) if wanted.startswith(head) else False
        ends = range(len(wanted) + 1) if rest else [len(wanted)]
        if len(text) > 5 or len(wanted) > WAYS:
            raise Undecided("a text of many parts")
        found = []
        for end in ends:
            behind = self.spelled(tuple(rest), wanted[end:])
            if behind is not False:
                found.append(all_of([self.among(head.name, head.operations, wanted[:end]), behind]))
        return self.any_of(found)

    def tried(self, first: Text, second: Text) -> Statement:
        """Read that two texts of several parts are the same, by every value of the parts of one of them."""
        for mine, its in ((first, second), (second, first)):
            names = list(dict.fromkeys(part.name for part in mine if isinstance(part, Part)))
            try:
                choices = [finite(self.template, self.partition, name) for name in names]
            except Undecided:
                continue
            ways = list(product(*choices))
            if len(ways) > WAYS:
                continue
            found = []
            for way in ways:
                value = dict(zip(names, way, strict=True))
                text = "".join(part if isinstance(part, str) else put(part, value[part.name]) for part in mine)
                chosen = [self.among(name, (), value[name]) for name in names]
                found.append(all_of([*chosen, self.spelled(its, text)]))
            return self.any_of(found)
        raise Undecided("two texts of several parameters are compared")

    def among(self, name: str, operations: tuple[Operation, ...], *wanted: str) -> Statement:
        """Read that a parameter's value, or what operations make of it, is one of some texts."""
        key = Key(frozenset(wanted), operations)
        if key not in self.texts:
            self.texts[key] = preimage(operations, construction.texts(sorted(wanted)))
        return self.atom(Is(name, key))

    def any_of(self, parts: Iterable[Statement]) -> Statement:
        """Return that one of some statements holds: of one parameter's constants one statement is made."""
        whole = any_of(parts)
        if not (isinstance(whole, tuple) and whole[0] == "or"):
            return whole
        by_number = {number: atom for atom, number in self.atoms.items()}
        merged: dict[tuple[str, tuple[Operation, ...]], set[str]] = {}
        statements_left: list[Statement] = []
        # In the order of their numbers, so that atoms have the same numbers in each run, and values the same examples.
        for part in sorted(whole[1], key=lambda part: part if isinstance(part, int) else 0):
            atom = by_number.get(part) if isinstance(part, int) else None
            if isinstance(atom, Is):
                merged.setdefault((atom.name, atom.key.operations), set()).update(atom.key.texts)
            else:
                statements_left.append(part)
        return any_of([*statements_left, *(self.among(name, steps, *texts) for (name, steps), texts in merged.items())])

    def atom(self, atom: Atom) -> int:
        return self.atoms.setdefault(atom, len(self.atoms) + 2)


def put(part: Part, value: str) -> str:
    """Return what the operations of a part make of a value."""
    return str(substituted(part, part.name, value))
