"""The walk over a template that works its values out, function by function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from stackproof.aws.attributes import gettable, has_attribute
from stackproof.evaluation.scope import NO_VALUE, Scope, Truth
from stackproof.foundation.finding import CannotTell
from stackproof.template import section_check
from stackproof.template.function_check import module_of
from stackproof.template.parameters import text


class References(Protocol):
    """What stands for things outside the text: a function left as it is, or a name, an ARN, a token."""

    def ref(self, logical: str) -> Any: ...
    def attribute(self, logical: str, name: str) -> Any: ...
    def zones(self, region: Any) -> Any: ...
    def imported(self, name: Any) -> Any: ...
    def undecided(self, condition: str, yes: Any, no: Any) -> Any: ...
    def stack_output(self, arguments: Mapping[str, Any]) -> Any: ...


class Conditions(Protocol):
    """The outcomes of a template's conditions."""

    def holds(self, node: Any, name: str) -> Truth: ...


LONGEST_TEXT = 1_048_576
"""Characters of one text: a template has no more. Source: CloudFormation User Guide, "Quotas", template body, 1 MB."""
MOST_ITEMS = 100_000
"""Items of one list: more than a template of that size has room for."""
BUDGET = 16 * LONGEST_TEXT
"""Characters of all that the functions of one stack make; texts of less than SMALL characters are not counted."""
SMALL, ITEM = 256, 64
"""ITEM is what an item of a list takes beside its characters."""
TREES = (dict, list)
Function = Callable[["Evaluator", Any, Any], Any]
"""Takes the evaluator, the node that calls the function (for its place) and the node's arguments."""


def is_function(value: Any) -> bool:
    """Tell whether a worked-out value is a function that stands for what is not known yet."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    (name,) = value
    return bool(name == "Ref" or name.startswith("Fn::"))


class Evaluator:
    """Works values of one template out for one scenario. The template's functions have been checked before.

    `present` holds the ids of the resources that the scenario has. `taken` collects the Fn::If nodes met, by id, with
    the side chosen; `referred` the resources referred to since it was last exchanged.
    """

    def __init__(
        self,
        scope: Scope,
        functions: Mapping[str, Function],
        references: References,
        conditions: Conditions,
        names: Mapping[str, Any],
    ) -> None:
        read = section_check.functions(scope.template)
        self.scope = scope
        self.functions = functions
        self.called = read.calls
        self.static = read.static
        self.held = read.held
        self.references = references
        self.conditions = conditions
        self.names = names
        self.present: frozenset[str] = frozenset()
        self.taken: set[tuple[int, bool]] = set()
        self.referred: set[str] = set()
        self.barred = ""
        self.spent = 0

    def value(self, node: Any) -> Any:
        """Return a node worked out: a plain value, NO_VALUE, or a function left for later."""
        return node if type(node) not in TREES or id(node) in self.static else self.tree(node)

    def tree(self, node: Any) -> Any:
        """Work out a mapping or a list that holds a function somewhere."""
        if type(node) is dict:
            name = self.called.get(id(node))
            if name is not None:
                made = self.functions[name](self, node, node[name])
                if type(made) is list or (type(made) is str and len(made) > SMALL):
                    self.charge(node, name, made)
                return made
            out = node.copy()
            for key in self.held[id(node)]:
                found = self.tree(node[key])
                if found is NO_VALUE:
                    del out[key]
                else:
                    out[key] = found
            return out
        items = node.copy()
        for index in self.held[id(node)]:
            items[index] = self.tree(node[index])
        return [item for item in items if item is not NO_VALUE]

    def charge(self, node: Any, name: str, made: str | list[Any]) -> None:
        """Count what a function has made; raise CannotTell where a stack's functions make more than its budget."""
        length = len(made) if isinstance(made, str) else sum(len(item) + ITEM for item in made if isinstance(item, str))
        self.spent += length
        if self.spent > BUDGET:
            message = f"with this {name} the functions of the stack make more than {BUDGET:,} characters"
            raise self.refuse(node, message, "repeat long values less often")

    def bounded(self, node: Any, what: str, length: int, most: int = LONGEST_TEXT, unit: str = "characters") -> None:
        """Raise CannotTell, before it is made, for a text or a list that would be longer than any template."""
        if length > most:
            message = f"{what} would be {length:,} {unit} long, and {most:,} are the most"
            raise self.refuse(node, message, "repeat less, or cut less")

    def text(self, node: Any, item: Any, what: str) -> Any:
        """Work an argument out that must be text; return the text, or the function that stands for it."""
        return item if type(item) is str else self.as_text(node, self.value(item), what)

    def as_text(self, node: Any, value: Any, what: str) -> Any:
        """Return a worked-out value as text, or the function that stands for it."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool | int | float):
            return text(value)
        if is_function(value):
            return value
        shown = "AWS::NoValue" if value is NO_VALUE else f"a {type(value).__name__}"
        raise self.refuse(node, f"{what} must be text, not {shown}", "give it one text")

    def ref(self, node: Any, name: str) -> Any:
        """Return the value of a Ref: of a parameter, a pseudo parameter or a resource."""
        if name in self.names:
            return self.names[name]
        self.demand(node, name)
        return self.references.ref(name)

    def attribute(self, node: Any, logical: str, name: str) -> Any:
        """Return the value of an attribute of a resource; raise CannotTell if its type has none of that name."""
        self.demand(node, logical)
        if logical not in self.scope.resources:  # inside a module
            return self.references.attribute(logical, name)
        kind = self.scope.resources[logical]["Type"]
        if not has_attribute(kind, name):
            known = ", ".join(gettable(kind, name))
            message = f"resource {logical} does not support attribute type {name} in Fn::GetAtt: its type is {kind}"
            raise self.refuse(node, message, f"get one of {known}" if known else "write a Ref to it")
        return self.references.attribute(logical, name)

    def demand(self, node: Any, logical: str) -> None:
        """Note that a resource is referred to; raise CannotTell if it may not be, or is not there."""
        if logical not in self.scope.resources:
            logical = module_of(self.scope.resources, logical)
        if logical not in self.present:
            condition = self.scope.resources[logical]["Condition"]
            scenario = self.scope.scenario
            where = f"{logical} is not there in {scenario.region} of {scenario.name}"
            raise self.refuse(node, f"{where}: its condition {condition} is false", "choose by Fn::If")
        if self.barred:
            message = f"{self.barred} cannot depend on a resource, and {logical} is one"
            raise self.refuse(node, message, "use parameters and mappings")
        self.referred.add(logical)

    @contextmanager
    def without_resources(self, what: str) -> Iterator[None]:
        """Refuse every reference to a resource meanwhile; `what` is where none may stand."""
        before, self.barred = self.barred, what
        yield
        self.barred = before

    def exchange(self, referred: set[str]) -> set[str]:
        """Collect what is referred to from now on in another set; return the one before."""
        before, self.referred = self.referred, referred
        return before

    def refuse(self, node: Any, message: str, fix: str = "") -> CannotTell:
        return self.scope.refuse(node, message, fix)
