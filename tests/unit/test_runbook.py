"""Every command of the runbook is one: of this program, or of the AWS CLI with options that its service takes."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from stackproof.cli import arguments, deploy_arguments

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/runbook.md").read_text()
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.S))
INLINE = re.findall(r"`((?:aws|stackproof) [^`]+)`", TEXT)
COMMON = {"region", "query", "output"}
PAGED = {"max-items", "page-size", "starting-token"}
OF_S3 = {"cp": {"recursive"}, "rm": {"recursive"}, "ls": {"recursive"}}
"""What the AWS CLI has of its own. Source: AWS CLI Command Reference, s3."""
OF_LOGS = {"tail": {"since", "follow", "format"}}


def commands(program: str) -> Iterator[str]:
    for text in (*SHELL.splitlines(), *INLINE):
        for found in re.finditer(rf"(?:^|[\s(|]){program} (?!sts$)[^|;)]*", text):
            yield found[0].strip().lstrip("(").strip()


@cache
def client_model(service: str) -> Any:
    return botocore.session.get_session().get_service_model({"s3api": "s3"}.get(service, service))


def options_of(service: str, operation: str) -> set[str] | None:
    """Return the options of an operation, None if there is no such operation."""
    if service == "s3":
        return OF_S3.get(operation)
    if (service, operation) in {("logs", name) for name in OF_LOGS}:
        return OF_LOGS[operation]
    model = client_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        return None
    members = model.operation_model(names[operation]).input_shape.members
    plain = {xform_name(name, "-") for name in members}
    return plain | {f"no-{name}" for name in plain} | PAGED


AWS = sorted(set(commands("aws")))
OWN = sorted(set(commands("stackproof")))


def test_there_are_commands_to_look_at() -> None:
    assert (len(AWS) > 25, len(OWN) >= 3) == (True, True)


@pytest.mark.parametrize("command", AWS)
def test_a_command_of_the_aws_cli_is_one(command: str) -> None:
    _, service, operation, *rest = command.split()
    if operation == "wait":
        waiters = botocore.session.get_session().get_waiter_model(service).waiter_names
        assert rest[0] in {xform_name(name, "-") for name in waiters}
        return
    known = options_of(service, operation)
    assert known is not None, f"{service} has no {operation}"
    given = set(re.findall(r"(?:^|\s)--([a-z0-9-]+)", " ".join(rest)))
    assert given - known <= COMMON


@pytest.mark.parametrize("command", OWN)
def test_a_command_of_this_program_is_one(command: str) -> None:
    given = shlex.split(command)[1:]
    assert arguments.parser(deploy_arguments.add).parse_args(given).run == given[0]


@pytest.mark.parametrize(
    "section", ["before", "backfill", "verify", "cutover", "rollback", "unplanned-failover", "redrive", "teardown"]
)
def test_every_operation_has_its_section(section: str) -> None:
    headings = [heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", TEXT, re.M)]
    assert section in headings
