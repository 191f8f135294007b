"""An outcome as JUnit's XML, which build servers read: a suite a scenario, a test case a rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from stackproof.foundation.finding import Finding
from stackproof.gate.outcome import Outcome

UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold. Source: W3C, "Extensible Markup Language (XML) 1.0", section 2.2."""
OF_THE_TEMPLATE = "template"
"""The suite of what is about the template and no scenario."""


def as_junit(outcome: Outcome) -> str:
    """Return suites for the scenarios, for the template as written, and for what could not be told."""
    top = Xml.Element("testsuites", name="stackproof")
    known = {deployment.name for deployment in outcome.deployments}
    names = [pair.name for pair in outcome.pairs if pair.name in known or not outcome.errors]
    others = dict.fromkeys(
        finding.scenario for finding in outcome.findings if finding.scenario and finding.scenario not in names
    )
    for scenario in (*names, *others):
        suite = Xml.SubElement(top, "testsuite", name=scenario)
        for verdict in outcome.verdicts:
            idle = "" if verdict.applies else "not applicable"
            _case(suite, verdict.rule.name, outcome, scenario, idle)
        linted = {finding.rule for finding in outcome.findings if finding.scenario == scenario}
        for rule in sorted(linted - {verdict.rule.name for verdict in outcome.verdicts}):
            _case(suite, rule, outcome, scenario)
    written = Xml.SubElement(top, "testsuite", name=OF_THE_TEMPLATE)
    whole = [*(["scenario_coverage"] if outcome.coverage else []), *(["cfn-lint"] if outcome.linted else [])]
    for rule in [*whole, *sorted({finding.rule for finding in outcome.findings if not finding.scenario} - {*whole})]:
        _case(written, rule, outcome, "")
    for note in outcome.undecided:
        name = _clean(f"undecided: {note.place}")
        case = Xml.SubElement(written, "testcase", classname=OF_THE_TEMPLATE, name=name)
        Xml.SubElement(case, "skipped", message=_clean(str(note)))
    for error in outcome.errors:
        case = Xml.SubElement(written, "testcase", classname=OF_THE_TEMPLATE, name="cannot tell")
        Xml.SubElement(case, "error", message=_clean(error.message)).text = _clean(str(error))
    for suite in [*top, top]:
        _count(suite)
    Xml.indent(top)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Xml.tostring(top, encoding="unicode")}'


def _case(suite: Xml.Element, rule: str, outcome: Outcome, scenario: str, idle: str = "") -> None:
    case = Xml.SubElement(suite, "testcase", classname=scenario or OF_THE_TEMPLATE, name=rule)
    failed = _of(outcome.findings, rule, scenario)
    hidden = _of([suppressed.finding for suppressed in outcome.suppressed], rule, scenario)
    if failed:
        text = "\n".join(_text(finding) for finding in failed)
        Xml.SubElement(case, "failure", message=_clean(failed[0].message), type=rule).text = text
    elif hidden:
        reasons = dict.fromkeys(
            suppressed.by.reason for suppressed in outcome.suppressed if suppressed.finding in hidden
        )
        Xml.SubElement(case, "skipped", message=_clean(f"suppressed: {'; '.join(reasons)}"))
    elif idle:
        Xml.SubElement(case, "skipped", message=idle)


def _of(findings: Sequence[Finding], rule: str, scenario: str) -> list[Finding]:
    return [finding for finding in findings if finding.rule == rule and finding.scenario == scenario]


def _text(finding: Finding) -> str:
    fix = f"\n    fix: {finding.fix}" if finding.fix else ""
    return _clean(f"{finding.place}: [{finding.side}] {finding.message}{fix}")


def _count(suite: Xml.Element) -> None:
    suite.set("tests", str(len(suite.findall(".//testcase"))))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f".//{tag}"))))


def _clean(text: str) -> str:
    return UNWRITABLE.sub("?", text)
