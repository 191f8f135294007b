"""Which resource a text names: one index of all that a stack creates, and for which resources another one waits.

A text belongs first to the resource that AWS forms it for alone (an id, an ARN, an address: with the token or the name
of the resource inside), and only then to those that have it as their bare name, of which each type may have one. What
a resource only holds (the Value of a parameter, a CidrBlock, the VpcId of a subnet) names nothing: an ARN that is
stored in a parameter is not created by that, and does not belong to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.aws.arn import BEFORE_PARTS, UNSTATED
from stackproof.aws.references import FORMATS, Format, names_a_type
from stackproof.evaluation.resource import Resource, once_of_alike
from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import as_mapping
from stackproof.topology.texts import texts

GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"


@memoised
def created_names(stack: Stack) -> Mapping[str, tuple[str, ...]]:
    """Return every text that names what a stack creates, each with the ids of the resources that it names.

    Several have the text only where it is a bare name that resources of several types share; they stand in the order of
    the template.
    """
    own: dict[str, dict[str, None]] = {}
    bare: dict[str, dict[str, None]] = {}
    for logical in stack.resources:
        name = _name(stack, logical)
        for text in (*forms(stack, logical), *arns(stack, logical)):
            (bare if text == name else own).setdefault(text, {})[logical] = None
    return {text: tuple(found) for text, found in {**bare, **own}.items()}


@memoised
def resources_by_name(stack: Stack, *types: str) -> Mapping[str, str]:
    """Return the texts that name the resources of some types (Ref, names, ids, ARNs), each with the resource's id."""
    if len(types) == 1:
        return _of_types(stack).get(types[0], {})
    found: dict[str, str] = {}
    for kind in types:
        for text, logical in _of_types(stack).get(kind, {}).items():
            named = created_names(stack)[text]  # several types may share a bare name: the first resource has it
            found[text] = min(found.get(text, logical), logical, key=named.index)
    return found


@memoised
def _of_types(stack: Stack) -> Mapping[str, Mapping[str, str]]:
    """Return by type the texts that name its resources, each with the first resource of that type that it names."""
    found: dict[str, dict[str, str]] = {}
    for text, named in created_names(stack).items():
        for logical in named:
            found.setdefault(stack.resources[logical]["Type"], {}).setdefault(text, logical)
    return found


def resources_of(stack: Stack, text: str, *types: str) -> tuple[str, ...]:
    """Return the resources that a text names, of the types given, or of any; () where the stack creates none.

    An ARN or token may go on behind the resource: with an index of a table, a version or an alias of a function, an
    object of a bucket, a log stream, `:*`. What has a resource of its own, such as an alias, is that one of all types,
    and of the type of the whole the whole.
    """
    known = created_names(stack)
    named = _of(stack, known.get(text, ()), types)
    if not named and text.startswith(("arn:", "{{")):
        named = _of(stack, known.get(_stem(stack, text), ()), types)
    return named


def _of(stack: Stack, named: tuple[str, ...], types: tuple[str, ...]) -> tuple[str, ...]:
    if not named or not types:
        return named
    return tuple(logical for logical in named if stack.resources[logical]["Type"] in types)


def resource_of(stack: Stack, text: object, *types: str) -> str | None:
    """Return the first of the resources that a text names, of the types given, or of any."""
    return next(iter(resources_of(stack, str(text), *types)), None)


def created_arn(stack: Stack, text: str) -> str | None:
    """Return the ARN of the stack that an ARN is, or is a part of."""
    return text if text in created_names(stack) else _stem(stack, text) or None


@memoised
def _stem(stack: Stack, arn: str) -> str:
    """Return the longest beginning of an ARN, or of what begins with a token, that is one of the stack, or ""."""
    known = created_names(stack)
    letters = BEFORE_PARTS.get(arn.split(":", 3)[2] if arn.startswith("arn:") else "", ":/")
    ends = [index for index, letter in enumerate(arn) if letter in letters]
    return next((arn[:end] for end in reversed(ends) if arn[:end] in known), "")


@memoised
def forms(stack: Stack, logical: str) -> tuple[str, ...]:
    """Return the texts that name a resource in its own stack, its Ref first."""
    resource, scenario = stack.resources[logical], stack.scenario
    if not isinstance(resource, Resource):
        return _forms(resource, stack, logical)
    # Alike resources have alike names in one region of one account.
    known: dict[object, tuple[str, ...]] = vars(resource).setdefault("_forms", {})
    where = (scenario.region, scenario.account, scenario.partition)
    if where not in known:
        known[where] = _forms(resource, stack, logical)
    return known[where]


def _forms(resource: Mapping[str, Any], stack: Stack, logical: str) -> tuple[str, ...]:
    references = stack.evaluator.references
    kind = resource["Type"]
    row = FORMATS.get(kind, Format())
    own = [name for name, text in row.attributes.items() if "{name}" in text or "{token}" in text]
    found = [str(references.ref(logical)), *(str(references.attribute(logical, name)) for name in own)]
    if kind in UNSTATED:
        scenario, (service, beginning) = stack.scenario, UNSTATED[kind]
        where = f"arn:{scenario.partition.name}:{service}:{scenario.region}:{scenario.account}"
        found.append(f"{where}:{beginning}{found[0].lstrip('/')}")
    return tuple(dict.fromkeys([*found, *(text.removesuffix(":*") for text in found)]))


def _name(stack: Stack, logical: str) -> str | None:
    """Return the bare name that the template gives a resource, as it is in a text of its own."""
    row = FORMATS.get(stack.resources[logical]["Type"], Format())
    name = stack.resources[logical].get("Properties", {}).get(row.name)
    return None if name is None else str(name)


@memoised
def stated_names(stack: Stack) -> frozenset[str]:
    """Return the names that resources state of themselves; where no form of theirs is known, also names and ids in it.

    Left out are properties by which types of a known form are named: on any other type they name something else.
    """
    return frozenset(name for resource in stack.resources.values() for name in _stated_names(resource))


@once_of_alike
def _stated_names(resource: Mapping[str, Any]) -> frozenset[str]:
    own = FORMATS.get(resource["Type"], Format()).name
    if own:  # most are among the forms; the name of a secret stands in its ARN alone
        name = as_mapping(resource.get("Properties")).get(own)
        return frozenset({name} if isinstance(name, str) else ())
    found = ((str(path[-1]), text) for path, text in texts(resource.get("Properties", {})))
    return frozenset(text for key, text in found if key.endswith(("Name", "Id")) and not names_a_type(key))


@memoised
def arns(stack: Stack, logical: str) -> tuple[str, ...]:
    """Return the ARNs of a resource; of a global table that of each replica."""
    found = [text for text in forms(stack, logical) if text.startswith("arn:")]
    if stack.resources[logical]["Type"] == GLOBAL_TABLE:
        own = f":{stack.scenario.region}:"
        regions = [
            replica.get("Region") for replica in stack.resources[logical].get("Properties", {}).get("Replicas", [])
        ]
        found += [text.replace(own, f":{region}:") for text in found for region in regions]
    return tuple(dict.fromkeys(found))


def waits_for(stack: Stack, logical: str) -> frozenset[str]:
    """Return what is there before a resource and goes after it: all that it refers to or depends on, at any remove."""
    met: set[str] = set()
    waiting = [logical]
    while waiting:
        for depended in stack.depends[waiting.pop()] - met:
            met.add(depended)
            waiting.append(depended)
    return frozenset(met)
