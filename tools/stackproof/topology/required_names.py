"""What a stack cannot be created without: the names and ARNs of the other stack that AWS looks up at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stackproof.aws.data import facts
from stackproof.evaluation.acceptance import with_parameters
from stackproof.evaluation.resource import once_of_alike
from stackproof.evaluation.stack import Stack, resolve
from stackproof.foundation.finding import CannotTell, Path
from stackproof.foundation.memo import memoised
from stackproof.template.parameters import declarations
from stackproof.topology.resource_index import created_arn, created_names
from stackproof.topology.texts import arns_in, texts_of_resource

LATER: Mapping[str, Sequence[str]] = facts("resource_types", "read_later")
"""The properties that AWS reads only later, by type: what they name need not be there yet."""

ID_KINDS: Mapping[str, str] = {prefix: kind for kind, prefix in facts("resource_types", "id_prefix").items()}
"""What ids begin with, and what they are of."""


class RequiredName(NamedTuple):
    """A text of one stack that names what the other creates, and that AWS looks up when it creates the resource."""

    path: Path
    name: str


def required_names(first: Stack, second: Stack) -> Iterator[RequiredName]:
    """Give what a resolved stack cannot be created without before the other one is."""
    own = created_names(first)
    names = dict.fromkeys(text for text in created_names(second) if text not in own)
    for logical, resource in first.resources.items():
        for path, text in _looked_up_at_once(resource, logical):
            found = [text] if text in names else [created_arn(second, arn) for arn in arns_in(text)]
            name = next((candidate for candidate in found if candidate in names), None)
            if name:
                yield RequiredName(path, name)


@memoised
def deferred_parameters(first: Stack, second: Stack) -> Mapping[str, str]:
    """Return the parameters, with their defaults, that at these defaults leave out names of the other stack.

    The values that the scenario gives them come once the other stack is there.
    """
    needs = _needed(first, second)
    found: dict[str, str] = {}
    for name, declared in declarations(first.template).items() if needs else ():
        default = declared.default
        if default is not None and first.scenario.parameters.get(name, default) != default:
            try:
                changed = _changed(first, (name, default))
            except CannotTell:  # Rules refuse it
                continue
            if needs - _needed(changed, second):
                found[name] = default
    return found


def as_first_created(first: Stack, second: Stack) -> Stack:
    """Return a stack as it is before the other one is there: with its deferred parameters at their defaults."""
    found = deferred_parameters(first, second)
    return _changed(first, *found.items()) if found else first


def _needed(first: Stack, second: Stack) -> set[tuple[str, str]]:
    return {(str(required.path[1]), required.name) for required in required_names(first, second)}


@memoised
def _changed(stack: Stack, *values: tuple[str, str]) -> Stack:
    """Return a stack with other values of some parameters, given by their names."""
    return resolve(stack.template, with_parameters(stack.scenario, dict(values)))


@once_of_alike
def _looked_up_at_once(resource: Mapping[str, Any], logical: str) -> tuple[tuple[Path, str], ...]:
    """Return the texts of a resource that AWS reads while it creates it, and not only when what they name is used."""
    later = LATER.get(resource["Type"], ())
    return tuple((path, text) for path, text in texts_of_resource(resource, logical) if not _is_later(path, later))


def _is_later(path: Path, later: Sequence[str]) -> bool:
    if len(path) < 4 or path[2] != "Properties":
        return True
    return "Principal" not in path and (path[3] in later or "Tags" in str(path[3]))
