"""The two stacks of one deployment, side by side."""

from __future__ import annotations

from dataclasses import dataclass

from stackproof.evaluation.scenario import Pair
from stackproof.evaluation.stack import Stack, fold, resolve
from stackproof.foundation.document import Document
from stackproof.foundation.finding import Finding, Path


@dataclass(frozen=True, eq=False)
class Deployment:
    """A source stack and a target stack that belong together."""

    name: str
    source: Stack
    target: Stack

    @property
    def stacks(self) -> tuple[Stack, Stack]:
        return self.source, self.target

    def other(self, stack: Stack) -> Stack:
        return self.target if stack is self.source else self.source

    def finding(self, stack: Stack, path: Path, message: str, fix: str) -> Finding:
        """Return a finding about both stacks, placed at a value of one of them."""
        return Finding("", stack.place(path), self.name, "both", message, fix, path)


def resolved(template: Document, pair: Pair) -> Deployment:
    """Resolve both stacks of a pair."""
    return Deployment(pair.name, resolve(template, pair.source), resolve(template, pair.target))


def folded(template: Document, pair: Pair) -> Deployment:
    """Fold both stacks of a pair."""
    return Deployment(pair.name, fold(template, pair.source), fold(template, pair.target))
