"""The Guard rules as files: each says the same when run by Guard alone, and none knows the template by name."""

import re
from collections.abc import Sequence

import pytest

from stackproof import guard, rules, scenario, template
from stackproof.deployment import resolved
from stackproof.guard import Block, GuardFile, Subject
from stackproof.rules import Rule
from stackproof.trial import patched

TEMPLATE = template.load("lib/TapStack.json")
FIRST = scenario.load("rules/scenarios.yaml")[0]
RULES = [rule for rule in rules.find("rules") if rule.is_guard]
each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])


def said(rule: Rule, subjects: Sequence[Subject]) -> list[tuple[Block, ...]]:
    return [guard.evaluate(GuardFile(rule.name, rule.path, rule.text), subject) for subject in subjects]


@each_rule
def test_a_file_says_of_what_it_selects_what_it_says_of_the_whole(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = next(case for case in rules.cases(rule) if case.expect == "fail")
    subjects = []
    for text in (TEMPLATE, patched(TEMPLATE, broken)):
        deployment = resolved(text, FIRST)
        source, target = Subject(deployment.source.value), Subject(deployment.target.value)
        subjects += [Subject.pair(source, target)] if "on: pair" in rule.text else [source, target]
    of_the_slice = said(rule, subjects)
    monkeypatch.setattr(guard, "_wanted", lambda _: None)
    assert said(rule, subjects) == of_the_slice


@each_rule
def test_a_file_is_put_to_less_than_the_whole(rule: Rule) -> None:
    assert guard._wanted(rule.text) is not None


@each_rule
def test_a_rule_names_no_logical_id(rule: Rule) -> None:
    assert not set(re.findall(r"\w+", rule.text)) & (set(TEMPLATE.value["Resources"]) - {"BackupPlan", "BackupVault"})


@each_rule
def test_every_failure_says_how_to_mend_it(rule: Rule) -> None:
    assert rule.text.count("Violation: ") == rule.text.count("Fix: ") == rule.text.count("<<")
