"""What the gate found of a template: the value that every report is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Finding, Note, Severity, as_bad_as
from stackproof.gate.branch_coverage import Coverage
from stackproof.gate.suppressions import Suppressed
from stackproof.rules.runner import Verdict, merged

if TYPE_CHECKING:
    from stackproof.changes.update import Update


@dataclass(frozen=True)
class Outcome:
    """What the gate found, of one template or of several. Exit codes: 0 passes, 1 fails, 2 cannot tell.

    `path` names the template, `template` is what was read of it (None if it could not be), `deployments` the resolved
    stacks, of the pairs that could be worked out. `texts` are the files as they were read, by path: reports show these.
    `further` are the paths of the templates after the first. `notes` are worth a line, and change nothing. `fail_on` is
    the least severity that fails.
    """

    path: str
    pairs: tuple[Pair, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    coverage: Coverage | None = None
    linted: int = 0
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    errors: tuple[CannotTell, ...] = ()
    template: Document | None = field(default=None, repr=False)
    deployments: tuple[Deployment, ...] = field(default=(), repr=False)
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    further: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fail_on: Severity = "info"
    unchecked: tuple[Note, ...] = ()
    updates: tuple[Update, ...] = field(default=(), repr=False)
    """What becomes of the stacks, where there is a version before."""

    @property
    def undecided(self) -> tuple[Note, ...]:
        """What only AWS can decide or a rule that is not required could not check, each once, in the text's order.

        It fails nothing, and nothing proves it.
        """
        found = [note for deployment in self.deployments for stack in deployment.stacks for note in stack.notes]
        found += self.unchecked
        return tuple(sorted(dict.fromkeys(found)))

    def worked_out(self, template: Document) -> Document:
        """Return the template after its transforms, as the first pair has it."""
        return next((deployment.source.template for deployment in self.deployments), template)

    @property
    def external(self) -> tuple[str, ...] | None:
        """The names and ARNs that others create, None where the project does not say."""
        return next((deployment.external for deployment in self.deployments), ())

    @property
    def exit(self) -> int:
        failing = any(as_bad_as(finding.severity, self.fail_on) for finding in self.findings)
        return 2 if self.errors else 1 if failing else 0


def with_more(
    outcome: Outcome,
    more: Sequence[Sequence[Verdict]],
    errors: Sequence[CannotTell] = (),
    notes: Sequence[str] = (),
) -> Outcome:
    """Return an outcome with what its rules, in their order, say of further stacks."""
    found = [finding for verdicts in more for verdict in verdicts for finding in verdict.findings]
    every = [error for verdicts in more for verdict in verdicts for error in verdict.errors]
    verdicts = [merged([verdict, *further]) for verdict, further in zip(outcome.verdicts, more, strict=True)]
    return replace(
        outcome,
        verdicts=tuple(verdicts),
        findings=in_order([*outcome.findings, *found]),
        errors=each_once([*outcome.errors, *every, *errors]),
        notes=(*outcome.notes, *notes),
    )


def each_once(errors: Iterable[CannotTell]) -> tuple[CannotTell, ...]:
    """Return each error once, though all scenarios meet it."""
    first_of: dict[object, CannotTell] = {}
    for error in errors:
        first_of.setdefault((error.place, error.message), error)
    return tuple(first_of.values())


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings as they stand in the templates."""
    return tuple(sorted(findings, key=_order))


def _order(finding: Finding) -> tuple[object, ...]:
    return (finding.place, finding.rule, finding.scenario, finding.side, finding.message)
