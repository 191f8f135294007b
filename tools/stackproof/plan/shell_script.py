"""A plan as text: a table of its operations, and the same as commands of the AWS CLI, version 2."""

from __future__ import annotations

import re
import shlex
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from stackproof.aws.regions import partition_of
from stackproof.foundation.document import Document
from stackproof.plan.examples import is_example
from stackproof.plan.operations import Operation, capabilities
from stackproof.plan.shell_template import of_stack, of_stack_set, opening
from stackproof.plan.stackset import Call, StackSet

WITH_TEMPLATE = ("create_stack_set", "update_stack_set")
EMPTY = '""'
BREAK = " \\\n  "


def as_table(operations: Sequence[Operation]) -> str:
    """Return the operations in order, each with every parameter and where its value comes from, and the reasons."""
    rows = [("", "operation", "region", "stack", "parameter", "value")]
    for number, operation in enumerate(operations, 1):
        learned = {
            name: f"<- {output} of {operation.other.stack} in {operation.other.region}"
            for name, output in operation.learned.items()
        }
        values = {
            **{name: value or EMPTY for name, value in operation.values.items()},
            **{
                name: f"{value} is an example: give --parameter {name}=VALUE"
                for name, value in operation.examples.items()
            },
            **dict.fromkeys(operation.untouched, "as it is"),
            **{name: f"{value or EMPTY} at first, then as it is told below" for name, value in operation.kept.items()},
            **learned,
        }
        shown = [*values.items()] if operation.action == "deploy" else [("", "")]
        head = (str(number), operation.verb, operation.scenario.region, operation.scenario.stack)
        rows += [(*(head if index == 0 else ("",) * 4), *row) for index, row in enumerate(shown)]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", *_reasons(operations)])


def _reasons(operations: Sequence[Operation]) -> Iterator[str]:
    for number, operation in enumerate(operations, 1):
        for reason in operation.why:
            yield f"{number}: {reason}"


def commands(template: Document, operations: Sequence[Operation], bucket: str = "") -> str:
    """Return a shell script of the operations on two plain stacks; `bucket` for the template, if one is named."""
    sends = any(operation.action == "deploy" and not operation.switches for operation in operations)
    lines = ["set -eu", *(opening(template, bucket) if sends else [])]
    for number, operation in enumerate(operations, 1):
        lines += ["", f"# {number}. {operation.title}", *_learned(operation)]
        how = _switch if operation.switches else _deploy if operation.action == "deploy" else _delete
        lines += how(template, operation)
    return "\n".join(lines)


def _deploy(template: Document, operation: Operation) -> list[str]:
    before, sent = of_stack(template, operation.scenario.region)
    needed = capabilities(template)
    options = ["--no-fail-on-empty-changeset", *(["--capabilities " + " ".join(needed)] if needed else [])]
    overrides = [_parameter(name, value, "{}={}", operation.examples) for name, value in operation.values.items()]
    overrides += [f'"{name}=${variable(output)}"' for name, output in operation.learned.items()]
    parts = [
        _where("deploy", operation),
        *sent,
        " ".join(options),
        "--parameter-overrides",
        *(f"  {pair}" for pair in overrides),
    ]
    return [*before, BREAK.join(parts)]


def _parameter(name: str, value: str, form: str, examples: Container[str]) -> str:
    """Return a parameter with its value, or with a variable that has to be set where the value is an example."""
    if name not in examples:
        return shlex.quote(form.format(name, value))
    return f'"{form.format(name, "${" + variable(name) + ":?give the value of " + name + "}")}"'


def _switch(template: Document, operation: Operation) -> list[str]:
    """Return the command that changes a parameter of a stack and nothing else, if the stack does not have it so."""
    (name, value) = next(iter(operation.values.items()))
    query = f"--query \"Stacks[0].Parameters[?ParameterKey=='{name}'].ParameterValue\" --output text"
    asking = _where("describe-stacks", operation)
    needed = capabilities(template)
    update = BREAK.join(
        [
            _where("update-stack", operation) + " --use-previous-template",
            *(["--capabilities " + " ".join(needed)] if needed else []),
            f"--parameters {shlex.quote(f'ParameterKey={name},ParameterValue={value}')}",
            *(f"  ParameterKey={other},UsePreviousValue=true" for other in operation.untouched),
        ]
    )
    return [
        f'if [ "$({asking}{BREAK}{query})" != {shlex.quote(value)} ]; then',
        update,
        _where("wait stack-update-complete", operation),
        "fi",
    ]


def _delete(_: Document, operation: Operation) -> list[str]:
    return [_where("delete-stack", operation), _where("wait stack-delete-complete", operation)]


def _where(command: str, operation: Operation) -> str:
    region, stack = operation.scenario.region, shlex.quote(operation.scenario.stack)
    return f"aws cloudformation {command} --region {region} --stack-name {stack}"


def _learned(operation: Operation) -> Iterator[str]:
    """Give the commands that read another stack's outputs into shell variables."""
    for output in dict.fromkeys(operation.learned.values()):
        yield _reading(output, operation.other.region, shlex.quote(operation.other.stack))


def _reading(output: str, region: str, stack: str) -> str:
    query = f"--query \"Stacks[0].Outputs[?OutputKey=='{output}'].OutputValue\" --output text"
    asking = f"aws cloudformation describe-stacks --region {region} --stack-name {stack}"
    return f"{variable(output)}=$({asking}{BREAK}{query})"


def variable(output: str) -> str:
    """Return an output's name as a shell variable: VPCPeeringConnectionId becomes VPC_PEERING_CONNECTION_ID."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", output).upper()


def stack_set_commands(template: Document, chosen: StackSet, calls: Sequence[Call], bucket: str = "") -> str:
    """Return a shell script of calls on a StackSet. The AWS CLI has no `wait` for their operations."""
    sends = any(call.action in WITH_TEMPLATE for call in calls)
    lines = ["set -eu", *(opening(template, bucket) if sends else []), _finished(chosen)]
    for number, call in enumerate(calls, 1):
        before, sent = of_stack_set(template, chosen.home, partition_of(chosen.home).suffix)
        with_template = call.action in WITH_TEMPLATE
        lines += ["", f"# {number}. {call.title}", *_commands(call, chosen), *(before if with_template else [])]
        lines.append(_called(call, chosen, sent if with_template else ""))
    return _of_the_caller("\n".join(lines), calls)


def _of_the_caller(script: str, calls: Sequence[Call]) -> str:
    """Return a script that asks for the account of its caller where the scenario has an example in its place."""
    for account in {number for call in calls for number in call.arguments.get("Accounts", ())}:
        if is_example(account):
            asking = "ACCOUNT=$(aws sts get-caller-identity --query Account --output text)"
            script = script.replace("set -eu", f"set -eu\n{asking}", 1).replace(account, '"$ACCOUNT"')
    return script


def _finished(chosen: StackSet) -> str:
    where = f"--region {chosen.home} --stack-set-name {shlex.quote(chosen.name)}"
    asking = f"aws cloudformation describe-stack-set-operation {where} --operation-id"
    return "\n".join(
        [
            "finished() {  # wait for a StackSet operation; end if it did not succeed",
            "  while :; do",
            f'    status=$({asking} "$1" --query StackSetOperation.Status --output text)',
            '    case "$status" in SUCCEEDED) return 0 ;; RUNNING | QUEUED | STOPPING) sleep 15 ;;',
            '      *) echo "operation $1: $status" >&2; exit 1 ;; esac',
            "  done",
            "}",
        ]
    )


def _commands(call: Call, chosen: StackSet) -> Iterator[str]:
    if call.teller:
        where = f"--region {chosen.home} --stack-set-name {shlex.quote(chosen.name)}"
        which = f"--stack-instance-account {call.teller.account} --stack-instance-region {call.teller.region}"
        asking = f"aws cloudformation describe-stack-instance {where}{BREAK}{which} --query StackInstance.StackId"
        yield f"STACK=$({asking} --output text)"
        for output in dict.fromkeys(call.learned.values()):
            yield _reading(output, call.teller.region, '"$STACK"')


def _called(call: Call, chosen: StackSet, sent: str) -> str:
    parts = [f"aws cloudformation {call.action.replace('_', '-')} --region {chosen.home}"]
    for name, value in call.arguments.items():
        parts.append(_option(name, value, call.learned if name == "ParameterOverrides" else {}))
    if call.learned and "ParameterOverrides" not in call.arguments:
        parts.append(_option("ParameterOverrides", [], call.learned))
    parts += [sent] if sent else []
    if call.action in ("create_stack_set", "delete_stack_set"):
        return BREAK.join(parts)
    return f'finished "$({BREAK.join([*parts, "--query OperationId --output text"])})"'


def _override(parameter: Mapping[str, Any]) -> str:
    name = parameter["ParameterKey"]
    if parameter.get("UsePreviousValue"):
        return f"ParameterKey={name},UsePreviousValue=true"
    value = parameter["ParameterValue"]
    return _parameter(name, value, "ParameterKey={},ParameterValue={}", {name} if is_example(value) else ())


def _option(name: str, value: Any, learned: Mapping[str, str]) -> str:
    flag = "--" + re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
    if value is False:
        return flag.replace("--", "--no-", 1)
    if isinstance(value, dict):
        inner = (f"{key}={','.join(map(str, item)) if isinstance(item, list) else item}" for key, item in value.items())
        return f"{flag} {','.join(inner)}"
    if not isinstance(value, list):
        return f"{flag} {shlex.quote(value)}"
    if name not in ("Parameters", "ParameterOverrides"):
        return " ".join([flag, *map(shlex.quote, value)])
    pairs = [_override(item) for item in value]
    pairs += [f'"ParameterKey={key},ParameterValue=${variable(output)}"' for key, output in learned.items()]
    return BREAK.join([flag, *(f"  {pair}" for pair in pairs)])
