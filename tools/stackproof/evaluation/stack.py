"""A template worked out for one scenario, folded or resolved to plain text: one idea, from parts to a stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from stackproof.evaluation import dynamic_references
from stackproof.evaluation.assertions import check_assertions
from stackproof.evaluation.conditions import Conditions
from stackproof.evaluation.evaluator import Evaluator
from stackproof.evaluation.intrinsics import IN_RESOURCES
from stackproof.evaluation.references import ResolvedReferences, SymbolicReferences
from stackproof.evaluation.resource import shared
from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.scope import NO_VALUE, Scope, Truth, scope
from stackproof.evaluation.transformed import expanded
from stackproof.foundation import ordering
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Finding, Note, Path, Place, Scalar
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import as_list
from stackproof.template.section_check import WITH_FUNCTIONS, functions
from stackproof.template.transforms import EXTENDED, EXTENSIONS, extended
from stackproof.template.used_sections import calls_any_of, sections_of_conditions

KEPT_SECTIONS = ("AWSTemplateFormatVersion", "Description")
ABOUT_PARAMETERS = "AWS::CloudFormation::Interface"


@dataclass(frozen=True, eq=False)
class Stack:
    """A template for one scenario: `value` has no parameters, conditions, Fn::If or AWS::NoValue.

    Values that hold no function are shared with the template: read them, do not change them.
    Where only AWS can decide a condition, its outcome is None, and `notes` says so: resources under it are kept, named
    in `maybe`, and what an Fn::If chooses is a placeholder (resolved) or stays with the condition (folded).
    `taken` holds the template's Fn::If nodes that were met, by id, with the side chosen; `depends` of every resource
    which others CloudFormation creates before it.
    """

    template: Document
    scenario: Scenario
    value: Mapping[str, Any]
    conditions: Mapping[str, Truth]
    taken: frozenset[tuple[int, bool]]
    depends: Mapping[str, frozenset[str]]
    evaluator: Evaluator
    maybe: frozenset[str] = frozenset()
    notes: tuple[Note, ...] = ()

    @property
    def resources(self) -> Mapping[str, Any]:
        resources: Mapping[str, Any] = self.value["Resources"]
        return resources

    def of_type(self, *types: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give the id and the properties of every resource of the given types."""
        return iter(_of_type(self, types))

    def place(self, path: Path) -> Place:
        """Return where in the template the value at `path` of this stack comes from."""
        return self.template.place(self.origin(path))

    def origin(self, path: Path) -> Path:
        """Return the template's path to what the value at `path` of this stack comes from.

        Walks the template along the path, through the chosen side of each Fn::If and past list items that are
        AWS::NoValue; inside what a function makes, it ends at the function.
        """
        node: Any = self.template.value
        origin: Path = ()
        for key in path:
            node, origin = self._chosen(node, origin)
            if isinstance(node, list):
                step: str | int = self._position(node, key)
                if step == -1:
                    return origin
            elif isinstance(node, dict) and key in node and self._function(node) is None:
                step = key
            else:
                return origin
            node, origin = node[step], (*origin, step)
        return self._chosen(node, origin)[1]

    def is_call(self, node: Any) -> bool:
        """Tell whether a node of the template is a function."""
        return self._function(node) is not None

    def index_of(self, items: list[Any], index: int) -> int | None:
        """Return where in the stack's list an item of the template's list is, None if it is left out."""
        if not 0 <= index < len(items) or self._left_out(items[index]):
            return None
        return sum(not self._left_out(item) for item in items[:index])

    def _function(self, node: Any) -> str | None:
        return self.evaluator.called.get(id(node))

    def _chosen(self, node: Any, origin: Path) -> tuple[Any, Path]:
        """Go through Fn::If to the side that the scenario takes; stop at one that only AWS can decide."""
        while self._function(node) == "Fn::If" and self.conditions[node["Fn::If"][0]] is not None:
            side = 1 if self.conditions[node["Fn::If"][0]] else 2
            node, origin = node["Fn::If"][side], (*origin, "Fn::If", side)
        return node, origin

    def _position(self, items: list[Any], wanted: str | int) -> int:
        """Return the index in the template's list of the item that stands at `wanted` in the stack's list, or -1."""
        left = [index for index, item in enumerate(items) if not self._left_out(item)]
        return left[wanted] if isinstance(wanted, int) and 0 <= wanted < len(left) else -1

    def _left_out(self, item: Any) -> bool:
        return bool(self._chosen(item, ())[0] == {"Ref": "AWS::NoValue"})

    def finding(self, path: Path, message: str, fix: str, replacement: Scalar | None = None) -> Finding:
        """Return a finding about the value at `path`; the rule's name is filled in by who runs the rule.

        `replacement` is what to write in place of that value, where only one value is right.
        """
        name, side = self.scenario.name, self.scenario.side
        return Finding("", self.place(path), name, side, message, fix, path, replacement)

    def cannot_tell(self, path: Path, message: str, fix: str = "") -> CannotTell:
        """Return the error that the value at `path` cannot be checked: a rule may yield it, and go on."""
        return CannotTell(message, self.place(path), fix)


@memoised
def _of_type(stack: Stack, types: tuple[str, ...]) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    found = stack.resources.items()
    return tuple((logical, resource.get("Properties", {})) for logical, resource in found if resource["Type"] in types)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One side of a scenario: what its folded and its resolved stack share, and each of them worked out once.

    The assertions of Rules hold: `evaluate` has looked.
    """

    scope: Scope
    conditions: Conditions
    notes: tuple[Note, ...] = ()
    """What only AWS can decide."""
    others: list[Evaluation] = field(default_factory=list)
    """The other side of the pair, whose outputs this one may read."""
    reading: list[str] = field(default_factory=list)
    """The outputs that are being worked out for the other side."""

    @cached_property
    def folded(self) -> Stack:
        """Everything but references to resources; raises CannotTell for what CloudFormation would refuse."""
        return self._stack(self._evaluator(SymbolicReferences(self.scope)))

    @cached_property
    def resolved(self) -> Stack:
        """References to resources too; raises CannotTell for what CloudFormation would refuse."""
        return self._stack(self._resolving)

    @cached_property
    def _resolving(self) -> Evaluator:
        references = ResolvedReferences(self.scope, self._output_elsewhere)
        references.evaluator = self._evaluator(references)
        return references.evaluator

    def _output_elsewhere(self, stack: str, region: str, account: str, name: str) -> Any:
        """Return an output of the other side's stack; None if the names are not that stack's."""
        for other in self.others:
            its = other.scope.scenario
            if (stack, region, account) == (its.stack, its.region, its.account):
                return other.output(name)
        return None

    def output(self, name: str) -> Any:
        """Return the resolved value of one output; raise CannotTell where the stack has none of that name."""
        scenario = self.scope.scenario
        member = self.scope.template.value.get("Outputs", {}).get(name)
        if member is None or not _is_there(self.conditions, member):
            message = f"stack {scenario.stack} in {scenario.region} has no output {name}"
            raise CannotTell(message, fix="name an output that it has in this scenario")
        if name in self.reading:
            way = " -> ".join([*self.reading, name])
            raise CannotTell(f"outputs of the two stacks depend on each other in a cycle: {way}", fix="break the cycle")
        self.reading.append(name)
        before = self._resolving.exchange(set())
        try:
            return self._resolving.text(member, member["Value"], f"the Value of output {name}")
        finally:
            self._resolving.exchange(before)
            self.reading.pop()

    def _evaluator(self, references: SymbolicReferences) -> Evaluator:
        evaluator = Evaluator(self.scope, IN_RESOURCES, references, self.conditions, self.scope.shown)
        there = (name for name, resource in self.scope.resources.items() if _is_there(self.conditions, resource))
        evaluator.present = frozenset(there)
        return evaluator

    def _stack(self, evaluator: Evaluator) -> Stack:
        try:
            return replace(_stack(self.scope, self.conditions, evaluator), notes=self.notes)
        except RecursionError:
            raise _too_deep(self.scope.template) from None


def evaluate(template: Document, scenario: Scenario) -> Evaluation:
    """Bind parameters, work conditions out, check assertions; raise CannotTell for what CloudFormation would refuse."""
    try:
        template = expanded(scenario.template or template, scenario)
        functions(template)
        inner = scope(template, scenario)
        conditions = Conditions(inner)
        conditions.all()
        notes = check_assertions(inner, conditions)
        return Evaluation(inner, conditions, (*conditions.notes(), *notes))
    except RecursionError:
        raise _too_deep(template) from None


def fold(template: Document, scenario: Scenario) -> Stack:
    """Work out everything but references to resources; raise CannotTell for what CloudFormation would refuse."""
    return evaluate(template, scenario).folded


def resolve(template: Document, scenario: Scenario) -> Stack:
    """Work out everything, references to resources too; raise CannotTell for what CloudFormation would refuse."""
    return evaluate(template, scenario).resolved


def static_nodes(template: Document) -> frozenset[int]:
    """Return the ids of the template's mappings and lists that hold no function anywhere."""
    return frozenset(functions(template).static)


def _too_deep(template: Document) -> CannotTell:
    return CannotTell(f"{template.path} is nested too deeply to be worked out", fix="flatten it")


def _is_there(conditions: Conditions, member: Mapping[str, Any]) -> bool:
    """Tell whether a resource or an output is there, or may be: its condition holds, or it has none."""
    return "Condition" not in member or conditions.outcomes[member["Condition"]] is not False


def _stack(inner: Scope, conditions: Conditions, evaluator: Evaluator) -> Stack:
    template = inner.template
    value = {name: template.value[name] for name in KEPT_SECTIONS if name in template.value}
    if "Metadata" in template.value:
        value["Metadata"] = {key: item for key, item in template.value["Metadata"].items() if key != ABOUT_PARAMETERS}
    present = {
        section: {
            logical: member for logical, member in template.value[section].items() if _is_there(conditions, member)
        }
        for section in ("Resources", "Outputs")
        if section in template.value
    }
    depends: dict[str, frozenset[str]] = {}
    value["Resources"] = {
        logical: _resource(evaluator, logical, member, depends) for logical, member in present["Resources"].items()
    }
    undecided = frozenset(conditions.undecided())
    maybe = frozenset(name for name, resource in present["Resources"].items() if resource.get("Condition") in undecided)
    if undecided and not isinstance(evaluator.references, ResolvedReferences):
        value = {**sections_of_conditions(template, undecided), **value}
        for logical in maybe:
            value["Resources"][logical]["Condition"] = present["Resources"][logical]["Condition"]
    if "Outputs" in present:
        value["Outputs"] = {name: _output(evaluator, name, member) for name, member in present["Outputs"].items()}
        for name, member in present["Outputs"].items():
            if member.get("Condition") in value.get("Conditions", {}):
                value["Outputs"][name]["Condition"] = member["Condition"]
    if extended(template.value) and not isinstance(evaluator.references, ResolvedReferences):
        value = {"Transform": EXTENSIONS, **value} if calls_any_of(value, EXTENDED) else value
    _refuse_circle(inner, depends)
    dynamic_references.check(inner, value)
    if isinstance(evaluator.references, ResolvedReferences):
        worked_out = value["Resources"].items()
        value["Resources"] = {logical: shared(template, logical, resource) for logical, resource in worked_out}
    taken = frozenset(evaluator.taken)
    return Stack(template, inner.scenario, value, conditions.outcomes, taken, depends, evaluator, maybe)


def _resource(
    evaluator: Evaluator, logical: str, member: Mapping[str, Any], depends: dict[str, frozenset[str]]
) -> dict[str, Any]:
    """Work a resource out, without its Condition, and note what it depends on."""
    out: dict[str, Any] = {}
    evaluator.exchange(set())
    for depended in as_list(member.get("DependsOn", [])):
        evaluator.demand(member, depended)
    for key, item in member.items():
        if key != "Condition":
            value = evaluator.value(item) if key in WITH_FUNCTIONS else item
            if key == "Properties" and value is not NO_VALUE and not isinstance(value, dict):
                message = f"the Properties of resource {logical} must be a mapping"
                raise evaluator.refuse(item, message, "give each side of the Fn::If a mapping of properties")
            if value is not NO_VALUE:
                out[key] = value
    depends[logical] = frozenset(evaluator.exchange(set()))
    return out


def _output(evaluator: Evaluator, name: str, member: Mapping[str, Any]) -> dict[str, Any]:
    """Work an output out, without its Condition. Source: CloudFormation User Guide, "Outputs"."""
    out = {key: item for key, item in member.items() if key == "Description"}
    out["Value"] = evaluator.text(member, member["Value"], f"the Value of output {name}")
    if "Export" in member:
        with evaluator.without_resources(f"the Export of output {name}"):
            exported = evaluator.text(member, member["Export"]["Name"], f"the Export of output {name}")
        out["Export"] = {"Name": exported}
    return {key: out[key] for key in member if key in out}


def _refuse_circle(inner: Scope, depends: Mapping[str, frozenset[str]]) -> None:
    circle = ordering.circle(depends)
    if circle:
        message = f"circular dependency between resources: {' -> '.join(circle)}"
        raise inner.refuse(inner.resources[circle[0]], message, "break the circle")
