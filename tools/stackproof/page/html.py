"""An outcome as one page of HTML, with nothing to load: findings, pictures, rules, roles, order, names, claims."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from hashlib import sha256
from itertools import groupby
from pathlib import Path as FilePath
from typing import Any, NamedTuple, TypeVar

import jinja2
from markupsafe import Markup, escape

from stackproof.changes.table import groups
from stackproof.evaluation.deployment import Deployment
from stackproof.foundation.finding import CannotTell, Finding, Place
from stackproof.foundation.version import release
from stackproof.gate.outcome import Outcome
from stackproof.iam.grants import grants
from stackproof.page.canvas import Picture
from stackproof.page.claims import claims, verdict_words
from stackproof.page.diagram import picture
from stackproof.page.name_lengths import headroom
from stackproof.page.permission_rows import permission_rows
from stackproof.plan.creations import creations
from stackproof.report.source_lines import Sources
from stackproof.report.text import counts, grouped, said_where
from stackproof.report.updates import BAD
from stackproof.rules.runner import NotCompared, Verdict

T = TypeVar("T")
VERDICTS = ("Passes", "Fails", "Cannot tell")
OF_LINT = "cfn-lint"
TEMPLATES = FilePath(__file__).parent / "templates"
SCRIPT = (TEMPLATES / "search.js").read_text(encoding="utf-8")
"""What the page runs: its search, allowed by its hash and nothing else."""
ID_OF_LINT = re.compile(r"[A-Z]+\d{4}")


class Tab(NamedTuple):
    """A picture, and the scenarios whose stacks it shows: they differ in names and regions alone."""

    scenarios: tuple[str, ...]
    picture: Picture

    @property
    def weight(self) -> int:
        return len(self.picture.arrows)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(arrow.kind for arrow in self.picture.arrows)


class Row(NamedTuple):
    """A rule, and what became of it in each scenario: the number of findings; untold where it could not tell."""

    name: str
    title: str
    cells: tuple[tuple[str, int], ...]
    untold: bool = False
    idle: bool = False


class Shown(NamedTuple):
    """What a part of the page shows, or why it cannot be told."""

    value: Any
    why: str


def page(outcome: Outcome, today: date, claimed: str = "") -> str:
    """Return the page, made of what was checked: no file is read again. `claimed` is the text of docs/claims.md."""
    template, deployments = outcome.template, outcome.deployments
    excerpt = partial(excerpt_of, Sources(outcome.texts))
    return _layout("page.html.jinja").render(
        outcome=outcome,
        verdict=VERDICTS[outcome.exit],
        counts=counts(outcome),
        release=release(),
        today=today.isoformat(),
        deployments=deployments,
        tabs=_or_reason(lambda: _tabs(deployments, outcome.findings)),
        families=_families(outcome),
        conditions=_conditions(deployments),
        grants=_or_reason(lambda: grants(deployments[0]) if deployments else []),
        permissions=_or_reason(lambda: permission_rows(deployments[0]) if deployments else []),
        names=_or_reason(lambda: headroom(deployments)),
        operations=_or_reason(lambda: creations(template, outcome.pairs[0]) if template and deployments else []),
        updates=_or_reason(lambda: groups(outcome.updates)),
        bad_actions=BAD,
        findings=[_shown(group, excerpt(group[0].place)) for group in grouped(outcome.findings)],
        claims=_or_reason(lambda: claims(claimed, template.value, verdict_words(outcome.verdicts)) if template else []),
        excerpt=excerpt,
        anchor=_anchor,
        script=Markup(SCRIPT),
        script_hash=b64encode(sha256(SCRIPT.encode()).digest()).decode(),
    )


def alone(deployment: Deployment) -> str:
    """Return the picture of two stacks as a file of SVG, light or dark as the reader's screen."""
    return _layout("alone.svg.jinja").render(name=deployment.name, picture=picture(deployment))


def _layout(name: str) -> jinja2.Template:
    folder = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(
        loader=folder, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["humps"] = humps
    environment.filters["coded"] = coded
    environment.filters["parted"] = parted
    return environment.get_template(name)


def humps(name: str) -> str:
    """Let a name of several words be broken between them: ThisName. The letter between is as wide as nothing."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "\u200b", name)


def coded(text: str) -> Markup:
    """Show as code what stands between backticks."""
    return Markup(re.sub(r"`([^`]+)`", lambda code: f"<code>{parted(Markup(code[1]))}</code>", str(escape(text))))


def parted(name: str) -> Markup:
    """Let a name be broken behind its underscores: this_name."""
    return Markup(re.sub(r"_(?=\w)", "_<wbr>", str(escape(name))))


def _or_reason(work: Callable[[], T]) -> Shown:
    try:
        return Shown(work(), "")
    except CannotTell as error:
        return Shown([], str(error))


def _tabs(deployments: Sequence[Deployment], findings: Sequence[Finding]) -> list[Tab]:
    tabs: dict[tuple[object, ...], Tab] = {}
    for deployment in deployments:
        drawn = picture(deployment, findings)
        shape = (
            tuple((chip.text, chip.style, chip.broken) for chip in drawn.chips),
            tuple((arrow.begin, arrow.end, arrow.kind) for arrow in drawn.arrows),
        )
        known = tabs.setdefault(shape, Tab((), drawn))
        tabs[shape] = known._replace(scenarios=(*known.scenarios, deployment.name))
    return list(tabs.values())


def _families(outcome: Outcome) -> list[tuple[str, list[Row]]]:
    names = [pair.name for pair in outcome.pairs]
    run = [verdict for verdict in outcome.verdicts if not isinstance(verdict.unmet, NotCompared)]
    found = [
        (family, [_verdict(verdict, names) for verdict in verdicts])
        for family, verdicts in groupby(run, lambda verdict: verdict.rule.family)
    ]
    rest = [finding for finding in outcome.findings if ID_OF_LINT.fullmatch(finding.rule)]
    if outcome.linted:
        text = "cfn-lint finds nothing in the template, nor in any stack that is made of it."
        found.append((OF_LINT, [_row(OF_LINT, text, rest, names)]))
    return found


def _verdict(verdict: Verdict, names: Sequence[str]) -> Row:
    row = _row(verdict.rule.name, verdict.rule.title, verdict.findings, names)
    return row._replace(untold=bool(verdict.errors), idle=not verdict.applies)


def _anchor(rule: str) -> str:
    """Return the name of the row of the matrix that a rule's findings are counted in."""
    return OF_LINT if ID_OF_LINT.fullmatch(rule) else rule


def _row(name: str, title: str, findings: Sequence[Finding], names: Sequence[str]) -> Row:
    # What is about the template as it is written stands in every scenario.
    cells = ((scenario, sum(finding.scenario in (scenario, "") for finding in findings)) for scenario in names)
    return Row(name, title, tuple(cells))


def _conditions(deployments: Sequence[Deployment]) -> list[tuple[str, list[tuple[str, str, bool | None]]]]:
    """Return each condition with its outcome in the stacks: scenario, side, whether it holds."""
    names = list(deployments[0].source.conditions) if deployments else []
    return [
        (
            name,
            [
                (deployment.name, stack.scenario.side, stack.conditions[name])
                for deployment in deployments
                for stack in deployment.stacks
            ],
        )
        for name in names
    ]


def _shown(group: Sequence[Finding], lines: list[tuple[int, str, bool]]) -> dict[str, Any]:
    return {"first": group[0], "where": said_where(group), "lines": lines}


def excerpt_of(sources: Sources, place: Place) -> list[tuple[int, str, bool]]:
    """Return the lines around a value without the indentation that all have: a phone is narrow."""
    lines = sources.around(place)
    indents = [len(text) - len(text.lstrip(" ")) for _, text, _ in lines if text.strip()]
    return [(number, text[min(indents, default=0) :], here) for number, text, here in lines]
