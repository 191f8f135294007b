"""A regular expression as an automaton: AllowedPattern of a parameter, `pattern` of a resource's schema.

A text is matched by its parts' positions (Glushkov's construction), with what look-ahead demands of the rest of the text
carried along: the automaton that comes out has neither empty moves nor demands.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from stackproof.automata import automaton, backtrack
from stackproof.automata import charset as sets
from stackproof.automata.automaton import EVERYTHING, Automaton, Undecided
from stackproof.automata.charset import LAST, Charset
from stackproof.automata.syntax import Anchor, Chars, Choice, Dialect, Look, Node, Repeat, Row, Unreadable, parse

ALIKE = frozenset({"an atomic group", "a back reference", "the boundary \\b", "the boundary \\B", "a look-behind"})
"""What no automaton carries, and the `regex` module matches as Java does."""
POSITIONS = 20_000


@cache
def java(pattern: str) -> Automaton:
    """Return the texts that a pattern matches whole, as AllowedPattern is matched; raise Undecided or Unreadable."""
    return _compiled(pattern, "java")


@cache
def schema(pattern: str) -> Automaton:
    """Return the texts in which a pattern of a JSON schema is found; raise Undecided or Unreadable.

    Source: JSON Schema, "Regular Expressions": patterns are not anchored.
    """
    return _compiled(pattern, "schema")


@cache
def matches(pattern: str, text: str) -> bool:
    """Tell whether AllowedPattern lets a text through; raise Undecided, Unreadable, or TimeoutError."""
    try:
        return java(pattern).accepts(text)
    except Undecided as error:
        if error.reason in ALIKE and "[[" not in pattern and "&&" not in pattern and not backtrack.compiles(pattern):
            return backtrack.matches(pattern, text)
        raise


class Demand(NamedTuple):
    """What the rest of a text must, or must not, begin with: a state each of the graph, or a set of them."""

    positive: bool
    states: frozenset[int]


class _Leaf(NamedTuple):
    """Where empty moves lead: a state that takes a character, or an end, with the demands met on the way."""

    state: int
    at_end: bool
    demands: frozenset[Demand]


class _Graph:
    """Thompson's graph: `empty` holds each state's moves without a character, `takes` the character of the others."""

    def __init__(self) -> None:
        self.empty: list[list[tuple[int, Anchor | Demand | None]]] = []
        self.takes: dict[int, tuple[Charset, int]] = {}
        self.final: set[int] = set()

    def state(self) -> int:
        self.empty.append([])
        if len(self.empty) > POSITIONS:
            raise Undecided("it is too long")
        return len(self.empty) - 1

    def build(self, node: Node, after: int, last: bool, looking: bool = False) -> int:
        """Add a node that leads to the state `after`; return the state it begins at."""
        if isinstance(node, Chars):
            start = self.state()
            if node.allowed:
                self.takes[start] = (node.allowed, after)
            return start
        if isinstance(node, Row):
            for index in range(len(node.items) - 1, -1, -1):
                ends = last and all(isinstance(item, Anchor) for item in node.items[index + 1 :])
                after = self.build(node.items[index], after, ends, looking)
            return after
        if isinstance(node, Choice):
            start = self.state()
            self.empty[start] += [(self.build(item, after, last, looking), None) for item in node.items]
            return start
        if isinstance(node, Repeat):
            return self.repeat(node, after, looking)
        if isinstance(node, Look):
            return self.look(node, after, looking)
        if node.kind == "loose" and not last:
            raise Undecided("an anchor $ before the end")
        start = self.state()
        self.empty[start].append((after, node if node.kind == "start" else Anchor("end")))
        return start

    def repeat(self, node: Repeat, after: int, looking: bool) -> int:
        if node.possessive:
            return self.possessive(node, after, looking)
        if node.most is None:
            loop = self.state()
            self.empty[loop] += [(self.build(node.item, loop, False, looking), None), (after, None)]
            start = loop
        else:
            start = after
            for _ in range(node.most - node.least):
                optional = self.state()
                self.empty[optional] += [(self.build(node.item, start, False, looking), None), (after, None)]
                start = optional
        for _ in range(node.least):
            start = self.build(node.item, start, False, looking)
        return start

    def possessive(self, node: Repeat, after: int, looking: bool) -> int:
        """Add a repeat that gives nothing back: it ends at its last time, or where no further one follows."""
        if not isinstance(node.item, Chars):
            raise Undecided("a possessive quantifier of a group")
        stop = Look(True, False, node.item)
        plain = Repeat(node.item, node.least, node.most, False)
        if node.most is None:
            return self.build(Row((plain, stop)), after, False, looking)
        full = Repeat(node.item, node.most, node.most, False)
        if node.most == node.least:
            return self.build(full, after, False, looking)
        fewer = Row((plain._replace(most=node.most - 1), stop))
        return self.build(Choice((fewer, full)), after, False, looking)

    def look(self, node: Look, after: int, looking: bool) -> int:
        if not node.ahead:
            raise Undecided("a look-behind")
        if looking:
            raise Undecided("a look-ahead in a look-ahead")
        final = self.state()
        self.final.add(final)
        inner = self.build(node.item, final, True, looking=True)
        start = self.state()
        self.empty[start].append((after, Demand(node.positive, frozenset([inner]))))
        return start

    def leaves(self, state: int, at_start: bool) -> list[_Leaf]:
        """Return where the empty moves of a state lead."""
        first = _Leaf(state, False, frozenset())
        met, waiting = {first}, [first]
        found = []
        while waiting:
            leaf = waiting.pop()
            if leaf.state in self.takes or leaf.state in self.final:
                found.append(leaf)
            for to, what in self.empty[leaf.state]:
                if isinstance(what, Anchor) and what.kind == "start" and not at_start:
                    continue
                onward = _Leaf(
                    to,
                    leaf.at_end or (isinstance(what, Anchor) and what.kind == "end"),
                    leaf.demands | {what} if isinstance(what, Demand) else leaf.demands,
                )
                if onward not in met:
                    met.add(onward)
                    waiting.append(onward)
        return found


State = tuple[int, frozenset[Demand], bool]
"""A state of the graph, what is demanded of the rest of the text, and whether no character has been read."""


class _Matcher:
    """The automaton of a graph, worked out from its start."""

    def __init__(self, graph: _Graph, final: int) -> None:
        self.graph = graph
        self.final = final
        self.known: dict[tuple[int, bool], list[_Leaf]] = {}

    def leaves(self, state: int, at_start: bool) -> list[_Leaf]:
        key = (state, at_start)
        if key not in self.known:
            self.known[key] = self.graph.leaves(state, at_start)
        return self.known[key]

    def follow(self, state: State) -> Iterator[tuple[int, int, State]]:
        here, demands, at_start = state
        for leaf in self.leaves(here, at_start):
            if leaf.at_end or leaf.state not in self.graph.takes:
                continue
            allowed, to = self.graph.takes[leaf.state]
            wanted = demands | leaf.demands
            if not wanted:
                for first, last in allowed:
                    yield first, last, (to, wanted, False)
                continue
            for part, left in self.met(allowed, wanted, at_start):
                for first, last in part:
                    yield first, last, (to, left, False)

    def met(
        self, allowed: Charset, demands: frozenset[Demand], at_start: bool
    ) -> Iterator[tuple[Charset, frozenset[Demand]]]:
        """Give parts of a set of characters, each with what is demanded behind such a character."""
        ways: list[tuple[Charset, frozenset[Demand]]] = [(allowed, frozenset())]
        for demand in demands:
            ways = [
                (shared, left | more)
                for part, left in ways
                for met, more in (self.hoped if demand.positive else self.feared)(demand, at_start)
                if (shared := sets.intersection(part, met))
            ]
        yield from ways

    def hoped(self, demand: Demand, at_start: bool) -> Iterator[tuple[Charset, frozenset[Demand]]]:
        """Give how what must follow can begin: each way stands for itself."""
        for leaf in (leaf for state in demand.states for leaf in self.leaves(state, at_start)):
            if leaf.at_end:
                continue
            if leaf.state in self.graph.final:
                yield sets.ALL, frozenset()
            elif leaf.state in self.graph.takes:
                allowed, to = self.graph.takes[leaf.state]
                yield allowed, frozenset([Demand(True, frozenset([to]))])

    def feared(self, demand: Demand, at_start: bool) -> Iterator[tuple[Charset, frozenset[Demand]]]:
        """Give how what must not follow is avoided: every way is watched at once."""
        takes: list[tuple[Charset, int]] = []
        for leaf in (leaf for state in demand.states for leaf in self.leaves(state, at_start)):
            if leaf.at_end:
                continue
            if leaf.state in self.graph.final:
                return
            takes.append(self.graph.takes[leaf.state])
        edges = {0, LAST + 1, *(edge for allowed, _ in takes for first, last in allowed for edge in (first, last + 1))}
        for first, end in pairwise(sorted(edges)):
            to = frozenset(to for allowed, to in takes if any(low <= first <= high for low, high in allowed))
            yield ((first, end - 1),), frozenset([Demand(False, to)] if to else [])

    def accepts(self, state: State) -> bool:
        here, demands, at_start = state
        return any(
            all(self.ends(demand, at_start) == demand.positive for demand in demands | leaf.demands)
            for leaf in self.leaves(here, at_start)
            if leaf.state == self.final
        )

    def ends(self, demand: Demand, at_start: bool) -> bool:
        """Tell whether what is demanded is met where the text ends."""
        found = (leaf for state in demand.states for leaf in self.leaves(state, at_start))
        return any(leaf.state in self.graph.final for leaf in found)


def _compiled(pattern: str, dialect: Dialect) -> Automaton:
    graph = _Graph()
    final = graph.state()
    graph.final.add(final)
    node = parse(pattern, dialect)
    node, behind = _split(node)
    if dialect == "schema":
        anything = Repeat(Chars(sets.ALL), 0, None, False)
        node = Row((anything, node, anything)) if not behind else Row((anything, node))
    matcher = _Matcher(graph, final)
    start = graph.build(node, final, last=True)
    found = automaton.explored([(start, frozenset(), True)], matcher.follow, matcher.accepts)
    for look in behind:
        ending = automaton.concatenation(EVERYTHING, look[1])
        found = automaton.intersection(found, ending) if look[0] else automaton.difference(found, ending)
    return found


def _split(node: Node) -> tuple[Node, list[tuple[bool, Automaton]]]:
    """Take look-behinds off the end of a pattern that ends with the text: they speak of the text's end alone."""
    items = list(node.items) if isinstance(node, Row) else [node]
    if not (items and isinstance(items[-1], Anchor) and items[-1].kind == "end"):
        return node, []
    behind = []
    kept = items[:-1]
    while kept and isinstance(kept[-1], Look) and not kept[-1].ahead:
        look = kept.pop()
        graph = _Graph()
        final = graph.state()
        graph.final.add(final)
        matcher = _Matcher(graph, final)
        start = graph.build(look.item, final, last=True)
        behind.append(
            (look.positive, automaton.explored([(start, frozenset(), False)], matcher.follow, matcher.accepts))
        )
    return (Row((*kept, items[-1])), behind) if behind else (node, [])


__all__ = ["Undecided", "Unreadable", "java", "matches", "schema"]
