"""A template after its transforms, for one scenario: loops written out, AWS::Serverless resources made plain ones.

The loops are worked out here, with the values that the scenario gives: what cfn-lint brings for it takes defaults and
invents names for what it does not know. Every part keeps the place where it is written.
Source: CloudFormation Template Reference, "Fn::ForEach" and "AWS::LanguageExtensions transform".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.evaluation.conditions import Conditions
from stackproof.evaluation.evaluator import Evaluator
from stackproof.evaluation.intrinsics import IN_RESOURCES
from stackproof.evaluation.references import SymbolicReferences
from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.scope import scope
from stackproof.foundation.document import Document, Mark
from stackproof.foundation.finding import CannotTell, Path
from stackproof.foundation.placeholders import holds_unknown
from stackproof.foundation.values import as_mapping
from stackproof.template.parameters import text
from stackproof.template.transforms import EXTENSIONS, SERVERLESS, transforms

LOOP = "Fn::ForEach::"
IDENTIFIER = re.compile(r"[A-Za-z0-9]+")
MOST = 10_000
"""Copies that the loops of one template make: more than the resources and outputs that a template may have."""
POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")
Marked = tuple[Any, Mark]
Bound = Mapping[str, str]


def expanded(template: Document, scenario: Scenario) -> Document:
    """Return a template after its transforms, itself where it has none; raise CannotTell for what they refuse.

    The same document comes of equal values, so that what is worked out of it is worked out once.
    """
    written = template.written or template
    wanted = transforms(written)
    if not wanted:
        return written
    value, mark = _Loops(written, scenario).whole() if EXTENSIONS in wanted else (written.value, written.mark)
    if SERVERLESS in wanted:
        from stackproof.template.serverless import transformed  # it takes 0.5 s to load

        value, mark = transformed(
            Document(written.path, written.text, value, mark), scenario.parameters, scenario.region
        )
    known: dict[str, Document] = vars(written).setdefault("_expanded", {})
    key = json.dumps(value, default=str)
    if key not in known:
        known[key] = Document(written.path, written.text, value, mark, written)
    return known[key]


class _Loops:
    """Writes the loops of a template out."""

    def __init__(self, template: Document, scenario: Scenario) -> None:
        self.template = template
        self.scenario = scenario
        self.made = 0

    def whole(self) -> Marked:
        return self.walk(self.template.value, self.template.mark, {}, ())

    def walk(self, node: Any, mark: Mark, bound: Bound, path: Path) -> Marked:
        """Return a value with its loops written out and what is bound put in; the very value where nothing changes."""
        if isinstance(node, str):
            return (self.filled(node, bound), mark) if bound else (node, mark)
        if isinstance(node, list):
            members = [self.walk(item, mark[1][at], bound, (*path, at)) for at, item in enumerate(node)]
            if all(new is old for (new, _), old in zip(members, node, strict=True)):
                return node, mark
            return [item for item, _ in members], (mark[0], [inner for _, inner in members])
        return self.mapping(node, mark, bound, path) if isinstance(node, dict) else (node, mark)

    def mapping(self, node: dict[str, Any], mark: Mark, bound: Bound, path: Path) -> Marked:
        if len(node) == 1 and isinstance(name := node.get("Ref"), str) and name in bound:
            return bound[name], mark
        value: dict[str, Any] = {}
        marks: dict[str, Mark] = {}
        for key, item in node.items():
            where = (*path, key)
            if key.startswith(LOOP):
                made = self.loop(key, item, mark[1][key], bound, where)
            else:
                found, its = self.walk(item, mark[1][key], bound, where)
                if key == "Fn::If" and found is not item and isinstance(found, list):
                    found[:1] = item[:1]  # CloudFormation leaves the name of the condition as it is
                made = iter([(self.filled(key, bound), self.named(key, found, where), its)])
            for name, inner, its in made:
                if name in value:
                    raise self.refuse(where, f"the key {name!r} is made twice", "use the identifier in the key")
                value[name], marks[name] = inner, its
        if value.keys() == node.keys() and all(value[key] is node[key] for key in value):
            return node, mark
        return value, (mark[0], marks)

    def named(self, key: str, found: Any, path: Path) -> Any:
        """Return what must be text when the transform is done, worked out: names, policies."""
        if (key == "Ref" or key in POLICIES) and isinstance(found, dict):
            return self.text(found, path)
        if key == "Fn::GetAtt" and isinstance(found, list) and any(isinstance(member, dict) for member in found):
            return [self.text(member, path) if isinstance(member, dict) else member for member in found]
        return found

    def loop(self, key: str, argument: Any, mark: Mark, bound: Bound, path: Path) -> Iterator[tuple[str, Any, Mark]]:
        """Give the keys that a loop makes, each with its value and the mark of what is written."""
        if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[2], dict):
            message = f"{key} takes an identifier, a collection and a mapping"
            raise self.refuse(path, message, "write [IDENTIFIER, [VALUE, ...], {KEY: VALUE}]")
        identifier, collection, body = argument
        if not isinstance(identifier, str) or not IDENTIFIER.fullmatch(identifier):
            raise self.refuse(path, f"the identifier of {key} must be letters and digits", "write one")
        if identifier in bound:
            raise self.refuse(path, f"the identifier {identifier} of {key} is that of a loop around it", "rename it")
        for value in self.collection(key, self.walk(collection, mark[1][1], bound, (*path, 1))[0], (*path, 1)):
            self.made += 1
            if self.made > MOST:
                raise self.refuse(path, f"the loops make more than {MOST:,} copies", "make fewer")
            inner, marks = self.walk(body, mark[1][2], {**bound, identifier: value}, (*path, 2))
            yield from ((name, inner[name], marks[1][name]) for name in inner)

    def collection(self, key: str, node: Any, path: Path) -> list[str]:
        """Return the values of a loop; raise CannotTell where only AWS knows them."""
        found = (
            node if isinstance(node, list) and all(isinstance(item, str) for item in node) else self.value(node, path)
        )
        items = [text(item) if isinstance(item, bool | int | float) else item for item in found] if found else []
        if not isinstance(found, list) or not all(isinstance(item, str) and not holds_unknown(item) for item in items):
            message = f"the collection of {key} is no list of texts that is known before the deployment"
            raise self.refuse(path, message, "give a list, a list parameter, or state the stored value under ssm:")
        return items

    def text(self, node: Any, path: Path) -> str:
        found = self.value(node, path)
        if not isinstance(found, str) or holds_unknown(found):
            raise self.refuse(path, f"{path[-1]} must be text that is known before the deployment", "write it out")
        return found

    def value(self, node: Any, path: Path) -> Any:
        """Work out a value that is made of parameters, mappings and conditions, as the one value of a template."""
        kept = ("Parameters", "Mappings", "Transform")
        sections = {name: self.template.value[name] for name in kept if name in self.template.value}
        conditions = as_mapping(self.template.value.get("Conditions"))
        if conditions and "Fn::If" in json.dumps(node, default=str):
            sections["Conditions"] = {name: made for name, made in conditions.items() if not name.startswith(LOOP)}
        alone = {"Type": "AWS::CloudFormation::WaitConditionHandle", "Metadata": {"Value": node}}
        value = {**sections, "Resources": {"Loop": alone}}
        try:
            inner = scope(Document(self.template.path, self.template.text, value, self.template.mark), self.scenario)
            evaluator = Evaluator(inner, IN_RESOURCES, SymbolicReferences(inner), Conditions(inner), inner.names)
            return evaluator.value(node)
        except CannotTell as error:
            of_loop = error.place is None or error.place == self.template.place(("Resources",))
            raise CannotTell(error.message, self.template.place(path) if of_loop else error.place, error.fix) from None

    def filled(self, written: str, bound: Bound) -> str:
        """Return a text with values in place of ${Identifier}, and with their letters and digits of &{Identifier}."""
        for name, value in bound.items() if "{" in written else ():
            written = written.replace(f"${{{name}}}", value)
            written = written.replace(f"&{{{name}}}", re.sub("[^A-Za-z0-9]", "", value))
        return written

    def refuse(self, path: Path, message: str, fix: str) -> CannotTell:
        return CannotTell(message, self.template.place(path), fix)
