"""cfn-lint's inner loops with the same results in less time.

Two thirds of cfn-lint's calls are work that it does over and over: it makes a class for every subschema, copies its
context field by field at every step, compares 250 rules with every keyword, lists all resources at every reference.

Each replacement was read against the source of what it replaces, and is guarded by a hash of that source: where
another version of cfn-lint has another, only this replacement is off. The findings are the same with or without, which
the tests compare.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.lint import lookup_patches
from stackproof.lint.resource_memo import OUTPUTS, PROPERTIES, RESOURCES, TYPES
from stackproof.lint.source_guard import fingerprint

ENUM, KEYWORDS = "E3030", "E1101"
MEMORY = "resources found clean before"

Functions = tuple[Callable[..., Any], ...]
Rules = Mapping[str, Any]


class Speedup(NamedTuple):
    """A replacement: `reads` gives the functions of cfn-lint and its rules that it relies on, `known` is their hash."""

    name: str
    known: str
    reads: Callable[[Any, Rules], Functions]
    apply: Callable[[Any, Rules], None]


def speedups() -> tuple[Speedup, ...]:
    """Return all replacements, in the order in which they are made."""
    look = lookup_patches
    return (
        Speedup(
            "classes of validators", "706c5368aa1e543e", lambda lint, _: (lint.jsonschema.validators.create,), _classes
        ),
        Speedup("copies of contexts", "883d0be7a5c7d520", _copied, _copies),
        Speedup("rules by keyword", "07bc0a6850a117a6", lambda _, rules: (type(rules[KEYWORDS]).cfnLint,), _keywords),
        Speedup("rules by type", "83e741a59906c15d", lambda lint, _: _runs(lint), _types),
        Speedup("texts in lists", "c6b9f0279902a0fc", look.enums_read, look.in_enums),
        Speedup("keys of templates", "6b99492ff6fc88ac", look.templates_read, look.in_templates),
        Speedup(
            "modules",
            "851837ca4350577a",
            lambda lint, _: (lint.context.context.Context.module_names.func,),
            look.of_modules,
        ),
        Speedup("fragments of schemas", "7aff3fdc3f8aa074", look.schemas_read, look.in_schemas),
        Speedup("conditions", "1079dd3818754302", look.conditions_read, look.of_conditions),
        Speedup("schemas of regions", "32f6cf2e5c746ab5", look.provider_schemas_read, look.in_provider_schemas),
        Speedup("cycles", "57e41e64473e4f44", look.cycles_read, look.of_cycles),
        Speedup("identifiers", "ba281918f39b2cbf", look.identifiers_read, look.of_identifiers),
        Speedup("patterns", "24581a744681c536", lambda lint, _: (lint.jsonschema._keywords.pattern,), look.of_patterns),
        Speedup(MEMORY, "bde32c38c9789e51", _remembered, lambda _lint, _rules: None),
    )


_made: dict[int, frozenset[str]] = {}


def shorten(cfnlint: Any, rules: Rules) -> frozenset[str]:
    """Replace what has the source that was read, once a process; return the names of the replacements made."""
    if id(cfnlint) not in _made:
        sound = [speedup for speedup in speedups() if _reads(speedup, cfnlint, rules) == speedup.known]
        for speedup in sound:
            speedup.apply(cfnlint, rules)
        _made[id(cfnlint)] = frozenset(speedup.name for speedup in sound)
    return _made[id(cfnlint)]


def _reads(speedup: Speedup, cfnlint: Any, rules: Rules) -> str:
    try:
        return fingerprint(speedup.reads(cfnlint, rules))
    except (AttributeError, KeyError):
        return "gone"


def _copied(cfnlint: Any, _rules: Rules) -> Functions:
    context = cfnlint.context.context
    return context.Context.evolve, context.Path.descend, cfnlint.jsonschema._filter.FunctionFilter.evolve


def _runs(cfnlint: Any) -> Functions:
    rules, base = cfnlint.rules._rules.Rules, cfnlint.rules.CloudFormationLintRule
    return rules.run, rules.run_check, rules.is_rule_enabled, rules._filter_matches, base.match, base.is_enabled


def _remembered(cfnlint: Any, rules: Rules) -> Functions:
    """What the memory of resources relies on: the rules that start their checks, and what a template is asked."""
    template, keywords = cfnlint.template.template.Template, cfnlint.jsonschema._keywords
    asked = (template.get_cfn_path, template.get_valid_getatts, template.get_object_without_conditions)
    conditional = (template.is_resource_available, template.get_conditions_from_path)
    entries = (type(rules[RESOURCES])._pattern_properties, type(rules[OUTPUTS])._pattern_properties)
    starting = (*entries, type(rules[PROPERTIES]).validate, type(rules[TYPES]).validate)
    steps = (keywords.patternProperties, keywords.properties, keywords.additionalProperties)
    return *starting, *steps, *asked, *conditional, template.has_serverless_transform, template.is_cdk_template


def _classes(cfnlint: Any, _rules: Rules) -> None:
    """Let it have a class of validators that it made before: a class depends on nothing but the three arguments."""
    module = cfnlint.jsonschema.validators
    create, made = module.create, {}
    empty = module.Template(None, {})

    def kept(validators: Any = None, function_filter: Any = None, fn_resolvers: Any = None) -> Any:
        # A method equals a method of the same rule only; a filter shows all its fields.
        parts = (tuple((validators or {}).items()), repr(function_filter), tuple((fn_resolvers or {}).items()))
        if parts not in made:
            made[parts] = create(validators, function_filter, fn_resolvers)
            made[parts].evolve = _evolved
        return made[parts]

    module.create = kept
    module.Template = lambda *_: empty  # every validator begins with an empty template, which is then replaced


def _evolved(self: Any, **changes: Any) -> Any:
    """Copy an object of a class whose fields no one but its constructor sets, with some of them changed."""
    new = object.__new__(type(self))
    new.__dict__.update(self.__dict__, **changes)
    return new


def _copies(cfnlint: Any, _rules: Rules) -> None:
    """Copy contexts, paths and filters whole, not field by field."""
    context = cfnlint.context.context
    descend = context.Path.descend

    def evolve(self: Any, **changes: Any) -> Any:
        if "ref_values" in changes:
            changes["ref_values"] = {**self.ref_values, **changes["ref_values"]}
        return _evolved(self, **changes)

    def descended(self: Any, path: Any = None, cfn_path: Any = None, **others: Any) -> Any:
        if others or isinstance(cfn_path, int) or cfn_path in context.FUNCTIONS:
            return descend(self, path=path, cfn_path=cfn_path, **others)
        longer = {
            name: deque([*getattr(self, name), step])
            for name, step in (("path", path), ("cfn_path", cfn_path))
            if step is not None
        }
        return _evolved(self, **longer)

    context.Context.evolve, context.Path.descend = evolve, descended
    cfnlint.jsonschema._filter.FunctionFilter.evolve = _evolved


def _keywords(cfnlint: Any, rules: Rules) -> None:
    """Find the rules below the rule of keywords by their keyword."""
    unset = cfnlint.jsonschema._utils.Unset

    def checked(self: Any, validator: Any, keywords: Any, instance: Any, schema: Any) -> Iterator[Any]:
        filtered = validator.function_filter.evolve(add_cfn_lint_keyword=False)
        validator = validator.evolve(function_filter=filtered)
        by_keyword = self.__dict__.get("_by_keyword") or _by_keyword(self)
        for keyword in keywords:
            for rule in by_keyword.get(keyword, ()):
                for error in rule.validate(validator, keyword, instance, schema):
                    if error.rule is None and isinstance(error.validator, unset):
                        error.rule = rule
                    yield error

    type(rules[KEYWORDS]).cfnLint = checked


def _by_keyword(rule: Any) -> dict[str, list[Any]]:
    by_keyword: dict[str, list[Any]] = {}
    for child in rule.child_rules.values():
        if child is not None and child.id:
            for keyword in child.keywords:
                by_keyword.setdefault(keyword, []).append(child)
    rule.__dict__["_by_keyword"] = by_keyword  # when it is first asked, the rules below it have been set for good
    return by_keyword


def _types(cfnlint: Any, _rules: Rules) -> None:
    """Put a resource only to the rules that concern its type, and nothing to a rule whose findings are dropped.

    That is a rule which is not enabled and starts no others: cfn-lint runs it, and drops what it finds.
    """

    def run(self: Any, filename: Any, cfn: Any, config: Any) -> Iterator[Any]:
        settings, experimental = config.configure_rules, config.include_experimental
        for name, rule in self.data.items():
            rule.configure(settings.get(name, None), experimental)
            rule.initialize(cfn)
        for name, rule in self.data.items():
            rule.child_rules.update({key: self.data[key] for key in rule.child_rules if key in self.data})
            for parent in rule.parent_rules:
                if parent in self.data:
                    self.data[parent].child_rules[name] = rule
        wanted = {
            "include_experimental": experimental,
            "ignore_rules": config.ignore_checks,
            "include_rules": config.include_checks,
            "mandatory_rules": config.mandatory_checks,
        }
        enabled = {name for name, rule in self.data.items() if rule.is_enabled(**wanted)}
        memory = getattr(self.data.get(RESOURCES), "memory", None)
        if memory:
            memory.enabled = enabled
        asked = {name: rule for name, rule in self.data.items() if name in enabled or rule.child_rules}
        for name, check, arguments in _checks(asked, cfn, cfnlint.rules.CloudFormationLintRule):
            matches = self.run_check(check, filename, name, config, enabled, filename, cfn, *arguments)
            yield from self._filter_matches(enabled, matches)

    cfnlint.rules._rules.Rules.run = run


def _checks(rules: Mapping[str, Any], cfn: Any, base: Any) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    """Give each rule's check of the template, then those of each resource: the rule's id, the check, its arguments."""
    for name, rule in rules.items():
        if type(rule).match is not base.match or type(rule).matchall is not base.matchall:
            yield name, rule.matchall, ()
    concerned = {name: rule for name, rule in rules.items() if rule.resource_property_types}
    for logical, resource in cfn.get_resources().items():
        kind, properties = resource.get("Type"), resource.get("Properties")
        if isinstance(kind, str) and isinstance(properties, dict):
            for name, rule in concerned.items():
                yield name, rule.matchall_resource_properties, (properties, kind, ["Resources", logical, "Properties"])
