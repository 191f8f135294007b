"""The Conditions of a template: which of them hold in one scenario.

Source: CloudFormation Template Reference, "Condition functions".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.evaluation.evaluator import Evaluator, Function
from stackproof.evaluation.intrinsics import find_in_map, join, ref, select, split, sub
from stackproof.evaluation.references import SymbolicReferences
from stackproof.evaluation.scope import NO_VALUE, Scope
from stackproof.foundation.placeholders import holds_unknown
from stackproof.template.parameters import text


class Conditions:
    """The outcome of each condition, worked out once when first asked for."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.declared: Mapping[str, Any] = scope.template.value.get("Conditions", {})
        self.evaluator = Evaluator(scope, IN_CONDITIONS, SymbolicReferences(scope), self, scope.names)
        self.outcomes: dict[str, bool] = {}
        self.open: list[str] = []

    def holds(self, node: Any, name: str) -> bool:
        """Tell whether a declared condition holds; `node` is where it is named."""
        if name not in self.outcomes:
            if name in self.open:
                way = " -> ".join([*self.open[self.open.index(name) :], name])
                raise self.scope.refuse(node, f"the conditions go round in a circle: {way}", "break the circle")
            self.open.append(name)
            self.outcomes[name] = truth(self.evaluator, self.declared, self.declared[name])
            self.open.pop()
        return self.outcomes[name]

    def all(self) -> Mapping[str, bool]:
        """Return the outcome of every condition that the template declares."""
        return {name: self.holds(self.declared, name) for name in self.declared}


def equals(evaluator: Evaluator, node: Any, given: Any) -> bool:
    one, other = (comparable(evaluator, node, evaluator.value(item)) for item in given)
    return bool(one == other)


def comparable(evaluator: Evaluator, node: Any, value: Any) -> Any:
    """Return a value with every scalar in it as text: CloudFormation compares texts."""
    if isinstance(value, str):
        if holds_unknown(value):
            raise evaluator.refuse(node, f"{value!r} cannot be compared: only AWS knows it", "compare parameters")
        return value
    if isinstance(value, list):
        return [comparable(evaluator, node, item) for item in value]
    if isinstance(value, dict):
        return {key: comparable(evaluator, node, item) for key, item in value.items()}
    if value is NO_VALUE:
        raise evaluator.refuse(node, "AWS::NoValue cannot be compared", "compare with an empty text")
    return text(value)


def conjunction(evaluator: Evaluator, node: Any, given: Any) -> bool:
    return all([truth(evaluator, node, one) for one in given])


def disjunction(evaluator: Evaluator, node: Any, given: Any) -> bool:
    return any([truth(evaluator, node, one) for one in given])


def negation(evaluator: Evaluator, node: Any, given: Any) -> bool:
    return not truth(evaluator, node, given[0])


def condition(evaluator: Evaluator, node: Any, given: Any) -> bool:
    return evaluator.conditions.holds(node, given)


def truth(evaluator: Evaluator, node: Any, item: Any) -> bool:
    """Work out what must be a condition function."""
    value = evaluator.value(item)
    if not isinstance(value, bool) or isinstance(item, bool):
        raise evaluator.refuse(node, "a condition must be made of condition functions", "use Fn::Equals")
    return value


IN_CONDITIONS: Mapping[str, Function] = {
    "Ref": ref,
    "Condition": condition,
    "Fn::And": conjunction,
    "Fn::Equals": equals,
    "Fn::FindInMap": find_in_map,
    "Fn::Join": join,
    "Fn::Not": negation,
    "Fn::Or": disjunction,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::Sub": sub,
}
