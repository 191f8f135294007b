"""The sections of a template checked before any of it is worked out, once a template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stackproof.foundation.document import Document
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import as_list
from stackproof.template.function_check import Functions
from stackproof.template.grammar import (
    NEED_TRANSFORM,
    PLACED_IN_CONDITIONS,
    PLACED_IN_RESOURCES,
    PLACED_IN_RULES,
    RULE_TRUTHS,
    TRUTHS,
    misplaced,
)
from stackproof.template.transforms import transforms

WITH_FUNCTIONS = ("Properties", "Metadata", "CreationPolicy", "UpdatePolicy")
LITERAL = ("Type", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "Version")
RESOURCE_KEYS = frozenset((*WITH_FUNCTIONS, *LITERAL, "DependsOn"))
OUTPUT_KEYS = frozenset(("Condition", "Description", "Export", "Value"))
RULE_KEYS = frozenset(("Assertions", "RuleCondition"))
VERSION = "2010-09-09"
LONGEST_DESCRIPTION = 1024
NAME = "[A-Za-z0-9]+"
NAMES: Mapping[str, str] = {
    **dict.fromkeys(("Parameters", "Rules", "Mappings", "Resources", "Outputs"), NAME),
    "Conditions": "[A-Za-z0-9&_]+",
}


@memoised
def functions(template: Document) -> Functions:
    """Return the notes on a template's functions; raise CannotTell, with the place, for what CloudFormation refuses.

    Source: CloudFormation User Guide, "Template sections", one page a section.
    """
    read = Functions(template)
    _Sections(read).check()
    return read


class _Sections:
    def __init__(self, read: Functions) -> None:
        self.read = read
        self.value: Mapping[str, Any] = read.template.value
        self.refuse = read.refuse

    def check(self) -> None:
        transforms(self.read.template)
        if "Globals" in self.value:
            message = "Globals is a section of templates with Transform: AWS::Serverless-2016-10-31 only"
            raise self.refuse(("Globals",), message, "add the transform, or remove the section")
        self.head()
        for section, shape in NAMES.items():
            for name in self.value.get(section, {}):
                self.name(section, name, shape)
        for name, member in self.value.get("Mappings", {}).items():
            self.mapping(("Mappings", name), member)
        for name, member in self.value.get("Conditions", {}).items():
            self.truth(member, ("Conditions", name), PLACED_IN_CONDITIONS, f"condition {name}")
        for name, member in self.value.get("Rules", {}).items():
            self.rule(name, member, ("Rules", name))
        for name, member in self.value["Resources"].items():
            self.resource(name, member, ("Resources", name))
        for name, member in self.value.get("Outputs", {}).items():
            self.output(name, member, ("Outputs", name))

    def head(self) -> None:
        """Check version and description. Source: User Guide, "Template format version syntax", "Description syntax"."""
        if self.value.get("AWSTemplateFormatVersion", VERSION) != VERSION:
            message = "unsupported value for AWSTemplateFormatVersion"
            raise self.refuse(("AWSTemplateFormatVersion",), message, f"write {VERSION}")
        described = self.value.get("Description", "")
        if not isinstance(described, str) or len(described.encode()) > LONGEST_DESCRIPTION:
            message = f"the Description must be text of at most {LONGEST_DESCRIPTION:,} bytes"
            raise self.refuse(("Description",), message, "write less, and no function")

    def name(self, section: str, name: str, shape: str) -> None:
        if name.startswith(NEED_TRANSFORM):
            raise self.refuse((section, name), *misplaced(name))
        if not re.fullmatch(shape, name):
            raise self.refuse((section, name), f"{section} name {name!r} is non alphanumeric", "use letters and digits")

    def mapping(self, path: Path, members: Any) -> None:
        """Check that a mapping is two levels of keys over texts and lists."""
        for first, keys in _items(members):
            for second, found in _items(keys):
                where = (*path, first, second)
                if isinstance(found, dict) or found is None:
                    raise self.refuse(
                        where, "every Mappings attribute must be a String or a List", "write one of these"
                    )
            if not isinstance(keys, dict):
                raise self.refuse((*path, first), "every Mappings member must be a map", "write a second level of keys")
        if not isinstance(members, dict):
            raise self.refuse(path, "every Mappings member must be a map", "write two levels of keys")

    def truth(self, node: Any, path: Path, placed: frozenset[str], where: str) -> None:
        truths = TRUTHS if placed is PLACED_IN_CONDITIONS else RULE_TRUTHS
        if not isinstance(node, dict) or self.read.called(node, path, placed) is None:
            raise self.refuse(path, f"{where} must be made of condition functions", "use Fn::Equals")
        self.read.read(node, path, placed, truths, where)

    def rule(self, name: str, rule: Mapping[str, Any], path: Path) -> None:
        self.keys(rule, path, RULE_KEYS, f"rule {name}")
        if "RuleCondition" in rule:
            self.truth(rule["RuleCondition"], (*path, "RuleCondition"), PLACED_IN_RULES, f"the RuleCondition of {name}")
        assertions = rule.get("Assertions")
        if not isinstance(assertions, list) or not assertions:
            raise self.refuse(path, f"rule {name} asserts nothing", "give it Assertions")
        for index, assertion in enumerate(assertions):
            where = (*path, "Assertions", index)
            if not isinstance(assertion, dict) or "Assert" not in assertion:
                raise self.refuse(where, f"an assertion of rule {name} has no Assert", "add it")
            self.truth(assertion["Assert"], (*where, "Assert"), PLACED_IN_RULES, f"an assertion of rule {name}")
            self.literal(assertion, "AssertDescription", where)

    def resource(self, name: str, resource: Mapping[str, Any], path: Path) -> None:
        self.keys(resource, path, RESOURCE_KEYS, f"resource {name}")
        for key in LITERAL:
            self.literal(resource, key, path)
        if "Condition" in resource:
            self.read.condition(resource["Condition"], (*path, "Condition"))
        for depended in as_list(resource.get("DependsOn", [])):
            if not isinstance(depended, str):
                raise self.refuse(
                    (*path, "DependsOn"), "DependsOn must be a string or list of strings", "write ids only"
                )
            self.read.resource(depended, (*path, "DependsOn"))
        if self.read.called(resource.get("Properties", {}), path, PLACED_IN_RESOURCES) not in (None, "Fn::If"):
            message = f"the Properties of resource {name} must be a mapping of properties, or an Fn::If of two"
            raise self.refuse((*path, "Properties"), message, "choose inside each property")
        for key in WITH_FUNCTIONS:
            if key in resource:
                where = f"{key} of {name}"
                self.read.read(resource[key], (*path, key), PLACED_IN_RESOURCES, PLACED_IN_RESOURCES, where)

    def output(self, name: str, output: Mapping[str, Any], path: Path) -> None:
        self.keys(output, path, OUTPUT_KEYS, f"output {name}")
        self.literal(output, "Description", path)
        if "Condition" in output:
            self.read.condition(output["Condition"], (*path, "Condition"))
        if "Value" not in output:
            raise self.refuse(path, f"output {name} has no Value", "add one")
        export = output.get("Export", {"Name": ""})
        if not isinstance(export, dict) or list(export) != ["Name"]:
            raise self.refuse(
                (*path, "Export"), f"the Export of output {name} takes a Name and nothing else", "write it"
            )
        for key in ("Value", "Export"):
            if key in output:
                where = f"{key} of output {name}"
                self.read.read(output[key], (*path, key), PLACED_IN_RESOURCES, PLACED_IN_RESOURCES, where)

    def keys(self, members: Mapping[str, Any], path: Path, known: frozenset[str], what: str) -> None:
        for key in members:
            if key not in known:
                raise self.refuse(
                    (*path, key), f"{what} has the unknown key {key!r}", f"use {', '.join(sorted(known))}"
                )

    def literal(self, members: Mapping[str, Any], key: str, path: Path) -> None:
        if not isinstance(members.get(key, ""), str):
            raise self.refuse((*path, key), f"{key} must be text", "write it out: no function may stand there")


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []
