"""The values of a template's parameters, accepted or refused as CloudFormation does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from stackproof.automata.pattern import Undecided
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.values import written
from stackproof.template import parameters as declared_in
from stackproof.template.parameters import SHAPES, Declaration, declarations

Value = str | list[str]
LISTED = re.compile(r"<(List<|CommaDelimitedList>)")
"""The types of which Systems Manager stores a list."""

text = declared_in.text
BYTES = 4096
"""The longest value. Source: CloudFormation User Guide, "Quotas"."""


def bind(
    template: Document, values: Mapping[str, str], stored: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Value]:
    """Return the value of every parameter; raise CannotTell in CloudFormation's words for what it refuses.

    `stored` holds what a scenario states of parameters of Systems Manager, by name.
    """
    declared = declarations(template)
    unknown = sorted(values.keys() - declared.keys())
    if unknown:
        raise CannotTell(
            f"Parameters: [{', '.join(unknown)}] do not exist in the template",
            template.place(("Parameters",)),
            f"give only {', '.join(declared) or 'no parameters'}",
        )
    missing = [name for name, declaration in declared.items() if name not in values and declaration.default is None]
    if missing:
        raise CannotTell(
            f"Parameters: [{', '.join(missing)}] must have values",
            template.place(("Parameters", missing[0])),
            "give a value or a Default",
        )
    return {
        name: _take(template, declaration, values.get(name, declaration.default or ""), stored)
        for name, declaration in declared.items()
    }


def _take(template: Document, declaration: Declaration, value: str, stored: Mapping[str, str]) -> Value:
    """Return the value that a Ref gives: text, or for a type of lists a list of texts."""
    if len(value.encode("utf-8", "surrogatepass")) > BYTES:
        raise _refusal(template, declaration, f"must be at most {BYTES} bytes long", "Type")
    items = [item.strip() for item in value.split(",")] if declaration.listed else [value]
    checks = (_shape, _allowed, _pattern, _lengths, _range)
    for item in items:
        for check in checks:
            message, constraint = check(declaration, item)
            if message:
                raise _refusal(template, declaration, message, constraint)
    if declaration.stored and value in stored:
        items = [item.strip() for item in stored[value].split(",")]
        return items if LISTED.search(declaration.type) else stored[value]
    if declaration.stored:
        return f"{{{{resolve:ssm:{value}}}}}"
    return items if declaration.listed else value


Verdict = tuple[str, str]
"""What is wrong with a value and the constraint that says so, or two empty texts."""
FINE: Verdict = ("", "")


def _shape(declaration: Declaration, value: str) -> Verdict:
    shape = SHAPES[declaration.kind]
    if shape is None or re.fullmatch(shape, value):
        return FINE
    what = "must be a number" if declaration.kind == "Number" else f"must be of type {declaration.kind}"
    return f"{what}, not {_shown(declaration, value)}", "Type"


def _allowed(declaration: Declaration, value: str) -> Verdict:
    if not declaration.allowed or value in declaration.allowed:
        return FINE
    return (
        f"must be one of AllowedValues [{', '.join(declaration.allowed)}], not {_shown(declaration, value)}",
        "AllowedValues",
    )


def _pattern(declaration: Declaration, value: str) -> Verdict:
    """Match the whole value. Source: CloudFormation User Guide, "Parameters", AllowedPattern."""
    try:
        if declaration.pattern is None or declaration.pattern.accepts(value):
            return FINE
    except Undecided:
        return FINE  # what the pattern accepts is undecided: `names_fit_all_values` says so, a refusal could be wrong
    except TimeoutError:
        return f"has an AllowedPattern that takes too long to match: {declaration.pattern}", "AllowedPattern"
    return f"must match pattern {declaration.pattern}, not {_shown(declaration, value)}", "AllowedPattern"


def _lengths(declaration: Declaration, value: str) -> Verdict:
    least, most = declaration.limits.get("MinLength"), declaration.limits.get("MaxLength")
    if least is not None and len(value) < least:
        return f"must contain at least {written(least)} characters, not {_shown(declaration, value)}", "MinLength"
    if most is not None and len(value) > most:
        return f"must contain at most {written(most)} characters, not {_shown(declaration, value)}", "MaxLength"
    return FINE


def _range(declaration: Declaration, value: str) -> Verdict:
    least, most = declaration.limits.get("MinValue"), declaration.limits.get("MaxValue")
    if least is not None and float(value) < least:
        return f"must be a number not less than {written(least)}, not {_shown(declaration, value)}", "MinValue"
    if most is not None and float(value) > most:
        return f"must be a number not greater than {written(most)}, not {_shown(declaration, value)}", "MaxValue"
    return FINE


def _shown(declaration: Declaration, value: str) -> str:
    return "the value given (NoEcho)" if declaration.secret else repr(value)


def _refusal(template: Document, declaration: Declaration, message: str, constraint: str) -> CannotTell:
    where = template.place(("Parameters", declaration.name, constraint))
    return CannotTell(
        f"Parameter '{declaration.name}' {message}",
        where,
        declaration.described or "give a value that the constraint allows",
    )
