"""The values of a template's parameters, accepted or refused as CloudFormation does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stackproof.document import Document
from stackproof.finding import CannotTell

Value = str | list[str]

SSM_VALUE = re.compile(r"AWS::SSM::Parameter::Value<(?P<inner>.+)>")
LIST = re.compile(r"List<(?P<inner>.+)>")
ID = "[0-9a-f]{8}(?:[0-9a-f]{9})?"
SHAPES: Mapping[str, str | None] = {
    "String": None,
    "Number": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?",
    "AWS::EC2::AvailabilityZone::Name": r"[a-z]{2,}(-[a-z0-9]+)+-\d[a-z]",
    "AWS::EC2::Image::Id": f"ami-{ID}",
    "AWS::EC2::Instance::Id": f"i-{ID}",
    "AWS::EC2::KeyPair::KeyName": ".{1,255}",
    "AWS::EC2::SecurityGroup::GroupName": ".{1,255}",
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


def bind(template: Document, given: Mapping[str, str]) -> dict[str, Value]:
    """Return the value of every parameter; raise CannotTell in CloudFormation's words for what it refuses."""
    declared = template.value.get("Parameters", {})
    unknown = sorted(given.keys() - declared.keys())
    if unknown:
        raise CannotTell(
            f"Parameters: [{', '.join(unknown)}] do not exist in the template",
            template.place(("Parameters",)),
            f"give only {', '.join(declared) or 'no parameters'}",
        )
    missing = [name for name, one in declared.items() if name not in given and "Default" not in one]
    if missing:
        raise CannotTell(
            f"Parameters: [{', '.join(missing)}] must have values",
            template.place(("Parameters", missing[0])),
            "give a value or a Default",
        )
    return {name: _Parameter(template, name).take(given.get(name)) for name in declared}


class _Parameter:
    """One declared parameter: takes a value or says why not."""

    def __init__(self, template: Document, name: str) -> None:
        self.template = template
        self.name = name
        self.declared: Mapping[str, Any] = template.value["Parameters"][name]
        self.secret = text(self.declared.get("NoEcho", "false")) == "true"

    def take(self, given: str | None) -> Value:
        kind = self.declared.get("Type")
        if not isinstance(kind, str):
            raise self.refuse("has no Type", "Type")
        value = text(self.declared["Default"]) if given is None else given
        stored = SSM_VALUE.fullmatch(kind)
        if stored:
            self.check_name(value)
            return f"{{{{resolve:ssm:{value}}}}}"
        listed = LIST.fullmatch(kind)
        inner = "String" if kind == "CommaDelimitedList" else listed["inner"] if listed else kind
        if inner not in SHAPES:
            raise self.refuse(f"has the unknown type {kind}", "Type")
        if inner == kind:
            self.check(value, inner)
            return value
        items = [item.strip() for item in value.split(",")] if value else []
        for item in items:
            self.check(item, inner)
        return items

    def check_name(self, value: str) -> None:
        if not re.fullmatch(SHAPES["AWS::SSM::Parameter::Name"] or "", value):
            raise self.refuse(f"must name an SSM parameter, not {self.shown(value)}", "Type")

    def check(self, value: str, kind: str) -> None:
        """Check one value, or one item of a list, against every constraint."""
        shape = SHAPES[kind]
        if shape and not re.fullmatch(shape, value, re.S):
            what = "must be a number" if kind == "Number" else f"must be of type {kind}"
            raise self.refuse(f"{what}, not {self.shown(value)}", "Type")
        allowed = self.declared.get("AllowedValues")
        if allowed is not None and value not in [text(one) for one in allowed]:
            shown = ", ".join(text(one) for one in allowed)
            raise self.refuse(f"must be one of AllowedValues [{shown}], not {self.shown(value)}", "AllowedValues")
        self.check_pattern(value)
        self.check_length(value)
        if kind == "Number":
            self.check_range(value)

    def check_pattern(self, value: str) -> None:
        pattern = self.declared.get("AllowedPattern")
        if pattern is None:
            return
        try:
            matched = re.fullmatch(pattern, value)
        except (re.error, TypeError) as error:
            raise self.refuse(f"has an AllowedPattern that cannot be read: {error}", "AllowedPattern") from None
        if not matched:
            raise self.refuse(f"must match pattern {pattern}, not {self.shown(value)}", "AllowedPattern")

    def check_length(self, value: str) -> None:
        least, most = self.limit("MinLength"), self.limit("MaxLength")
        if least is not None and len(value) < least:
            raise self.refuse(f"must contain at least {least:g} characters, not {self.shown(value)}", "MinLength")
        if most is not None and len(value) > most:
            raise self.refuse(f"must contain at most {most:g} characters, not {self.shown(value)}", "MaxLength")

    def check_range(self, value: str) -> None:
        least, most = self.limit("MinValue"), self.limit("MaxValue")
        if least is not None and float(value) < least:
            raise self.refuse(f"must be a number not less than {least:g}, not {self.shown(value)}", "MinValue")
        if most is not None and float(value) > most:
            raise self.refuse(f"must be a number not greater than {most:g}, not {self.shown(value)}", "MaxValue")

    def limit(self, constraint: str) -> float | None:
        value = self.declared.get(constraint)
        try:
            return None if value is None else float(value)
        except (TypeError, ValueError):
            raise self.refuse(f"has a {constraint} that is no number: {value!r}", constraint) from None

    def shown(self, value: str) -> str:
        return "the value given (NoEcho)" if self.secret else repr(value)

    def refuse(self, message: str, constraint: str) -> CannotTell:
        where = self.template.place(("Parameters", self.name, constraint))
        described = self.declared.get("ConstraintDescription")
        fix = text(described) if described and not message.startswith("has ") else "mend the value or its constraint"
        return CannotTell(f"Parameter '{self.name}' {message}", where, fix)


def text(value: Any) -> str:
    """Return a scalar as CloudFormation writes it: true and false in lower case, whole numbers without a point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
