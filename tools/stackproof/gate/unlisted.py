"""Names that no stack creates, where nobody has listed which names others create."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from stackproof.evaluation.deployment import Deployment
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import run_rules

NAMES = ("references_resolve",)
"""Rules that say more once it is known what others create."""
MOST = 3
"""Names that are shown."""


def unlisted(rules: Sequence[Rule], deployments: Sequence[Deployment]) -> Iterator[str]:
    """Give what the rules about names would find if nothing were created by others: a typing error may be among it."""
    asking = [rule for rule in rules if rule.name in NAMES]
    if not asking or not deployments or deployments[0].external is not None:
        return
    anyway = _messages(asking, deployments)
    found = _messages(asking, [replace(deployment, external=()) for deployment in deployments])
    more = [text for text in found if text not in anyway]
    yield from (
        f"{text} (no finding, as `external` is not configured: correct it, or list it there)" for text in more[:MOST]
    )
    if len(more) > MOST:
        yield f"{len(more) - MOST} more such names: external = [] in the configuration makes each of them a finding"


def _messages(rules: Sequence[Rule], deployments: Sequence[Deployment]) -> tuple[str, ...]:
    findings = [finding for verdict in run_rules(rules, deployments) for finding in verdict.findings]
    return tuple(dict.fromkeys(f"{finding.place}: {finding.message}" for finding in findings))
