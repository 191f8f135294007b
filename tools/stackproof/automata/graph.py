"""A pattern's tree as a graph of states with empty moves (Thompson's construction), and where these lead."""

from __future__ import annotations

from typing import NamedTuple

from stackproof.automata.automaton import Undecided
from stackproof.automata.charset import Charset
from stackproof.automata.nodes import Anchor, Chars, Choice, Look, Node, Repeat, Row

POSITIONS = 20_000


class Demand(NamedTuple):
    """What the rest of a text must, or must not, begin with: a state each of the graph, or a set of them."""

    positive: bool
    states: frozenset[int]


class Leaf(NamedTuple):
    """Where empty moves lead: a state that takes a character, or an end, with the demands met on the way."""

    state: int
    at_end: bool
    demands: frozenset[Demand]


class Graph:
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

    def leaves(self, state: int, at_start: bool) -> list[Leaf]:
        """Return where the empty moves of a state lead."""
        first = Leaf(state, False, frozenset())
        met, waiting = {first}, [first]
        found = []
        while waiting:
            leaf = waiting.pop()
            if leaf.state in self.takes or leaf.state in self.final:
                found.append(leaf)
            for to, what in self.empty[leaf.state]:
                if isinstance(what, Anchor) and what.kind == "start" and not at_start:
                    continue
                onward = Leaf(
                    to,
                    leaf.at_end or (isinstance(what, Anchor) and what.kind == "end"),
                    leaf.demands | {what} if isinstance(what, Demand) else leaf.demands,
                )
                if onward not in met:
                    met.add(onward)
                    waiting.append(onward)
        return found
