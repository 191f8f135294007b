"""Every case of every rule: the real template, changed, and what the rule says of it."""

import pytest

from stackproof import rules, scenario, template
from stackproof.rules import Case, Rule
from stackproof.trial import try_case

TEMPLATE = template.load("lib/TapStack.json")
PAIRS = scenario.load("rules/scenarios.yaml")
CASES = [(rule, case) for rule in rules.find("rules") for case in rules.cases(rule)]


@pytest.mark.parametrize(("rule", "case"), CASES, ids=[f"{rule.name}: {case.name}" for rule, case in CASES])
def test_a_rule_says_of_a_changed_template_what_its_case_expects(rule: Rule, case: Case) -> None:
    assert try_case(TEMPLATE, PAIRS, rule, case) == ""
