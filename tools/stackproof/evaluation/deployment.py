"""The two stacks of one deployment, side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from stackproof.evaluation.scenario import Pair
from stackproof.evaluation.stack import Evaluation, Stack, evaluate
from stackproof.foundation.document import Document
from stackproof.foundation.finding import Finding, Path, Scalar


@dataclass(frozen=True, eq=False)
class Deployment:
    """A source stack and a target stack that belong together.

    `external` are the names and ARNs that others create, `*` for any text; None where the project does not say.
    """

    name: str
    source: Stack
    target: Stack
    external: tuple[str, ...] | None = ()

    @property
    def stacks(self) -> tuple[Stack, Stack]:
        return self.source, self.target

    def other(self, stack: Stack) -> Stack:
        return self.target if stack is self.source else self.source

    def is_external(self, text: str) -> bool:
        """Tell whether the project says that others create what has this name or ARN, or the name in this ARN."""
        name = re.split("[:/]", text.removesuffix("/*"))[-1] if text.startswith("arn:") else text
        return any(fnmatchcase(spelling, pattern) for pattern in self.external or () for spelling in {text, name})

    def finding(self, stack: Stack, path: Path, message: str, fix: str, replacement: Scalar | None = None) -> Finding:
        """Return a finding about both stacks, placed at a value of one of them; see Stack.finding."""
        return Finding("", stack.place(path), self.name, "both", message, fix, path, replacement)


@dataclass(frozen=True, eq=False)
class EvaluatedPair:
    """Both sides of a pair, each evaluated once, from which both forms of its stacks come."""

    name: str
    source: Evaluation
    target: Evaluation

    @property
    def folded(self) -> Deployment:
        return Deployment(self.name, self.source.folded, self.target.folded)

    @property
    def resolved(self) -> Deployment:
        return Deployment(self.name, self.source.resolved, self.target.resolved)


def evaluated(template: Document, pair: Pair) -> EvaluatedPair:
    """Evaluate both sides of a pair; raise CannotTell for what CloudFormation would refuse."""
    both = EvaluatedPair(pair.name, evaluate(template, pair.source), evaluate(template, pair.target))
    both.source.others.append(both.target)
    both.target.others.append(both.source)
    return both


def resolved(template: Document, pair: Pair) -> Deployment:
    """Resolve both stacks of a pair."""
    return evaluated(template, pair).resolved
