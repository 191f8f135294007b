"""Every case of every rule: the real template, changed, and what the rule says of it."""

import pytest

from stackproof.evaluation import scenario
from stackproof.rules import rule_files
from stackproof.rules.cases import run_case
from stackproof.rules.rule_files import Case, Rule
from stackproof.template import loader

TEMPLATE = loader.load("lib/TapStack.json")
PAIRS = scenario.load("rules/scenarios.yaml")
CASES = [(rule, case) for rule in rule_files.discover("rules") for case in rule_files.cases(rule)]


@pytest.mark.parametrize(("rule", "case"), CASES, ids=[f"{rule.name}: {case.name}" for rule, case in CASES])
def test_a_rule_says_of_a_changed_template_what_its_case_expects(rule: Rule, case: Case) -> None:
    assert run_case(TEMPLATE, PAIRS, rule, case) == ""
