"""The ARNs that a stack's resources have or will have, as patterns: `*` stands for what only AWS knows.

A name that CloudFormation makes up is known but for its end. Where name and logical id are too long together, it cuts
them, and no page says where: of such a name only its beginning counts here.
Source: CloudFormation User Guide, "Refer to resource outputs and properties", physical ids; Service Authorization
Reference, "Resource types defined by ..." of each service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.aws.arn import UNSTATED
from stackproof.aws.data import facts
from stackproof.aws.iam_actions import kinds_of
from stackproof.aws.references import FORMATS
from stackproof.aws.regions import partition_of
from stackproof.aws.schemas import subschema
from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised
from stackproof.foundation.placeholders import TOKEN, WHOLE
from stackproof.foundation.values import as_list
from stackproof.permissions.handlers import prefix_of

VARIABLE = re.compile(r"\$\{(\w+)\}")
RANDOM = 14
"""Letters of the end of a made-up name, its hyphen included, at most."""
BEGINNING = 20
"""Letters of a stack's name that stay in a name which is cut, at least. Seen in accounts; no page says it."""
BUCKET = "AWS::S3::Bucket"


@memoised
def own_arns(stack: Stack, logical: str) -> tuple[str, ...]:
    """Return the patterns of a resource's own ARNs: in each region where it has a part; none where its type has no ARN.

    A log group's ARN ends in `:*` for some of its actions and not for others: both are given.
    """
    kind = stack.resources[logical]["Type"]
    found = [pattern(stack, text) for text in (*_stated(stack, logical, kind), *_unstated(stack, logical, kind))]
    found = found or [*_of_kind(stack, logical, kind)]
    found = [*found, *(arn.removesuffix(":*") for arn in found if arn.split(":")[2:3] == ["logs"])]
    return tuple(dict.fromkeys(arn for text in found for arn in _in_regions(stack, logical, kind, text)))


def _stated(stack: Stack, logical: str, kind: str) -> Iterator[str]:
    references, format_ = stack.evaluator.references, FORMATS.get(kind)
    if format_ is None:
        return
    own = kind.rpartition("::")[2]
    for name in dict.fromkeys(("Arn", f"{own}Arn", *format_.attributes)):
        if name.endswith("Arn") and format_.attributes.get(name, "").startswith("arn:"):
            text = str(references.attribute(logical, name))
            if text.startswith("arn:") and name in ("Arn", f"{own}Arn"):
                yield text
    if format_.ref.startswith("arn:"):
        yield str(references.ref(logical))


def _unstated(stack: Stack, logical: str, kind: str) -> Iterator[str]:
    if kind in UNSTATED:
        service, before = UNSTATED[kind]
        name = str(stack.evaluator.references.ref(logical)).removeprefix("/" if before else "")
        yield _arn(stack, service, f"{before}{name}")


def _arn(stack: Stack, service: str, resource: str) -> str:
    scenario = stack.scenario
    return f"arn:{scenario.partition.name}:{service}:{scenario.region}:{scenario.account}:{resource}"


def _of_kind(stack: Stack, logical: str, kind: str) -> Iterator[str]:
    """Give the ARN of the kind of resource that IAM has for a type: what it calls as the type is called."""
    own = facts("permissions", "kind").get(kind, kind.rpartition("::")[2])
    form = kinds_of(prefix_of(kind)).get(own.lower()) or next(
        (form for name, form in kinds_of(prefix_of(kind)).items() if _plain(name) == _plain(own)), ""
    )
    if form:
        name = FORMATS[kind].name if kind in FORMATS else ""
        properties = {**stack.resources[logical].get("Properties", {})}
        if name and name not in properties:
            properties[name] = generated_name(stack, logical)
        yield filled(stack, form, properties, name)


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def filled(stack: Stack, form: str, properties: Mapping[str, Any], name: str = "") -> str:
    """Fill the variables of the form of an ARN: those of the stack, a property of the same name, `*` for the others.

    The property `name`, if there is one, stands for the only variable that is left.
    """
    scenario = stack.scenario
    fixed = {"Partition": scenario.partition.name, "Region": scenario.region, "Account": scenario.account}
    left = [variable for variable in VARIABLE.findall(form) if variable not in fixed]

    def value(found: re.Match[str]) -> str:
        if found[1] in fixed:
            return fixed[found[1]]
        names = [found[1], found[1].removesuffix("Name"), f"{found[1]}Name"]
        names += [name] if len(left) == 1 and name else []
        texts = [properties[name] for name in names if isinstance(properties.get(name), str)]
        return pattern(stack, texts[0]).rpartition("/")[2] or "*" if texts else "*"

    return re.sub(r"\*+", "*", VARIABLE.sub(value, form).replace(".*", "*"))


def pattern(stack: Stack, text: str) -> str:
    """Return a text with `*`, or a made-up name, in the place of what only AWS knows."""
    known = TOKEN.sub(lambda found: _named(stack, found[0]), text)
    return re.sub(r"\*+", "*", WHOLE.sub("*", known))


def _named(stack: Stack, token: str) -> str:
    inner = token[2:-2].rpartition("@")[0]
    resource = stack.resources.get(inner)
    name = FORMATS[resource["Type"]].name if resource and resource["Type"] in FORMATS else ""
    if not name or resource is None or name in resource.get("Properties", {}):
        return "*"
    return generated_name(stack, inner)


def generated_name(stack: Stack, logical: str) -> str:
    """Return the pattern of the name that CloudFormation makes up for a resource."""
    kind = stack.resources[logical]["Type"]
    name, form = stack.scenario.stack, facts("permissions", "generated_name").get(kind, "{stack}-{logical}-*")
    whole = str(form.format(stack=name, logical=logical))
    longest = facts("resource_types", "longest_name").get(kind) or subschema(kind, (FORMATS[kind].name,)).get(
        "maxLength", 64
    )
    if "*" in name or len(whole) - 2 + RANDOM > longest:
        whole = f"{name.partition('*')[0][:BEGINNING]}*" if "{stack}" in form else "*"
    return whole.lower() if kind == BUCKET else whole


def _in_regions(stack: Stack, logical: str, kind: str, arn: str) -> Iterator[str]:
    """Give an ARN in the stack's region, and in those others where the resource has a part of itself or meets one."""
    yield arn
    fields = arn.split(":", 5)
    leads = facts("resource_types", "leads_by_region").get(kind, {})
    properties = stack.resources[logical].get("Properties", {})
    regions = {
        str(region)
        for name in leads
        for part in as_list(properties.get(name, []))
        for region in ([part.get("Region")] if isinstance(part, dict) else [part])
    }
    for region in sorted(regions):
        if len(fields) == 6 and fields[3] and region != fields[3] and _is_region(region):
            yield ":".join([*fields[:3], region, *fields[4:]])


def _is_region(text: str) -> bool:
    return re.fullmatch(r"[a-z]{2,}(-[a-z]+)+-\d+", text) is not None and bool(partition_of(text))


@memoised
def named_arns(stack: Stack, logical: str) -> tuple[str, ...]:
    """Return the ARNs of what a resource names: by its properties, or by what it refers to and depends on."""
    written = [pattern(stack, text) for text in texts(stack.resources[logical].get("Properties", {}))]
    referred = [arn for other in sorted(stack.depends.get(logical, ())) for arn in own_arns(stack, other)]
    return tuple(dict.fromkeys([*(text for text in written if text.startswith("arn:")), *referred]))


def texts(value: Any) -> Iterator[str]:
    """Give every text in properties."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
