"""Whole numbers as texts: the automaton of a range, and the least and the greatest number of an automaton."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from stackproof.automata import construction, search, sets
from stackproof.automata.automaton import Automaton, Undecided
from stackproof.automata.pattern import java

LISTED = 2_000
"""So many texts of an automaton are looked at one by one."""
State = tuple[int, bool, bool]


@cache
def whole_numbers(least: int | None, most: int | None) -> Automaton:
    """Return the texts of the whole numbers from `least` to `most`, None for any; a minus, no plus, no zeros before."""
    parts = []
    if most is None or most >= 0:
        parts.append(_natural(max(least or 0, 0), most))
    if least is None or least < 0:
        below = _natural(1 if most is None or most >= -1 else -most, None if least is None else -least)
        parts.append(construction.concatenation(construction.literal("-"), below))
    return construction.union(*parts)


def _natural(least: int, most: int | None) -> Automaton:
    """Return the texts of the whole numbers from a natural one on."""
    if most is None:
        longer = java(f"[1-9][0-9]{{{len(str(least))},}}")
        return construction.union(_natural(least, int("9" * len(str(least)))), longer)
    parts = []
    for digits in range(len(str(least)), len(str(most)) + 1):
        low = str(least) if digits == len(str(least)) else "1" + "0" * (digits - 1)
        high = str(most) if digits == len(str(most)) else "9" * digits
        parts.append(_of_length(low, high))
    return construction.union(*parts) if parts else construction.NOTHING


def _of_length(low: str, high: str) -> Automaton:
    """Return the texts between two of the same length; a state says where it is and which end it still follows."""

    def follow(state: State) -> Iterator[tuple[int, int, State]]:
        at, at_low, at_high = state
        if at < len(low):
            for digit in range(int(low[at]) if at_low else 0, (int(high[at]) if at_high else 9) + 1):
                code = ord(str(digit))
                yield code, code, (at + 1, at_low and str(digit) == low[at], at_high and str(digit) == high[at])

    return (
        construction.explored([(0, True, True)], follow, lambda state: state[0] == len(low))
        if low <= high
        else construction.NOTHING
    )


def extremes(found: Automaton) -> tuple[int, int | None] | None:
    """Return the least and the greatest whole number among texts, None for no greatest; None if there is no number.

    Raises Undecided where the texts are too many and may be other than plain digits.
    """
    numbers = sets.intersection(found, java("-?[0-9]+"))
    texts = search.some(numbers, LISTED + 1)
    if not texts:
        return None
    if len(texts) <= LISTED:
        values = sorted(map(int, texts))
        return values[0], values[-1]
    if sets.shared(numbers, java("-.*|0[0-9]+")) is not None:
        raise Undecided("many numbers with a minus or with zeros before them")
    least, most = search.lengths(numbers)
    lowest = _ultimate(sets.within(numbers, least, least), greatest=False)
    return lowest, None if most is None else _ultimate(sets.within(numbers, most, most), greatest=True)


def _ultimate(numbers: Automaton, *, greatest: bool) -> int:
    """Return the least or the greatest number of a trimmed automaton whose texts have one length."""
    numbers = construction.trimmed(numbers)
    digits = ""
    states = set(numbers.starts)
    while any(numbers.moves[state] for state in states):
        edges = [move for state in states for move in numbers.moves[state]]
        code = max(last for _, last, _ in edges) if greatest else min(first for first, _, _ in edges)
        states = {to for first, last, to in edges if first <= code <= last}
        digits += chr(code)
    return int(digits)
