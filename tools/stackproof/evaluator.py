"""The walk over a template that works its values out, function by function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from stackproof.finding import CannotTell
from stackproof.parameters import text
from stackproof.scope import NO_VALUE, Scope


class References(Protocol):
    """What stands for things outside the text: a function left as it is, or a name, an ARN, a token."""

    def present(self, logical: str) -> str:
        """Return "" for a resource that the scenario has, else why it cannot be referred to."""

    def ref(self, logical: str) -> Any: ...
    def attribute(self, logical: str, name: str) -> Any: ...
    def zones(self, region: Any) -> Any: ...
    def imported(self, name: Any) -> Any: ...


class Conditions(Protocol):
    """The outcomes of a template's conditions."""

    def holds(self, node: Any, name: Any) -> bool: ...


Function = Callable[["Evaluator", Any, Any], Any]
"""Takes the evaluator, the node that calls the function (for its place) and the node's arguments."""


def is_function(value: Any) -> bool:
    """Tell whether a worked-out value is a function that stands for what is not known yet."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


class Evaluator:
    """Works values of one template out for one scenario, with the functions that may stand where they stand.

    `static` holds the ids of the template's mappings and lists that hold no function: they are shared, not copied.
    `taken` collects the Fn::If nodes met, by id, with the side chosen.
    """

    def __init__(
        self,
        scope: Scope,
        functions: Mapping[str, Function],
        references: References,
        conditions: Conditions,
        static: frozenset[int] = frozenset(),
    ) -> None:
        self.scope = scope
        self.functions = functions
        self.references = references
        self.conditions = conditions
        self.static = static
        self.taken: set[tuple[int, bool]] = set()

    def value(self, node: Any) -> Any:
        """Return a node worked out: a plain value, NO_VALUE, or a function left for later."""
        if isinstance(node, dict):
            if id(node) in self.static:
                return node
            name = self.called(node)
            if name is not None:
                return self.functions[name](self, node, node[name])
            return {key: value for key, item in node.items() if (value := self.value(item)) is not NO_VALUE}
        if isinstance(node, list) and id(node) not in self.static:
            return [value for item in node if (value := self.value(item)) is not NO_VALUE]
        return node

    def called(self, node: Mapping[str, Any]) -> str | None:
        """Return the name of the function that a mapping calls, if it calls one that may stand here."""
        if len(node) == 1:
            (name,) = node
            if name in self.functions:
                return name
        for name in node:
            if name.startswith("Fn::"):
                if len(node) > 1:
                    raise self.refuse(node, f"{name} must be the only key of its mapping", "move the other keys out")
                raise self.refuse(node, *misplaced(name))
        return None

    def text(self, node: Any, item: Any, what: str) -> Any:
        """Work an argument out that must be text; return the text, or the function that stands for it."""
        return self.as_text(node, self.value(item), what)

    def as_text(self, node: Any, value: Any, what: str) -> Any:
        """Return a worked-out value as text, or the function that stands for it."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool | int | float):
            return text(value)
        if is_function(value):
            return value
        shown = "AWS::NoValue" if value is NO_VALUE else "null" if value is None else f"a {type(value).__name__}"
        raise self.refuse(node, f"{what} must be text, not {shown}")

    def arguments(self, node: Any, name: str, given: Any, least: int, most: int | None = None) -> list[Any]:
        """Return the arguments of a function that takes a list of them."""
        most = most or least
        if not isinstance(given, list) or not least <= len(given) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise self.refuse(node, f"{name} takes a list of {wanted} argument{'s' if most > 1 else ''}")
        return given

    def ref(self, node: Any, name: Any) -> Any:
        """Return the value of a Ref: of a parameter, a pseudo parameter or a resource."""
        if not isinstance(name, str):
            raise self.refuse(node, "Ref takes a name", "write the name of a parameter or a resource")
        if name in self.scope.names:
            return self.scope.names[name]
        self.demand(node, name)
        return self.references.ref(name)

    def attribute(self, node: Any, logical: str, name: str) -> Any:
        """Return the value of an attribute of a resource."""
        self.demand(node, logical)
        return self.references.attribute(logical, name)

    def demand(self, node: Any, logical: str) -> None:
        why_not = self.references.present(logical)
        if why_not:
            raise self.refuse(node, why_not, "mend the name, or choose by Fn::If")

    def refuse(self, node: Any, message: str, fix: str = "") -> CannotTell:
        return self.scope.refuse(node, message, fix)


ONLY_IN_CONDITIONS = ("Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or")
ONLY_IN_RULES = (
    "Fn::Contains",
    "Fn::EachMemberEquals",
    "Fn::EachMemberIn",
    "Fn::RefAll",
    "Fn::ValueOf",
    "Fn::ValueOfAll",
)
ONLY_IN_RESOURCES = ("Fn::Base64", "Fn::Cidr", "Fn::GetAZs", "Fn::GetAtt", "Fn::If", "Fn::ImportValue")
NEEDS_TRANSFORM = ("Fn::ForEach", "Fn::Length", "Fn::ToJsonString", "Fn::Transform")


def misplaced(name: str) -> tuple[str, str]:
    """Return what is wrong with a function that may not stand where it stands, and the fix."""
    if name in ONLY_IN_CONDITIONS:
        return f"{name} is only allowed in Conditions and Rules", "name a condition and use Fn::If"
    if name in ONLY_IN_RULES:
        return f"{name} is only allowed in Rules", "move it"
    if name in ONLY_IN_RESOURCES:
        return f"{name} is only allowed in Resources and Outputs", "work with parameters and mappings"
    if name.startswith(NEEDS_TRANSFORM):
        return f"{name} needs a transform or macro, which is not run here", "write its result out"
    return f"unknown function {name}", "use a function that CloudFormation has"
