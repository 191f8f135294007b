"""The Conditions of a template: which of them hold in one scenario.

Source: CloudFormation Template Reference, "Condition functions".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from stackproof.evaluation.evaluator import Evaluator, Function
from stackproof.evaluation.intrinsics import find_in_map, join, length, ref, select, split, sub, to_json_string
from stackproof.evaluation.references import SymbolicReferences
from stackproof.evaluation.scope import NO_VALUE, Scope, Truth
from stackproof.foundation.finding import Note
from stackproof.foundation.placeholders import holds_unknown
from stackproof.template.parameters import text

STATE_IT = "state the stored value under ssm: of the side, NAME: VALUE, if it is a parameter of Systems Manager"


class Conditions:
    """The outcome of each condition, worked out once when first asked for."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.declared: Mapping[str, Any] = scope.template.value.get("Conditions", {})
        self.evaluator = Evaluator(scope, IN_CONDITIONS, SymbolicReferences(scope), self, scope.names)
        self.outcomes: dict[str, Truth] = {}
        self.open: list[str] = []

    def holds(self, node: Any, name: str) -> Truth:
        """Tell whether a declared condition holds, None where only AWS can; `node` is where it is named."""
        if name not in self.outcomes:
            if name in self.open:
                way = " -> ".join([*self.open[self.open.index(name) :], name])
                raise self.scope.refuse(node, f"conditions depend on each other in a cycle: {way}", "break the cycle")
            self.open.append(name)
            self.outcomes[name] = truth(self.evaluator, self.declared, self.declared[name])
            self.open.pop()
        return self.outcomes[name]

    def undecided(self) -> tuple[str, ...]:
        """Return the conditions that only AWS can decide."""
        return tuple(name for name, holds in self.outcomes.items() if holds is None)

    def notes(self) -> Iterator[Note]:
        """Give a note for each condition that only AWS can decide."""
        for name in self.undecided():
            scenario = self.scope.scenario
            where = f"condition {name} of {scenario.name} in {scenario.region}"
            yield self.scope.note(self.declared[name], f"{where} depends on what only AWS knows", STATE_IT)

    def all(self) -> Mapping[str, Truth]:
        """Return the outcome of every condition that the template declares."""
        return {name: self.holds(self.declared, name) for name in self.declared}


def equals(evaluator: Evaluator, node: Any, arguments: Any) -> Truth:
    first, second = (comparable(evaluator, node, evaluator.value(item)) for item in arguments)
    if first == second:
        return True
    return None if has_unknown(first) or has_unknown(second) else False


def has_unknown(value: Any) -> bool:
    """Tell whether only AWS knows a part of a value that is compared."""
    if isinstance(value, str):
        return holds_unknown(value)
    members = value.values() if isinstance(value, dict) else value
    return any(has_unknown(member) for member in members)


def comparable(evaluator: Evaluator, node: Any, value: Any) -> Any:
    """Return a value with every scalar in it as text: CloudFormation compares texts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return [comparable(evaluator, node, item) for item in value]
    if isinstance(value, dict):
        return {key: comparable(evaluator, node, item) for key, item in value.items()}
    if value is NO_VALUE:
        raise evaluator.refuse(node, "AWS::NoValue cannot be compared", "compare with an empty text")
    return text(value)


def conjunction(evaluator: Evaluator, node: Any, arguments: Any) -> Truth:
    return every(truth(evaluator, node, argument) for argument in arguments)


def every(truths: Iterable[Truth]) -> Truth:
    """Tell whether all hold: one that does not decides it, whatever only AWS knows of others."""
    found = [*truths]
    return False if False in found else None if None in found else True


def disjunction(evaluator: Evaluator, node: Any, arguments: Any) -> Truth:
    return opposite(every(opposite(truth(evaluator, node, argument)) for argument in arguments))


def opposite(holds: Truth) -> Truth:
    return None if holds is None else not holds


def negation(evaluator: Evaluator, node: Any, argument: Any) -> Truth:
    return opposite(truth(evaluator, node, argument[0]))


def condition(evaluator: Evaluator, node: Any, name: Any) -> Truth:
    return evaluator.conditions.holds(node, name)


def truth(evaluator: Evaluator, node: Any, item: Any) -> Truth:
    """Work out what must be a condition function."""
    value = evaluator.value(item)
    if not isinstance(value, bool | None) or isinstance(item, bool):
        raise evaluator.refuse(node, "a condition must be made of condition functions", "use Fn::Equals")
    return value


IN_CONDITIONS: Mapping[str, Function] = {
    "Ref": ref,
    "Condition": condition,
    "Fn::And": conjunction,
    "Fn::Equals": equals,
    "Fn::FindInMap": find_in_map,
    "Fn::Join": join,
    "Fn::Length": length,
    "Fn::Not": negation,
    "Fn::Or": disjunction,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::Sub": sub,
    "Fn::ToJsonString": to_json_string,
}
