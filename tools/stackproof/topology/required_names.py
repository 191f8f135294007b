"""What a stack cannot be created without: the names and ARNs of the other stack that AWS looks up at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from stackproof.aws.data import facts
from stackproof.evaluation.acceptance import with_parameters
from stackproof.evaluation.stack import Stack, resolve
from stackproof.foundation.finding import CannotTell, Path
from stackproof.foundation.memo import memoised
from stackproof.template.parameters import declarations
from stackproof.topology.resource_index import created_arn, created_names
from stackproof.topology.texts import arns_in, texts_of

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
    for path, text in texts_of(first):
        found = [text] if text in names else [created_arn(second, arn) for arn in arns_in(text)]
        name = next((candidate for candidate in found if candidate in names), None)
        if name and path[0] == "Resources" and not is_later(first, path):
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
                changed = _with(first, {name: default})
            except CannotTell:  # Rules refuse it
                continue
            if needs - _needed(changed, second):
                found[name] = default
    return found


def as_first_created(first: Stack, second: Stack) -> Stack:
    """Return a stack as it is before the other one is there: with its deferred parameters at their defaults."""
    found = deferred_parameters(first, second)
    return _with(first, found) if found else first


def _needed(first: Stack, second: Stack) -> set[tuple[str, str]]:
    return {(str(required.path[1]), required.name) for required in required_names(first, second)}


def _with(stack: Stack, values: Mapping[str, str]) -> Stack:
    return resolve(stack.template, with_parameters(stack.scenario, values))


def is_later(stack: Stack, path: Path) -> bool:
    """Tell whether AWS reads a property only when what it names is used."""
    kind = stack.resources[str(path[1])]["Type"]
    if len(path) < 4 or path[2] != "Properties":
        return True
    return "Principal" not in path and (path[3] in LATER.get(kind, ()) or "Tags" in str(path[3]))
