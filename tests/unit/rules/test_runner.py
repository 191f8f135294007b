"""The order in which two processes share the rules."""

from __future__ import annotations

from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import side_by_side


def rule(name: str, text: str) -> Rule:
    return Rule(name.partition(".")[0], "family", f"rules/family/{name}", text, "It holds", "")


def test_rules_that_ask_the_same_stand_side_by_side_and_those_in_guard_last() -> None:
    rules = [
        rule("encrypted.guard", "let x = Resources.*"),
        rule("policies.py", "from stackproof.iam.statements import statements"),
        rule("names.py", "from stackproof.api import Deployment"),
        rule("handlers.py", "from stackproof.code.inline import parsed"),
        rule("roles.py", "from stackproof.iam.needs import needs_of"),
        rule("regions.py", "from stackproof.api import Deployment"),
    ]
    assert [rule.name for rule in side_by_side(rules)] == [
        "names", "regions", "handlers", "policies", "roles", "encrypted"
    ]  # fmt: skip
