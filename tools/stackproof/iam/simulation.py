"""What identity-based policies decide of one request, as the IAM User Guide documents it.

Sources, pages of docs.aws.amazon.com/IAM/latest/UserGuide: reference_policies_evaluation-logic (an explicit deny wins,
no allow is a deny), reference_policies_elements_action and reference_policies_elements_resource (wildcards),
reference_policies_variables, reference_policies_elements_condition, reference_policies_elements_condition_operators,
reference_policies_condition-single-vs-multi-valued-context-keys (set operators).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from stackproof.aws.managed_policies import managed_policy
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.values import as_list
from stackproof.iam.statements import Statement, of_roles

Decision = Literal["allowed", "explicitly denied", "implicitly denied"]
Context = Mapping[str, str | Sequence[str]]
Marked = list[tuple[str, bool]]
"""Characters, each with whether it may act as a wildcard."""

VARIABLES_SINCE = "2012-10-17"
VARIABLE = re.compile(r"\$\{\s*([^},\s]+)\s*(?:,\s*'([^']*)'\s*)?\}")
LITERALS = {"*": "*", "?": "?", "$": "$"}


class Request(NamedTuple):
    """One action on one resource ("*" where the action knows none), and the request's context keys."""

    action: str
    resource: str
    context: Context = MappingProxyType({})


class Policy(NamedTuple):
    """A policy document: its statements as written, and its version."""

    statements: tuple[Mapping[str, Any], ...]
    version: str = VARIABLES_SINCE


def policies(stack: Stack) -> Mapping[str, tuple[Policy, ...]]:
    """Return the policies of each role of a resolved stack, by the role's logical id."""
    return {role: tuple(_policies(stack, granted)) for role, granted in of_roles(stack).items()}


def _policies(stack: Stack, granted: Sequence[Statement]) -> Iterator[Policy]:
    paths = dict.fromkeys(_up_to_statement(statement.path) for statement in granted if not statement.managed)
    yield from (_policy(_below(stack.value, path)) for path in paths)
    for arn in dict.fromkeys(statement.managed for statement in granted if statement.managed):
        yield _policy(managed_policy(arn) or {"Statement": []})


def _up_to_statement(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    return path[: len(path) - 1 - path[::-1].index("Statement")]


def _below(value: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _policy(node: Mapping[str, Any]) -> Policy:
    # Source: IAM User Guide, "IAM JSON policy elements: Version": left out, it is the old one.
    return Policy(tuple(as_list(node["Statement"])), node.get("Version", "2008-10-17"))


def decide(policies_held: Sequence[Policy], request: Request) -> Decision:
    """Decide a request by identity-based policies; raise CannotTell for an element or operator not known here."""
    effects = {
        statement["Effect"]
        for policy in policies_held
        for statement in policy.statements
        if _applies(statement, policy.version, request)
    }
    return "explicitly denied" if "Deny" in effects else "allowed" if "Allow" in effects else "implicitly denied"


def _applies(statement: Mapping[str, Any], version: str, request: Request) -> bool:
    unknown = set(statement) - {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
    if unknown or statement["Effect"] not in ("Allow", "Deny"):
        raise CannotTell(
            f"{sorted(unknown)} or effect {statement['Effect']!r} in a role's policy is not read here",
            fix="write Effect as Allow or Deny",
        )
    context = {key.lower(): value for key, value in request.context.items()}

    def marked(text: Any) -> Marked:
        return _marked(str(text), version, context)

    try:
        return (
            _listed_or_not(statement, "Action", lambda text: _action(text, request.action))
            and _listed_or_not(statement, "Resource", lambda text: _resource(marked(text), request.resource))
            and all(
                _condition(operator, context.get(key.lower()), [marked(text) for text in as_list(wanted)])
                for operator, tests in statement.get("Condition", {}).items()
                for key, wanted in tests.items()
            )
        )
    except LookupError:  # a variable that the request gives no value: the statement is not one for this request
        return False


def _listed_or_not(statement: Mapping[str, Any], element: str, matches: Callable[[str], bool]) -> bool:
    if f"Not{element}" in statement:
        return not any(matches(pattern) for pattern in as_list(statement[f"Not{element}"]))
    return any(matches(pattern) for pattern in as_list(statement[element]))


def _action(pattern: str, action: str) -> bool:
    return _like([(character, True) for character in pattern.lower()], action.lower())


def _marked(text: str, version: str, context: Context) -> Marked:
    """Put the request's values for policy variables; raise LookupError where there is none."""
    marked: Marked = []
    end = 0
    for found in VARIABLE.finditer(text) if version >= VARIABLES_SINCE else ():
        name, default = found.groups()
        value = LITERALS.get(name, context.get(name.lower(), default))
        if not isinstance(value, str):
            raise LookupError(name)
        marked += [(character, True) for character in text[end : found.start()]]
        marked += [(character, False) for character in value]
        end = found.end()
    return marked + [(character, True) for character in text[end:]]


def _resource(pattern: Marked, resource: str) -> bool:
    """Match an ARN: a wildcard stays within its segment, but for a `*` at a segment's end."""
    parts = []
    for index, (character, wild) in enumerate(pattern):
        ends = index + 1 == len(pattern) or pattern[index + 1][0] == ":"
        wildcards = {"*": ".*" if ends else "[^:]*", "?": "[^:]"} if wild else {}
        parts.append(wildcards.get(character, re.escape(character)))
    return re.fullmatch("".join(parts), resource, re.S) is not None


def _like(pattern: Marked, value: str) -> bool:
    wildcards = {"*": ".*", "?": "."}
    parts = (
        wildcards.get(character, re.escape(character)) if wild else re.escape(character) for character, wild in pattern
    )
    return re.fullmatch("".join(parts), value, re.S) is not None


def _arn_like(pattern: Marked, value: str) -> bool:
    """Match the six segments of an ARN one by one."""
    segments: list[Marked] = [[]]
    for mark in pattern:
        if mark[0] == ":" and len(segments) < 6:
            segments.append([])
        else:
            segments[-1].append(mark)
    values = value.split(":", 5)
    return len(segments) == len(values) == 6 and all(map(_like, segments, values))


def _text(marked: Marked) -> str:
    return "".join(character for character, _ in marked)


OPERATORS: Mapping[str, Callable[[Marked, str], bool]] = {
    "StringEquals": lambda wanted, value: _text(wanted) == value,
    "StringEqualsIgnoreCase": lambda wanted, value: _text(wanted).lower() == value.lower(),
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda wanted, value: _text(wanted).lower() == value.lower(),
    "NumericEquals": lambda wanted, value: float(value) == float(_text(wanted)),
    "NumericLessThan": lambda wanted, value: float(value) < float(_text(wanted)),
    "NumericLessThanEquals": lambda wanted, value: float(value) <= float(_text(wanted)),
    "NumericGreaterThan": lambda wanted, value: float(value) > float(_text(wanted)),
    "NumericGreaterThanEquals": lambda wanted, value: float(value) >= float(_text(wanted)),
}


def _condition(operator: str, value: str | Sequence[str] | None, wanted: Sequence[Marked]) -> bool:
    """Test one context key: values of a policy are joined by or, those of a negated operator by nor."""
    if operator == "Null":
        return any((_text(text).lower() == "true") == (not value) for text in wanted)
    quantifier, _, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    negated = re.fullmatch("(String|Arn|Numeric)Not(.+)", base)
    test = OPERATORS.get(negated[1] + negated[2] if negated else base)
    if test is None or quantifier not in ("", "ForAnyValue", "ForAllValues"):
        raise CannotTell(
            f"the condition operator {operator!r} is not read here", fix="add it to iam.py, with its source"
        )
    if not value:
        missing = {"ForAllValues": True, "ForAnyValue": False}
        return missing.get(quantifier, base != name or negated is not None)
    if not isinstance(value, str) and not quantifier:
        raise CannotTell(
            f"{operator} meets a key of several values", fix="write ForAnyValue: or ForAllValues: before it"
        )
    values = [value] if isinstance(value, str) else value
    outcomes = (any(test(pattern, text) for pattern in wanted) != (negated is not None) for text in values)
    return any(outcomes) if quantifier == "ForAnyValue" else all(outcomes)
