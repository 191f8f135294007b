"""The Guard rules as files: each says the same when run by Guard alone, and none knows the template by name."""

import re
from collections.abc import Sequence
from itertools import chain, product

import pytest

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import Deployment, resolved
from stackproof.rules import guard, rule_files
from stackproof.rules.cases import patched
from stackproof.rules.guard import Block, GuardFile, Subject
from stackproof.rules.rule_files import Rule
from stackproof.template import loader

TEMPLATE = loader.load("lib/TapStack.json")
PAIRS = scenario.load("rules/scenarios.yaml")
RULES = [rule for rule in rule_files.discover("rules") if rule.is_guard]
each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])


def subjects(rule: Rule, deployment: Deployment) -> list[Subject]:
    source, target = (Subject(stack.value) for stack in deployment.stacks)
    return [Subject.pair(source, target)] if "on: pair" in rule.text else [source, target]


def blocks(rule: Rule, subjects: Sequence[Subject]) -> list[tuple[Block, ...]]:
    return [guard.evaluate(GuardFile(rule.name, rule.path, rule.text), subject) for subject in subjects]


@each_rule
def test_a_file_says_of_what_it_selects_what_it_says_of_the_whole(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = next(case for case in rule_files.cases(rule) if case.expect == "fail")
    asked = [
        subject
        for text in (TEMPLATE, patched(TEMPLATE, broken))
        for subject in subjects(rule, resolved(text, PAIRS[0]))
    ]
    of_the_slice = blocks(rule, asked)
    monkeypatch.setattr(guard, "_wanted", lambda _: None)
    assert blocks(rule, asked) == of_the_slice


@each_rule
def test_a_file_is_put_to_less_than_the_whole(rule: Rule) -> None:
    assert guard._wanted(rule.text) is not None


@each_rule
def test_a_rule_names_no_logical_id(rule: Rule) -> None:
    assert not set(re.findall(r"\w+", rule.text)) & (set(TEMPLATE.value["Resources"]) - {"BackupPlan", "BackupVault"})


@each_rule
def test_every_failure_says_how_to_mend_it(rule: Rule) -> None:
    assert rule.text.count("Violation: ") == rule.text.count("Fix: ") == rule.text.count("<<")


@each_rule
def test_every_block_of_a_rule_is_broken_by_one_of_its_cases(rule: Rule) -> None:
    unbroken = {block.name for block in chain(*blocks(rule, subjects(rule, resolved(TEMPLATE, PAIRS[0]))))}
    for case, pair in product(rule_files.cases(rule), PAIRS):
        if unbroken and case.expect == "fail":
            asked = subjects(rule, resolved(patched(TEMPLATE, case), pair))
            unbroken -= {block.name for block in chain(*blocks(rule, asked)) if block.status == "FAIL"}
    assert not unbroken
