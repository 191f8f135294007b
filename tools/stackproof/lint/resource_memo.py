"""What cfn-lint need not check again: a resource found clean before, when nothing that its checks looked at differs.

The folded sides of one region are mostly alike: of 750 resources in 13 different stacks, 428 are checked. Four fifths
of a run are the checks that cfn-lint's E1101 starts for each resource; they are left out for a resource when

- the same resource, with the same text, had no finding in another template for the same region and configuration, and
- every other resource that its checks looked at is alike in both templates (or in neither of them).

What the checks look at is watched, not assumed: they are given the template and its resources in wrappers that note
each name asked for. A check that looks at the template in any other way (its graph, a list of all resources) is not
remembered, nor is a resource of a type with a rule that gathers state over resources, nor one with a finding of any
level. Rules on the whole template (unique names, cycles, limits, associations) always run in full. The names in the
table of resources may be listed without a note: cfn-lint does so only to see whether a name that the resource itself
mentions, and so looks up, exists, and for modules, which no remembered template has.

All this was read in cfn-lint's source, and the tests compare its findings with those of cfn-lint left alone. `patches`
says whether that source is still the same; otherwise nothing is remembered: slower, and the same findings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

RULE, KEYWORDS = "E1101", ["Resources/*"]
FOLDED = {"AWSTemplateFormatVersion", "Description", "Metadata", "Resources", "Outputs"}
# The same for every template without conditions, transforms and modules (is_cdk_template is part of the key);
# get_valid_getatts holds a resource's attributes by its name, which is looked up, and noted, before.
CONSTANT = {
    "conditions",
    "get_object_without_conditions",
    "get_valid_getatts",
    "has_serverless_transform",
    "is_cdk_template",
    "transform_pre",
}

Check = Callable[..., Iterator[Any]]


def with_memory(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return cfn-lint's rules, the one that starts the checks of a resource replaced by one that remembers."""
    return {**rules, RULE: _remembering(rules[RULE], Memory(_stateful_types(rules)))}


def _stateful_types(rules: Mapping[str, Any]) -> frozenset[str]:
    """Return the resource types with a rule that starts afresh with each template: it keeps state over resources."""
    stateful = [rule for rule in rules.values() if "initialize" in vars(type(rule))]
    return frozenset(
        part for rule in stateful for keyword in getattr(rule, "keywords", ()) for part in keyword.split("/")[1:2]
    )


def _remembering(rule: Any, memory: Memory) -> Any:
    class Remembering(type(rule)):  # type: ignore[misc]
        def cfnLint(self, validator: Any, keywords: Any, instance: Any, schema: Any) -> Iterator[Any]:  # noqa: N802
            check = super().cfnLint
            if keywords == KEYWORDS and isinstance(instance, dict):
                return memory.check(check, validator, keywords, instance, schema)
            errors: Iterator[Any] = check(validator, keywords, instance, schema)
            return errors

    return Remembering()


@dataclass(frozen=True)
class World:
    """A template's resources, as text; `rest` is what all of them depend on, None if nothing may be remembered."""

    cfn: Any = None
    texts: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    rest: str | None = None


class Notes:
    """What the checks of a resource looked at: texts and types of resources by name, or `more` than can be told."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.types: set[str] = set()
        self.more = False

    def seen_in(self, world: World) -> list[tuple[str, str | None]]:
        texts, types = sorted(self.texts), sorted(self.types)
        return [(name, world.texts.get(name)) for name in texts] + [(name, world.types.get(name)) for name in types]


class Memory:
    """The resources found clean, each with what its checks looked at and saw."""

    def __init__(self, stateful: frozenset[str]) -> None:
        self.stateful = stateful
        self.clean: dict[tuple[str, ...], list[tuple[Notes, Any]]] = {}
        self.world = World()

    def check(self, check: Check, validator: Any, keywords: Any, instance: Any, schema: Any) -> Iterator[Any]:
        """Give the errors of one resource: none without a look if it is remembered as clean."""
        if self.world.cfn is not validator.cfn:
            self.world = _world(validator.cfn)
        world = self.world
        if world.rest is None or self.stateful & {"*", instance.get("Type")}:
            yield from check(validator, keywords, instance, schema)
            return
        context = validator.context
        key = (world.rest, *map(str, context.regions), *map(str, context.path.path), _text(instance))
        if any(notes.seen_in(world) == seen for notes, seen in self.clean.get(key, ())):
            return
        notes = Notes()
        table = Watched(context.resources, notes.types)
        watching = validator.evolve(cfn=WatchedTemplate(validator.cfn, notes), context=context.evolve(resources=table))
        clean = True
        for error in check(watching, keywords, instance, schema):
            clean = False
            yield error
        if clean and not notes.more:
            self.clean.setdefault(key, []).append((notes, notes.seen_in(world)))


def _world(cfn: Any) -> World:
    resources = cfn.template.get("Resources")
    if not FOLDED.issuperset(cfn.template) or not isinstance(resources, dict):
        return World(cfn)
    types = {name: str(resource.get("Type")) for name, resource in resources.items() if isinstance(resource, dict)}
    if any(kind.endswith("::MODULE") or kind.startswith("AWS::Serverless::") for kind in types.values()):
        return World(cfn)
    texts = {name: _text(resource) for name, resource in resources.items()}
    return World(cfn, texts, types, _text([cfn.template.get("Metadata"), cfn.is_cdk_template()]))


class Watched(dict[str, Any]):
    """Resources by name; notes each name asked for. Whoever lists them has to be noted elsewhere."""

    def __init__(self, resources: Mapping[str, Any], asked: set[str]) -> None:
        super().__init__(resources)
        self.asked = asked

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


def _listing(name: str) -> Any:
    def listed(self: WatchedTexts) -> Any:
        self.notes.more = True
        return getattr(dict, name)(self)

    return listed


class WatchedTexts(Watched):
    """Resources with all their text; notes when they are listed, too."""

    def __init__(self, resources: Mapping[str, Any], notes: Notes) -> None:
        super().__init__(resources, notes.texts)
        self.notes = notes

    __iter__ = _listing("__iter__")
    __len__ = _listing("__len__")
    keys = _listing("keys")
    items = _listing("items")
    values = _listing("values")


class WatchedTemplate:
    """cfn-lint's template; notes the resources asked for, and whatever else is."""

    def __init__(self, cfn: Any, notes: Notes) -> None:
        self._cfn, self._notes = cfn, notes

    @property
    def template(self) -> dict[str, Any]:
        return {"Resources": WatchedTexts(self._cfn.template["Resources"], self._notes)}

    def get_cfn_path(self, path: list[str], context: Any) -> Any:
        self._notes.more |= path[0] != "Resources"
        self._notes.texts.add(path[1])
        return self._cfn.get_cfn_path(path, context)

    def __getattr__(self, name: str) -> Any:
        self._notes.more |= name not in CONSTANT
        return getattr(self._cfn, name)


def _text(value: Any) -> str:
    return json.dumps(value, default=str)
