"""The command line: reads arguments, prints, and turns an outcome into an exit code."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from stackproof import catalogue, report, rules, scenario, stack, template
from stackproof.finding import CannotTell
from stackproof.gate import Inputs, check
from stackproof.package import INLINE_LIMIT, minified

CANNOT_TELL = 2
FORMATS = {"text": report.as_text, "json": report.as_json}
TEMPLATE, RULES, SCENARIOS, PROJECT = "lib/TapStack.json", "rules", "rules/scenarios.yaml", "pyproject.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. No traceback reaches the user: it goes to a file that is named."""
    try:
        options = parser().parse_args(arguments)
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except CannotTell as error:
        print(f"stackproof: {error}".encode("utf-8", "backslashreplace").decode(), file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("stackproof: interrupted", file=sys.stderr)
    except Exception as error:
        with tempfile.NamedTemporaryFile("w", prefix="stackproof-", suffix=".log", delete=False) as log:
            traceback.print_exc(file=log)
        shown = f"{type(error).__name__}: {' '.join(str(error).split())}"
        print(f"stackproof: internal error: {shown}; fix: report it with {log.name}", file=sys.stderr)
    return CANNOT_TELL


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        "stackproof", description="Prove that one template keeps its promises in two regions."
    )
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    checking = commands.add_parser("check", help="prove a template: 0 kept, 1 broken, 2 cannot tell")
    checking.add_argument("template", nargs="?", default=TEMPLATE, metavar="TEMPLATE", help=f"default: {TEMPLATE}")
    checking.add_argument("--rules", default=RULES, metavar="DIR", help=f"default: {RULES}")
    checking.add_argument("--scenarios", default=SCENARIOS, metavar="FILE", help=f"default: {SCENARIOS}")
    checking.add_argument("--no-lint", action="store_true", help="leave cfn-lint out")
    checking.add_argument("--format", default="text", choices=FORMATS)
    checking.add_argument("--output", metavar="FILE", help="write the report to a file")
    checking.set_defaults(run=run_check)
    for name, work in (("fold", stack.fold), ("resolve", stack.resolve)):
        command = commands.add_parser(
            name, help=f"print the template {name}{'d' if name[-1] == 'e' else 'ed'} for one region, as JSON"
        )
        command.add_argument("template", metavar="TEMPLATE")
        command.add_argument("--region", required=True, metavar="R")
        command.add_argument("--account", default="111111111111", metavar="A")
        command.add_argument("--stack-name", default=scenario.STACK, metavar="N")
        command.add_argument("--parameter", action="append", default=[], metavar="KEY=VALUE")
        command.set_defaults(run=run_evaluate, work=work)
    packing = commands.add_parser("package", help="print the template's body without white space, for an upload")
    packing.add_argument("template", nargs="?", default=TEMPLATE, metavar="TEMPLATE", help=f"default: {TEMPLATE}")
    packing.set_defaults(run=run_package)
    listing = commands.add_parser("rules", help="list the promises")
    listing.add_argument("--rules", default=RULES, metavar="DIR", help=f"default: {RULES}")
    fresh = listing.add_mutually_exclusive_group()
    fresh.add_argument("--write", action="store_true", help="write the table of them to DIR/README.md")
    fresh.add_argument("--check", action="store_true", help="end 1 if that table is stale")
    listing.set_defaults(run=run_rules)
    explaining = commands.add_parser("explain", help="say what a rule promises, why, and what breaks it")
    explaining.add_argument("rule", metavar="RULE")
    explaining.add_argument("--rules", default=RULES, metavar="DIR", help=f"default: {RULES}")
    explaining.set_defaults(run=run_explain)
    return top


def run_check(options: argparse.Namespace) -> int:
    inputs = Inputs(options.template, options.rules, options.scenarios, PROJECT, date.today())
    outcome = check(inputs, lint=not options.no_lint)
    text = FORMATS[options.format](outcome)
    if options.output:
        write(options.output, text)
    else:
        show(text)
    return outcome.exit


def run_evaluate(options: argparse.Namespace) -> int:
    given = {}
    for pair in options.parameter:
        name, equals, value = pair.partition("=")
        if not equals:
            raise CannotTell(f"--parameter {pair!r} has no value", fix="write --parameter KEY=VALUE")
        given[name] = value
    one = scenario.command_line(options.region, options.account, options.stack_name, given)
    show(json.dumps(options.work(template.load(options.template), one).value, indent=2))
    return 0


def run_package(options: argparse.Namespace) -> int:
    body = minified(template.load(options.template))
    size = len(body.encode())
    if size > INLINE_LIMIT:
        print(
            f"stackproof: {size} bytes, {size - INLINE_LIMIT} more than may be sent inline: upload it", file=sys.stderr
        )
    show(body)
    return 0


def run_rules(options: argparse.Namespace) -> int:
    found = rules.find(options.rules)
    readme = Path(options.rules, "README.md")
    if options.write:
        write(str(readme), catalogue.table(found).rstrip("\n"))
    elif options.check:
        if not readme.is_file() or readme.read_text(encoding="utf-8") != catalogue.table(found):
            print(f"stackproof: {readme} is stale; fix: stackproof rules --write", file=sys.stderr)
            return 1
    else:
        show(catalogue.listed(found))
    return 0


def run_explain(options: argparse.Namespace) -> int:
    show(catalogue.explained(rules.find(options.rules), options.rule))
    return 0


def show(text: str) -> None:
    """Print text that may hold what the terminal's encoding cannot."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def write(path: str, text: str) -> None:
    """Write a file whole or not at all."""
    goal = Path(path)
    draft = goal.with_name(f".{goal.name}.{os.getpid()}")
    try:
        draft.write_text(f"{text}\n", encoding="utf-8", errors="backslashreplace")
        draft.replace(goal)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CannotTell(f"cannot write {path}: {error.strerror}", fix="give a file that can be written") from error
