"""cfn-lint's inner loops with the same results in less time.

Two thirds of cfn-lint's calls are work that it does over and over: it makes a class for every subschema, copies its
context field by field at every step, compares 250 rules with every keyword, lists all resources at every reference.
With what stands here and in `lint_lookups`, one folded side of 528 resources takes 6.9 million calls, not 20.9.

Each replacement was read against the sources of the versions that `lint_memory.READ` matches, and the tests compare
the findings; with any other version nothing is replaced: slower, and the same findings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.lint import lookup_patches, resource_memo

ENUM = "E3030"
_shortened: list[Any] = []


def shorten(cfnlint: Any, version: str, rules: Mapping[str, Any]) -> None:
    """Replace what is replaced in the package and in its rules, once, if their source was read for that."""
    if not resource_memo.READ.match(version) or cfnlint in _shortened:
        return
    _shortened.append(cfnlint)
    _classes(cfnlint)
    _copies(cfnlint)
    _keywords(cfnlint, type(rules[resource_memo.RULE]))
    _types(cfnlint)
    lookup_patches.in_enums(cfnlint, type(rules[ENUM]))
    lookup_patches.in_templates(cfnlint)
    lookup_patches.of_modules(cfnlint)
    lookup_patches.in_schemas(cfnlint)
    lookup_patches.of_conditions(cfnlint)
    lookup_patches.of_patterns(cfnlint)


def _classes(cfnlint: Any) -> None:
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


def _copies(cfnlint: Any) -> None:
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


def _keywords(cfnlint: Any, rule: Any) -> None:
    """Find the rules below the rule of keywords by their keyword."""
    unset = cfnlint.jsonschema._utils.Unset

    def checked(self: Any, validator: Any, keywords: Any, instance: Any, schema: Any) -> Iterator[Any]:
        filtered = validator.function_filter.evolve(add_cfn_lint_keyword=False)
        validator = validator.evolve(function_filter=filtered)
        by_keyword = self.__dict__.get("_by_keyword") or _by_keyword(self)
        for keyword in keywords:
            for one in by_keyword.get(keyword, ()):
                for error in one.validate(validator, keyword, instance, schema):
                    if error.rule is None and isinstance(error.validator, unset):
                        error.rule = one
                    yield error

    rule.cfnLint = checked


def _by_keyword(rule: Any) -> dict[str, list[Any]]:
    by_keyword: dict[str, list[Any]] = {}
    for one in rule.child_rules.values():
        if one is not None and one.id:
            for keyword in one.keywords:
                by_keyword.setdefault(keyword, []).append(one)
    rule.__dict__["_by_keyword"] = by_keyword  # when it is first asked, the rules below it have been set for good
    return by_keyword


def _types(cfnlint: Any) -> None:
    """Put a resource only to the rules that concern its type."""

    def run(self: Any, filename: Any, cfn: Any, config: Any) -> Iterator[Any]:
        for name, rule in self.data.items():
            rule.configure(config.configure_rules.get(name, None), config.include_experimental)
            rule.initialize(cfn)
        for name, rule in self.data.items():
            rule.child_rules.update({key: self.data[key] for key in rule.child_rules if key in self.data})
            for parent in rule.parent_rules:
                if parent in self.data:
                    self.data[parent].child_rules[name] = rule
        enabled = {name for name in self.data if self.is_rule_enabled(name, config)}
        for name, check, given in _checks(self.data, cfn):
            matches = self.run_check(check, filename, name, config, enabled, filename, cfn, *given)
            yield from self._filter_matches(enabled, matches)

    cfnlint.rules._rules.Rules.run = run


def _checks(rules: Mapping[str, Any], cfn: Any) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    """Give each rule's check of the template, then those of each resource: the rule's id, the check, its arguments."""
    for name, rule in rules.items():
        yield name, rule.matchall, ()
    concerned = {name: rule for name, rule in rules.items() if rule.resource_property_types}
    for logical, resource in cfn.get_resources().items():
        kind, properties = resource.get("Type"), resource.get("Properties")
        if isinstance(kind, str) and isinstance(properties, dict):
            for name, rule in concerned.items():
                yield name, rule.matchall_resource_properties, (properties, kind, ["Resources", logical, "Properties"])
