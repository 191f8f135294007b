"""What AWS demands of a property that is one text: the schema of its type, and two tables of aws/data.

The tables are name_constraints.yaml, by type and property, and formats.yaml, by the format that the schema names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from stackproof.automata import construction, sets
from stackproof.automata.automaton import Automaton, Undecided
from stackproof.automata.charset import ALL
from stackproof.automata.numbers import whole_numbers
from stackproof.automata.pattern import Unreadable, schema
from stackproof.aws.data import facts, rows
from stackproof.aws.references import FORMATS
from stackproof.aws.schemas import subschema
from stackproof.foundation.finding import Path

EXPORT = "CloudFormation User Guide, Outputs section syntax, Export"
COUNTED = re.compile(r"\^(?P<each>\[(?:[^\[\]\\]|\\.)+\])\{(?P<least>[0-9]+),(?P<most>[0-9]+)\}(\$|\\Z)")


class Constraint(NamedTuple):
    """What a text has to be: `says` completes "NAME …" for a text that is not, `source` is where AWS demands it.

    Of lengths `least` and `most` are given instead of a pattern, of numbers the range of the `whole` ones; `refuses`
    turns the pattern round.
    """

    says: str
    source: str
    pattern: str = ""
    refuses: bool = False
    listed: tuple[str, ...] = ()
    least: int = 0
    most: int | None = None
    whole: tuple[int | None, int | None] | None = None

    @property
    def is_numeric(self) -> bool:
        return self.whole is not None

    def allowed(self, *, ascii_only: bool = False) -> Automaton:
        """Return the texts that it allows, with `ascii_only` right for those of ASCII; raise Undecided."""
        return _allowed(self, ascii_only and "\\p" in self.pattern.lower())

    def fails(self, text: str) -> bool:
        return not self.allowed().accepts(text)


@cache
def _allowed(constraint: Constraint, ascii_only: bool) -> Automaton:
    if constraint.listed:
        return construction.texts(constraint.listed)
    if constraint.whole:
        return whole_numbers(*constraint.whole)
    if not constraint.pattern:
        return sets.within(construction.repeated(ALL), constraint.least, constraint.most)
    try:
        found = schema(constraint.pattern, ascii_only=ascii_only)
    except Unreadable as error:
        raise Undecided(f"the schema's pattern {constraint.pattern} cannot be read: {error}") from None
    return sets.difference(construction.EVERYTHING, found) if constraint.refuses else found


@cache
def constraints(kind: str, path: Path) -> tuple[Constraint, ...]:
    """Return what is demanded of the property at a path below the Properties of a type."""
    known = subschema(kind, path)
    source = f"the resource schema of {kind}"
    found = [*_lengths(known, source)]
    if isinstance(pattern := known.get("pattern"), str) and pattern not in (".*", "^.*$", "[\\s\\S]*"):
        found += _of_pattern(pattern, source)
    found += _of_number(known, source)
    if isinstance(listed := known.get("enum"), list) and all(isinstance(text, str) for text in listed):
        found.append(Constraint(f"is none of {', '.join(listed)}", source, listed=tuple(listed)))
    named = "/".join(str(key) for key in path if isinstance(key, str))
    longest = (
        facts("resource_types", "longest_name").get(kind) if kind in FORMATS and path == (FORMATS[kind].name,) else None
    )
    found += [_longest(int(longest), f"the API of {kind}")] if longest else []
    found += [_of_row(row) for row in rows("formats").get(str(known.get("format")), ())]
    return (*found, *(_of_row(row) for row in rows("name_constraints").get(kind, ()) if row["property"] == named))


def _of_number(known: Mapping[str, Any], source: str) -> list[Constraint]:
    """Return what is demanded of a whole number."""
    if known.get("type") != "integer":
        return []
    least, most = known.get("minimum"), known.get("maximum")
    found = [Constraint("is no whole number", source, whole=(None, None))]
    if least is not None:
        found.append(Constraint(f"is less than {least}", source, whole=(int(least), None)))
    if most is not None:
        found.append(Constraint(f"is more than {most}", source, whole=(None, int(most))))
    if isinstance(listed := known.get("enum"), list):
        texts = tuple(map(str, listed))
        found.append(Constraint(f"is none of {', '.join(texts)}", source, listed=texts))
    return found


def _lengths(known: Mapping[str, Any], source: str) -> list[Constraint]:
    found = []
    if least := int(known.get("minLength", 0)):
        found.append(_shortest(least, source))
    if "maxLength" in known:
        found.append(_longest(int(known["maxLength"]), source))
    return found


def _shortest(least: int, source: str) -> Constraint:
    return Constraint(f"is shorter than {least} character{'s' if least > 1 else ''}", source, least=least)


def _longest(most: int, source: str) -> Constraint:
    return Constraint(f"is longer than {most} characters", source, most=most)


def _of_pattern(pattern: str, source: str) -> list[Constraint]:
    """Return what a pattern demands; a counted class alone is two demands, each of them met in fewer steps."""
    counted = COUNTED.fullmatch(pattern)
    if not counted:
        return [Constraint(f"does not match {pattern}", source, pattern)]
    each = f"^{counted['each']}*$"
    lengths = [_longest(int(counted["most"]), source), _shortest(int(counted["least"]), source)]
    return [*lengths[: 1 if counted["least"] == "0" else 2], Constraint(f"does not match {pattern}", source, each)]


def _of_row(row: Mapping[str, Any]) -> Constraint:
    if "longest" in row:
        return _longest(int(row["longest"]), row["source"])
    if "shortest" in row:
        return _shortest(int(row["shortest"]), row["source"])
    if "refused" in row:
        return Constraint(row["because"], row["source"], row["refused"], refuses=True)
    return Constraint(f"does not match {row['pattern']}", row["source"], row["pattern"])


EXPORTED = (
    Constraint("holds more than letters, digits, colons and hyphens", EXPORT, "^[A-Za-z0-9:-]+$"),
    _longest(255, EXPORT),
)
