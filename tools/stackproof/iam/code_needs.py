"""What the code of a stack's functions needs of their roles: each call of boto3 as actions on ARNs."""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.aws.botocore_files import operations, signing_names
from stackproof.aws.data import facts
from stackproof.aws.iam_actions import Action, action, is_service
from stackproof.code.boto3_calls import Call, read
from stackproof.code.inline import Inline, inline_functions
from stackproof.code.resolution import Resolver
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.values import properties_path
from stackproof.iam.need import Need, UnknownNeed, of_role, role_of

PREFIXES = {client: service for service, clients in facts("services", "clients").items() for client in clients}
"""Services whose actions have a prefix that is neither boto3's name of their client nor what it signs by."""
ACTIONS = facts("services", "actions")
RESOURCES = facts("services", "resource")


def of_code(stack: Stack) -> Iterator[Need | UnknownNeed]:
    """Give what the inline code of a stack needs; where it is not understood, the error has the line."""
    inline = {function.logical: function for function in inline_functions(stack)}
    for logical, properties in stack.of_type("AWS::Lambda::Function"):
        role = role_of(stack, properties.get("Role"))
        if role and logical in inline:
            yield from of_role(role, _analysed(inline[logical], role))
        elif role:
            message = f"what {logical} does is not known: its code is not in the template"
            fix = "write the code inline, as Code.ZipFile"
            yield UnknownNeed(role, stack.cannot_tell(properties_path(logical, "Code"), message, fix))


def _analysed(function: Inline, role: str) -> Iterator[Need]:
    with function.analysing():
        yield from _of_function(function, role)


def _of_function(function: Inline, role: str) -> Iterator[Need]:
    function.tree()
    reading = read(function.text, function.handler)
    for doubt, line in reading.doubts:
        raise CannotTell(
            f"in the code of {function.logical}, {doubt}",
            function.place(line),
            "call methods of boto3 clients made with the service's name",
        )
    lost: list[CannotTell] = []
    for call in reading.calls:
        try:
            yield from _of_call(function, role, call, Resolver(function, reading.code))
        except CannotTell as error:  # what the other calls need is known all the same
            lost.append(error)
    if lost:
        raise lost[0]


def _of_call(function: Inline, role: str, call: Call, resolver: Resolver) -> Iterator[Need]:
    for allowing in actions_of(function, call):
        context = {}
        if allowing.name == "cloudwatch:putmetricdata":
            namespace = call.argument("Namespace") or ()
            context = {"cloudwatch:namespace": resolver.texts(namespace, call.line, "the metric's namespace")[0]}
        for resource in _resources(resolver, call, allowing):
            yield Need(
                role,
                allowing.spelling,
                _widest(resource),
                f"{call.operation} of {function.logical}",
                function.path,
                resource,
                context=context,
                function=function,
                line=call.line,
            )


def prefix_of(client: str) -> str:
    """Return the prefix that the actions of a client of boto3 have in IAM, the client's own name if none is known."""
    if client in PREFIXES or is_service(client):
        return PREFIXES.get(client, client)
    return next((name for name in signing_names(client) if is_service(name)), client)


def actions_of(function: Inline, call: Call) -> list[Action]:
    """Return the actions of IAM that allow a call."""
    service = prefix_of(call.client.service)
    verbs = ACTIONS.get(service, {}).get(call.operation, (call.operation.replace("_", ""),))
    found = [known for known in (action(f"{service}:{verb}") for verb in verbs) if known]
    if not found:
        raise _without_action(function, call, service)
    return found


def _without_action(function: Inline, call: Call, service: str) -> CannotTell:
    """Return what to say of a call that no action allows: its client may not have such a method at all."""
    client, where = call.client.service, f"in the code of {function.logical}"
    known = {name.lower() for name in operations(client)}
    if known and call.operation.replace("_", "") not in known and call.operation not in ACTIONS.get(service, {}):
        message = f"boto3's client of {client} has no method {call.operation}, which is called {where}"
        return CannotTell(message, function.place(call.line), "write the name of the method as boto3 does")
    message = f"no action is known for {client}.{call.operation} {where}"
    fix = f"add the actions that allow it to {service} in aws/data/services.yaml"
    return CannotTell(message, function.place(call.line), fix)


def _resources(resolver: Resolver, call: Call, wanted: Action) -> Iterator[str]:
    """Give the ARNs that a call acts on, for one of its actions."""
    if not wanted.kinds:
        yield "*"
        return
    service = wanted.name.partition(":")[0]
    stack = resolver.function.stack
    what = f"which resource {call.client.service}.{call.operation} is called on"
    names, form = _named(resolver, call, service, what)
    region = resolver.texts(call.client.region, call.line, "the client's region") if call.client.region else ()
    for text in names:
        fields = {"region": stack.scenario.region, "account": stack.scenario.account, "name": _bare(service, text)}
        for place in region or (fields["region"],):
            full = form.format(**{**fields, "region": place})
            known = text if text.startswith("arn:") else f"arn:{stack.scenario.partition.name}:{full}"
            yield from _parts(resolver, call, wanted, known)


def _named(resolver: Resolver, call: Call, service: str, what: str) -> tuple[list[str], str]:
    if service == "dynamodb" and call.operation in ("batch_write_item", "batch_get_item"):
        items = call.argument("RequestItems")
        if items:
            return resolver.keys(items, call.line, what), RESOURCES[service]["TableName"]
    for parameter, form in RESOURCES.get(service, {}).items():
        values = call.argument(parameter)
        if values is None:
            raise resolver.lost(call.line, what)
        if values:
            return resolver.texts(values, call.line, what), form
    raise resolver.lost(call.line, what)


def _bare(service: str, name: str) -> str:
    """Return a name as it stands in an ARN: of a queue's URL its end, of a parameter's path without its slash."""
    if service == "sqs":
        return name.rpartition("/")[2]
    return name.lstrip("/") if service == "ssm" else name


def _widest(resource: str) -> str:
    """Return the most that may be allowed where only a part of an object's key is known: all keys that begin alike."""
    return resource[: resource.index("*") + 1] if ":s3:::" in resource and "*" in resource else resource


def _parts(resolver: Resolver, call: Call, wanted: Action, known: str) -> Iterator[str]:
    """Give a resource, or the part of it that an action acts on: a table's index, a bucket's object."""
    if wanted.name.startswith("s3:") and not wanted.knows(known):
        yield from (f"{known}/{name}" for name in resolver.patterns(call.argument("Key") or ()))
    elif wanted.name.startswith("dynamodb:") and call.argument("IndexName"):
        for index in resolver.texts(call.argument("IndexName") or (), call.line, "the index"):
            yield f"{known}/index/{index}"
    else:
        yield known
