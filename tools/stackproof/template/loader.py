"""A template read from a file, checked to have the sections of one."""

from __future__ import annotations

import re
from typing import Any

from stackproof.foundation.document import Document, Mark
from stackproof.foundation.files import read_text
from stackproof.foundation.finding import CannotTell, Place
from stackproof.template.includes import included
from stackproof.template.json_reader import parse_json

SECTIONS = (
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Globals",
    "Resources",
    "Outputs",
)
MOST = 1_048_576
"""Bytes of the largest template. Source: CloudFormation User Guide, "Quotas", template body in S3: 1 MB."""
TOO_DEEP = "the text is nested too deeply to be read"


def load(path: str) -> Document:
    """Read a template from a file of JSON or YAML and check its sections.

    Raises CannotTell, naming file, line and column, for a text that is no template.
    """
    return parse(read_text(path), path)


def parse(text: str, path: str) -> Document:
    """Read a template from its text; `path` names it in messages and, by its ending, the language."""
    return check_sections(included(parse_document(text, path), load_document))


def load_document(path: str, *, text_only: bool = False) -> Document:
    """Read any JSON or YAML file; with `text_only` every scalar stays the text that was written."""
    return parse_document(read_text(path), path, text_only=text_only)


def parse_document(text: str, path: str, *, text_only: bool = False) -> Document:
    """Read a text of JSON (its file ends in .json, or it opens with a brace) or else of YAML."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST:
        raise CannotTell("larger than the 1 MB that a template may have", Place(path, 1, 1), "give a template")
    is_json = path.endswith(".json") or text.lstrip()[:1] == "{"
    try:
        from stackproof.foundation.yaml_reader import parse_yaml  # what checks a kept result reads no YAML

        document = parse_json(text, path) if is_json else parse_yaml(text, path, text_only)
        if re.search(r"\\u[dD][89a-fA-F]", text):
            _refuse_lone_surrogates(document)
    except RecursionError:
        raise CannotTell(TOO_DEEP, Place(path, 1, 1), "close its brackets, or nest less deeply") from None
    return document


def check_sections(document: Document) -> Document:
    """Return the document if it has the sections of a template, each a mapping; raise CannotTell otherwise.

    Source of the words on unique names: github.com/aws-cloudformation/cfn-lint, issue 1689.
    """
    value = document.value
    if not isinstance(value, dict):
        raise CannotTell("a template must be a mapping of sections", document.place(), "write Resources: and the like")
    for name in value:
        if name not in SECTIONS:
            fix = f"use one of {', '.join(SECTIONS)}"
            raise CannotTell(f"{name!r} is no section of a template", document.place((name,)), fix)
    for name in SECTIONS[2:]:
        if name != "Transform" and not isinstance(value.get(name, {}), dict):
            raise CannotTell(
                f"section {name} must be a mapping", document.place((name,)), "write names and what each is"
            )
    if not value.get("Resources"):
        place = document.place(("Resources",))
        raise CannotTell("a template must have at least one resource", place, "add a Resources section")
    _check_members(document)
    for name in value["Resources"]:
        if name in value.get("Parameters", {}):
            message = f"all resources and parameters must have unique names. Common name(s):[{name}]"
            raise CannotTell(message, document.place(("Resources", name)), "rename one of them")
    return document


def _check_members(document: Document) -> None:
    for section in ("Parameters", "Rules", "Resources", "Outputs"):
        for name, member in document.value.get(section, {}).items():
            # An Fn::ForEach is a list, and refused by name when the template is worked out.
            if not isinstance(member, dict) and not name.startswith("Fn::"):
                raise CannotTell(
                    f"{section} {name} must be a mapping", document.place((section, name)), "write its keys and values"
                )
    for name, resource in document.value["Resources"].items():
        if name.startswith("Fn::"):
            continue
        if not isinstance(resource.get("Type"), str):
            raise CannotTell(f"resource {name} has no Type", document.place(("Resources", name)), "add one")
        if not isinstance(resource.get("Properties", {}), dict):
            place = document.place(("Resources", name, "Properties"))
            raise CannotTell(
                f"the Properties of resource {name} must be a mapping", place, "write its names and values"
            )


def _refuse_lone_surrogates(document: Document) -> None:
    def check(text: Any, mark: Mark) -> None:
        if isinstance(text, str) and any("\ud800" <= letter <= "\udfff" for letter in text):
            place = document.place_at(mark[0])
            raise CannotTell("the text has half of a surrogate pair", place, "write whole characters")

    def walk(value: Any, mark: Mark) -> None:
        check(value, mark)
        if isinstance(value, dict | list):
            for key, member in value.items() if isinstance(value, dict) else enumerate(value):
                check(key, mark)
                walk(member, mark[1][key])

    walk(document.value, document.mark)
