"""Finite automata over code points: what a set of texts is, what it shares with another, its shortest texts.

An automaton has no empty moves; it may have several moves for one character. Searches go by breadth, so that the text
they find is a shortest one. This module is one idea, the automaton and its operations, and longer than others for it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice, pairwise
from typing import TypeVar

from stackproof.automata.charset import ALL, LAST, Charset

Move = tuple[int, int, int]
"""First and last code point, and the state that they lead to."""
T = TypeVar("T")
LIMIT = 60_000
"""States of one automaton; `MOVES` of one, and steps of one search: beyond that a question is undecided."""
MOVES = 500_000
DEEPEST = 400
"""Characters of texts that one automaton shares the ends of."""
LONGEST = 4_096
"""Characters of a text that is given as an example: no value has more."""


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
            return _spelled(origins, pair)
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
            raise _too_long()
    return None


def shared(first: Automaton, second: Automaton) -> str | None:
    """Return a shortest text of both; None if there is none."""
    return shortest(intersection(first, second))


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
            return _spelled(origins, state)
        for first, last, to in follow(state):
            if to not in origins:
                origins[to] = (state, first, last)
                waiting.append(to)
                if len(origins) > MOVES:
                    raise _too_long()
    return None


def _too_long() -> Undecided:
    return Undecided(f"it takes more than {MOVES:,} steps to search")


def _spelled(origins: Mapping[T, tuple[T, int, int] | None], state: T) -> str:
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


def replaced(automaton: Automaton, char: str, by: str) -> Automaton:
    """Return what becomes of the texts when every `char`, a single one, is replaced by a text."""
    code = ord(char)
    moves: list[list[Move]] = [[] for _ in automaton.moves]
    for state, found in enumerate(automaton.moves):
        for first, last, to in found:
            moves[state] += [(lower, upper, to) for lower, upper in without(first, last, code)]
            if first <= code <= last:
                if not by:
                    raise Undecided("a delimiter is replaced by nothing")
                origin = state
                for letter in by[:-1]:
                    moves.append([])
                    moves[origin].append((ord(letter), ord(letter), len(moves) - 1))
                    origin = len(moves) - 1
                moves[origin].append((ord(by[-1]), ord(by[-1]), to))
    return Automaton(automaton.starts, automaton.accepting, tuple(map(tuple, moves)))


def without(first: int, last: int, code: int) -> list[tuple[int, int]]:
    """Return what is left of a range without one code point."""
    return [(low, high) for low, high in ((first, min(last, code - 1)), (max(first, code + 1), last)) if low <= high]


def piece(automaton: Automaton, char: str, index: int) -> Automaton:
    """Return the parts of that index, from 0 on, when the texts are cut at every `char`, a single one."""
    code = ord(char)

    def follow(pair: tuple[int, int]) -> Iterator[tuple[int, int, tuple[int, int]]]:
        state, cuts = pair
        for first, last, to in automaton.moves[state]:
            for lower, upper in without(first, last, code):
                yield lower, upper, (to, cuts)
            if first <= code <= last and cuts < index:
                yield code, code, (to, cuts + 1)

    automaton = trimmed(automaton)
    whole = [(state, 0) for state in automaton.starts]
    met, waiting = set(whole), list(whole)
    while waiting:
        for _, _, to in follow(waiting.pop()):
            if to not in met:
                met.add(to)
                waiting.append(to)
    entries = {
        (to, index)
        for state, cuts in met
        for first, last, to in automaton.moves[state]
        if cuts == index - 1 and first <= code <= last
    }
    ends = {
        state for state, found in enumerate(automaton.moves) if any(first <= code <= last for first, last, _ in found)
    }
    ends |= automaton.accepting
    return explored(entries if index else whole, follow, lambda pair: pair[1] == index and pair[0] in ends)


def shares(parts: Sequence[Automaton], text: str) -> list[str] | None:
    """Return how a text of a concatenation falls to its parts; None if it is none of its texts."""
    whole = concatenation(*parts)
    owner = [index for index, part in enumerate(parts) for _ in part.moves]
    layers: list[dict[int, int]] = [dict.fromkeys(whole.starts, -1)]
    for char in text:
        code = ord(char)
        layer: dict[int, int] = {}
        for state in layers[-1]:
            for first, last, to in whole.moves[state]:
                if first <= code <= last:
                    layer.setdefault(to, state)
        layers.append(layer)
    end = next((state for state in layers[-1] if state in whole.accepting), None)
    if end is None:
        return None
    found = [""] * len(parts)
    for position in range(len(text), 0, -1):
        found[owner[end]] = text[position - 1] + found[owner[end]]
        end = layers[position][end]
    return found
