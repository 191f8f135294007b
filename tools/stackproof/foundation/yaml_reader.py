"""YAML as CloudFormation reads it (short function tags, no aliases, dates as text), and plain YAML, fast."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from stackproof.foundation.document import Document, Mark
from stackproof.foundation.finding import CannotTell

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
STANDARD = "tag:yaml.org,2002:"
PLAIN = {"bool", "int", "float", "null"}
SCALARS = {*PLAIN, "str", "timestamp", "value", "merge"}
DEEPEST = 100
"""More than any template nests. The parser's own tree is built by recursion in C, where too deep is a crash."""
BITS = 1024
"""The longest whole number, as long as the largest that is not whole."""
Marked = tuple[Any, Mark]


def parse_yaml(text: str, path: str, text_only: bool = False) -> Document:
    """Read one YAML document; with `text_only` every scalar stays the text that was written.

    Source: CloudFormation, "Template format", on the YAML features that are not supported.
    """
    blank = Document(path, text, None, (0, None))
    try:
        return Document(path, text, *_Reader(blank, text_only).whole())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "unreadable"
        raise CannotTell(
            f"not YAML: {problem}", blank.place_at(mark.index if mark else 0), "correct it here or before"
        ) from None
    except yaml.reader.ReaderError as error:
        letter = chr(error.character)
        place = blank.place_at(text.index(letter))
        raise CannotTell(f"not YAML: {letter!r} may not stand in a text", place, "write it as an escape") from None


def plain_yaml(text: str) -> Any:
    """Read YAML that this package ships, five times as fast: without places, and trusting that no key stands twice."""
    return yaml.load(text, Loader=Loader)


class _Reader:
    """Turns the parser's events into plain values and their marks."""

    def __init__(self, document: Document, text_only: bool) -> None:
        self.document = document
        self.text_only = text_only
        self.construct = yaml.constructor.SafeConstructor()
        self.resolver: Any = yaml.resolver.Resolver()
        self.events: Iterator[Any] = iter(yaml.parse(document.text, Loader=Loader))
        self.depth = 0

    def whole(self) -> Marked:
        """Read the one document that a text must hold."""
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            raise CannotTell(f"{self.document.path} is empty", self.document.place(), "write something into it")
        found = self.read(next(self.events))
        next(self.events)
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self.refuse(after, "a second document begins here", "keep one in a file")
        return found

    def read(self, event: Any) -> Marked:
        if isinstance(event, yaml.AliasEvent):
            raise self.refuse(event, "YAML aliases are not supported by CloudFormation", "write the value out")
        if isinstance(event, yaml.ScalarEvent):
            tag = event.tag
            if tag is None or tag == "!":
                tag = self.resolver.resolve(yaml.ScalarNode, event.value, event.implicit)
            return self.tagged(event, tag, SCALARS, self.scalar(event, tag))
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refuse(
                event, "the text is nested too deeply to be read", "close its brackets, or nest less deeply"
            )
        if isinstance(event, yaml.MappingStartEvent):
            found = self.tagged(event, event.tag, {"map"}, self.mapping(event))
        else:
            found = self.tagged(event, event.tag, {"seq"}, self.sequence(event))
        self.depth -= 1
        return found

    def mapping(self, event: Any) -> Marked:
        value: dict[str, Any] = {}
        marks: dict[str, Mark] = {}
        while not isinstance(named := next(self.events), yaml.MappingEndEvent):
            if not isinstance(named, yaml.ScalarEvent):
                raise self.refuse(named, "a key must be text", "write a plain key")
            key = named.value
            if key == "<<" and named.implicit[0]:
                raise self.refuse(named, "hash merges are not supported by CloudFormation", "write the keys out")
            if key in value:
                first = self.document.place_at(marks[key][0])
                message = f"the key {key!r} stands twice in one mapping, first at line {first.line}"
                raise self.refuse(named, message, "remove one")
            value[key], marks[key] = self.read(next(self.events))
        return value, (event.start_mark.index, marks)

    def sequence(self, event: Any) -> Marked:
        members = []
        while not isinstance(member := next(self.events), yaml.SequenceEndEvent):
            members.append(self.read(member))
        return [value for value, _ in members], (event.start_mark.index, [mark for _, mark in members])

    def scalar(self, event: Any, tag: str) -> Marked:
        mark = (event.start_mark.index, None)
        kind = tag.removeprefix(STANDARD)
        if self.text_only or kind not in PLAIN:
            return event.value, mark
        try:
            value = self.construct.construct_object(yaml.nodes.ScalarNode(tag, event.value))
        except (ValueError, OverflowError, KeyError, IndexError):
            raise self.refuse(event, f"{event.value[:40]!r} is no {kind}", "quote it") from None
        too_large = isinstance(value, int) and value.bit_length() > BITS
        if too_large or (isinstance(value, float) and value - value != 0):
            raise self.refuse(event, f"{event.value[:40]} is not a number that a template can hold", "quote it")
        return value, mark

    def tagged(self, event: Any, tag: str | None, kinds: set[str], found: Marked) -> Marked:
        """Write a short tag as the long function, `!Sub x` as {"Fn::Sub": "x"}; refuse standard tags of other kinds."""
        if tag is None or tag == "!" or tag.removeprefix(STANDARD) in kinds:
            return found
        if not tag.startswith("!"):
            kind = tag.removeprefix(STANDARD)
            raise self.refuse(event, f"the YAML tag !!{kind} is not supported by CloudFormation", "write the value out")
        if self.text_only:
            return found
        name = tag[1:] if tag in ("!Ref", "!Condition") else f"Fn::{tag[1:]}"
        return {name: found[0]}, (event.start_mark.index, {name: found[1]})

    def refuse(self, event: Any, message: str, fix: str) -> CannotTell:
        return CannotTell(message, self.document.place_at(event.start_mark.index), fix)
