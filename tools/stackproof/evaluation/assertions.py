"""The Rules of a template: what it asserts of its parameters before anything is created.

Source: CloudFormation User Guide, "CloudFormation template Rules syntax"; Template Reference, "Rule-specific intrinsic
functions".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.evaluation.conditions import IN_CONDITIONS, Conditions, comparable, truth
from stackproof.evaluation.evaluator import Evaluator, Function
from stackproof.evaluation.references import SymbolicReferences
from stackproof.evaluation.scope import Scope
from stackproof.foundation.finding import CannotTell
from stackproof.template.parameters import declarations


def check_assertions(scope: Scope, conditions: Conditions) -> None:
    """Raise CannotTell, with the assertion's own description, for the first assertion that fails."""
    evaluator = Evaluator(scope, IN_RULES, SymbolicReferences(scope), conditions, scope.names)
    for name, rule in scope.template.value.get("Rules", {}).items():
        if "RuleCondition" in rule and not truth(evaluator, rule, rule["RuleCondition"]):
            continue
        for assertion in rule["Assertions"]:
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
    values, value = given
    return _text(evaluator, node, value, "the value of Fn::Contains") in _texts(evaluator, node, values)


def each_member_equals(evaluator: Evaluator, node: Any, given: Any) -> bool:
    values, value = given
    wanted = _text(evaluator, node, value, "the value of Fn::EachMemberEquals")
    return all(one == wanted for one in _texts(evaluator, node, values))


def each_member_in(evaluator: Evaluator, node: Any, given: Any) -> bool:
    values, allowed = given
    return set(_texts(evaluator, node, values)) <= set(_texts(evaluator, node, allowed))


def ref_all(evaluator: Evaluator, node: Any, given: str) -> list[str]:
    """Return the values of all parameters of an AWS-specific type, those of lists of it among them."""
    if not given.startswith("AWS::"):
        message = f"{given!r} is no AWS-specific parameter type"
        raise evaluator.refuse(node, message, "name one, such as AWS::EC2::VPC::Id")
    found: list[str] = []
    for name, one in declarations(evaluator.scope.template).items():
        if one.kind == given and not one.stored:
            value = evaluator.scope.parameters[name]
            found += value if isinstance(value, list) else [value]
    return found


def value_of(evaluator: Evaluator, node: Any, given: Any) -> Any:
    name, attribute = given
    if name not in evaluator.scope.parameters:
        raise evaluator.refuse(node, f"{name!r} is no parameter", "name one of Parameters")
    return _only_aws_knows(evaluator, node, "Fn::ValueOf", name, attribute)


def value_of_all(evaluator: Evaluator, node: Any, given: Any) -> Any:
    kind, attribute = given
    if not ref_all(evaluator, node, kind):
        return []
    return _only_aws_knows(evaluator, node, "Fn::ValueOfAll", f"the parameters of type {kind}", attribute)


def _only_aws_knows(evaluator: Evaluator, node: Any, function: str, what: str, attribute: str) -> Any:
    message = f"{function} of {what} needs {attribute} of a thing in the account, which only AWS knows"
    raise evaluator.refuse(node, message, "assert on parameters")


def _texts(evaluator: Evaluator, node: Any, item: Any) -> list[str]:
    values = evaluator.value(item)
    if not isinstance(values, list):
        raise evaluator.refuse(node, "a list is wanted here", "give a list, or a Ref to a parameter of a list type")
    return [comparable(evaluator, node, evaluator.as_text(node, value, "an item of the list")) for value in values]


def _text(evaluator: Evaluator, node: Any, item: Any, what: str) -> Any:
    return comparable(evaluator, node, evaluator.text(node, item, what))


IN_RULES: Mapping[str, Function] = {
    **IN_CONDITIONS,
    "Fn::Contains": contains,
    "Fn::EachMemberEquals": each_member_equals,
    "Fn::EachMemberIn": each_member_in,
    "Fn::RefAll": ref_all,
    "Fn::ValueOf": value_of,
    "Fn::ValueOfAll": value_of_all,
}
