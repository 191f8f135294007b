"""What cfn-lint looks up again and again, looked up once: in lists, templates, schemas, patterns and conditions.

Every function here is given the package and its rules, and replaces some functions by others with the same results;
`patches` makes a replacement only where the source of what it replaces is the one that was read.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from stackproof.lint.watched import Watched, plain

Functions = tuple[Callable[..., Any], ...]
Rules = Mapping[str, Any]

IDENTIFIERS = "E3019"
"""cfn-lint's rule that primary identifiers are unique in a template."""
BOOLEAN_LENGTHS = (4, 5)
"""Of "true" and "false", which cfn-lint compares in a way of its own."""


def enums_read(cfnlint: Any, rules: Rules) -> Functions:
    keywords = cfnlint.jsonschema._keywords
    return keywords.enum, keywords.equal, type(rules["E3030"]).enum


def templates_read(cfnlint: Any, _rules: Rules) -> Functions:
    template = cfnlint.template.template.Template
    return template._search_deep_keys, template._cache_clear, template.get_valid_getatts


def schemas_read(cfnlint: Any, _rules: Rules) -> Functions:
    return (cfnlint.schema.resolver._resolver.RefResolver.resolve_fragment,)


def provider_schemas_read(cfnlint: Any, _rules: Rules) -> Functions:
    manager = type(cfnlint.schema.PROVIDER_SCHEMA_MANAGER)
    schema_of = manager.get_resource_schema
    return schema_of.__wrapped__, manager.get_resource_schemas_by_regions, manager._load_provider_module


def cycles_read(cfnlint: Any, _rules: Rules) -> Functions:
    return (cfnlint.graph.Graph.get_cycles,)


def identifiers_read(_cfnlint: Any, rules: Rules) -> Functions:
    return (type(rules[IDENTIFIERS])._validate_resource_type_uniqueness,)


def conditions_read(cfnlint: Any, _rules: Rules) -> Functions:
    """Return what asks whether conditions can hold: none of it looks at the solution, or asks for all of them."""
    conditions, contexts = cfnlint.conditions.conditions.Conditions, cfnlint.context.conditions._conditions.Conditions
    scenarios = (conditions.build_scenarios, conditions.check_implies, conditions.build_scenerios_on_region.__wrapped__)
    return conditions.satisfiable, *scenarios, contexts.evolve, contexts.is_reachable


def in_enums(cfnlint: Any, rules: Rules) -> None:
    """Look for a text in a list at once; only what is not simply there is compared with each."""
    keywords = cfnlint.jsonschema._keywords
    enum, equal = keywords.enum, keywords.equal

    def quick(validator: Any, enums: Any, instance: Any, schema: Any) -> Any:
        if isinstance(instance, str) and isinstance(enums, list) and instance in enums:
            return iter(())
        return enum(validator, enums, instance, schema)

    def quickly(first: Any, second: Any) -> Any:
        texts = isinstance(first, str) and isinstance(second, str)
        if texts and len(first) not in BOOLEAN_LENGTHS and len(second) not in BOOLEAN_LENGTHS:
            return first == second
        return equal(first, second)

    keywords.enum, keywords.equal = quick, quickly
    # cfn-lint loads its rules from files: the module of a rule is not the one that its name imports.
    type(rules["E3030"]).enum.__globals__["enum"] = quick


def in_templates(cfnlint: Any, _rules: Rules) -> None:
    """Find all keys of a template on one walk, and list what its resources have to offer once."""
    template = cfnlint.template.template.Template
    search, clear, attributes = template._search_deep_keys, template._cache_clear, template.get_valid_getatts

    def searched(self: Any, wanted: Any, value: Any, path: Any) -> Any:
        if value is not self.template or not isinstance(wanted, str) or path:
            return search(self, wanted, value, path)
        if self.__dict__.get("_walked", (None,))[0] is not value:
            found: dict[Any, list[list[Any]]] = {}
            _walk(value, [], found)
            self.__dict__["_walked"] = (value, found)
        return [[*found_path] for found_path in self.__dict__["_walked"][1].get(wanted, ())]

    def cleared(self: Any) -> None:
        self.__dict__.pop("_walked", None)  # transforms change the template
        clear(self)

    def listed(self: Any) -> Any:
        resources = self.context.resources
        known = self.__dict__.get("_listed")
        if known is None or known[0] is not resources:
            known = self.__dict__["_listed"] = (resources, attributes(self))
        return known[1]

    template._search_deep_keys, template._cache_clear, template.get_valid_getatts = searched, cleared, listed


def _walk(value: Any, path: list[Any], found: dict[Any, list[list[Any]]]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            found.setdefault(key, []).append([*path, key, item])
            _walk(item, [*path, key], found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _walk(item, [*path, index], found)


def of_modules(cfnlint: Any, _rules: Rules) -> None:
    """List the modules among a template's resources once, not for every copy of its context."""
    context = cfnlint.context.context.Context
    names = context.module_names.func
    last: list[tuple[Any, Any]] = [(None, ())]

    def module_names(self: Any) -> Any:
        resources = self.resources
        if isinstance(resources, Watched):
            return ()  # nothing is remembered of a template with modules
        if last[0][0] is not resources:
            last[0] = (resources, names(self))
        return last[0][1]

    context.module_names = property(module_names)


def in_schemas(cfnlint: Any, _rules: Rules) -> None:
    """Look for a fragment of a schema once."""
    resolver = cfnlint.schema.resolver._resolver.RefResolver
    resolve = resolver.resolve_fragment
    found: dict[tuple[int, str], tuple[Any, Any]] = {}

    def once(self: Any, document: Any, fragment: str) -> Any:
        key = (id(document), fragment)
        if key not in found:
            found[key] = (document, resolve(self, document, fragment))  # kept, so that its id stays its own
        return found[key][1]

    resolver.resolve_fragment = once


def in_provider_schemas(cfnlint: Any, _rules: Rules) -> None:
    """Read a schema that several regions share once, and group the regions of a type once.

    Schemas that a configuration overrides are in place before: what is read after that is as its file has it.
    """
    manager = type(cfnlint.schema.PROVIDER_SCHEMA_MANAGER)
    schema_of, by_regions = manager.get_resource_schema.__wrapped__, manager.get_resource_schemas_by_regions
    read: dict[tuple[str, str], Any] = {}
    grouped: dict[tuple[str, ...], list[tuple[list[str], Any]]] = {}

    @cache
    def get_resource_schema(self: Any, region: str, resource_type: str) -> Any:
        version = self._load_provider_module(region).get(resource_type)
        own = self._schemas[region]
        if version and resource_type not in own and resource_type not in self._registry_schemas:
            if (version, resource_type) in read and resource_type not in self._removed_types:
                own[resource_type] = read[version, resource_type]
            else:
                read[version, resource_type] = schema_of(self, region, resource_type)
        return schema_of(self, region, resource_type)

    def get_resource_schemas_by_regions(self: Any, resource_type: str, regions: Any) -> Any:
        key = (resource_type, *plain(regions))
        if key not in grouped:
            grouped[key] = [*by_regions(self, resource_type, plain(regions))]
        return iter(grouped[key])

    manager.get_resource_schema = get_resource_schema
    manager.get_resource_schemas_by_regions = get_resource_schemas_by_regions


def schema_versions(cfnlint: Any) -> Callable[[str, Any], tuple[str | None, ...]]:
    """Return what gives the versions of a type's schema in some regions, None where a region lacks the type."""
    manager = cfnlint.schema.PROVIDER_SCHEMA_MANAGER

    @cache
    def versions(resource_type: str, regions: tuple[str, ...]) -> tuple[str | None, ...]:
        name = manager._normalize_resource_type(resource_type)
        return tuple(manager._load_provider_module(region).get(name) for region in regions)

    return versions


def of_cycles(cfnlint: Any, _rules: Rules) -> None:
    """Look for a cycle from each resource only where there is one."""
    graph = cfnlint.graph.Graph
    cycles, is_acyclic = graph.get_cycles, cfnlint.graph.networkx.is_directed_acyclic_graph

    def get_cycles(self: Any, cfn: Any) -> Any:
        return [] if is_acyclic(self.graph) else cycles(self, cfn)

    graph.get_cycles = get_cycles


def of_identifiers(_cfnlint: Any, rules: Rules) -> None:
    """Compare the identifiers of a type's resources only where two resources have them."""
    rule = type(rules[IDENTIFIERS])
    compare = rule._validate_resource_type_uniqueness

    def may_have(properties: Any, identifiers: Any) -> bool:
        return (
            not isinstance(properties, dict) or len(properties) == 1 or all(map(properties.__contains__, identifiers))
        )

    def compared(self: Any, cfn: Any, resource_type: str, identifiers: Any) -> Any:
        resources = cfn.get_resources(resource_type).values()
        named = [resource for resource in resources if may_have(resource.get("Properties", {}), identifiers)]
        return compare(self, cfn, resource_type, identifiers) if len(named) > 1 else []

    rule._validate_resource_type_uniqueness = compared


def of_conditions(cfnlint: Any, _rules: Rules) -> None:
    """Solve once what a template's conditions come to; look once for a solver that is not installed."""
    conditions = cfnlint.conditions.conditions.Conditions
    satisfiable = conditions.satisfiable

    def solved(self: Any, status: Any, values: Any) -> Any:
        known = self.__dict__.setdefault("_solved", {})
        key = (repr(status), repr(values))
        if key not in known:
            known[key] = satisfiable(self, status, values)
        return known[key]

    conditions.satisfiable = solved
    inference: Any = sys.modules[cfnlint.conditions.conditions.satisfiable.__module__]
    inference.import_module = cache(inference.import_module)
    once = _solved_once(cfnlint.conditions.conditions.satisfiable)
    for module in (cfnlint.conditions.conditions, cfnlint.context.conditions._conditions):
        module.satisfiable = once


def _solved_once(satisfiable: Callable[..., Any]) -> Callable[..., Any]:
    """Solve the same clauses of the same symbols once; whoever asks only looks whether there is a solution."""
    found: dict[Any, Any] = {}

    def once(clauses: Any, **options: Any) -> Any:
        key = (tuple(map(frozenset, clauses.data)), tuple(clauses.symbols), *options.items())
        if key not in found:
            found[key] = satisfiable(clauses, **options)
        return found[key]

    return once


def of_patterns(cfnlint: Any, _rules: Rules) -> None:
    """Look a pattern up that was compiled before without asking which flags and versions may apply to it."""
    regex = cfnlint.jsonschema._keywords.re
    compiled = cache(regex.compile)

    def quick(name: str) -> Callable[..., Any]:
        function = getattr(regex, name)

        def quickly(pattern: Any, text: Any, *others: Any, **named: Any) -> Any:
            if others or named or not isinstance(pattern, str | regex.Pattern):
                return function(pattern, text, *others, **named)
            return getattr(compiled(pattern) if isinstance(pattern, str) else pattern, name)(text)

        return quickly

    for name in ("match", "search", "fullmatch", "findall"):
        setattr(regex, name, quick(name))
