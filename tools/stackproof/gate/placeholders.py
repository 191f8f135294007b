"""Findings on values that only stand for others: a scenario says which, and nothing is proved of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from stackproof.evaluation.deployment import Deployment
from stackproof.foundation.finding import Finding, Undecided
from stackproof.rules.runner import Verdict


def waiting(verdicts: Sequence[Verdict], deployments: Sequence[Deployment]) -> tuple[Verdict, ...]:
    """Return verdicts with what is found of a placeholder, and of nothing else, among what could not be checked."""
    if not any(stack.scenario.placeholders for deployment in deployments for stack in deployment.stacks):
        return tuple(verdicts)
    named = {deployment.name: deployment for deployment in deployments}
    return tuple(_waiting(verdict, named) for verdict in verdicts)


def _waiting(verdict: Verdict, named: Mapping[str, Deployment]) -> Verdict:
    found = [(finding, _placeholder(finding, named)) for finding in verdict.findings]
    kept = tuple(finding for finding, parameter in found if not parameter)
    waits = dict.fromkeys(_error(finding, parameter) for finding, parameter in found if parameter)
    errors = {(each.place, each.message): each for each in (*verdict.errors, *(Undecided(*each) for each in waits))}
    return replace(verdict, findings=kept, errors=tuple(errors.values()))


def _error(finding: Finding, parameter: str) -> tuple[str, Any, str]:
    message = f"{finding.rule} is not decided: the value is a placeholder, that of {parameter}"
    return message, finding.place, f"give {parameter} its value in the scenarios"


def _placeholder(finding: Finding, named: Mapping[str, Deployment]) -> str:
    """Return the parameter whose placeholder is the whole value that a finding is at, "" if none is."""
    deployment = named.get(finding.scenario)
    if deployment is None or not finding.at:
        return ""
    stack = deployment.target if finding.side == "target" else deployment.source
    node: Any = stack.template.value
    for key in stack.origin(finding.at):
        node = node[key]
    name = next(_references(node), "")
    return name if name in stack.scenario.placeholders else ""


def _references(node: Any) -> Iterator[str]:
    """Give the parameter that a value is, by Ref or by an Fn::Sub of nothing else."""
    match node:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::Sub": str(text)} if text.startswith("${") and text.endswith("}") and text.count("${") == 1:
            yield text[2:-1]
