"""What the commands that deploy take, each with an example in its help."""

from __future__ import annotations

import argparse
from typing import Any

from stackproof.cli.arguments import SCENARIOS, TEMPLATE, Commands, command, proven
from stackproof.deploy.failure_objects import PREFIXES
from stackproof.template.body import BUCKET_OUTPUT

OUTPUTS = "stack-outputs.json"
NAMES = ("preflight", "plan", "deploy", "destroy", "outputs", "redrive")


def add(commands: Commands) -> None:
    """Add the commands preflight, plan, deploy, destroy, outputs and redrive."""
    for add_command in (_preflight, _plan, _deploy, _destroy, _outputs, _redrive):
        add_command(commands)


def _preflight(commands: Commands) -> None:
    about = "look at the account in both regions before a deployment: 0 ready, 1 something is missing, 2 cannot tell"
    added = command(commands, "preflight", about, "stackproof preflight --parameter EnvironmentSuffix=dev-2")
    added.add_argument("template", nargs="?", metavar="TEMPLATE", help=f"default: as configured, or {TEMPLATE}")
    added.add_argument("--scenarios", metavar="FILE", help=f"default: as configured, or {SCENARIOS}")
    _deployment(added)
    _bucket(added)


def _plan(commands: Commands) -> None:
    about = "print the operations that deploy both stacks, in order, and the same as AWS CLI commands"
    added = command(commands, "plan", about, "stackproof plan", "stackproof plan --switch ActiveSide=target")
    added.add_argument("template", nargs="?", metavar="TEMPLATE", help=f"default: as configured, or {TEMPLATE}")
    added.add_argument("--scenarios", metavar="FILE", help=f"default: as configured, or {SCENARIOS}")
    _deployment(added)
    added.add_argument("--account", metavar="ID", help="default: the scenario's")
    way = added.add_mutually_exclusive_group()
    way.add_argument("--delete", action="store_true", help="print the operations that delete both stacks")
    _switch(way)
    _bucket(added)


def _deploy(commands: Commands) -> None:
    about = "deploy both stacks in order, through change sets; 0 done, 1 failed, 2 cannot tell"
    added = command(
        commands,
        "deploy",
        about,
        "stackproof deploy --dry-run",
        "stackproof deploy --parameter EnvironmentSuffix=dev-2 --stack trading-dev-2",
    )
    proven(added)
    _deployment(added)
    added.add_argument("--dry-run", action="store_true", help="make the change sets, show them, delete them")
    added.add_argument("--no-gate", action="store_true", help="deploy even if a rule fails")
    _switch(added)
    added.add_argument("--skip-preflight", action="store_true", help="deploy without a look at the account before")
    _bucket(added)


def _destroy(commands: Commands) -> None:
    about = "delete both stacks, in the opposite order, and list what is retained"
    added = command(commands, "destroy", about, "stackproof destroy --yes")
    added.add_argument("template", nargs="?", metavar="TEMPLATE", help=f"default: as configured, or {TEMPLATE}")
    added.add_argument("--scenarios", metavar="FILE", help=f"default: as configured, or {SCENARIOS}")
    _deployment(added)
    added.add_argument("--yes", action="store_true", help="delete; without it only the plan is printed")


def _outputs(commands: Commands) -> None:
    about = "write the outputs of both stacks to a file, which the integration tests read"
    added = command(commands, "outputs", about, "stackproof outputs", "stackproof outputs --stack-set trading")
    added.add_argument("template", nargs="?", metavar="TEMPLATE", help=f"default: as configured, or {TEMPLATE}")
    added.add_argument("--scenarios", metavar="FILE", help=f"default: as configured, or {SCENARIOS}")
    _deployment(added)
    added.add_argument("--output", default=OUTPUTS, metavar="FILE", help=f"default: {OUTPUTS}")


def _redrive(commands: Commands) -> None:
    about = "put records that could not be stored back into their stream; 0 all of them, 1 something is left"
    added = command(commands, "redrive", about, "stackproof redrive --dry-run", "stackproof redrive --since 2d")
    added.add_argument("template", nargs="?", metavar="TEMPLATE", help=f"default: as configured, or {TEMPLATE}")
    added.add_argument("--scenarios", metavar="FILE", help=f"default: as configured, or {SCENARIOS}")
    _deployment(added)
    added.add_argument("--side", choices=("source", "target"), help="of this stack alone; default: of both")
    added.add_argument("--since", metavar="TIME", help="what was put away since then: a date, a time, or 6h, 2d ago")
    about = f"where it was put away, once or several times; default: {' and '.join(PREFIXES)}"
    added.add_argument("--prefix", action="append", metavar="PREFIX", help=about)
    added.add_argument("--dry-run", action="store_true", help="read and count, and put nothing back")


def _deployment(added: argparse.ArgumentParser) -> None:
    """Let a command take which scenario is meant, and what is otherwise than it says."""
    added.add_argument("--deployment", metavar="NAME", help="the scenario to deploy; default: the first of the file")
    added.add_argument("--stack", metavar="NAME", help="the name of both stacks; default: the scenario's")
    added.add_argument("--parameter", action="append", default=[], metavar="KEY=VALUE", help="for both; once for each")
    added.add_argument("--stack-set", metavar="NAME", help="by a StackSet of this name, in place of two stacks")
    added.add_argument("--stack-set-region", metavar="R", help="where it is administered; default: the source's region")
    added.add_argument(
        "--administration-role", metavar="NAME", help="default: AWSCloudFormationStackSetAdministrationRole"
    )
    added.add_argument("--execution-role", metavar="NAME", help="default: AWSCloudFormationStackSetExecutionRole")


def _switch(added: Any) -> None:
    about = "change this parameter on both deployed stacks and nothing else, first on the side that VALUE names"
    added.add_argument("--switch", metavar="KEY=VALUE", help=about)


def _bucket(added: argparse.ArgumentParser) -> None:
    about = f"where a template over 51,200 bytes is uploaded to; default: what a stack tells as {BUCKET_OUTPUT}"
    added.add_argument("--s3-bucket", metavar="NAME", help=about)
