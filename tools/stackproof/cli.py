"""The command line: reads arguments, prints, and turns an outcome into an exit code."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from stackproof import catalogue, deploy_args, handlers, rules, scenario, stack, template
from stackproof.arguments import parser
from stackproof.finding import CannotTell
from stackproof.gate import Inputs, check
from stackproof.outputs import destinations, rendered
from stackproof.package import INLINE_LIMIT, minified
from stackproof.report import counts

BROKEN, CANNOT_TELL = 1, 2
PROJECT = "pyproject.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. No traceback reaches the user: it goes to a file that is named."""
    try:
        options = parser(deploy_args.add).parse_args(arguments)
        return RUNS[options.run](options)
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


def run_check(options: argparse.Namespace) -> int:
    inputs = Inputs(options.template, options.rules, options.scenarios, PROJECT, date.today())
    outcome = check(inputs, lint=not options.no_lint)
    printed, files = destinations(options.format, options.output)
    for path, name in files.items():
        write(path, rendered(name, outcome))
    if printed:
        show(rendered(printed, outcome))
    return outcome.exit


def run_report(options: argparse.Namespace) -> int:
    from stackproof.page import page

    today = date.today()
    outcome = check(
        Inputs(options.template, options.rules, options.scenarios, PROJECT, today), lint=not options.no_lint
    )
    try:
        read = template.load(options.template)
    except CannotTell:
        read = None
    write(options.html, page(outcome, read, today))
    show(f"{options.html}: {counts(outcome)}")
    return outcome.exit


def run_evaluate(options: argparse.Namespace) -> int:
    given = {}
    for pair in options.parameter:
        name, equals, value = pair.partition("=")
        if not equals:
            raise CannotTell(f"--parameter {pair!r} has no value", fix="write --parameter KEY=VALUE")
        given[name] = value
    one = scenario.command_line(options.region, options.account, options.stack_name, given)
    work = {"fold": stack.fold, "resolve": stack.resolve}[options.run]
    show(json.dumps(work(template.load(options.template), one).value, indent=2))
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


def run_mutate(options: argparse.Namespace) -> int:
    # Here, so that no other command waits for what they load.
    from stackproof import mutate
    from stackproof.progress import Screen

    gate = mutate.load(options.template, options.rules, options.scenarios, lint=not options.no_lint)
    trials = mutate.collect(gate, Path(options.state), options.workers, Screen(sys.stderr))
    show(mutate.summary(trials))
    return BROKEN if mutate.share(trials) < options.least else 0


def run_handlers(options: argparse.Namespace) -> int:
    functions = handlers.collect(template.load(options.template), scenario.load(options.scenarios))
    for code in map(handlers.source, functions):
        path = Path(options.folder, code.name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotTell(f"cannot make {path.parent}: {error.strerror}", fix="give another folder") from error
        write(str(path), code.text)
        first = code.first.line if code.aligned else 1
        show(f"{path}:{first}: {code.lines} lines, from {code.first.path}:{code.first.line}")
    return 0


def run_deployment(options: argparse.Namespace) -> int:
    # Here, so that no other command waits for what they load.
    from stackproof import deploying
    from stackproof.aws import Failed

    try:
        return deploying.RUNS[options.run](options, show, sys.stderr)
    except Failed as error:
        print(f"stackproof: {error}", file=sys.stderr)
        return BROKEN


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


RUNS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "check": run_check,
    "report": run_report,
    "fold": run_evaluate,
    "resolve": run_evaluate,
    "package": run_package,
    "rules": run_rules,
    "explain": run_explain,
    "handlers": run_handlers,
    "mutate": run_mutate,
    **dict.fromkeys(deploy_args.NAMES, run_deployment),
}
