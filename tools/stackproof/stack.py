"""A template worked out for one scenario: folded, or resolved to plain text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from stackproof.assertions import check_assertions
from stackproof.conditions import Conditions
from stackproof.document import Document
from stackproof.evaluator import Evaluator
from stackproof.finding import CannotTell, Finding, Path, Place
from stackproof.intrinsics import IN_RESOURCES
from stackproof.references import Formed, Kept
from stackproof.scenario import Scenario
from stackproof.scope import NO_VALUE, Scope, scope

KEPT_SECTIONS = ("AWSTemplateFormatVersion", "Description")
ABOUT_PARAMETERS = "AWS::CloudFormation::Interface"


@dataclass(frozen=True, eq=False)
class Stack:
    """A template for one scenario: `value` has no parameters, conditions, Fn::If or AWS::NoValue.

    Values that hold no function are shared with the template: read them, do not change them.
    `taken` holds the template's Fn::If nodes that were met, by id, with the side chosen.
    """

    template: Document
    scenario: Scenario
    value: Mapping[str, Any]
    conditions: Mapping[str, bool]
    taken: frozenset[tuple[int, bool]]
    evaluator: Evaluator

    @property
    def resources(self) -> Mapping[str, Any]:
        resources: Mapping[str, Any] = self.value["Resources"]
        return resources

    def of_type(self, *types: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give the id and the properties of every resource of the given types."""
        for logical, resource in self.resources.items():
            if resource["Type"] in types:
                yield logical, resource.get("Properties", {})

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
            elif isinstance(node, dict) and key in node and not self._function(node):
                step = key
            else:
                return origin
            node, origin = node[step], (*origin, step)
        return self._chosen(node, origin)[1]

    def _function(self, node: Any) -> str | None:
        return self.evaluator.called(node) if isinstance(node, dict) else None

    def _chosen(self, node: Any, origin: Path) -> tuple[Any, Path]:
        """Go through Fn::If to the side that the scenario takes."""
        while isinstance(node, dict) and list(node) == ["Fn::If"]:
            side = 1 if self.conditions[node["Fn::If"][0]] else 2
            node, origin = node["Fn::If"][side], (*origin, "Fn::If", side)
        return node, origin

    def _position(self, items: list[Any], wanted: str | int) -> int:
        """Return the index in the template's list of the item that stands at `wanted` in the stack's list, or -1."""
        left = [index for index, item in enumerate(items) if not self._left_out(item)]
        return left[wanted] if isinstance(wanted, int) and 0 <= wanted < len(left) else -1

    def _left_out(self, item: Any) -> bool:
        return bool(self._chosen(item, ())[0] == {"Ref": "AWS::NoValue"})

    def finding(self, path: Path, message: str, fix: str) -> Finding:
        """Return a finding about the value at `path`; the rule's name is filled in by who runs the rule."""
        return Finding("", self.place(path), self.scenario.name, self.scenario.side, message, fix, path)


def fold(template: Document, scenario: Scenario) -> Stack:
    """Work out everything but references to resources; raise CannotTell for what CloudFormation would refuse."""
    inner, conditions = _opened(template, scenario)
    return _stack(inner, conditions, Kept(inner, conditions))


def resolve(template: Document, scenario: Scenario) -> Stack:
    """Work out everything, references to resources too; raise CannotTell for what CloudFormation would refuse."""
    inner, conditions = _opened(template, scenario)
    return _stack(inner, conditions, Formed(inner, conditions))


def _opened(template: Document, scenario: Scenario) -> tuple[Scope, Conditions]:
    if "Transform" in template.value:
        raise CannotTell(
            "the template needs a transform or macro, which is not run here",
            template.place(("Transform",)),
            "give the processed template",
        )
    inner = scope(template, scenario)
    conditions = Conditions(inner)
    conditions.all()
    check_assertions(inner, conditions)
    return inner, conditions


def _stack(inner: Scope, conditions: Conditions, references: Kept) -> Stack:
    template = inner.template
    evaluator = Evaluator(inner, IN_RESOURCES, references, conditions, static_nodes(template))
    if isinstance(references, Formed):
        references.evaluator = evaluator
    value = {name: template.value[name] for name in KEPT_SECTIONS if name in template.value}
    if "Metadata" in template.value:
        value["Metadata"] = {key: item for key, item in template.value["Metadata"].items() if key != ABOUT_PARAMETERS}
    for section in ("Resources", "Outputs"):
        if section in template.value:
            value[section] = {
                logical: _member(evaluator, references, section, logical, member)
                for logical, member in template.value[section].items()
                if "Condition" not in member or conditions.holds(member, member["Condition"])
            }
    return Stack(template, inner.scenario, value, conditions.outcomes, frozenset(evaluator.taken), evaluator)


def _member(
    evaluator: Evaluator, references: Kept, section: str, logical: str, member: dict[str, Any]
) -> dict[str, Any]:
    """Work one resource or output out, without its Condition."""
    for depended in _listed(member.get("DependsOn", [])) if section == "Resources" else ():
        why_not = references.present(depended) if isinstance(depended, str) else "DependsOn takes ids of resources"
        if why_not:
            raise evaluator.refuse(member, f"DependsOn of {logical}: {why_not}", "remove it, or refer by Fn::If")
    out: dict[str, Any] = {}
    for key, item in member.items():
        if key != "Condition":
            value = item if key in ("Type", "DependsOn") else evaluator.value(item)
            if value is not NO_VALUE:
                out[key] = value
    return out


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_STATIC: WeakKeyDictionary[Document, frozenset[int]] = WeakKeyDictionary()


def static_nodes(template: Document) -> frozenset[int]:
    """Return the ids of the template's mappings and lists that hold no function anywhere, worked out once."""
    if template not in _STATIC:
        found: set[int] = set()
        _collect(template.value.get("Resources"), found)
        _collect(template.value.get("Outputs"), found)
        _STATIC[template] = frozenset(found)
    return _STATIC[template]


def _collect(node: Any, found: set[int]) -> bool:
    if isinstance(node, dict):
        static = all([_collect(item, found) for item in node.values()])
        static = static and not any(key == "Ref" or key.startswith("Fn::") for key in node)
    elif isinstance(node, list):
        static = all([_collect(item, found) for item in node])
    else:
        return True
    if static:
        found.add(id(node))
    return static
