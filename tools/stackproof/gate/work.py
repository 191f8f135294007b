"""One template and its scenarios, read, and its stacks worked out as far as that goes: what rules are then run on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path as FilePath
from typing import NamedTuple, TypeVar

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import Deployment, EvaluatedPair, evaluated
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.files import read_text
from stackproof.foundation.finding import CannotTell, Place
from stackproof.gate import refusals
from stackproof.gate.project import Member
from stackproof.gate.refusals import Refusal
from stackproof.lint.process import Process
from stackproof.lint.run import Run
from stackproof.rules.rule_files import Rule
from stackproof.template import loader as templates

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Work:
    """A template's stacks as far as they could be evaluated, and the number of templates that cfn-lint was given."""

    template: Document
    pairs: tuple[Pair, ...]
    both: tuple[EvaluatedPair, ...]
    errors: tuple[CannotTell, ...]
    linted: int = 0
    linter: Run | None = None


def work_out(template: Document, pairs: tuple[Pair, ...], process: Process | None = None) -> Work:
    """Evaluate both sides of each pair, fold them and ask cfn-lint about them; what cannot be done is an error."""
    errors: list[CannotTell] = []
    both = [values for pair in pairs if (values := attempt(errors, partial(evaluated, template, pair)))]
    folds = [fold for values in both if process and (fold := attempt(errors, partial(_folded, values)))]
    stacks = [stack for deployment in folds for stack in deployment.stacks]
    regions = sorted({stack.scenario.region for stack in stacks})
    linter = Run(process, template, stacks, regions) if process and folds else None
    return Work(template, pairs, tuple(both), tuple(errors), 2 * len(folds) + 1, linter)


def _folded(both: EvaluatedPair) -> Deployment:
    return both.folded


class Read(NamedTuple):
    """What was read of one template and its scenarios, and what kept the gate from reading more."""

    errors: list[CannotTell]
    texts: dict[str, str]
    template: Document | None = None
    pairs: tuple[Pair, ...] | None = None
    refused: tuple[Refusal, ...] | None = None
    work: Work | None = None


def read_member(
    member: Member, found: Sequence[Rule] | None, process: Process | None, *, first_only: bool = False
) -> Read:
    """Read one template and its scenarios, or the first of them, work its stacks out, and ask cfn-lint about them."""
    errors: list[CannotTell] = []
    texts: dict[str, str] = {}
    template = attempt(errors, lambda: templates.parse(text_of(texts, member.template), member.template))
    if member.stated:
        texts[member.scenarios] = member.stated
    text = partial(scenarios_text, texts, member)
    stated = attempt(errors, lambda: templates.parse_document(text(), member.scenarios, text_only=True))
    pairs = attempt(errors, partial(scenario.pairs_in, stated)) if stated else None
    refused = attempt(errors, partial(refusals.refusals_in, stated)) if stated and pairs else ()
    if template is None or pairs is None or refused is None or found is None:
        return Read(errors, texts, template, pairs)
    if first_only:
        pairs, refused = pairs[:1], ()
    return Read(errors, texts, template, pairs, refused, work_out(template, pairs, process))


def templates_of_sides(pairs: Sequence[Pair]) -> tuple[Document, ...]:
    """Return the templates that sides of scenarios have of their own, each once."""
    found = (side.template for pair in pairs for side in pair.sides if side.template)
    return tuple({template.path: template for template in found}.values())


def scenarios_text(texts: dict[str, str], member: Member) -> str:
    """Return the text of the scenarios; raise CannotTell where there are none, with the command that writes them."""
    if not member.stated and not FilePath(member.scenarios).exists():
        fix = f"stackproof init {member.template}; or give --region SOURCE,TARGET"
        raise CannotTell("there is no file of scenarios", Place(member.scenarios, 1, 1), fix)
    return texts[member.scenarios] if member.stated else text_of(texts, member.scenarios)


def text_of(texts: dict[str, str], path: str) -> str:
    """Read a file, and note what was read: nothing reads it a second time."""
    texts[path] = read_text(path)
    return texts[path]


def attempt(errors: list[CannotTell], work: Callable[[], T]) -> T | None:
    """Return what work gives; None where it raises CannotTell, which goes to the errors."""
    try:
        return work()
    except CannotTell as error:
        errors.append(error)
        return None
