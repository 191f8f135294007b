"""A SAT solver's answer to whether a statement about parameters can hold: for what a plain search takes too long.

The solver is python-sat, which an optional dependency brings: `pip install stackproof[sat]`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stackproof.automata.automaton import Undecided
from stackproof.proof.logic import Statement

SOLVER = "cadical153"
Truths = Mapping[int, bool]


def chosen(groups: Sequence[Sequence[Truths]], statement: Statement) -> list[int] | None:
    """Return of each group the index of a class with which a statement holds, None if it never does.

    A group's classes say which atoms are true. Raises Undecided where python-sat is not installed.
    """
    try:
        from pysat.solvers import Solver
    except ImportError:
        raise Undecided("a plain search takes too long, and python-sat is not installed (stackproof[sat])") from None
    clauses = _Clauses(groups)
    clauses.add(clauses.of(statement))
    with Solver(name=SOLVER, bootstrap_with=clauses.found) as solver:
        if not solver.solve():
            return None
        true = {literal for literal in solver.get_model() or () if literal > 0}
    return [next(index for index, literal in enumerate(group) if literal in true) for group in clauses.classes]


class _Clauses:
    """Clauses that say of each group that one of its classes holds, and what that makes of the atoms.

    A literal is the number of a variable, negative for its opposite.
    """

    def __init__(self, groups: Sequence[Sequence[Truths]]) -> None:
        self.count = 0
        self.found: list[list[int]] = []
        self.known: dict[Statement, int] = {}
        self.classes = [[self.variable() for _ in group] for group in groups]
        for group, literals in zip(groups, self.classes, strict=True):
            self.add(*literals)
            for index, variable in enumerate(literals):
                for earlier in literals[:index]:
                    self.add(-variable, -earlier)
            for atom in group[0] if group else ():
                self.known[atom] = self.variable()
                for truths, literal in zip(group, literals, strict=True):
                    self.add(-literal, self.known[atom] if truths[atom] else -self.known[atom])

    def variable(self) -> int:
        self.count += 1
        return self.count

    def add(self, *literals: int) -> None:
        self.found.append(list(literals))

    def of(self, statement: Statement) -> int:
        """Return the literal that is true just where a statement is (Tseitin's transformation)."""
        if statement not in self.known or isinstance(statement, bool):
            self.known[statement] = self.made(statement)
        return self.known[statement]

    def made(self, statement: Statement) -> int:
        if isinstance(statement, bool):
            literal = self.variable()
            self.add(literal if statement else -literal)
            return literal
        if isinstance(statement, int):
            return self.variable()  # an atom of no group may be true or false
        kind, inner = statement
        if kind == "not":
            return -self.of(inner)
        parts = [self.of(part) for part in inner]
        whole = self.variable()
        sign = 1 if kind == "and" else -1
        self.add(sign * whole, *(-sign * part for part in parts))
        for part in parts:
            self.add(-sign * whole, sign * part)
        return whole
