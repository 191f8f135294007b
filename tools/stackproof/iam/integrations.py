"""What a task of a state machine calls, and on which resources: an integration's actions, each on ARNs.

Source: Step Functions Developer Guide, "Integrating services with Step Functions", "Learning to use AWS service SDK
integrations", and per service the pages that aws/data/state_integrations.yaml names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.aws.data import facts
from stackproof.aws.iam_actions import Action
from stackproof.aws.sdk_services import allowing, prefix
from stackproof.code.state_machines import State, argument, literal
from stackproof.evaluation.stack import Stack
from stackproof.foundation.values import as_list

UNIVERSAL = re.compile(r"arn:[\w-]+:scheduler:::aws-sdk:([\w-]+):(\w+)")
INTEGRATION = re.compile(r"arn:[\w-]+:states:::(aws-sdk:)?([\w-]+):(\w+)(?:\.(sync|sync:2|waitForTaskToken))?")
FUNCTION = re.compile(r"arn:[\w-]+:lambda:[\w-]*:[0-9]*:function:.+")
ACTIVITY = re.compile(r"arn:[\w-]+:states:[\w-]+:[0-9]*:activity:.+")
FIELD = re.compile(r"\{([^{}]+)\}")
MANAGED = ("events:DescribeRule", "events:PutRule", "events:PutTargets")
"""What Step Functions does with the rule that it manages for .sync."""
OF_THE_SCENARIO = ("Partition", "Region", "Account")


class Integration(NamedTuple):
    """What a task's Resource says: a service, its operation, how its end is awaited, whether through the SDK."""

    service: str
    operation: str
    awaited: str
    sdk: bool

    def __str__(self) -> str:
        return f"{'aws-sdk:' if self.sdk else ''}{self.service}:{self.operation}"

    def fact(self, name: str) -> Any:
        """Return a fact of aws/data/state_integrations.yaml; an SDK call shares `passed_to` alone."""
        return facts("state_integrations", name).get(f"{self.service}:{self.operation}")


class Access(NamedTuple):
    """An action on an ARN; `open` where only a run tells which resource of the pattern it is on.

    `item` counts the items of a list in the arguments, where each is a request of its own.
    """

    action: str
    resource: str
    open: bool = False
    item: int = 0


class UnknownCallError(Exception):
    """What a task calls is not known; says what, and the edit that helps."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.fix = what, fix


def universal(target: str) -> Integration | None:
    """Return the call that a universal target of EventBridge Scheduler makes, None of other targets."""
    found = UNIVERSAL.fullmatch(target)
    return Integration(found[1], found[2], "", True) if found else None


def integration(resource: str) -> Integration | None:
    found = INTEGRATION.fullmatch(resource)
    return Integration(found[2], found[3], found[4] or "", bool(found[1])) if found else None


def accesses(stack: Stack, state: State, own: str) -> Iterator[Access]:
    """Give what a task needs of its machine's role; `own` is the machine's ARN. Raises UnknownCallError."""
    resource = str(state.value.get("Resource", ""))
    if FUNCTION.fullmatch(resource):
        yield Access("lambda:InvokeFunction", resource)
        return
    if ACTIVITY.fullmatch(resource):
        return
    called = integration(resource)
    if called is None:
        raise UnknownCallError(
            f"{resource!r} is no integration of Step Functions",
            "write arn:${AWS::Partition}:states:::aws-sdk:service:operation, or an optimised integration",
        )
    accesses_of = sdk_accesses if called.sdk else optimised_accesses
    yield from accesses_of(stack, state, called, own)


def optimised_accesses(stack: Stack, state: State, called: Integration, own: str) -> Iterator[Access]:
    """Give what an optimised integration needs. Raises UnknownCallError."""
    actions = called.fact("actions")
    if actions is None:
        raise UnknownCallError(f"what {called} needs is not known", "add it to aws/data/state_integrations.yaml")
    if called.awaited.startswith("sync"):
        rule, more = called.fact("rule"), called.fact("sync")
        if more is None:
            raise UnknownCallError(
                f"what {called}.sync needs is not known", "add it to aws/data/state_integrations.yaml"
            )
        actions = {**actions, **more}
        for action in MANAGED if rule else ():
            yield Access(action, _arn(stack, f"events:{{region}}:{{account}}:rule/{rule}"))
    for action, forms in actions.items():
        for form in as_list(forms):
            yield from filled(stack, state, action, form, own)


def filled(stack: Stack, state: State, action: str, form: str, own: str = "") -> Iterator[Access]:
    """Give an action on each ARN that a form comes to with what a task gives. Raises UnknownCallError."""
    if form == "*":
        yield Access(action, "*")
        return
    fields = [name for name in FIELD.findall(form) if name not in ("region", "account")]
    if not fields or fields == ["own"]:
        yield Access(action, _arn(stack, form.replace("{own}", own.rpartition(":")[2])))
        return
    found = {name: _field_values(state, name) for name in fields}
    rounds = max(len(values) for values in found.values())
    for turn in range(rounds):
        values = {name: options[min(turn, len(options) - 1)] for name, options in found.items()}
        yield _access(stack, action, form, values)._replace(item=turn)


def _access(stack: Stack, action: str, form: str, values: Mapping[str, Any]) -> Access:
    last = FIELD.findall(form)[-1]
    whole = values.get(last)
    if form.endswith(f"{{{last}}}") and isinstance(whole, str) and whole.startswith("arn:"):
        return Access(action, whole)
    text = form
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", "*" if value is None else _bare(str(value)))
    text = text.replace("//", "/")
    return Access(action, text if text == "*" else _arn(stack, text), any(value is None for value in values.values()))


def _bare(value: str) -> str:
    """Return a name as it stands in another ARN: of an ARN or a queue's URL its end."""
    if value.startswith("arn:"):
        return value.split(":", 5)[5].rpartition(":")[2].rpartition("/")[2]
    return value.rpartition("/")[2] if value.startswith("https://") else value.strip("/")


def _arn(stack: Stack, form: str) -> str:
    scenario = stack.scenario
    text = form.replace("{region}", scenario.region).replace("{account}", scenario.account)
    return text if text.startswith("arn:") else f"arn:{scenario.partition.name}:{text}"


def _field_values(state: State, field: str) -> list[Any]:
    """Return the values of a field of a form, None for one that only a run tells. Raises UnknownCallError for none.

    A field is a path of parameters, through lists too, `|` before another one, `=` before what stands for none.
    """
    named, equals, otherwise = field.partition("=")
    for path in named.split("|"):
        values = _at(state, path.split("."))
        if any(value != "" for value in values):
            return [otherwise if value == "" else value for value in values]
    if not equals:
        raise UnknownCallError(f"{state.name} does not say {named}", f"give {named} in its arguments")
    return [otherwise]


def _at(state: State, path: list[str]) -> list[Any]:
    is_given, value = argument(state, path[0])
    if not is_given:
        return []
    found = [value]
    for name in path[1:]:
        found = [item for member in found for item in as_list(member)]
        found = [None if member is None else _member(member, name, state.language) for member in found]
    return found


def _member(value: Any, name: str, language: str) -> Any:
    if not isinstance(value, Mapping):
        return None
    return literal(value[name], language) if name in value else (None if f"{name}.$" in value else "")


def sdk_accesses(stack: Stack, state: State, called: Integration, _own: str) -> Iterator[Access]:
    """Give what a call through the SDK needs. Raises UnknownCallError."""
    if not prefix(called.service):
        raise UnknownCallError(f"no service is known as {called.service!r}", "write its name in the AWS SDK for Java")
    found = allowing(called.service, called.operation)
    if not found:
        raise UnknownCallError(
            f"no action of IAM is known for {called}", "write the operation's name, its first letter small"
        )
    for action in found:
        yield from _on(stack, state, called, action)


def _on(stack: Stack, state: State, called: Integration, action: Action) -> Iterator[Access]:
    if not action.kinds:
        yield Access(action.spelling, "*")
        return
    named: Mapping[str, str] = facts("services", "resource").get(prefix(called.service), {})
    for parameter, form in named.items():
        if argument(state, parameter)[0]:
            for access in filled(stack, state, action.spelling, form.replace("{name}", f"{{{parameter}}}")):
                whole = action.knows(access.resource) and not argument(state, "IndexName")[0]
                yield access if whole else _part(state, access)
            return
    for _, forms in action.kinds:
        for form in forms:
            fields = [name for name in re.findall(r"\$\{(\w+)\}", form) if name not in OF_THE_SCENARIO]
            if fields and all(argument(state, name)[0] for name in fields):
                plain = re.sub(r"^arn:\$\{Partition\}:", "", form).replace("${Region}", "{region}")
                plain = plain.replace("${Account}", "{account}").replace("${", "{")
                yield from filled(stack, state, action.spelling, plain)
                return
    kinds = " or ".join(kind for kind, _ in action.kinds)
    raise UnknownCallError(
        f"which {kinds} {called} is called on is not known",
        "add its parameter to the resource of the service in aws/data/services.yaml",
    )


def _part(state: State, access: Access) -> Access:
    """Return the part of a resource that an action acts on: a bucket's object, a table's index."""
    for parameter, infix in (("Key", ""), ("IndexName", "index/")):
        is_given, value = argument(state, parameter)
        if is_given:
            end = "*" if value is None else str(value)
            return Access(access.action, f"{access.resource}/{infix}{end}", access.open or value is None)
    return Access(access.action, f"{access.resource}/*", True)
