"""Finite automata over code points: a set of texts as states and moves, and the deterministic automaton of one.

An automaton has no empty moves; it may have several moves for one character.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from stackproof.automata.charset import LAST

Move = tuple[int, int, int]
"""First and last code point, and the state that they lead to."""
LIMIT = 60_000
"""States of one automaton; `MOVES` of one, and steps of one search: beyond that a question is undecided."""
MOVES = 500_000


class Undecided(Exception):  # noqa: N818 - it says what is the case, not that something crashed
    """What no automaton here carries; `reason` completes "undecided: …"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def too_large() -> Undecided:
    return Undecided(f"its automaton has more than {LIMIT:,} states or {MOVES:,} moves")


@dataclass(frozen=True)
class Automaton:
    """States are numbers from 0; `moves` holds those of each."""

    starts: frozenset[int]
    accepting: frozenset[int]
    moves: tuple[tuple[Move, ...], ...]

    @cached_property
    def is_ascii(self) -> bool:
        """Whether no text holds a character beyond ASCII."""
        return all(last < 0x80 for found in self.moves for _, last, _ in found)

    @cached_property
    def subsets(self) -> Subsets:
        return Subsets(self)

    def accepts(self, text: str) -> bool:
        """Tell whether a text is one of the automaton's."""
        state = self.subsets.start
        for char in text:
            state = self.subsets.after(state, ord(char))
        return self.subsets.accepting(state)


class Subsets:
    """The deterministic automaton of one that is not, worked out as far as it is asked for.

    A state is a number; 0 is the one from which nothing is accepted, `everything` the one from which all is, if it is
    reached by a state of the automaton that loops on all characters.
    """

    def __init__(self, automaton: Automaton) -> None:
        self.automaton = automaton
        self.members: list[frozenset[int]] = [frozenset()]
        self.numbers: dict[frozenset[int], int] = {frozenset(): 0}
        self.tables: dict[int, list[Move]] = {}
        self.everything = -1
        self.endless = frozenset(state for state in automaton.accepting if (0, LAST, state) in automaton.moves[state])
        self.start = self.number(automaton.starts)

    def number(self, states: frozenset[int]) -> int:
        if not self.endless.isdisjoint(states):
            states = self.endless
        found = self.numbers.get(states)
        if found is None:
            found = self.numbers[states] = len(self.members)
            if states and states == self.endless:
                self.everything = found
            self.members.append(states)
            if found > LIMIT:
                raise too_large()
        return found

    def accepting(self, state: int) -> bool:
        return not self.automaton.accepting.isdisjoint(self.members[state])

    def table(self, state: int) -> list[Move]:
        """Return the moves of a state, without gaps from the first code point to the last."""
        found = self.tables.get(state)
        if found is None:
            found = self.tables[state] = self._table(self.members[state])
        return found

    def _table(self, states: frozenset[int]) -> list[Move]:
        edges: dict[int, list[tuple[int, int]]] = {0: [], LAST + 1: []}
        for state in states:
            for first, last, to in self.automaton.moves[state]:
                edges.setdefault(first, []).append((to, 1))
                edges.setdefault(last + 1, []).append((to, -1))
        active: Counter[int] = Counter()
        found: list[Move] = []
        for first, end in pairwise(sorted(edges)):
            for to, more in edges[first]:
                active[to] += more
                if not active[to]:
                    del active[to]
            into = self.number(frozenset(active))
            if found and found[-1][2] == into:
                found[-1] = (found[-1][0], end - 1, into)
            else:
                found.append((first, end - 1, into))
        return found

    def after(self, state: int, code: int) -> int:
        return next(to for _, last, to in self.table(state) if code <= last) if state else 0


def too_long() -> Undecided:
    return Undecided(f"it takes more than {MOVES:,} steps to search")
