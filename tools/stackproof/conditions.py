"""The Conditions of a template: which of them hold in one scenario.

Source: CloudFormation Template Reference, "Condition functions".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.evaluator import Evaluator, Function
from stackproof.intrinsics import find_in_map, join, ref, select, split, sub
from stackproof.parameters import text
from stackproof.scope import Scope


class NoResources:
    """In Conditions and Rules no resource can be referred to: none exists yet."""

    def present(self, logical: str) -> str:
        return f"{logical!r} is no parameter, and only parameters can be referred to here"

    def ref(self, logical: str) -> Any:
        raise NotImplementedError

    def attribute(self, logical: str, name: str) -> Any:
        raise NotImplementedError

    def zones(self, region: Any) -> Any:
        raise NotImplementedError

    def imported(self, name: Any) -> Any:
        raise NotImplementedError


class Conditions:
    """The outcome of each condition, worked out once when first asked for."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.declared: Mapping[str, Any] = scope.template.value.get("Conditions", {})
        self.evaluator = Evaluator(scope, IN_CONDITIONS, NoResources(), self)
        self.outcomes: dict[str, bool] = {}
        self.open: list[str] = []

    def holds(self, node: Any, name: Any) -> bool:
        """Tell whether a condition holds; `node` is where it is named."""
        if not isinstance(name, str) or name not in self.declared:
            raise self.scope.refuse(node, f"there is no condition {name!r}", "declare it in Conditions")
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
    one, other = (_comparable(evaluator, item) for item in evaluator.arguments(node, "Fn::Equals", given, 2))
    return bool(one == other)


def _comparable(evaluator: Evaluator, item: Any) -> Any:
    value = evaluator.value(item)
    return text(value) if isinstance(value, bool | int | float) else value


def conjunction(evaluator: Evaluator, node: Any, given: Any) -> bool:
    return all([truth(evaluator, node, one) for one in evaluator.arguments(node, "Fn::And", given, 2, 10)])


def disjunction(evaluator: Evaluator, node: Any, given: Any) -> bool:
    return any([truth(evaluator, node, one) for one in evaluator.arguments(node, "Fn::Or", given, 2, 10)])


def negation(evaluator: Evaluator, node: Any, given: Any) -> bool:
    return not truth(evaluator, node, *evaluator.arguments(node, "Fn::Not", given, 1))


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
