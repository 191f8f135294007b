"""Which combinations of conditions a stack can have, with parameters that reach each.

Conditions and Rules compare parameters with constants and with each other, so that the values of parameters fall into
few classes: each constant, what else a predicate tells apart, and enough other values to be all equal or all different.
Groups of parameters that are compared with each other are independent of other groups: the search goes group by group,
puts the truths of each class into all statements, and meets equal remainders once. It is exact, up to LIMIT remainders;
beyond that `satisfy` asks a SAT solver, and `stackproof.proof.covering` asks for each two outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from typing import NamedTuple

from stackproof.automata import construction, search, sets
from stackproof.automata.automaton import Automaton, Undecided
from stackproof.aws.regions import Partition
from stackproof.foundation.document import Document
from stackproof.foundation.memo import memoised
from stackproof.proof import sat
from stackproof.proof.accepted import Language, language
from stackproof.proof.logic import Is, Open, Same, Statement, all_of, atoms_of, negation, with_truths
from stackproof.proof.statements import Key, Statements, statements
from stackproof.template.parameters import declarations

LIMIT = 20_000
"""Remainders that one search may meet."""
LARGEST_GROUP = 5

Values = Mapping[str, str]


class TooMany(Undecided):
    """A plain search would take too long."""


class Class(NamedTuple):
    """Values of a group of parameters that no statement tells apart: which atoms they make true, and an example."""

    truths: tuple[tuple[int, bool], ...]
    values: tuple[tuple[str, str], ...]


class Combination(NamedTuple):
    """The outcome of each condition, and values of the parameters, and of AWS::Region, that reach it."""

    outcomes: tuple[tuple[str, bool], ...]
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Space:
    """What a template says in a partition, and the classes of each group of parameters."""

    statements: Statements
    groups: tuple[tuple[Class, ...], ...]


@memoised
def space(
    template: Document,
    partition: Partition,
    preferred: tuple[tuple[str, str], ...] = (),
    pinned: tuple[tuple[str, str], ...] = (),
) -> Space:
    """Return the classes of a template's parameters; `preferred` are values that make good examples, by name.

    Those `pinned` have one value.

    Raises Undecided where a group is too large, or what a parameter accepts is not known.
    """
    read = statements(template, partition)
    defaults = [
        (name, declaration.default)
        for name, declaration in declarations(template).items()
        if declaration.default is not None
    ]
    wanted: dict[str, list[str]] = {}
    for name, value in (*preferred, *defaults):
        wanted.setdefault(name, []).append(value)
    groups = []
    for names in _groups(read):
        atoms = {index: atom for index, atom in read.atoms.items() if not isinstance(atom, Open) and atom[0] in names}
        languages = {name: language(template, partition, name) for name in names}
        languages |= {name: Language(construction.literal(value)) for name, value in pinned if name in names}
        for found in languages.values():
            if found.wider:
                raise Undecided(found.wider)
        groups.append(tuple(_classes(names, languages, atoms, read, wanted)))
    for index, atom in read.atoms.items():
        if isinstance(atom, Open):
            groups.append((Class(((index, True),), ()), Class(((index, False),), ())))
    return Space(read, tuple(groups))


def _groups(read: Statements) -> list[list[str]]:
    """Return the names that the atoms speak of, those together that are compared with each other."""
    group: dict[str, set[str]] = {}
    for atom in read.atoms.values():
        names = {atom.first, atom.second} if isinstance(atom, Same) else {atom.name} if isinstance(atom, Is) else set()
        merged = names.union(*(group.get(name, set()) for name in names))
        for name in sorted(merged):  # the order of groups decides which values are shown
            group[name] = merged
    return [sorted(members) for members in {id(found): found for found in group.values()}.values()]


def _classes(
    names: Sequence[str],
    languages: Mapping[str, Language],
    atoms: Mapping[int, Is | Same],
    read: Statements,
    wanted: Mapping[str, Sequence[str]],
) -> Iterable[Class]:
    """Return one example of every set of truths that values of a group can give its atoms."""
    if len(names) > LARGEST_GROUP:
        raise Undecided(f"{', '.join(names)} are compared with each other, which are more than {LARGEST_GROUP}")
    keys = dict.fromkeys(atom.key for atom in atoms.values() if isinstance(atom, Is))
    predicates = {key: read.texts[key] for key in keys}
    candidates = _candidates(
        names, {name: language_of.loose for name, language_of in languages.items()}, predicates, wanted
    )
    if not all(languages[name].allows(len(text)) for name, texts in candidates.items() for text in texts):
        # Examples without regard to lengths are quick to find, and mostly have them; here they do not.
        candidates = _candidates(
            names, {name: language_of.texts for name, language_of in languages.items()}, predicates, wanted
        )
    holds = {(key, text): read.texts[key].accepts(text) for key in keys for text in chain(*candidates.values())}
    found: dict[tuple[tuple[int, bool], ...], Class] = {}
    for values in product(*(candidates[name] for name in names)):
        value = dict(zip(names, values, strict=True))
        truths = tuple(
            (
                index,
                value[atom.first] == value[atom.second]
                if isinstance(atom, Same)
                else holds[atom.key, value[atom.name]],
            )
            for index, atom in atoms.items()
        )
        found.setdefault(truths, Class(truths, tuple(value.items())))
    return found.values()


def _candidates(
    names: Sequence[str],
    languages: Mapping[str, Automaton],
    predicates: Mapping[Key, Automaton],
    wanted: Mapping[str, Sequence[str]],
) -> dict[str, list[str]]:
    """Return values of each parameter of a group, enough for every way in which atoms can be true.

    For every set of parameters and every cell that the predicates cut, as many common values as there are parameters:
    parameters that shall be equal take one of them, and the others have another left.
    """
    hints = list(dict.fromkeys(chain.from_iterable(wanted.get(name, ()) for name in names)))
    found: dict[str, list[str]] = {name: [] for name in names}
    for size in range(len(names), 0, -1):
        for chosen in combinations(names, size):
            shared = languages[chosen[0]]
            for name in chosen[1:]:
                shared = shared if languages[name] is shared else sets.intersection(shared, languages[name])
            for cell in _cells(shared, predicates):
                values = [hint for hint in hints if cell.accepts(hint)][: len(names)]
                if len(values) < len(names):
                    values = list(dict.fromkeys([*values, *search.some(cell, len(names))]))[: len(names)]
                for name in chosen:
                    found[name] += [value for value in values if value not in found[name]]
    return found


def _cells(whole: Automaton, predicates: Mapping[Key, Automaton]) -> list[Automaton]:
    """Return the parts into which predicates cut a set of texts, those that are not empty."""
    cells = [whole] if whole.accepting else []
    for key, predicate in predicates.items():
        cut = []
        for cell in cells:
            inside = (
                sets.intersection(cell, predicate)
                if key.operations
                else construction.texts(text for text in key.texts if cell.accepts(text))
            )
            if not inside.accepting:
                cut.append(cell)
                continue
            cut += [part for part in (inside, sets.difference(cell, inside)) if part.accepting]
        cells = cut
    return cells


class _Remainder(NamedTuple):
    """What is left to be true, the conditions as far as they are known, and the truths of the kept values so far."""

    demanded: Statement
    conditions: tuple[Statement, ...]
    kept: tuple[tuple[str, str], ...]


def explore(
    whole: Space, demanded: Statement, asked: Sequence[Statement], keep: frozenset[str] = frozenset()
) -> dict[_Remainder, tuple[tuple[str, str], ...]]:
    """Return every way in which `asked` can come out where Rules and `demanded` hold, each with values that reach it.

    Of the names in `keep` each class of values is told apart. Raises TooMany beyond LIMIT.
    """
    start = _Remainder(all_of([whole.statements.demanded, demanded]), tuple(asked), ())
    found: dict[_Remainder, tuple[tuple[str, str], ...]] = {start: ()}
    spoken = atoms_of(all_of([start.demanded])).union(*(atoms_of(statement) for statement in asked))
    for group in sorted(whole.groups, key=len):
        kept = tuple(name for name, _ in group[0].values if name in keep) if group else ()
        if not kept and not any(index in spoken for index, _ in (group[0].truths if group else ())):
            found = {state: (*values, *group[0].values) for state, values in found.items()} if group else {}
            continue
        onward: dict[_Remainder, tuple[tuple[str, str], ...]] = {}
        for value_class in group:
            truths = dict(value_class.truths)
            known: dict[Statement, Statement] = {}
            mine = tuple((name, value) for name, value in value_class.values if name in kept)
            for remainder, values in found.items():
                left = with_truths(remainder.demanded, truths, known)
                if left is not False:
                    outcomes = tuple([with_truths(statement, truths, known) for statement in remainder.conditions])
                    onward.setdefault(_Remainder(left, outcomes, remainder.kept + mine), (*values, *value_class.values))
        found = onward
        if len(found) > LIMIT:
            raise TooMany(f"its conditions have more than {LIMIT:,} combinations")
    return {state: values for state, values in found.items() if state.demanded is True}


@memoised
def combinations_of(
    template: Document, partition: Partition, preferred: tuple[tuple[str, str], ...] = ()
) -> tuple[Combination, ...]:
    """Return every combination of conditions that a stack in a partition can have; raise TooMany beyond LIMIT.

    Where a condition could not be read, more may be listed than there are: see `Statements.undecided`.
    """
    whole = space(template, partition, preferred)
    names = tuple(whole.statements.conditions)
    found = explore(whole, True, tuple(whole.statements.conditions.values()))
    return tuple(
        Combination(tuple(zip(names, remainder.conditions, strict=True)), values) for remainder, values in found.items()
    )


def satisfy(whole: Space, demanded: Statement) -> tuple[tuple[str, str], ...] | None:
    """Return values with which Rules and a statement hold, None if there are none; raise Undecided."""
    try:
        return next(iter(explore(whole, demanded, []).values()), None)
    except TooMany:
        groups = [[dict(value_class.truths) for value_class in group] for group in whole.groups]
        found = sat.chosen(groups, all_of([whole.statements.demanded, demanded]))
        if found is None:
            return None
        classes = [group[index] for group, index in zip(whole.groups, found, strict=True)]
        return tuple(value for value_class in classes for value in value_class.values)


def outcomes_of(whole: Space, values: Values) -> tuple[tuple[str, bool], ...]:
    """Return the outcome of each condition for values of all parameters that statements speak of."""
    truths = {
        number: values[atom.first] == values[atom.second]
        if isinstance(atom, Same)
        else whole.statements.texts[atom.key].accepts(values[atom.name])
        for number, atom in whole.statements.atoms.items()
        if not isinstance(atom, Open)
    }
    known: dict[Statement, Statement] = {}
    return tuple(
        (name, with_truths(statement, truths, known) is True) for name, statement in whole.statements.conditions.items()
    )


def possible(whole: Space, outcomes: Mapping[str, bool]) -> Statement:
    """Return the statement that conditions come out as given."""
    conditions = whole.statements.conditions
    return all_of(conditions[name] if outcome else negation(conditions[name]) for name, outcome in outcomes.items())
