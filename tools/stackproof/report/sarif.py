"""An outcome as SARIF 2.1.0, which code scanning, editors and dashboards read.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", the sections named below.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from stackproof.foundation.finding import CannotTell, Finding, Note, Place, Severity, pointer
from stackproof.foundation.version import release
from stackproof.gate.outcome import Outcome
from stackproof.gate.suppressions import Suppressed
from stackproof.report.autofix import replacement_text
from stackproof.report.source_lines import Sources
from stackproof.rules.rule_files import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "ruleScenarioPath/v1"
LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
OWN = {
    "scenario_coverage": "Every side of every condition is taken in some scenario.",
    "suppression": "Every suppression hides something, and has not ended.",
    "refuses_parameters": "The template rejects what must_reject of the scenarios lists.",
    "accepts_parameters": "The template accepts what must_accept of the scenarios lists.",
}


def as_sarif(outcome: Outcome) -> str:
    """Return a log of one run: a result for each scenario and side that a finding is found in."""
    sources = Sources(outcome.texts)
    hidden = {id(suppressed.finding): suppressed for suppressed in outcome.suppressed}
    findings = [*outcome.findings, *(suppressed.finding for suppressed in outcome.suppressed)]
    rules = {verdict.rule.name: _rule(verdict.rule) for verdict in outcome.verdicts}
    for finding in findings:
        rules.setdefault(finding.rule, _other_rule(finding))
    order = [*rules]
    seen: Counter[str] = Counter()
    run = {
        "tool": {"driver": {"name": "stackproof", "version": release(), "rules": [*rules.values()]}},
        "automationDetails": {"id": f"stackproof/{PurePath(outcome.path).as_posix()}"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not outcome.errors,
                "exitCode": outcome.exit,
                "toolExecutionNotifications": [
                    *(_notification(error, sources) for error in outcome.errors),
                    *(_notification(note, sources, "note") for note in outcome.undecided),
                ],
            }
        ],
        "results": [
            _result(finding, sources, order.index(finding.rule), hidden.get(id(finding)), seen) for finding in findings
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(
    finding: Finding, sources: Sources, index: int, hidden: Suppressed | None, seen: Counter[str]
) -> dict[str, Any]:
    location = _location(finding.place, sources)
    if finding.at:
        location["logicalLocations"] = [{"name": str(finding.at[-1]), "fullyQualifiedName": pointer(finding.at)}]
    identity = "|".join((finding.rule, finding.scenario, finding.side, pointer(finding.at)))
    seen[identity] += 1
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{finding.message}; fix: {finding.fix}" if finding.fix else finding.message},
        "locations": [location],
        # Of what breaks, not of where it stands: lines may move. Section 3.27.17.
        "partialFingerprints": {FINGERPRINT: identity if seen[identity] == 1 else f"{identity}|{seen[identity]}"},
        "properties": {"scenario": finding.scenario, "side": finding.side},
        # An empty list says that nothing is suppressed, which a result without it leaves open. Section 3.27.23.
        "suppressions": [_suppression(hidden, sources)] if hidden else [],
        **({"fixes": [_fix(finding, sources, location)]} if finding.fix else {}),
    }


def _fix(finding: Finding, sources: Sources, location: dict[str, Any]) -> dict[str, Any]:
    """Return the fix in words, and the change where it leaves no choice.

    A fix must hold a change: where there is a choice, it puts nothing in at its place. Section 3.55.
    """
    text = replacement_text(finding, sources)
    gone = finding.place if text is None else sources.end(finding.place)
    region = _region(finding.place, gone)
    change = {"deletedRegion": region, "insertedContent": {"text": text or ""}}
    artifact = location["physicalLocation"]["artifactLocation"]
    return {
        "description": {"text": finding.fix},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": [change]}],
    }


def _suppression(hidden: Suppressed, sources: Sources) -> dict[str, Any]:
    inside = hidden.by.place.path == hidden.finding.place.path
    return {
        "kind": "inSource" if inside else "external",
        "justification": hidden.by.reason,
        "location": _location(hidden.by.place, sources),
    }


def _location(place: Place, sources: Sources) -> dict[str, Any]:
    path = PurePath(place.path)
    artifact = {"uri": path.as_uri()} if path.is_absolute() else {"uri": quote(path.as_posix())}
    region: dict[str, Any] = _region(place, sources.end(place))
    context = {}
    if lines := sources.around(place):  # for those who read the log without the file
        region["snippet"] = {"text": sources.text_of(place)}
        if lines[-1][0] >= region["endLine"]:
            shown = {"text": "\n".join(text for _, text, _ in lines)}
            context = {"contextRegion": {"startLine": lines[0][0], "endLine": lines[-1][0], "snippet": shown}}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region, **context}}


def _region(first: Place, last: Place) -> dict[str, int]:
    return {
        "startLine": first.line,
        "startColumn": first.column,
        "endLine": last.line,
        "endColumn": last.column,
    }


def _notification(error: CannotTell | Note, sources: Sources, level: str = "error") -> dict[str, Any]:
    text = f"{error.message}; fix: {error.fix}" if error.fix else error.message
    where = {"locations": [_location(error.place, sources)]} if error.place else {}
    return {"level": level, "message": {"text": text}, **where}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "name": _pascal(rule.name),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.reason or rule.title},
        "help": _help(rule.name, rule.title, rule.reason),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": ["cloudformation", rule.pack, rule.family]},
        **_uri(rule.reason),
    }


def _other_rule(finding: Finding) -> dict[str, Any]:
    """Describe what is no file under rules/: a rule of cfn-lint, or of the gate itself."""
    text = OWN.get(finding.rule, f"cfn-lint's rule {finding.rule}.")
    return {
        "id": finding.rule,
        "name": _pascal(finding.rule) if finding.rule in OWN else f"CfnLint{finding.rule}",
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "help": {"text": text if finding.rule in OWN else finding.fix or text},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": {"tags": ["cloudformation", "gate" if finding.rule in OWN else "cfn-lint"]},
        **(_uri(finding.fix) if finding.rule not in OWN else {}),
    }


def _pascal(name: str) -> str:
    """Return a name as one word, as code scanning shows it. Section 3.49.7."""
    return "".join(word.capitalize() for word in name.split("_"))


def _help(name: str, title: str, reason: str) -> dict[str, str]:
    more = f"stackproof explain {name}"
    links = re.sub(r"^Source: (https?://\S+)$", r"Source: <\1>", reason, flags=re.M)
    return {
        "text": "\n\n".join(part for part in (title, reason, f"What passes and what fails: {more}") if part),
        "markdown": "\n\n".join(
            part for part in (f"**{title}**", links, f"What passes and what fails: `{more}`") if part
        ),
    }


def _uri(text: str) -> dict[str, str]:
    found: Sequence[str] = re.findall(r"https?://[^\s,;)]+", text)
    return {"helpUri": found[0]} if found else {}
