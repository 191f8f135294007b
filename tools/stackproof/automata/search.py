"""What an automaton holds: its shortest texts, some texts, how long they are.

Searches go by breadth, so that the text they find is a shortest one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TypeVar

from stackproof.automata.automaton import MOVES, Automaton, too_long
from stackproof.automata.construction import trimmed

T = TypeVar("T")
LONGEST = 4_096
"""Characters of a text that is given as an example: no value has more."""


def shortest(automaton: Automaton) -> str | None:
    return searched(automaton.starts, lambda state: automaton.moves[state], automaton.accepting.__contains__)


def searched(
    start: Iterable[T], follow: Callable[[T], Iterable[tuple[int, int, T]]], accepts: Callable[[T], bool]
) -> str | None:
    """Return a shortest text that leads from `start` to a state that is accepted; raise Undecided at LIMIT."""
    origins: dict[T, tuple[T, int, int] | None] = dict.fromkeys(start)
    waiting = deque(origins)
    while waiting:
        state = waiting.popleft()
        if accepts(state):
            return spelled(origins, state)
        for first, last, to in follow(state):
            if to not in origins:
                origins[to] = (state, first, last)
                waiting.append(to)
                if len(origins) > MOVES:
                    raise too_long()
    return None


def spelled(origins: Mapping[T, tuple[T, int, int] | None], state: T) -> str:
    found: list[str] = []
    while (origin := origins[state]) is not None:
        state, first, last = origin
        found.append(plain(first, last))
    return "".join(reversed(found))


def plain(first: int, last: int) -> str:
    """Return the plainest character of a range: a letter or a digit if it has one."""
    for code in (0x61, 0x30, 0x41, 0x2D):
        if first <= code <= last:
            return chr(code)
    for lower, upper in ((0x61, 0x7A), (0x30, 0x39), (0x41, 0x5A), (0x21, 0x7E), (0x20, 0x20), (0xA1, 0xD7FF)):
        if first <= upper and last >= lower:
            return chr(max(first, lower))
    return chr(first)


def lengths(automaton: Automaton) -> tuple[int, int | None]:
    """Return the length of a shortest and of a longest text, None if there is none; the automaton accepts something."""
    automaton = trimmed(automaton)
    least = shortest(automaton)
    order: list[int] = []
    degree = [0] * len(automaton.moves)
    following = [{to for _, _, to in found} for found in automaton.moves]
    for found in following:
        for to in found:
            degree[to] += 1
    waiting = [state for state, count in enumerate(degree) if not count]
    while waiting:
        state = waiting.pop()
        order.append(state)
        for to in following[state]:
            degree[to] -= 1
            if not degree[to]:
                waiting.append(to)
    if len(order) < len(automaton.moves):
        return len(least or ""), None
    longest = [0] * len(automaton.moves)
    for state in reversed(order):
        longest[state] = max((longest[to] + 1 for to in following[state]), default=0)
    return len(least or ""), max((longest[state] for state in automaton.starts), default=0)


def possible_lengths(automaton: Automaton, most: int) -> list[int]:
    """Return how many characters texts may have, to `most`."""
    found = []
    states = set(automaton.starts)
    for length in range(most + 1):
        if not automaton.accepting.isdisjoint(states):
            found.append(length)
        states = {to for state in states for _, _, to in automaton.moves[state]}
    return found


def some(automaton: Automaton, count: int) -> list[str]:
    """Return up to `count` texts of an automaton, short ones first; all of them if there are fewer."""
    automaton = trimmed(automaton)
    known = automaton.subsets
    away = _distances(automaton)
    found: list[str] = []
    level = [("", known.start)] if automaton.starts else []
    while level and len(found) < count and len(level[0][0]) < LONGEST:
        found += [text for text, state in level if known.accepting(state)]
        onward = [(text, *row) for text, state in level for row in known.table(state) if row[2]]
        plainly = [(text + plain(first, last), to) for text, first, last, to in onward]
        # Every beginning leads to a text of its own: of more than `count` beginnings the others are not needed.
        others = (
            (text + chr(code), to)
            for text, first, last, to in onward
            for code in range(first, last + 1)
            if chr(code) != plain(first, last)
        )
        # Those nearest to their end come first, so that each round comes nearer to a text.
        ordered = sorted(plainly, key=lambda entry: min(away[state] for state in known.members[entry[1]]))
        level = [*ordered, *islice(others, count)][:count]
    return found[:count]


def _distances(automaton: Automaton) -> list[int]:
    """Return how many characters each state of a trimmed automaton is from a text's end."""
    before: list[list[int]] = [[] for _ in automaton.moves]
    for state, found in enumerate(automaton.moves):
        for _, _, to in found:
            before[to].append(state)
    away = [0 if state in automaton.accepting else -1 for state in range(len(automaton.moves))]
    waiting = deque(automaton.accepting)
    while waiting:
        state = waiting.popleft()
        for origin in before[state]:
            if away[origin] < 0:
                away[origin] = away[state] + 1
                waiting.append(origin)
    return away
