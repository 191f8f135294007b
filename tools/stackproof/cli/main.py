"""The command line: reads arguments, prints, and turns an outcome into an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path

from stackproof.cli import deploy_arguments
from stackproof.cli.arguments import SCENARIOS, TEMPLATE, parser
from stackproof.cli.check import Request, answers
from stackproof.foundation.finding import CannotTell, Stopped
from stackproof.gate.project import further_templates, member
from stackproof.report.formats import COLOURED, destinations, of_each

CANNOT_TELL = 2
PROJECT = "pyproject.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. No traceback reaches the user: it goes to a file that is named."""
    try:
        top = parser(deploy_arguments.add)
        options = top.parse_args(arguments)
        return run(options, top)
    except Stopped as error:
        warn(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        warn("interrupted")
    except OSError as error:
        warn(f"cannot read or write {error.filename or 'the output'}: {error.strerror}; fix: see to it and run again")
    except Exception as error:
        import tempfile
        import traceback

        with tempfile.NamedTemporaryFile("w", prefix="stackproof-", suffix=".log", delete=False) as log:
            traceback.print_exc(file=log)
        shown = f"{type(error).__name__}: {' '.join(str(error).split())}"
        warn(f"internal error: {shown}; fix: report it with {log.name}")
    return CANNOT_TELL


def run(options: argparse.Namespace, top: argparse.ArgumentParser) -> int:
    """Run what was asked for; only what it needs is imported."""
    if options.run == "check":
        return run_check(options)
    if options.run == "completion":
        from stackproof.cli.completion import script

        show(script(top, options.shell))
        return 0
    from stackproof.cli.commands import RUNS, Out

    return RUNS[options.run](options, Out(show, warn, write, sys.stderr))


def run_check(options: argparse.Namespace) -> int:
    named = options.template or [TEMPLATE]
    where = of_each(named, destinations(options.format, options.output))
    further = () if options.template else further_templates(PROJECT)
    shown = COLOURED if options.format == "text" and colours() else options.format
    requests = []
    for template, one in zip(named, where, strict=True):
        wanted = {*one.files.values(), *([shown] if one.printed else [])}
        of = member(PROJECT, template, options.scenarios, SCENARIOS)
        given = (template, options.rules, of.scenarios, PROJECT, date.today(), not options.no_lint)
        requests.append(
            Request(
                *given,
                tuple(sorted(wanted)),
                not options.no_cache,
                of.every_rule,
                further,
                not options.no_guard,
                options.combinations,
            )
        )
    worst = 0
    with redirect_stdout(sys.stderr):  # what a rule prints is no part of a report
        answered = [*answers(requests)]
    for one, answer in zip(where, answered, strict=True):
        if answer.note:
            warn(answer.note)
        for path, name in one.files.items():
            write(path, answer.reports[name])
        if one.printed:
            show(answer.reports[shown])
        worst = max(worst, answer.exit)
    return worst


def colours() -> bool:
    """Tell whether colours are wanted: on a terminal that has them, unless told not to. Source: https://no-color.org"""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def warn(text: str) -> None:
    print(f"stackproof: {text}".encode("utf-8", "backslashreplace").decode(), file=sys.stderr)


def show(text: str) -> None:
    """Print text that may hold what the terminal's encoding cannot."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def write(path: str, text: str) -> None:
    """Write a file whole or not at all."""
    goal = Path(path)
    if goal.is_dir():
        raise CannotTell(f"cannot write {path}: it is a folder", fix="give a file")
    draft = goal.with_name(f".{goal.name}.{os.getpid()}")
    try:
        draft.write_text(f"{text}\n", encoding="utf-8", errors="backslashreplace")
        draft.replace(goal)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CannotTell(f"cannot write {path}: {error.strerror}", fix="give a file that can be written") from error
