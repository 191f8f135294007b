"""The command line: reads arguments, prints, and turns an outcome into an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path
from time import perf_counter

from stackproof.cli import deploy_arguments, permissions_arguments
from stackproof.cli.arguments import parser
from stackproof.cli.check import Request, answers
from stackproof.cli.region_pairs import on_command_line
from stackproof.cli.rule_folders import folders
from stackproof.foundation.finding import CannotTell, Stopped
from stackproof.gate import configuration
from stackproof.gate.configuration import Configuration
from stackproof.gate.project import Former, further_templates, member, own_template
from stackproof.report.formats import BASELINE, TEXT_FORMS, Destinations, destinations, of_each

CANNOT_TELL = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. No traceback reaches the user: it goes to a file that is named."""
    try:
        top = parser(deploy_arguments.add, permissions_arguments.add)
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
    if options.run == "completion":
        from stackproof.cli.completion import script

        show(script(top, options.shell))
        return 0
    project = configuration.read(configuration.file())
    if options.run == "check":
        return watched(options) if options.watch else run_check(options, project)
    fill(options, project)
    from stackproof.cli.commands import RUNS, Out

    return RUNS[options.run](options, Out(show, warn, write, sys.stderr, colours()))


def fill(options: argparse.Namespace, project: Configuration) -> None:
    """Put what the project has configured where an option is not given."""
    known = vars(options)
    if options.run == "lsp":  # what is configured is read anew at each check
        options.named_rules = options.rules
        return
    if "rules" in known:
        options.rules = folders(project, options.rules)
    if "template" in known and options.template is None and options.run not in ("fold", "resolve"):
        options.template = own_template(project)
    if "scenarios" in known and "template" in known:  # a further template of the project brings its own
        of = member(project, options.template or own_template(project), options.scenarios)
        options.scenarios, options.own = of.scenarios, of.own
    if "templates" in known:
        from stackproof.cli.permissions_command import members_of

        members_of(options, lambda template: member(project, template, known["scenarios"]), own_template(project))
    options.project = project.path


def run_check(options: argparse.Namespace, project: Configuration) -> int:
    if options.cdk:
        from stackproof.cli import cdk_assembly

        if options.template or options.region or options.scenarios:
            raise CannotTell("--cdk stands beside templates, --region or --scenarios", fix="give --cdk alone")
        template, options.assembly = cdk_assembly.scenarios(options.cdk)
        options.template = [template]
    where, requests = requests_of(options, project)
    worst = 0
    with redirect_stdout(sys.stderr):  # what a rule prints is no part of a report
        answered = [*answers(requests)]
    for destination, asked, answer in zip(where, requests, answered, strict=True):
        if answer.note:
            warn(answer.note)
        for path, name in destination.files.items():
            write(path, answer.reports[name if name != "text" else text_form(options, on_screen=False)])
        if options.write_baseline:
            path = baseline_path(options, project)
            write(path, answer.reports[BASELINE])
            show(f"{path}: written; {asked.template} has these findings and no others")
            worst = max(worst, answer.exit if answer.exit == CANNOT_TELL else 0)
            continue
        if destination.printed:
            show(answer.reports[shown(options)])
        worst = max(worst, answer.exit)
    return worst


def requests_of(options: argparse.Namespace, project: Configuration) -> tuple[list[Destinations], list[Request]]:
    """Return what is asked of each template, and where its reports go."""
    named = options.template or [own_template(project)]
    where = of_each(named, destinations(options.format, options.output))
    return where, [request(options, project, template, to) for template, to in zip(named, where, strict=True)]


def watched(options: argparse.Namespace) -> int:
    """Check again after each change until interrupted; return the last exit code."""
    from stackproof.cli.watch import watch

    if options.cdk or options.write_baseline:
        raise CannotTell("--watch stands beside --cdk or --write-baseline", fix="leave one of them out")
    last = CANNOT_TELL

    def requests() -> list[Request]:
        try:
            return requests_of(options, configuration.read(configuration.file()))[1]
        except CannotTell:  # the check says so; the file that is wrong is looked at again
            return requests_of(options, Configuration(configuration.file()))[1]

    def check(_asked: Sequence[Request]) -> None:
        nonlocal last
        began = perf_counter()
        try:
            last = run_check(options, configuration.read(configuration.file()))
        except CannotTell as error:
            warn(str(error))
            last = CANNOT_TELL
        warn(f"checked in {perf_counter() - began:.1f} s; waiting for a change, Ctrl-C ends")

    try:
        watch(requests, check)
    except KeyboardInterrupt:
        return last


def request(options: argparse.Namespace, project: Configuration, template: str, to: Destinations) -> Request:
    """Return the request that the options make of one template."""
    stated = options.assembly if options.cdk else on_command_line(options.region, options.parameter)
    of = member(project, template, "the command line" if stated else options.scenarios)
    wanted = {*to.files.values(), *([shown(options)] if to.printed else [])}
    if "text" in wanted:
        wanted.add(text_form(options, on_screen=False))
    further = () if options.template else further_templates(project)
    former: tuple[Former, ...] = ()
    if options.against:
        from stackproof.cli import revisions

        former = tuple(revisions.former(entry, options.against) for entry in (of._replace(stated=stated), *further))
    return Request(
        template,
        folders(project, options.rules),
        of.scenarios,
        project.path,
        date.today(),
        not options.no_lint,
        tuple(sorted({*wanted, BASELINE} if options.write_baseline else wanted)),
        not options.no_cache and not options.cdk,  # it depends on templates that its manifest names
        own=of.own,
        further=further,
        guard=not options.no_guard,
        combinations=options.combinations,
        select=split(options.select),
        ignore=split(options.ignore),
        least=options.severity,
        fail_on=options.fail_on,
        baseline="" if options.write_baseline else baseline_path(options, project) or None,
        stated=stated,
        against=former,
    )


def baseline_path(options: argparse.Namespace, project: Configuration) -> str:
    """Return the file of known findings, "" for none; raise CannotTell where one is to be written and none is named."""
    path = str(options.baseline or project.value.get("baseline", ""))
    if options.write_baseline and not path:
        raise CannotTell("--write-baseline does not say where to", fix="give --baseline FILE as well")
    return path


def split(texts: list[str] | None) -> tuple[str, ...] | None:
    """Return names that are given with commas, or several times."""
    if texts is None:
        return None
    return tuple(name.strip() for text in texts for name in text.split(",") if name.strip())


def shown(options: argparse.Namespace) -> str:
    """Return the format that is printed."""
    return text_form(options, on_screen=True) if options.format == "text" else str(options.format)


def text_form(options: argparse.Namespace, *, on_screen: bool) -> str:
    return TEXT_FORMS[options.verbose, on_screen and colours()]


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
