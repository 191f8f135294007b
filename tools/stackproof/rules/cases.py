"""A rule's cases tried out: the template changed as a case says, and the rule asked whether it notices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jsonpatch
import jsonpointer

from stackproof.changes.update import Update
from stackproof.evaluation.acceptance import with_parameters
from stackproof.evaluation.deployment import resolved
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Finding, pointer
from stackproof.rules.rule_files import Case, Rule, Version
from stackproof.rules.runner import Subjects, Verdict, run_on_updates, run_rule
from stackproof.template import loader as templates


def run_case(template: Document, pairs: Sequence[Pair], rule: Rule, case: Case) -> str:
    """Return what is wrong with a case, "" if the rule says what the case expects.

    Raises CannotTell if the patch does not apply, or the changed template cannot be worked out.
    """
    names = {pair.name for pair in pairs}
    for name in (case.scenario, case.before.scenario, case.after.scenario):
        if name and name not in names:
            message = f"case {case.name!r} names the unknown scenario {name!r}"
            raise CannotTell(message, case.place, f"name one of {', '.join(sorted(names))}")
    if rule.on_update:
        verdict = _on_update(template, pairs, rule, case)
    else:
        changed = patched(template, case)
        verdict = run_rule(rule, [resolved(changed, pair) for pair in pairs], Subjects())
    if verdict.errors:
        raise verdict.errors[0]
    if verdict.unmet:
        raise verdict.unmet
    if case.expect == "pass":
        return f"it should pass: {_text(verdict.findings)}" if verdict.findings else ""
    if not verdict.findings:
        return "it should fail: nothing is found"
    astray = [finding for finding in verdict.findings if not _expected(case, finding)]
    return f"it should fail only where the case says: {_text(astray)}" if astray else ""


def _on_update(template: Document, pairs: Sequence[Pair], rule: Rule, case: Case) -> Verdict:
    """Run a rule about updates on one: from `before` to `after` in the case's scenario, or else in the first."""
    after = _pair(pairs, case.after.scenario or case.scenario or pairs[0].name, case.after)
    before = _pair(pairs, case.before.scenario or after.name, case.before)
    old, new = (patched(template, case, version.patch) for version in (case.before, case.after))
    return run_on_updates(rule, [Update(resolved(old, before), resolved(new, after))])


def _pair(pairs: Sequence[Pair], name: str, version: Version) -> Pair:
    pair = next(pair for pair in pairs if pair.name == name)
    return replace(
        pair,
        source=with_parameters(pair.source, {**version.parameters, **version.source}),
        target=with_parameters(pair.target, {**version.parameters, **version.target}),
    )


def patched(template: Document, case: Case, patch: Sequence[dict[str, Any]] | None = None) -> Document:
    """Return the template as a case changes it; its places are those of the changed text."""
    if patch is not None and not patch:
        return template
    try:
        value = jsonpatch.apply_patch(template.value, case.patch if patch is None else patch)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError) as error:
        raise CannotTell(
            f"the patch of case {case.name!r} does not apply: {error}",
            case.place,
            "correct the path or op of its patch",
        ) from None
    return templates.parse(json.dumps(value, indent=2), f"{template.path}.json")


def _expected(case: Case, finding: Finding) -> bool:
    at = pointer(finding.at)
    return (
        case.scenario in (None, finding.scenario)
        and case.side in (None, finding.side)
        and (case.at is None or at == case.at or at.startswith(f"{case.at}/"))
    )


def _text(findings: Sequence[Finding]) -> str:
    shown = (f"{finding.scenario} {finding.side} {pointer(finding.at)}: {finding.message}" for finding in findings[:3])
    return "; ".join(shown)
