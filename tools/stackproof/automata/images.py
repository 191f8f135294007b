"""What becomes of a set of texts when a function is applied to each: a character replaced, a text cut, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stackproof.automata.automaton import Automaton, Move, Undecided
from stackproof.automata.construction import concatenation, explored, trimmed


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
