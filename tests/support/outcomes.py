"""Outcomes that tests of reports start from; the template's text is in the current directory."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from stackproof.foundation.finding import CannotTell, Finding, Place
from stackproof.gate.gate import Inputs, check
from stackproof.gate.outcome import Outcome


def kept() -> Outcome:
    """The outcome of the small template, from the current directory."""
    return check(Inputs("template.json", "rules", "scenarios.yaml", "pyproject.toml", date(2026, 1, 1)), lint=False)


def broken(*, ignoring: str = "") -> Outcome:
    """The same with a bucket in the target that keeps no versions; `ignoring` is a reason not to report it."""
    path = Path("template.json")
    path.write_text(path.read_text().replace('"Enabled", "Enabled"', '"Enabled", "Suspended"'))
    if ignoring:
        ignored = f'[tool.stackproof.ignore]\nbuckets_versioned = {{ reason = "{ignoring}" }}\n'
        Path("pyproject.toml").write_text(ignored)
    return kept()


def linted() -> Outcome:
    """An outcome with a finding of cfn-lint and an awkward one of an own rule."""
    own = Finding("keys_rotate", Place("no.json", 7, 3), "a:b", "both", "50% of,\nit: \x01 <k>", "", ("Resources", "K"))
    of_lint = replace(
        Finding("W2001", Place("no.json", 2, 1), "", "both", "unused", "read https://example.com/W2001"),
        severity="warning",
    )
    return Outcome("no.json", linted=3, findings=(of_lint, own))


def untold() -> Outcome:
    return Outcome("template.json", errors=(CannotTell("not JSON", Place("template.json", 2, 5), "write JSON"),))
