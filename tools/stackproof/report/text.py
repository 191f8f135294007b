"""An outcome as text for people or as JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from stackproof.foundation.colour import Paint, coloured, plain
from stackproof.foundation.finding import SEVERITIES, CannotTell, Finding, Note, pointer
from stackproof.gate import baseline
from stackproof.gate.outcome import Outcome

SIDES = ("source", "target")


def as_json(outcome: Outcome) -> str:
    """Return {"findings": [...], "errors": [...], "exit": n}; one finding for each scenario and side it is found in."""
    return json.dumps(
        {
            "findings": [_finding(finding) for finding in outcome.findings],
            "errors": [_error(error) for error in outcome.errors],
            "notes": list(outcome.notes),
            "not_applicable": [verdict.rule.name for verdict in outcome.verdicts if not verdict.applies],
            "undecided": [_note(note) for note in outcome.undecided],
            "exit": outcome.exit,
        },
        indent=2,
    )


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "scenario": finding.scenario,
        "side": finding.side,
        "path": finding.place.path,
        "line": finding.place.line,
        "column": finding.place.column,
        "message": finding.message,
        "fix": finding.fix,
        "replacement": finding.replacement,
        "severity": finding.severity,
        "pack": finding.pack,
        "at": pointer(finding.at),
    }


def _note(note: Note) -> dict[str, object]:
    place = note.place
    return {"message": note.message, "fix": note.fix, "path": place.path, "line": place.line, "column": place.column}


def _error(error: CannotTell) -> dict[str, object]:
    path, line, column = error.place or (None, None, None)
    message = f"{error.message}; fix: {error.fix}" if error.fix else error.message
    return {"message": message, "path": path, "line": line, "column": column}


def as_text(outcome: Outcome, paint: Paint = plain, *, verbose: bool = False) -> str:
    """Return the findings, the worst first, each a line with its fix, what could not be told, and a line of counts.

    With `verbose` also what only AWS can decide, what is suppressed, the scenarios, and every rule with its outcome.
    """
    lines = [*findings(outcome, paint)]
    if verbose:
        lines += [f"{paint('soft', 'note')}: {note}" for note in outcome.undecided]
        for suppressed in outcome.suppressed:
            lines.append(
                paint(
                    "soft", f"{suppressed.finding.place}: {suppressed.finding.rule}: suppressed: {suppressed.by.reason}"
                )
            )
        if outcome.verdicts:
            lines += [*([""] if lines else []), *_checked(outcome, paint)]
    lines += [paint("soft", f"note: {note}") for note in outcome.notes]
    if outcome.verdicts or not outcome.errors:  # of what could not even be read there is nothing to count
        lines.append(counts(outcome, paint))
    return "\n".join(lines)


def findings(outcome: Outcome, paint: Paint = plain) -> Iterator[str]:
    """Give the findings, the worst first, each a line with its fix, then what could not be told."""
    yield from _findings(outcome.findings, paint)
    yield from (f"{paint('doubt', 'cannot tell')}: {error}" for error in outcome.errors)


def as_coloured_text(outcome: Outcome) -> str:
    """Return the same with the colours of a terminal."""
    return as_text(outcome, coloured)


def as_verbose_text(outcome: Outcome) -> str:
    return as_text(outcome, verbose=True)


def as_verbose_coloured_text(outcome: Outcome) -> str:
    return as_text(outcome, coloured, verbose=True)


def as_baseline(outcome: Outcome) -> str:
    """Return the file that knows the findings of an outcome."""
    return baseline.written(outcome.findings)


def grouped(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Return what is found again in another scenario together, even where its values differ with the scenario."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    counts: Counter[tuple[object, ...]] = Counter()
    for finding in findings:
        counts[(here := (finding.place, finding.rule, finding.scenario, finding.side))] += 1
        groups.setdefault((finding.place, finding.rule, counts[here]), []).append(finding)
    return [*groups.values()]


def _findings(findings: Sequence[Finding], paint: Paint) -> Iterator[str]:
    for group in sorted(grouped(findings), key=lambda group: SEVERITIES.index(group[0].severity)):
        first = group[0]
        where = said_where(group)
        grade = paint("broken" if first.severity == "error" else "doubt", first.severity)
        begins = f"{paint('place', str(first.place))}: {grade}: {paint('rule', first.rule)}: "
        yield f"{begins}{paint('soft', f'[{where}]') + ' ' if where else ''}{first.message}"
        if first.fix:
            yield f"    {paint('fix', f'fix: {first.fix}')}"


def said_where(group: Sequence[Finding]) -> str:
    """Say in which scenarios and on which side a finding stands."""
    names = list(dict.fromkeys(finding.scenario for finding in group if finding.scenario))
    if not names:
        return ""
    sides = sorted({side for finding in group for side in (SIDES if finding.side == "both" else (finding.side,))})
    shown = ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
    return f"{shown}; {' and '.join(sides)}"


def _checked(outcome: Outcome, paint: Paint) -> Iterator[str]:
    yield "scenarios"
    width = max(len(pair.name) for pair in outcome.pairs)
    for pair in outcome.pairs:
        yield f"  {pair.name:{width}}  {pair.source.region} -> {pair.target.region}"
    yield "rules"
    width = max(len(verdict.rule.name) for verdict in outcome.verdicts)
    for verdict in outcome.verdicts:
        result = _number(len(verdict.findings), "finding") if verdict.findings else "passes"
        result, tone = (
            (result, "broken" if verdict.findings else "kept") if verdict.applies else ("not applicable", "soft")
        )
        shown = paint(tone, f"{result:14}")
        yield f"  {verdict.rule.name:{width}}  {verdict.rule.pack:10}  {shown}  {verdict.rule.title}"


def counts(outcome: Outcome, paint: Paint = plain) -> str:
    """Return the outcome and what was counted on the way to it, in a line."""
    covered = outcome.coverage
    idle = sum(not verdict.applies for verdict in outcome.verdicts)
    rules = _number(len(outcome.verdicts) - idle, "rule")
    parts = [f"{_number(len(outcome.pairs), 'scenario')}", f"{_number(2 * len(outcome.pairs), 'stack')}", rules]
    if covered and covered.sides:
        parts.append(f"{covered.sides - len(covered.untaken)} of {covered.sides} condition outcomes tried")
    parts.append(f"cfn-lint on {outcome.linted} templates" if outcome.linted else "cfn-lint not run")
    parts.append(_graded(outcome.findings))
    if outcome.suppressed:
        parts.append(f"{len(outcome.suppressed)} suppressed")
    if outcome.undecided:
        parts.append(f"{len(outcome.undecided)} undecided (-v shows {'it' if len(outcome.undecided) == 1 else 'them'})")
    parts.append(_number(len(outcome.errors), "error"))
    tone, result = (("kept", "passes"), ("broken", "fails"), ("doubt", "cannot tell"))[outcome.exit]
    return f"{', '.join([outcome.path, *outcome.further])}: {paint(tone, result)}: {', '.join(parts)}"


def counted(outcome: Outcome) -> str:
    """Return how many findings and errors there are."""
    suppressed = [f"{len(outcome.suppressed)} suppressed"] if outcome.suppressed else []
    return ", ".join([_graded(outcome.findings), *suppressed, _number(len(outcome.errors), "error")])


def _graded(findings: Sequence[Finding]) -> str:
    """Return how many findings are shown, of which severities: each once, whatever scenarios and sides it is of."""
    groups = grouped(findings)
    counted = Counter(group[0].severity for group in groups)
    of = ", ".join(f"{counted[severity]} {severity}" for severity in SEVERITIES if counted[severity])
    return f"{_number(len(groups), 'finding')}{f' ({of})' if of else ''}"


def _number(count: int, what: str, many: str = "") -> str:
    return f"{count} {what if count == 1 else many or f'{what}s'}"
