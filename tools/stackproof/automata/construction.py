"""Automata of given texts, of a text after another, of any number of texts, and of states of any kind."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TypeVar

from stackproof.automata.automaton import LIMIT, MOVES, Automaton, Move, too_large
from stackproof.automata.charset import ALL, Charset

T = TypeVar("T")
DEEPEST = 400
"""Characters of texts that one automaton shares the ends of."""


def literal(text: str) -> Automaton:
    """Return the automaton of one text."""
    moves = [((ord(char), ord(char), index + 1),) for index, char in enumerate(text)]
    return Automaton(frozenset([0]), frozenset([len(text)]), (*moves, ()))


def repeated(allowed: Charset) -> Automaton:
    """Return the automaton of all texts of some characters, the empty one among them."""
    return Automaton(frozenset([0]), frozenset([0]), (tuple((first, last, 0) for first, last in allowed),))


EVERYTHING = repeated(ALL)
NOTHING = Automaton(frozenset(), frozenset(), ())


def union(*parts: Automaton) -> Automaton:
    """Return the automaton of the texts of any part."""
    starts: list[int] = []
    accepting: list[int] = []
    moves: list[tuple[Move, ...]] = []
    for part in parts:
        offset = len(moves)
        starts += [state + offset for state in part.starts]
        accepting += [state + offset for state in part.accepting]
        moves += [tuple([(first, last, to + offset) for first, last, to in found]) for found in part.moves]
    return Automaton(frozenset(starts), frozenset(accepting), tuple(moves))


def texts(found: Iterable[str]) -> Automaton:
    """Return the automaton of some texts, the smallest that is deterministic: texts share beginnings and ends."""
    moves: list[tuple[Move, ...]] = []
    known: dict[tuple[bool, tuple[Move, ...]], int] = {}
    accepting = []

    def state(rest: Sequence[str], depth: int) -> int:
        """Return the state from which the rests of some texts are accepted."""
        ends = any(len(text) == depth for text in rest)
        onward = []
        for char, group in groupby((text for text in rest if len(text) > depth), key=lambda text: text[depth]):
            onward.append((ord(char), ord(char), state(list(group), depth + 1)))
        key = (ends, tuple(onward))
        if key not in known:
            known[key] = len(moves)
            moves.append(key[1])
            accepting.extend([known[key]] if ends else [])
        return known[key]

    whole = sorted(set(found))
    if max(map(len, whole), default=0) > DEEPEST:
        return union(*map(literal, whole))
    return Automaton(frozenset([state(whole, 0)]), frozenset(accepting), tuple(moves))


def concatenation(*parts: Automaton) -> Automaton:
    """Return the automaton of a text of each part in turn. States keep the parts' order: see `shares`."""
    if not parts:
        return literal("")
    whole = union(*parts)
    moves = list(whole.moves)
    end = len(moves)
    entries: list[int] = []
    accepting: frozenset[int] = frozenset()
    empty = True
    for part in reversed(parts):
        offset = end - len(part.moves)
        ends = frozenset(state + offset for state in part.accepting)
        onward = tuple([move for state in entries for move in moves[state]])
        for state in ends:
            moves[state] += onward
        accepting |= ends if empty else frozenset()
        through = not part.accepting.isdisjoint(part.starts)
        empty = empty and through
        entries = [*(state + offset for state in part.starts), *(entries if through else ())]
        end = offset
    return Automaton(frozenset(entries), accepting, tuple(moves))


def starred(automaton: Automaton) -> Automaton:
    """Return the automaton of any number of texts of one, one after the other."""
    onward = tuple([move for state in automaton.starts for move in automaton.moves[state]])
    moves = [
        (*found, *onward) if state in automaton.accepting else found for state, found in enumerate(automaton.moves)
    ]
    empty = literal("")
    return union(empty, Automaton(automaton.starts, automaton.accepting, tuple(moves)))


def explored(
    start: Iterable[T], follow: Callable[[T], Iterable[tuple[int, int, T]]], accepts: Callable[[T], bool]
) -> Automaton:
    """Return the automaton of states of any kind, those that are reached from `start`; raise Undecided at LIMIT."""
    numbers = {state: index for index, state in enumerate(dict.fromkeys(start))}
    starts = frozenset(numbers.values())
    waiting = deque(numbers)
    accepting: list[int] = []
    moves: list[tuple[Move, ...]] = []
    left = MOVES
    while waiting:
        state = waiting.popleft()
        found = []
        for first, last, to in follow(state):
            number = numbers.get(to)
            if number is None:
                number = numbers[to] = len(numbers)
                waiting.append(to)
            found.append((first, last, number))
        if accepts(state):
            accepting.append(len(moves))
        moves.append(tuple(found))
        left -= len(found)
        if len(numbers) > LIMIT or left < 0:
            raise too_large()
    return trimmed(Automaton(starts, frozenset(accepting), tuple(moves)))


def trimmed(automaton: Automaton) -> Automaton:
    """Return an automaton without the states from which nothing is accepted, or that nothing reaches."""
    before: list[list[int]] = [[] for _ in automaton.moves]
    for state, found in enumerate(automaton.moves):
        for _, _, to in found:
            before[to].append(state)
    alive = _reached(automaton.accepting, lambda state: before[state])
    met = _reached(automaton.starts, lambda state: (to for _, _, to in automaton.moves[state]))
    useful = sorted(alive & met)
    if len(useful) == len(automaton.moves):
        return automaton
    number = {state: index for index, state in enumerate(useful)}
    moves = tuple(
        tuple([(first, last, number[to]) for first, last, to in automaton.moves[state] if to in number])
        for state in useful
    )
    starts = frozenset(number[state] for state in automaton.starts if state in number)
    return Automaton(starts, frozenset(number[state] for state in automaton.accepting if state in number), moves)


def _reached(start: Iterable[int], follow: Callable[[int], Iterable[int]]) -> set[int]:
    met, waiting = set(start), list(start)
    while waiting:
        for to in follow(waiting.pop()):
            if to not in met:
                met.add(to)
                waiting.append(to)
    return met
