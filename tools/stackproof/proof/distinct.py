"""Whether two names differ for all accepted values: within a stack, or between the stacks of two regions.

What stands alike at both ends of the two texts is left out, as it is equal for equal values; the rests differ if no
text is one of both. Where a text is, values that form it are given, for who can put them to the evaluator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

from stackproof.automata import construction, images, sets
from stackproof.automata.automaton import Automaton, Undecided
from stackproof.aws.data import facts
from stackproof.aws.references import FORMATS
from stackproof.aws.regions import Partition
from stackproof.foundation.document import Document
from stackproof.foundation.memo import memoised
from stackproof.proof.accepted import finite, image, preimage
from stackproof.proof.branches import reaching
from stackproof.proof.texts import Part, Reading, Text, Unknown, joined, readings, substituted

REGION, OTHER_REGION = "AWS::Region", "AWS::Region of the other stack"


ANY_REGIONS = ()


class Name(NamedTuple):
    """The property of a resource that names it."""

    logical: str
    key: str


class Apart(NamedTuple):
    """A parameter of which the two stacks of a deployment give values of their own."""

    name: str
    mine: str
    its: str


class Meeting(NamedTuple):
    """Values with which two names may be equal, of the parameters that matter."""

    values: tuple[tuple[str, str], ...]


class Doubtful(NamedTuple):
    """Two names that are not proved to differ: of one stack, or (`across`) of the two stacks of a deployment."""

    first: Name
    second: Name
    across: bool


@memoised
def doubtful(template: Document, partition: Partition) -> tuple[Doubtful, ...]:
    """Return the pairs of names of one type, each the only one of a region or of more, that may be equal."""
    named: dict[tuple[str, str], list[Name]] = {}
    for logical, resource in template.value["Resources"].items():
        kind = resource["Type"]
        key = FORMATS[kind].name if kind in FORMATS else ""
        among = facts("resource_types", "unique_in").get(kind, "region")
        if among != "nothing" and key and key in resource.get("Properties", {}):
            named.setdefault((kind, among), []).append(Name(logical, key))
    within = [Doubtful(*two, False) for names in named.values() for two in combinations(names, 2)]
    across = [
        Doubtful(*two, True)
        for (_, among), names in named.items()
        if among != "region"
        for two in product(names, names)
    ]
    return tuple(each for each in (*within, *across) if not _differ(template, partition, each))


def _differ(template: Document, partition: Partition, two: Doubtful) -> bool:
    try:
        return meeting(template, partition, two.first, two.second, ANY_REGIONS if two.across else None) is None
    except Undecided:
        return False


@memoised
def meeting(  # noqa: PLR0913, PLR0917 - the question has these parts
    template: Document,
    partition: Partition,
    first: Name,
    second: Name,
    regions: tuple[str, ...] | None = None,
    apart: tuple[Apart, ...] = (),
) -> Meeting | None:
    """Return values with which two names may be equal, None if they differ for all; raise Undecided.

    With `regions` the names are those of two stacks, in any two regions; values are sought for these two, and none for
    ANY_REGIONS. Parameters that the two stacks give `apart` have these values, and no others.
    """
    try:
        mine, its = (_readings(template, partition, name) for name in (first, second))
    except Unknown:
        return None  # what AWS names itself is apart
    mine = tuple(_with(mine, {parameter.name: parameter.mine for parameter in apart}))
    its = tuple(_with(its, {parameter.name: parameter.its for parameter in apart}))
    for reading in mine:
        for against in its:
            rests = _rests(reading.text, against.text if regions is None else _elsewhere(against.text))
            if _always_differ(template, partition, *rests):
                continue
            if regions is None and not _together(template, partition, reading, against):
                continue
            found = _meeting(template, partition, *rests, regions)
            if found is not None:
                return found
    return None


@memoised
def _readings(template: Document, partition: Partition, name: Name) -> tuple[Reading, ...]:
    resource: Mapping[str, Any] = template.value["Resources"][name.logical]
    outcomes = {resource["Condition"]: True} if "Condition" in resource else {}
    node = resource.get("Properties", {})[name.key]
    return tuple(readings(template, partition, node, lambda each: finite(template, partition, each), outcomes))


def _with(found: Sequence[Reading], values: Mapping[str, str]) -> Iterator[Reading]:
    """Give readings with some parameters as they are given, and leave those out that are of other values."""
    for reading in found:
        if all(reading.values.get(name, value) == value for name, value in values.items()):
            text = reading.text
            for name, value in values.items():
                text = joined([substituted(piece, name, value) for piece in text])
            yield reading._replace(text=text)


def _together(template: Document, partition: Partition, first: Reading, second: Reading) -> bool:
    """Tell whether two readings can come about in one stack."""
    if any(second.outcomes.get(name, outcome) != outcome for name, outcome in first.outcomes.items()):
        return False
    if any(second.values.get(name, value) != value for name, value in first.values.items()):
        return False
    return reaching(template, partition, tuple(sorted({**first.outcomes, **second.outcomes}.items()))) is not None


def _elsewhere(text: Text) -> Text:
    """Return the text as it is in the other stack, which has another region and the same parameters."""
    return tuple(
        piece if isinstance(piece, str) or piece.name != REGION else piece._replace(name=OTHER_REGION) for piece in text
    )


def _rests(first: Text, second: Text) -> tuple[Text, Text]:
    """Return two texts without what stands alike at their beginnings and at their ends."""
    mine, its = _apart(first), _apart(second)
    while mine and its and mine[0] == its[0]:
        mine, its = mine[1:], its[1:]
    while mine and its and mine[-1] == its[-1]:
        mine, its = mine[:-1], its[:-1]
    return joined(mine), joined(its)


def _apart(text: Text) -> list[str | Part]:
    """Return a text with each literal character by itself."""
    return [item for piece in text for item in (piece if isinstance(piece, str) else (piece,))]


def _always_differ(template: Document, partition: Partition, first: Text, second: Text) -> bool:
    """Tell whether no text is one of both, or they are two different regions."""
    if {first, second} == {(Part(REGION),), (Part(OTHER_REGION),)} or _unlike(first, second):
        return True
    parts = (construction.concatenation(*_languages(template, partition, text)) for text in (first, second))
    return sets.shared(*parts) is None


def _meeting(
    template: Document, partition: Partition, first: Text, second: Text, regions: tuple[str, ...] | None
) -> Meeting | None:
    if regions == ANY_REGIONS:
        return Meeting(())
    if regions is not None:
        for name, region in zip((REGION, OTHER_REGION), regions, strict=True):
            first = joined([substituted(piece, name, region) for piece in first])
            second = joined([substituted(piece, name, region) for piece in second])
    parts = [_languages(template, partition, text) for text in (first, second)]
    text = sets.shared(*(construction.concatenation(*each) for each in parts))
    if text is None:
        raise Undecided("the names may be equal in other regions")
    values: dict[str, str] = {}
    for pieces, languages in zip((first, second), parts, strict=True):
        for piece, share in zip(pieces, images.shares(languages, text) or [], strict=True):
            if isinstance(piece, Part):
                value = _value(template, partition, piece, share)
                if values.setdefault(piece.name, value) != value:
                    raise Undecided(f"{piece.name} would have to be {values[piece.name]!r} and {value!r} at once")
    return Meeting(tuple(values.items()))


def _unlike(first: Text, second: Text) -> bool:
    """Tell whether two texts begin or end with different characters."""
    if not first or not second:
        return False
    ends = ((first[0], second[0], 0), (first[-1], second[-1], -1))
    return any(isinstance(mine, str) and isinstance(its, str) and mine[at] != its[at] for mine, its, at in ends)


def _languages(template: Document, partition: Partition, text: Text) -> list[Automaton]:
    return [
        construction.literal(piece) if isinstance(piece, str) else image(template, partition, _plain(piece))
        for piece in text
    ]


def _plain(part: Part) -> Part:
    return part._replace(name=REGION) if part.name == OTHER_REGION else part


def _value(template: Document, partition: Partition, part: Part, share: str) -> str:
    found = sets.shared(
        image(template, partition, Part(_plain(part).name)), preimage(part.operations, construction.literal(share))
    )
    if found is None:
        raise Undecided(f"no value of {part.name} was found that gives {share!r}")
    return found
