"""Sets of texts compared: what two automata share, what one has beyond the other, what has a given length."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from stackproof.automata.automaton import MOVES, Automaton, too_long
from stackproof.automata.construction import explored
from stackproof.automata.search import lengths, shortest, spelled


def intersection(left: Automaton, right: Automaton) -> Automaton:
    """Return the automaton of the texts of both."""

    def follow(pair: tuple[int, int]) -> Iterator[tuple[int, int, tuple[int, int]]]:
        for first, last, to in left.moves[pair[0]]:
            for lower, upper, into in right.moves[pair[1]]:
                if lower <= last and upper >= first:
                    yield max(first, lower), min(last, upper), (to, into)

    start = [(mine, its) for mine in left.starts for its in right.starts]
    return explored(start, follow, lambda pair: pair[0] in left.accepting and pair[1] in right.accepting)


def difference(first: Automaton, second: Automaton) -> Automaton:
    """Return the automaton of the texts of one that are not among the other's."""
    return explored(*_against(first, second))


Pair = tuple[int, int]


def _against(
    left: Automaton, right: Automaton
) -> tuple[list[Pair], Callable[[Pair], Iterator[tuple[int, int, Pair]]], Callable[[Pair], bool]]:
    """Return start, moves and ends of what one accepts and the other does not: a state of it and a set of theirs."""
    table = right.subsets.table

    def follow(pair: Pair) -> Iterator[tuple[int, int, Pair]]:
        rows = table(pair[1])
        for first, last, to in left.moves[pair[0]]:
            for lower, upper, into in rows:
                if lower > last:
                    break
                if upper >= first:
                    yield max(first, lower), min(last, upper), (to, into)

    start = [(state, right.subsets.start) for state in left.starts]
    return start, follow, lambda pair: pair[0] in left.accepting and not right.subsets.accepting(pair[1])


def outside(left: Automaton, right: Automaton) -> str | None:
    """Return a shortest text of one that is not among the other's; None if all are."""
    theirs = right.subsets
    start = [(state, theirs.start) for state in left.starts]
    origins: dict[Pair, tuple[Pair, int, int] | None] = dict.fromkeys(start)
    waiting = deque(origins)
    while waiting:
        pair = waiting.popleft()
        mine, its = pair
        if mine in left.accepting and not theirs.accepting(its):
            return spelled(origins, pair)
        if its == theirs.everything:
            continue
        rows = theirs.table(its)
        for first, last, to in left.moves[mine]:
            for lower, upper, into in rows:
                if lower > last:
                    break
                if upper >= first and (to, into) not in origins:
                    origins[to, into] = (pair, max(first, lower), min(last, upper))
                    waiting.append((to, into))
        if len(origins) > MOVES:
            raise too_long()
    return None


def shared(first: Automaton, second: Automaton) -> str | None:
    """Return a shortest text of both; None if there is none."""
    return shortest(intersection(first, second))


def within(automaton: Automaton, least: int, most: int | None) -> Automaton:
    """Return the automaton of the texts of `least` to `most` characters; None for any number."""
    lower, upper = lengths(automaton) if automaton.moves else (0, 0)
    if lower >= least and (most is None or (upper is not None and upper <= most)):
        return automaton
    cap = least if most is None else most

    def follow(pair: tuple[int, int]) -> Iterator[tuple[int, int, tuple[int, int]]]:
        if most is None or pair[1] < most:
            for first, last, to in automaton.moves[pair[0]]:
                yield first, last, (to, min(pair[1] + 1, cap))

    start = [(state, 0) for state in automaton.starts]
    return explored(start, follow, lambda pair: pair[0] in automaton.accepting and pair[1] >= least)
