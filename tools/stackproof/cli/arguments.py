"""What the command line takes: one function a command, each with an example in its help."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from stackproof.foundation.finding import SEVERITIES
from stackproof.gate import project
from stackproof.report.formats import OFFERED

STACK = "stack"
TEMPLATE, RULES, SCENARIOS = project.TEMPLATE, project.RULES, project.SCENARIOS

Commands = Any
"""What argparse makes of add_subparsers, for which it has no public name."""


class Version(argparse.Action):
    """Print the version and end; only this imports what finds it, which takes a fifth of the time of --help."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        from stackproof.foundation.version import release

        print(f"stackproof {release()}")
        parser.exit()


def parser(*more: Callable[[Commands], None]) -> argparse.ArgumentParser:
    """Return the parser of the whole command line; `run` of what it parses is the command's name."""
    top = argparse.ArgumentParser(
        "stackproof",
        description="Check, before it is deployed, that one template works in two regions.",
        epilog="`stackproof COMMAND --help` shows an example of each.",
    )
    top.add_argument("--version", action=Version, nargs=0, help="show program's version number and exit")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (
        _check,
        _changes,
        _init,
        _report,
        _fold,
        _resolve,
        _package,
        _rules,
        _explain,
        _schema,
        _cases,
        _handlers,
        _mutate,
        _lsp,
        *more,
        _completion,
    ):
        add(commands)
    return top


def command(commands: Commands, name: str, about: str, *examples: str) -> argparse.ArgumentParser:
    """Add a command, with examples of its use."""
    shown = "".join(f"\n  {example}" for example in examples)
    added: argparse.ArgumentParser = commands.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog=f"example{'s' if len(examples) > 1 else ''}:{shown}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    added.set_defaults(run=name)
    return added


def proven(added: argparse.ArgumentParser) -> None:
    """Let a command take a template, and what it is checked by."""
    added.add_argument("template", nargs="?", metavar="TEMPLATE", help=f"default: as configured, or {TEMPLATE}")
    by(added)


def by(added: argparse.ArgumentParser) -> None:
    """Let a command take what a template is checked by."""
    rules(added)
    added.add_argument("--scenarios", metavar="FILE", help=f"default: as configured, or {SCENARIOS}")
    added.add_argument("--no-lint", action="store_true", help="leave cfn-lint out")
    about = "leave the rules written in Guard out, where no Guard engine can be installed; the report names them"
    added.add_argument("--no-guard", action="store_true", help=about)


def rules(added: argparse.ArgumentParser) -> None:
    about = f"once or several times; default: as configured, or {RULES}, or the rules that stackproof ships"
    added.add_argument("--rules", action="append", metavar="DIR", help=about)


def _check(commands: Commands) -> None:
    added = command(
        commands,
        "check",
        "check a template: 0 passes, 1 fails, 2 cannot tell",
        "stackproof check",
        "stackproof check my.yaml --region us-east-1,eu-central-1 --parameter Environment=dev",
        "stackproof check --output sarif:gate.sarif --output junit:gate.xml",
        "stackproof check A.json B.yaml --output json:{name}-gate.json",
    )
    about = f"default: as configured, or {TEMPLATE}; and the further ones of the project"
    added.add_argument("template", nargs="*", default=[], metavar="TEMPLATE", help=about)
    by(added)
    about = "in place of a file of scenarios: the regions of a source and a target stack, once or several times"
    added.add_argument("--region", action="append", default=[], metavar="SOURCE,TARGET", help=about)
    about = "in place of both: what `cdk synth` wrote, whose manifest.json names templates and regions"
    added.add_argument("--cdk", metavar="DIR", help=about)
    about = "a parameter of both stacks, with --region"
    added.add_argument("--parameter", action="append", default=[], metavar="KEY=VALUE", help=about)
    _choosing(added)
    _against(added)
    about = "check stacks of all combinations of conditions as well, and list those that no scenario has"
    added.add_argument("--combinations", action="store_true", help=about)
    added.add_argument("--no-cache", action="store_true", help="check it again, even if nothing relevant has changed")
    added.add_argument("--watch", action="store_true", help="check again after each change of a file")
    added.add_argument("--format", default=OFFERED[0], choices=OFFERED, help=f"default: {OFFERED[0]}")
    added.add_argument("-v", "--verbose", action="store_true", help="also list scenarios, rules and what is suppressed")
    added.add_argument(
        "--output",
        action="append",
        default=[],
        metavar="[FORMAT:]FILE",
        help="write a report to a file, once or several times; {name} in FILE stands for the template's;"
        " without FORMAT, in place of printing it",
    )


def _changes(commands: Commands) -> None:
    added = command(
        commands,
        "changes",
        "show what an update does to both stacks, in order, before it is done: 0 passes, 1 fails, 2 cannot tell",
        "stackproof changes old.json new.json",
        "stackproof changes --against HEAD~3",
        "stackproof changes --before first --deployment peering",
    )
    added.add_argument("old", nargs="?", metavar="OLD", help="the template before; with --against or --before, the one")
    about = f"the template after; default: as configured, or {TEMPLATE}"
    added.add_argument("new", nargs="?", metavar="NEW", help=about)
    _against(added)
    about = "the deployment of the scenarios that the stacks have now; with --deployment the one that they are to have"
    added.add_argument("--before", metavar="NAME", help=about)
    added.add_argument("--deployment", metavar="NAME", help="only this deployment of the scenarios; default: all")
    rules(added)
    added.add_argument("--scenarios", metavar="FILE", help=f"default: as configured, or {SCENARIOS}")
    about = "the scenarios before; default: those of --against, else the same"
    added.add_argument("--old-scenarios", metavar="FILE", help=about)
    about = "in place of a file of scenarios: the regions of a source and a target stack, once or several times"
    added.add_argument("--region", action="append", default=[], metavar="SOURCE,TARGET", help=about)
    about = "a parameter of both stacks, with --region"
    added.add_argument("--parameter", action="append", default=[], metavar="KEY=VALUE", help=about)
    about = "a parameter that both stacks have now, with --region; default: as --parameter gives it"
    added.add_argument("--old-parameter", action="append", default=[], metavar="KEY=VALUE", help=about)
    added.add_argument("--format", default="text", choices=("text", "json", "github"), help="default: text")
    added.add_argument("--output", metavar="FILE", help="write it to a file in place of printing it")


def _against(added: argparse.ArgumentParser) -> None:
    about = "compare with what template and scenarios were at a revision of git, and check what the update does"
    added.add_argument("--against", metavar="REV", help=about)


def _choosing(added: argparse.ArgumentParser) -> None:
    """Let a command take which rules are run, and which findings count."""
    about = "rules, packs or families to run, with commas, once or several times; default: as configured"
    added.add_argument("--select", action="append", metavar="NAMES", help=about)
    about = "rules, packs, families or ids of cfn-lint to leave out, in the same way"
    added.add_argument("--ignore", action="append", metavar="NAMES", help=about)
    about = "report no finding below this severity; default: info"
    added.add_argument("--severity", default="info", choices=SEVERITIES, help=about)
    about = "end 1 for findings of this severity and above; default: as configured, or warning"
    added.add_argument("--fail-on", choices=SEVERITIES, help=about)
    about = "report only findings that this file does not know"
    added.add_argument("--baseline", metavar="FILE", help=about)
    about = "write the findings to the file of --baseline, or the configured one, and report none of them"
    added.add_argument("--write-baseline", action="store_true", help=about)


def _init(commands: Commands) -> None:
    added = command(
        commands,
        "init",
        "write scenarios and a configuration for a template, from which `check` goes on",
        "stackproof init my.yaml",
        "stackproof init my.yaml --source us-east-1 --target eu-central-1 --parameter Environment=dev",
    )
    added.add_argument("template", metavar="TEMPLATE")
    for side in ("source", "target"):
        about = f"the region of the {side} stack; default: as the template names it, or asked on a terminal"
        added.add_argument(f"--{side}", metavar="REGION", help=about)
    added.add_argument("--parameter", action="append", default=[], metavar="KEY=VALUE", help="one or more")
    added.add_argument("--scenarios", default="scenarios.yaml", metavar="FILE", help="default: scenarios.yaml")
    added.add_argument("--force", action="store_true", help="write over files that are there")


def _report(commands: Commands) -> None:
    about = "check a template, and write a page about it: pictures, rules, roles, order, findings"
    added = command(commands, "report", about, "stackproof report --html report.html")
    proven(added)
    _against(added)
    added.add_argument("--html", required=True, metavar="FILE", help="the page, which needs nothing else")


def _fold(commands: Commands) -> None:
    _evaluate(commands, "fold", "print the template folded for one region, as JSON")


def _resolve(commands: Commands) -> None:
    _evaluate(commands, "resolve", "print the template resolved for one region, as JSON")


def _evaluate(commands: Commands, name: str, about: str) -> None:
    example = f"stackproof {name} {TEMPLATE} --region us-east-1 --parameter EnvironmentSuffix=dev"
    added = command(commands, name, about, example)
    added.add_argument("template", nargs="?", metavar="TEMPLATE")
    added.add_argument("--region", required=True, metavar="R")
    added.add_argument("--account", default="111111111111", metavar="A", help="default: 111111111111")
    added.add_argument("--stack-name", default=STACK, metavar="N", help=f"default: {STACK}")
    added.add_argument("--parameter", action="extend", nargs="+", default=[], metavar="KEY=VALUE", help="one or more")
    about = "a file of parameter values, once or several times: CloudFormation's, CodePipeline's, samconfig.toml[#ENV]"
    added.add_argument("--parameters", action="append", default=[], metavar="FILE", help=about)


def _package(commands: Commands) -> None:
    about = "print the template's body without white space, for an upload"
    added = command(commands, "package", about, "stackproof package > body.json")
    added.add_argument("template", nargs="?", metavar="TEMPLATE", help=f"default: as configured, or {TEMPLATE}")


def _rules(commands: Commands) -> None:
    added = command(commands, "rules", "list the rules", "stackproof rules", "stackproof rules --write")
    rules(added)
    fresh = added.add_mutually_exclusive_group()
    fresh.add_argument("--write", action="store_true", help="write the table of them to DIR/README.md")
    fresh.add_argument("--check", action="store_true", help="end 1 if that table is stale")


def _explain(commands: Commands) -> None:
    about = "say what a rule checks, why, its settings, and what fails it"
    added = command(commands, "explain", about, "stackproof explain cidrs_disjoint")
    added.add_argument("rule", metavar="RULE")
    rules(added)


def _schema(commands: Commands) -> None:
    about = "print the JSON schema of the scenarios or of the configuration, for an editor"
    added = command(commands, "schema", about, "stackproof schema scenarios > scenarios.schema.json")
    added.add_argument("of", choices=("scenarios", "configuration"))


def _cases(commands: Commands) -> None:
    about = "try the cases of rules on the template: 0 all as expected, 1 not"
    added = command(commands, "cases", about, "stackproof cases", "stackproof cases keys_rotate cidrs_disjoint")
    added.add_argument("rule", nargs="*", metavar="RULE", help="its name, or a file of it; default: every rule")
    added.add_argument("--template", metavar="FILE", help=f"default: as configured, or {TEMPLATE}")
    rules(added)
    added.add_argument("--scenarios", metavar="FILE", help=f"default: as configured, or {SCENARIOS}")


def _handlers(commands: Commands) -> None:
    about = "write the inline code of functions to files, as ruff, mypy and coverage read it"
    added = command(commands, "handlers", about, "stackproof handlers build/handlers")
    added.add_argument("folder", metavar="DIR")
    added.add_argument("template", nargs="?", metavar="TEMPLATE", help=f"default: as configured, or {TEMPLATE}")
    added.add_argument("--scenarios", metavar="FILE", help=f"default: as configured, or {SCENARIOS}")


def _mutate(commands: Commands) -> None:
    about = "change every value of a template, one at a time, and list what no rule notices"
    added = command(commands, "mutate", about, "stackproof mutate", "stackproof mutate --part 2/4 --state 2.jsonl")
    proven(added)
    added.add_argument(
        "--state", default=".mutants.jsonl", metavar="FILE", help="results so far; default: .mutants.jsonl"
    )
    added.add_argument("--least", type=float, default=90, metavar="PERCENT", help="end 1 below; default: 90")
    about = (
        "every M-th mutant, from the N-th on, for one of M machines; their --state files joined are one; default: 1/1"
    )
    added.add_argument("--part", default="1/1", metavar="N/M", help=about)
    about = (
        "results of an earlier run, before rules were added: what it noticed counts, and only its survivors are tried"
    )
    added.add_argument("--earlier", metavar="FILE", help=about)
    added.add_argument("--workers", type=int, metavar="N", help="processes; default: as many as processors")


def _lsp(commands: Commands) -> None:
    about = "serve an editor by the Language Server Protocol, on standard input and output"
    proven(command(commands, "lsp", about, "stackproof lsp"))


def _completion(commands: Commands) -> None:
    about = "print what a shell needs to complete this command line"
    added = command(commands, "completion", about, 'eval "$(stackproof completion bash)"')
    added.add_argument("shell", choices=("bash", "zsh", "tcsh"))
