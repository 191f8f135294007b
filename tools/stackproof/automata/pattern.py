"""A regular expression as an automaton: AllowedPattern of a parameter, `pattern` of a resource's schema.

A text is matched by its parts' positions (Glushkov's construction), with what look-ahead demands of the rest of the
text carried along: the automaton that comes out has neither empty moves nor demands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from stackproof.automata import backtrack, charset, construction, sets
from stackproof.automata.automaton import Automaton, Undecided
from stackproof.automata.backtrack import ASCII_LAST
from stackproof.automata.charset import LAST, Charset
from stackproof.automata.construction import EVERYTHING
from stackproof.automata.graph import Demand, Graph, Leaf
from stackproof.automata.named_sets import Dialect
from stackproof.automata.nodes import Anchor, Chars, Choice, Look, Node, Repeat, Row
from stackproof.automata.syntax import Unreadable, parse

ALIKE = frozenset({"an atomic group", "a back reference", "the boundary \\b", "the boundary \\B", "a look-behind"})
"""What no automaton carries, and the `regex` module matches as Java does."""
JAVA_ALONE = re.compile(r"&&|\[[^\]]*\[|\\[pPQhvR]")
"""What `regex` reads otherwise than Java, or may."""


@cache
def java(pattern: str) -> Automaton:
    """Return the texts that a pattern matches whole, as AllowedPattern is matched; raise Undecided or Unreadable."""
    return _compiled(pattern, "java", LAST)


@cache
def schema(pattern: str, *, ascii_only: bool = False) -> Automaton:
    """Return the texts in which a pattern of a JSON schema is found; raise Undecided or Unreadable.

    With `ascii_only` those of ASCII are right and others may be missing, in a hundredth of the time.
    Source: JSON Schema, "Regular Expressions": patterns are not anchored.
    """
    return _compiled(pattern, "schema", ASCII_LAST if ascii_only else LAST)


class Pattern(str):
    """AllowedPattern of a parameter, which is matched on the whole value and read as Java does."""

    __slots__ = ()

    def automaton(self) -> Automaton:
        """Return the texts that it matches; raise Undecided or Unreadable."""
        return java(str(self))

    def accepts(self, text: str) -> bool:
        """Tell whether it matches a text; raise Undecided, Unreadable, or TimeoutError."""
        return _matches(str(self), text)


@cache
def _matches(pattern: str, text: str) -> bool:
    try:
        return java(pattern).accepts(text)
    except Undecided as error:
        if error.reason in ALIKE and not JAVA_ALONE.search(pattern) and backtrack.compiles(pattern):
            return backtrack.matches(pattern, text)
        raise


State = tuple[int, frozenset[Demand], bool]
"""A state of the graph, what is demanded of the rest of the text, and whether no character has been read."""


class _Matcher:
    """The automaton of a graph, worked out from its start."""

    def __init__(self, graph: Graph, final: int) -> None:
        self.graph = graph
        self.final = final
        self.known: dict[tuple[int, bool], list[Leaf]] = {}

    def leaves(self, state: int, at_start: bool) -> list[Leaf]:
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
                if (shared := charset.intersection(part, met))
            ]
        yield from ways

    def hoped(self, demand: Demand, at_start: bool) -> Iterator[tuple[Charset, frozenset[Demand]]]:
        """Give how what must follow can begin: each way stands for itself."""
        for leaf in (leaf for state in demand.states for leaf in self.leaves(state, at_start)):
            if leaf.at_end:
                continue
            if leaf.state in self.graph.final:
                yield charset.ALL, frozenset()
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


def _compiled(pattern: str, dialect: Dialect, last: int) -> Automaton:
    return _of_node(parse(pattern, dialect, last), dialect)


def _of_node(node: Node, dialect: Dialect) -> Automaton:
    if isinstance(node, Choice):
        return construction.union(*(_of_node(item, dialect) for item in node.items))
    node, behind = _split(node)
    if dialect == "schema":
        anything = Repeat(Chars(charset.ALL), 0, None, False)
        node = Row((anything, node, anything))
    found = _automaton(node, at_start=True)
    for look in behind:
        ending = construction.concatenation(EVERYTHING, _automaton(look.item, at_start=False))
        found = sets.intersection(found, ending) if look.positive else sets.difference(found, ending)
    return found


def _automaton(node: Node, *, at_start: bool) -> Automaton:
    graph = Graph()
    final = graph.state()
    graph.final.add(final)
    matcher = _Matcher(graph, final)
    start: State = (graph.build(node, final, last=True), frozenset(), at_start)
    return construction.explored([start], matcher.follow, matcher.accepts)


def _split(node: Node) -> tuple[Node, list[Look]]:
    """Take look-behinds off the end of a pattern that ends with the text: they speak of the text's end alone."""
    items: list[Node] = list(node.items) if isinstance(node, Row) else [node]
    behind: list[Look] = []
    if items and items[-1] in (Anchor("end"), Anchor("loose")):
        end = items.pop()
        while items and isinstance(look := items[-1], Look) and not look.ahead:
            behind.append(look)
            items.pop()
        items.append(end)
    return Row(tuple(items)), behind


__all__ = ["Pattern", "Undecided", "Unreadable", "java", "schema"]
