"""The Rules of a template: what it asserts of its parameters before anything is created.

Source: CloudFormation User Guide, "CloudFormation template Rules syntax"; Template Reference, "Rule-specific intrinsic
functions".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stackproof.evaluation.conditions import IN_CONDITIONS, STATE_IT, Conditions, comparable, every, has_unknown, truth
from stackproof.evaluation.evaluator import Evaluator, Function
from stackproof.evaluation.references import SymbolicReferences
from stackproof.evaluation.scope import Scope, Truth
from stackproof.foundation.finding import CannotTell, Note
from stackproof.foundation.placeholders import is_unknown, token
from stackproof.template.parameters import declarations


def check_assertions(scope: Scope, conditions: Conditions) -> tuple[Note, ...]:
    """Raise CannotTell, with the assertion's own description, for the first assertion that fails.

    Returns a note for each that only AWS can decide.
    """
    notes = []
    evaluator = Evaluator(scope, IN_RULES, SymbolicReferences(scope), conditions, scope.names)
    for name, rule in scope.template.value.get("Rules", {}).items():
        applies = truth(evaluator, rule, rule["RuleCondition"]) if "RuleCondition" in rule else True
        for assertion in rule["Assertions"] if applies is not False else ():
            holds = truth(evaluator, assertion, assertion["Assert"])
            if holds is False and applies:
                raise refused(scope, name, assertion)
            if not holds:
                where = f"an assertion of rule {name} for {scope.scenario.name} in {scope.scenario.region}"
                notes.append(scope.note(assertion, f"{where} depends on what only AWS knows", STATE_IT))
    return tuple(notes)


def refused(scope: Scope, rule: str, assertion: Mapping[str, Any]) -> CannotTell:
    scenario = scope.scenario
    description = assertion.get("AssertDescription", "an assertion without a description failed")
    return scope.refuse(
        assertion,
        f"rule {rule} refuses the parameters of {scenario.name} in {scenario.region}: {description}",
        "give other parameters",
    )


def contains(evaluator: Evaluator, node: Any, arguments: Any) -> Truth:
    values, value = arguments
    wanted = _text(evaluator, node, value, "the value of Fn::Contains")
    return _is_among(wanted, _texts(evaluator, node, values))


def each_member_equals(evaluator: Evaluator, node: Any, arguments: Any) -> Truth:
    values, value = arguments
    wanted = _text(evaluator, node, value, "the value of Fn::EachMemberEquals")
    found = _texts(evaluator, node, values)
    return None if found is None else every(_is_among(text, [wanted]) for text in found)


def each_member_in(evaluator: Evaluator, node: Any, arguments: Any) -> Truth:
    values, allowed = (_texts(evaluator, node, item) for item in arguments)
    return None if values is None else every(_is_among(text, allowed) for text in values)


def _is_among(text: str, values: Sequence[str] | None) -> Truth:
    """Tell whether a text is in a list; None where the list, or what is no equal, is for AWS to know."""
    if values is not None and text in values:
        return True
    return None if values is None or (values and has_unknown([text, *values])) else False


def ref_all(evaluator: Evaluator, node: Any, parameter_type: str) -> list[str]:
    """Return the values of all parameters of an AWS-specific type, those of lists of it among them."""
    if not parameter_type.startswith("AWS::"):
        message = f"{parameter_type!r} is no AWS-specific parameter type"
        raise evaluator.refuse(node, message, "name one, such as AWS::EC2::VPC::Id")
    found: list[str] = []
    for name, declaration in declarations(evaluator.scope.template).items():
        if declaration.kind == parameter_type and not declaration.stored:
            value = evaluator.scope.parameters[name]
            found += value if isinstance(value, list) else [value]
    return found


def value_of(evaluator: Evaluator, node: Any, arguments: Any) -> Any:
    name, attribute = arguments
    if name not in evaluator.scope.parameters:
        raise evaluator.refuse(node, f"{name!r} is no parameter", "name one of Parameters")
    return token(f"Fn::ValueOf {name}", evaluator.scope.scenario.region, attribute)


def value_of_all(evaluator: Evaluator, node: Any, arguments: Any) -> Any:
    kind, attribute = arguments
    if not ref_all(evaluator, node, kind):
        return []
    return token(f"Fn::ValueOfAll {kind}", evaluator.scope.scenario.region, attribute)


def _texts(evaluator: Evaluator, node: Any, item: Any) -> list[str] | None:
    """Return the texts of a list; None of a list that only AWS knows."""
    values = evaluator.value(item)
    if is_unknown(values):
        return None
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
