"""YAML as CloudFormation reads it: short function tags, no aliases, dates as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from stackproof.document import Document, Mark
from stackproof.finding import CannotTell

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
STANDARD = "tag:yaml.org,2002:"
PLAIN = {"bool", "int", "float", "null"}
KINDS = {
    yaml.ScalarNode: {*PLAIN, "str", "timestamp", "value", "merge"},
    yaml.MappingNode: {"map"},
    yaml.SequenceNode: {"seq"},
}
DEEPEST = 100
"""More than any template nests. The parser behind `compose` recurses in C, where too deep is a crash."""
BITS = 1024
"""The longest whole number, as long as the largest that is not whole."""
Marked = tuple[Any, Mark]


def parse_yaml(text: str, path: str, text_only: bool = False) -> Document:
    """Read one YAML document; with `text_only` every scalar stays the text that was written.

    Source: CloudFormation, "Template format", on the YAML features that are not supported.
    """
    blank = Document(path, text, None, (0, None))
    try:
        _refuse_depth(blank)
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "unreadable"
        raise CannotTell(f"not YAML: {problem}", blank.place_at(mark.index if mark else 0)) from None
    except yaml.YAMLError as error:
        raise CannotTell(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if node is None:
        raise CannotTell(f"{path} is empty", blank.place(), "write something into it")
    return Document(path, text, *_Reader(blank, text_only).read(node))


def _refuse_depth(document: Document) -> None:
    depth = 0
    for event in yaml.parse(document.text, Loader=Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            mark = event.start_mark
            place = document.place_at(mark.index if mark else 0)
            raise CannotTell("the text is nested too deeply to be read", place, "mend its brackets")


class _Reader:
    """Turns composed nodes into plain values and their marks."""

    def __init__(self, document: Document, text_only: bool) -> None:
        self.document = document
        self.text_only = text_only
        self.seen: set[int] = set()
        self.construct = yaml.constructor.SafeConstructor()

    def read(self, node: yaml.Node) -> Marked:
        if id(node) in self.seen:
            raise self.refuse(node, "YAML aliases are not supported by CloudFormation", "write the value out")
        self.seen.add(id(node))
        kind = node.tag.removeprefix(STANDARD)
        if kind != node.tag and kind not in KINDS[type(node)]:
            raise self.refuse(node, f"the YAML tag !!{kind} is not supported by CloudFormation", "write the value out")
        readers: dict[type[yaml.Node], Callable[[Any], Marked]] = {
            yaml.MappingNode: self.mapping,
            yaml.SequenceNode: self.sequence,
            yaml.ScalarNode: self.scalar,
        }
        found = readers[type(node)](node)
        if node.tag.startswith("!") and not self.text_only:
            return self.tagged(node, found)
        return found

    def mapping(self, node: yaml.MappingNode) -> Marked:
        value: dict[str, Any] = {}
        marks: dict[str, Mark] = {}
        for key_node, member in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.refuse(key_node, "a key must be text", "write a plain key")
            if key_node.tag == f"{STANDARD}merge":
                raise self.refuse(key_node, "hash merges are not supported by CloudFormation", "write the keys out")
            key = key_node.value
            if key in value:
                first = self.document.place_at(marks[key][0])
                raise self.refuse(
                    key_node, f"the key {key!r} stands twice in one mapping, first at line {first.line}", "remove one"
                )
            value[key], marks[key] = self.read(member)
        return value, (node.start_mark.index, marks)

    def sequence(self, node: yaml.SequenceNode) -> Marked:
        members = [self.read(member) for member in node.value]
        return [value for value, _ in members], (node.start_mark.index, [mark for _, mark in members])

    def scalar(self, node: yaml.ScalarNode) -> Marked:
        mark = (node.start_mark.index, None)
        kind = node.tag.removeprefix(STANDARD)
        if self.text_only or kind not in PLAIN:
            return node.value, mark
        try:
            value = self.construct.construct_object(node)
        except (ValueError, OverflowError, KeyError, IndexError):
            raise self.refuse(node, f"{node.value[:40]!r} is no {kind}", "quote it") from None
        too_large = isinstance(value, int) and value.bit_length() > BITS
        if too_large or (isinstance(value, float) and value - value != 0):
            raise self.refuse(node, f"{node.value[:40]} is not a number that a template can hold", "quote it")
        return value, mark

    def tagged(self, node: yaml.Node, found: Marked) -> Marked:
        """Write a short tag as the long function: `!Sub x` is {"Fn::Sub": "x"}."""
        short = node.tag[1:]
        name = short if short in ("Ref", "Condition") else f"Fn::{short}"
        return {name: found[0]}, (node.start_mark.index, {name: found[1]})

    def refuse(self, node: yaml.Node, message: str, fix: str) -> CannotTell:
        return CannotTell(message, self.document.place_at(node.start_mark.index), fix)
