"""What the command `permissions` takes."""

from __future__ import annotations

from stackproof.cli.arguments import SCENARIOS, TEMPLATE, Commands, command

OPERATIONS = ("create", "update", "delete")
CALLERS = ("all", "preflight", "deploy", "destroy", "outputs", "redrive")


def add(commands: Commands) -> None:
    """Add the command."""
    about = "print the least policy that CloudFormation needs to deploy a template, or compare one with it"
    added = command(
        commands,
        "permissions",
        about,
        "stackproof permissions --deployment first --format table",
        "stackproof permissions --for create --for delete > policy.json",
        "stackproof permissions --role > role.json",
        "stackproof permissions --check role.json",
        "stackproof permissions --command deploy",
    )
    about = f"one or more, as for a change from one to another; default: as configured, or {TEMPLATE}"
    added.add_argument("templates", nargs="*", default=[], metavar="TEMPLATE", help=about)
    added.add_argument("--scenarios", metavar="FILE", help=f"default: as configured, or {SCENARIOS}")
    about = "a scenario whose stacks are to be deployed, once or several times; default: all of the file"
    added.add_argument("--deployment", action="append", default=[], metavar="NAME", help=about)
    about = "an operation that is to be allowed, once or several times; default: all three"
    added.add_argument("--for", dest="operations", action="append", choices=OPERATIONS, help=about)
    added.add_argument("--account", metavar="ID", help="default: the scenario's")
    added.add_argument("--stack", metavar="NAME", help="the name of both stacks; default: the scenario's")
    about = "for the execution role of a StackSet of this name, whose stacks are named StackSet-…"
    added.add_argument("--stack-set", metavar="NAME", help=about)
    about = "name each resource for every region and scenario at once, with * for what differs"
    added.add_argument("--widen", action="store_true", help=about)
    about = (
        "print what a command of stackproof calls itself, in place of what CloudFormation does; once or several times"
    )
    added.add_argument("--command", action="append", choices=CALLERS, help=about)
    added.add_argument("--s3-bucket", metavar="NAME", help="with --command: the bucket that templates go through")
    way = added.add_mutually_exclusive_group()
    about = "print a template of a role for CloudFormation with these policies, in place of the policies alone"
    way.add_argument("--role", action="store_true", help=about)
    about = "list what a policy lacks or has too much: a document, a list of them, a role, or a template (FILE#ROLE)"
    way.add_argument("--check", metavar="FILE", help=about)
    added.add_argument("--format", default="json", choices=("json", "table"), help="default: json")
