"""What a template declares of its parameters, read and checked once a template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from stackproof.automata.pattern import Pattern, Undecided, Unreadable
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.memo import memoised

SSM_VALUE = re.compile(r"AWS::SSM::Parameter::Value<(?P<inner>.+)>")
LIST = re.compile(r"List<(?P<inner>.+)>")
ID = "[0-9a-f]{8}(?:[0-9a-f]{9})?"
NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
SHAPES: Mapping[str, str | None] = {
    "String": None,
    "Number": NUMBER,
    "AWS::EC2::AvailabilityZone::Name": r"[a-z]{2,}(-[a-z0-9]+)+-[0-9][a-z]",
    "AWS::EC2::Image::Id": f"ami-{ID}",
    "AWS::EC2::Instance::Id": f"i-{ID}",
    "AWS::EC2::KeyPair::KeyName": "(?s).{1,255}",
    "AWS::EC2::SecurityGroup::GroupName": "(?s).{1,255}",
    "AWS::EC2::SecurityGroup::Id": f"sg-{ID}",
    "AWS::EC2::Subnet::Id": f"subnet-{ID}",
    "AWS::EC2::Volume::Id": f"vol-{ID}",
    "AWS::EC2::VPC::Id": f"vpc-{ID}",
    "AWS::Route53::HostedZone::Id": "[A-Z0-9]{1,32}",
    "AWS::SSM::Parameter::Name": r"[A-Za-z0-9_.\-/]{1,2048}",
}
"""The types a parameter may have, and the shape of a value of each.

CloudFormation checks that an AWS-specific value exists in the account; without one only its shape can be checked.
Source: CloudFormation User Guide, "Parameters" and "AWS-specific parameter types"."""

LONGEST_PATTERN = 4096
"""Longer than anyone writes: what is longer takes seconds to compile."""
NO_LISTS = ("AWS::EC2::KeyPair::KeyName", "AWS::SSM::Parameter::Name")
LENGTHS, RANGES = ("MinLength", "MaxLength"), ("MinValue", "MaxValue")
TEXTS = ("AllowedPattern", "ConstraintDescription", "Description")
PROPERTIES = frozenset((*LENGTHS, *RANGES, *TEXTS, "AllowedValues", "Default", "NoEcho", "Type"))


class Declaration(NamedTuple):
    """One declared parameter.

    `kind` is the type of the value or, if `listed`, of each item. `stored` if the value names a parameter of Systems
    Manager, which holds the real one. `pattern` is AllowedPattern.
    """

    name: str
    type: str
    kind: str
    listed: bool
    stored: bool
    secret: bool
    default: str | None
    allowed: tuple[str, ...]
    pattern: Pattern | None
    limits: Mapping[str, float]
    described: str


@memoised
def declarations(template: Document) -> Mapping[str, Declaration]:
    """Return the declared parameters by name; raise CannotTell for a declaration that CloudFormation would refuse."""
    return {name: _Reader(template, name).read() for name in template.value.get("Parameters", {})}


class _Reader:
    """Reads one declaration."""

    def __init__(self, template: Document, name: str) -> None:
        self.template = template
        self.name = name
        self.declared: Mapping[str, Any] = template.value["Parameters"][name]

    def read(self) -> Declaration:
        kind = self.declared.get("Type")
        if not isinstance(kind, str):
            raise self.refuse("has no Type", at="Type")
        stored = SSM_VALUE.fullmatch(kind)
        listed, inner = self.inner(stored["inner"] if stored else kind)
        if stored:
            listed, inner = False, "AWS::SSM::Parameter::Name"
        self.properties(inner, listed)
        allowed = self.declared.get("AllowedValues", [])
        return Declaration(
            name=self.name,
            type=kind,
            kind=inner,
            listed=listed,
            stored=bool(stored),
            secret=text(self.declared.get("NoEcho", False)).lower() == "true",
            default=self.scalar("Default", self.declared["Default"]) if "Default" in self.declared else None,
            allowed=tuple(self.scalar("AllowedValues", value) for value in allowed),
            pattern=self.pattern(),
            limits={key: self.limit(key) for key in (*LENGTHS, *RANGES) if key in self.declared},
            described=self.declared.get("ConstraintDescription", ""),
        )

    def inner(self, kind: str) -> tuple[bool, str]:
        """Return whether a type is a list, and the type of the value or of each item."""
        listed = LIST.fullmatch(kind)
        inner = "String" if kind == "CommaDelimitedList" else listed["inner"] if listed else kind
        if inner not in SHAPES or (listed and inner in NO_LISTS):
            raise self.refuse(f"has the unknown type {self.declared['Type']}", at="Type")
        return bool(listed) or kind == "CommaDelimitedList", inner

    def properties(self, kind: str, listed: bool) -> None:
        """Check that every property is one of parameters, and every constraint one that this type takes.

        Source: CloudFormation User Guide, "Parameters": lengths are for String types, ranges for Number types, patterns
        for String and CommaDelimitedList types. AWS-specific types take what String types do, as in cfn-lint.
        """
        number = kind == "Number"
        alien = {*(() if number and not listed else RANGES), *(LENGTHS if number or listed else ())}
        alien |= {"AllowedPattern"} if number else set()
        for key in self.declared:
            if key not in PROPERTIES:
                raise self.refuse(f"has the invalid property {key!r}", at=key)
            if key in alien:
                raise self.refuse(f"has {key}, which the type {self.declared['Type']} does not take", at=key)
        for key in TEXTS:
            if not isinstance(self.declared.get(key, ""), str):
                raise self.refuse(f"has {key} that is no text", at=key)
        allowed = self.declared.get("AllowedValues", [""])
        if not isinstance(allowed, list) or not allowed:
            raise self.refuse("has AllowedValues that are no list of values", at="AllowedValues")

    def scalar(self, key: str, value: Any) -> str:
        if isinstance(value, list | dict) or value is None:
            raise self.refuse(f"has {key} that is no text: every {key} member must be a string", at=key)
        return text(value)

    def pattern(self) -> Pattern | None:
        """Read AllowedPattern as Java does; one that cannot be carried is left to who matches by it."""
        found = self.declared.get("AllowedPattern")
        if found is None:
            return None
        if len(found) > LONGEST_PATTERN:
            raise self.refuse(f"has an AllowedPattern of {len(found)} letters", at="AllowedPattern")
        try:
            Pattern(found).automaton()
        except Unreadable as error:
            raise self.refuse(f"has an AllowedPattern that cannot be read: {error}", at="AllowedPattern") from None
        except Undecided:
            pass
        return Pattern(found)

    def limit(self, key: str) -> float:
        value = self.declared[key]
        if isinstance(value, list | dict | bool) or not re.fullmatch(NUMBER, str(value)):
            raise self.refuse(f"has a {key} that is no number: {value!r}", at=key)
        return float(str(value))

    def refuse(self, message: str, *, at: str) -> CannotTell:
        where = self.template.place(("Parameters", self.name, at))
        return CannotTell(f"Parameter '{self.name}' {message}", where, f"correct its {at}")


def text(value: Any) -> str:
    """Return a scalar as CloudFormation writes it: true and false in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
