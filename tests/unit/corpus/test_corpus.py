"""Templates as people write them are worked out and checked: no crash, and no refusal of what CloudFormation takes."""

from functools import cache

import pytest
from corpus import Written, templates

from stackproof.evaluation.scenario import Pair, Scenario, command_line
from stackproof.evaluation.stack import fold, resolve
from stackproof.gate.gate import prove
from stackproof.rules import rule_files
from stackproof.rules.rule_files import Rule
from stackproof.template.loader import parse

EVERY = [*templates()]
STEP = 13
"""Every so many templates are put to the rules as well: a number that meets each service, shape and form."""


def side(region: str, stage: str) -> Scenario:
    return command_line(region, "111111111111", "stack", {"Stage": stage})


def test_there_are_at_least_300() -> None:
    assert len({item.text for item in EVERY}) >= 300


@pytest.mark.parametrize("written", EVERY, ids=lambda item: item.name)
def test_a_template_is_folded_and_resolved(written: Written) -> None:
    template = parse(written.text, written.name)
    for region, stage in (("us-east-1", "dev"), ("eu-central-1", "prod")):
        folded, resolved = (work(template, side(region, stage)) for work in (fold, resolve))
        assert folded.resources.keys() == resolved.resources.keys() >= {"Main"}


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(item for item in rule_files.discover("rules") if item.pack in ("core", "security", "resilience"))


@pytest.mark.parametrize("written", EVERY[::STEP], ids=lambda item: item.name)
def test_a_template_is_put_to_the_rules_without_an_error(written: Written) -> None:
    source, target = side("us-east-1", "dev"), side("eu-central-1", "prod")
    template = parse(written.text, written.name)
    outcome = prove(template, (Pair("both", source, target),), rules(), ())
    assert [str(error) for error in outcome.errors] == []
