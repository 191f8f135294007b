"""What cfn-lint need not check again: what it found clean before, when nothing that its checks looked at differs.

The folded sides are mostly alike: of 1,834 resources in 23 different stacks, 698 are checked, and of the 4,227
properties of those, 1,423. Four fifths of a run are the checks of single resources; they are left out for a resource,
an output, or a property of a resource when

- it had the same name and text, and no finding, in another template with the same configuration, and a resource's type
  had the same schema there, and
- every other resource that its checks looked at is alike in both templates (or in neither of them), and so are the
  regions, where they looked at these.

What the checks look at is watched, not assumed (`watched`). A check that looks at the template in a way that cannot be
told is not remembered, nor is what has a finding, unless cfn-lint's configuration drops it. Resources of a type with a
rule that gathers state over resources are left out all or none, where all have the text that they had. Rules on the
whole template (unique names, cycles, limits, associations) always run in full.

All this was read in cfn-lint's source, and the tests compare its findings with those of cfn-lint left alone. `patches`
says whether that source is still the same; otherwise nothing is remembered: slower, and the same findings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stackproof.lint.watched import Notes, World, plain, watching

RESOURCES, OUTPUTS, PROPERTIES, TYPES = "E3001", "E6001", "E3002", "E3006"
"""cfn-lint's rules that start the checks of each resource, of each output, and of a resource's properties; and that a
region has a resource's type."""
FOLDED = {"AWSTemplateFormatVersion", "Description", "Metadata", "Resources", "Outputs"}
"""The sections that a folded template has: nothing is remembered of one with others, as it has choices left."""

Check = Callable[..., Iterator[Any]]
Versions = Callable[[str, Sequence[str]], tuple[str | None, ...]]


def with_memory(rules: Mapping[str, Any], versions: Versions) -> dict[str, Any]:
    """Return cfn-lint's rules, those that start the checks of what can be remembered replaced by ones that remember.

    `versions` gives those of a type's schema in some regions.
    """
    memory = Memory(_stateful(rules), versions)
    return {
        **rules,
        RESOURCES: _of_entries(rules[RESOURCES], memory, "Resources"),
        OUTPUTS: _of_entries(rules[OUTPUTS], memory, "Outputs"),
        PROPERTIES: _of_properties(rules[PROPERTIES], memory),
        TYPES: _of_types(rules[TYPES]),
    }


def _stateful(rules: Mapping[str, Any]) -> frozenset[str]:
    """Return the keywords of the rules that start afresh with each template: they keep state over resources.

    A keyword is a path of a template: `Resources/AWS::EC2::Subnet/Properties`.
    """
    stateful = [rule for rule in rules.values() if "initialize" in vars(type(rule))]
    return frozenset(keyword for rule in stateful for keyword in getattr(rule, "keywords", ()))


def _of_entries(rule: Any, memory: Memory, section: str) -> Any:
    class Remembering(type(rule)):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.memory = memory

        def _pattern_properties(self, validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[Any]:
            check: Check = super()._pattern_properties
            if patterns is not self._schema["patternProperties"] or len(patterns) != 1:
                return check(validator, patterns, instance, schema)
            return memory.entries(section, check, validator, patterns, instance, schema)

    return Remembering()


def _of_properties(rule: Any, memory: Memory) -> Any:
    class Remembering(type(rule)):  # type: ignore[misc]
        def _validate(self, validator: Any, instance: Any) -> Iterator[Any]:
            yield from super()._validate(memory.without_clean(validator, instance), instance)

    return Remembering()


def _of_types(rule: Any) -> Any:
    class Unwatched(type(rule)):  # type: ignore[misc]
        """It asks for the regions only to see whether they have the type: the versions of its schema say that."""

        def validate(self, validator: Any, keywords: Any, instance: Any, schema: Any) -> Any:
            context = validator.context.evolve(regions=plain(validator.context.regions))
            return super().validate(validator.evolve(context=context), keywords, instance, schema)

    return Unwatched()


class Clean(NamedTuple):
    """Something found clean: what its checks looked at, and saw; and the schema, kept so that its id stays its own."""

    notes: Notes
    seen: list[Any]
    schema: Any = None


class Memory:
    """The resources and properties found clean, each with what its checks looked at and saw.

    `enabled` are the ids of rules that cfn-lint's configuration asks for, None where it is not known: what the others
    find it drops.
    """

    def __init__(self, stateful: frozenset[str], versions: Versions) -> None:
        self.stateful = stateful
        self.stateful_types = {part for keyword in stateful for part in keyword.split("/")[1:2]}
        self.versions = versions
        self.enabled: set[str] | None = None
        self.clean: dict[tuple[Any, ...], list[Clean]] = {}
        self.world = World()

    def entries(  # noqa: PLR0913, PLR0917 - the section, and what cfn-lint gives
        self, section: str, check: Check, validator: Any, patterns: Any, instance: Mapping[str, Any], schema: Any
    ) -> Iterator[Any]:
        """Give the errors of a section's entries: none without a look of those that are remembered as clean."""
        if self.world.cfn is not validator.cfn:
            self.world = self._world_of(validator.cfn)
        nothing = self.world.rest is None or "*" in self.stateful_types
        if nothing or instance is not validator.cfn.template[section]:
            yield from check(validator, patterns, instance, schema)
            return
        keys = {name: self._key(section, name, entry) for name, entry in instance.items()}
        known = {name for name, key in keys.items() if self._recalled(key) is not None}
        for name, entry in instance.items():
            if (self._peers(name) if section == "Resources" else {name}) <= known:
                continue
            notes, clean = Notes(), isinstance(entry, dict)
            for error in check(watching(validator, notes), patterns, {name: entry}, schema):
                clean = clean and self._is_dropped(error)
                yield error
            self._remember(keys[name], notes, clean=clean)

    def _key(self, section: str, name: str, entry: Any) -> tuple[Any, ...]:
        if section != "Resources":
            return (self.world.rest, section, name, _text(entry))
        peers = tuple(self.world.texts[peer] for peer in sorted(self._peers(name) - {name}))
        return (self.world.rest, section, name, self.world.types.get(name), self.world.texts[name], *peers)

    def _peers(self, name: str) -> set[str]:
        """Return the resources that rules with a state compare with one, itself included.

        Such a rule holds for one type: what it finds of a resource follows from the texts of all of its type, and it
        has to see all of them or none.
        """
        kind = self.world.types.get(name)
        if kind is None or kind[0] not in self.stateful_types:
            return {name}
        return {peer for peer, other in self.world.types.items() if other == kind}

    def without_clean(self, validator: Any, instance: Mapping[str, Any]) -> Any:
        """Return the validator of a resource's properties without the schemas of those that are remembered as clean.

        Those that are not are checked here: cfn-lint checks again, and reports, what is not clean.
        """
        properties = validator.schema.get("properties") if isinstance(validator.schema, dict) else None
        notes = getattr(validator.cfn, "notes", None)
        if not isinstance(notes, Notes) or not properties:
            return validator
        validator = watching(validator, notes)  # its regions are those of a schema, no longer watched
        keyword = "/".join(validator.context.path.cfn_path)
        clean = {
            name: True
            for name, schema in properties.items()
            if name in instance
            and not any(stateful.startswith(f"{keyword}/{name}") for stateful in self.stateful)
            and self._is_clean(validator, notes, (name, instance[name], schema))
        }
        return validator.evolve(schema={**validator.schema, "properties": {**properties, **clean}})

    def _is_clean(self, validator: Any, asked: Notes, part: tuple[str, Any, Any]) -> bool:
        name, value, schema = part
        key = (self.world.rest, *validator.context.path.path, name, id(schema), _text(value))
        notes = self._recalled(key)
        if notes is None:
            notes = Notes()
            errors = watching(validator, notes).descend(value, schema, path=name, schema_path=name, property_path=name)
            if not self._remember(key, notes, clean=all(map(self._is_dropped, errors)), schema=schema):
                return False
        asked.include(notes)
        return True

    def _world_of(self, cfn: Any) -> World:
        resources, regions = cfn.template.get("Resources"), tuple(cfn.regions)
        if not FOLDED.issuperset(cfn.template) or not isinstance(resources, dict) or len(regions) != 1:
            return World(cfn)
        types = {name: str(resource.get("Type")) for name, resource in resources.items() if isinstance(resource, dict)}
        if any(kind.endswith("::MODULE") or kind.startswith("AWS::Serverless::") for kind in types.values()):
            return World(cfn)
        texts = {name: _text(resource) for name, resource in resources.items()}
        versioned = {name: (kind, *self.versions(kind, regions)) for name, kind in types.items()}
        rest = _text([cfn.template.get("Metadata"), cfn.is_cdk_template(), sorted(self.enabled or ())])
        return World(cfn, texts, versioned, regions, rest)

    def _recalled(self, key: tuple[Any, ...]) -> Notes | None:
        """Return what the checks of something looked at, None if it is not remembered as clean."""
        known = (clean.notes for clean in self.clean.get(key, ()) if clean.notes.seen_in(self.world) == clean.seen)
        return next(known, None)

    def _remember(self, key: tuple[Any, ...], notes: Notes, *, clean: bool, schema: Any = None) -> bool:
        if clean and not notes.more:
            self.clean.setdefault(key, []).append(Clean(notes, notes.seen_in(self.world), schema))
            return True
        return False

    def _is_dropped(self, error: Any) -> bool:
        return self.enabled is not None and error.rule is not None and error.rule.id not in self.enabled


def _text(value: Any) -> str:
    return json.dumps(value, default=str)
