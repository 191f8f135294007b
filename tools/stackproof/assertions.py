"""The Rules of a template: what it asserts of its parameters before anything is created.

Source: CloudFormation User Guide, "CloudFormation template Rules syntax"; Template Reference, "Rule functions".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.conditions import IN_CONDITIONS, Conditions, NoResources, truth
from stackproof.evaluator import Evaluator, Function
from stackproof.finding import CannotTell
from stackproof.scope import Scope

KEYS = {"RuleCondition", "Assertions"}


def check_assertions(scope: Scope, conditions: Conditions) -> None:
    """Raise CannotTell, with the assertion's own description, for the first assertion that fails."""
    evaluator = Evaluator(scope, IN_RULES, NoResources(), conditions)
    for name, rule in scope.template.value.get("Rules", {}).items():
        for key in rule.keys() - KEYS:
            raise scope.refuse(rule, f"rule {name} has the unknown key {key!r}", "use RuleCondition and Assertions")
        if "RuleCondition" in rule and not truth(evaluator, rule, rule["RuleCondition"]):
            continue
        assertions = rule.get("Assertions")
        if not isinstance(assertions, list) or not assertions:
            raise scope.refuse(rule, f"rule {name} asserts nothing", "give it Assertions")
        for assertion in assertions:
            if not isinstance(assertion, dict) or "Assert" not in assertion:
                raise scope.refuse(rule, f"an assertion of rule {name} has no Assert", "add it")
            if not truth(evaluator, assertion, assertion["Assert"]):
                raise refused(scope, name, assertion)


def refused(scope: Scope, rule: str, assertion: Mapping[str, Any]) -> CannotTell:
    scenario = scope.scenario
    said = assertion.get("AssertDescription", "an assertion without a description failed")
    return scope.refuse(
        assertion,
        f"rule {rule} refuses the parameters of {scenario.name} in {scenario.region}: {said}",
        "give other parameters",
    )


def contains(evaluator: Evaluator, node: Any, given: Any) -> bool:
    values, value = evaluator.arguments(node, "Fn::Contains", given, 2)
    return evaluator.text(node, value, "the value of Fn::Contains") in _texts(evaluator, node, values)


def each_member_equals(evaluator: Evaluator, node: Any, given: Any) -> bool:
    values, value = evaluator.arguments(node, "Fn::EachMemberEquals", given, 2)
    wanted = evaluator.text(node, value, "the value of Fn::EachMemberEquals")
    return all(one == wanted for one in _texts(evaluator, node, values))


def each_member_in(evaluator: Evaluator, node: Any, given: Any) -> bool:
    values, allowed = evaluator.arguments(node, "Fn::EachMemberIn", given, 2)
    return set(_texts(evaluator, node, values)) <= set(_texts(evaluator, node, allowed))


def ref_all(evaluator: Evaluator, _node: Any, given: Any) -> list[str]:
    """Return the values of all parameters of an AWS-specific type."""
    declared = evaluator.scope.template.value.get("Parameters", {})
    return [str(evaluator.scope.parameters[name]) for name, one in declared.items() if one.get("Type") == given]


def value_of(evaluator: Evaluator, node: Any, given: Any) -> Any:
    name, attribute = evaluator.arguments(node, "Fn::ValueOf", given, 2)
    raise evaluator.refuse(
        node,
        f"Fn::ValueOf of {name} needs {attribute} of a thing in the account, which only AWS knows",
        "assert on parameters",
    )


def value_of_all(evaluator: Evaluator, node: Any, given: Any) -> Any:
    kind, attribute = evaluator.arguments(node, "Fn::ValueOfAll", given, 2)
    if not ref_all(evaluator, node, kind):
        return []
    return value_of(evaluator, node, [f"the parameters of type {kind}", attribute])


def _texts(evaluator: Evaluator, node: Any, item: Any) -> list[str]:
    values = evaluator.value(item)
    if not isinstance(values, list):
        raise evaluator.refuse(node, "a list is wanted here", "give a list, or a Ref to a parameter of a list type")
    return [evaluator.as_text(node, value, "an item of the list") for value in values]


IN_RULES: Mapping[str, Function] = {
    **{name: function for name, function in IN_CONDITIONS.items() if name != "Condition"},
    "Fn::Contains": contains,
    "Fn::EachMemberEquals": each_member_equals,
    "Fn::EachMemberIn": each_member_in,
    "Fn::RefAll": ref_all,
    "Fn::ValueOf": value_of,
    "Fn::ValueOfAll": value_of_all,
}
