"""Every command that a page shows is one: of this program, of tox, or of the AWS CLI with its service's options."""

import argparse
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from stackproof.cli import arguments, deploy_arguments, permissions_arguments

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
TOX_INI = (ROOT / "tox.ini").read_text(encoding="utf-8")
RUNBOOK = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.S))
CONSOLE = "\n".join(re.findall(r"^\$ (.+)$", TEXT, re.M))
INLINE = re.findall(r"`((?:aws|stackproof|tox|python) [^`]+)`", TEXT)
PLACEHOLDERS = {
    "R": "us-east-1",
    "KEY=VALUE": "Key=Value",
    "[TEMPLATE": "my.json",
    "…]": "your.json",
    "[RULE": "a_rule",
    "…": "",
}
"""What stands for something else in a command that is shown in a sentence."""
COMMON = {"region", "query", "output"}
PAGED = {"max-items", "page-size", "starting-token"}
OF_S3 = {"cp": {"recursive"}, "rm": {"recursive"}, "ls": {"recursive"}}
"""What the AWS CLI has of its own. Source: AWS CLI Command Reference, s3."""
CUSTOM = {
    ("logs", "tail"): {"since", "follow", "format"},
    ("cloudformation", "package"): {"template-file", "s3-bucket", "s3-prefix", "output-template-file", "kms-key-id"},
}


def commands(program: str) -> Iterator[str]:
    """Give each command of a program, without comments and what it is piped into."""
    for text in (*SHELL.splitlines(), *CONSOLE.splitlines(), *INLINE):
        for found in re.finditer(rf"(?:^|[\s(|/\"]){program} (?!sts$)[^|;)&>#]*", text):
            command = found[0][found[0].index(program) :].strip()
            yield command if command.count('"') % 2 == 0 else command.rstrip('"')


@cache
def client_model(service: str) -> Any:
    return botocore.session.get_session().get_service_model({"s3api": "s3"}.get(service, service))


def options_of(service: str, operation: str) -> set[str] | None:
    """Return the options of an operation, None if there is no such operation."""
    if service == "s3":
        return OF_S3.get(operation)
    if (service, operation) in CUSTOM:
        return CUSTOM[service, operation]
    model = client_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        return None
    members = model.operation_model(names[operation]).input_shape.members
    plain = {xform_name(name, "-") for name in members}
    return plain | {f"no-{name}" for name in plain} | PAGED


AWS = sorted(set(commands("aws")))
OWN = sorted(set(commands("stackproof")))
TOX = sorted(set(commands("tox")))
PYTHON = sorted(set(commands("python")))
ENVIRONMENTS = set(re.findall(r"[\w.-]+", " ".join(re.findall(r"^\[testenv:\{?(.*?)\}?\]$", TOX_INI, re.M))))


def test_there_are_commands_to_look_at() -> None:
    assert (len(AWS) > 25, len(OWN) > 40, len(TOX) > 5, len(PYTHON) > 5) == (True, True, True, True)


@pytest.mark.parametrize("command", AWS)
def test_a_command_of_the_aws_cli_is_one(command: str) -> None:
    _, service, operation, *rest = command.split()
    if operation == "wait":
        waiters = botocore.session.get_session().get_waiter_model(service).waiter_names
        assert rest[0] in {xform_name(name, "-") for name in waiters}
        return
    known = options_of(service, operation)
    assert known is not None, f"{service} has no {operation}"
    options = set(re.findall(r"(?:^|\s)--([a-z0-9-]+)", " ".join(rest)))
    assert options - known <= COMMON


def parsed(arguments_shown: list[str]) -> argparse.Namespace:
    return arguments.parser(deploy_arguments.add, permissions_arguments.add).parse_args(arguments_shown)


@pytest.mark.parametrize("command", OWN)
def test_a_command_of_this_program_is_one(command: str) -> None:
    words = [PLACEHOLDERS.get(word, word) for word in shlex.split(command)[1:]]
    arguments_shown = [word for word in words if word]
    if arguments_shown == ["--version"]:
        with pytest.raises(SystemExit, match="0"):
            parsed(arguments_shown)
    else:
        assert parsed(arguments_shown).run == arguments_shown[0]


@pytest.mark.parametrize("command", TOX)
def test_an_environment_of_tox_is_one(command: str) -> None:
    named = re.search(r"-e \"?([\w.,-]+)", command)
    assert named is None or set(named[1].split(",")) <= ENVIRONMENTS


@pytest.mark.parametrize("command", PYTHON)
def test_a_script_that_is_run_is_there(command: str) -> None:
    first = command.split()[1]
    assert first in ("-m", "-c") or (ROOT / first).exists()


@pytest.mark.parametrize(
    "section", ["before", "backfill", "verify", "cutover", "rollback", "unplanned-failover", "redrive", "teardown"]
)
def test_every_operation_has_its_section(section: str) -> None:
    headings = [heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", RUNBOOK, re.M)]
    assert section in headings
