"""The commands: what each was asked, done."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple, TextIO

from stackproof.cli import deploy_arguments
from stackproof.cli.rule_folders import folders
from stackproof.code import modules
from stackproof.evaluation import parameter_files, scenario, stack
from stackproof.foundation.finding import CannotTell
from stackproof.gate import configuration
from stackproof.gate.gate import Inputs, check
from stackproof.gate.project import Former, Member, further_templates, member, own_template
from stackproof.report.text import counts
from stackproof.rules import catalogue, rule_files
from stackproof.template import loader
from stackproof.template.body import INLINE_LIMIT, minified

BROKEN = 1


class Out(NamedTuple):
    """Where a command's words go: what it shows, what it warns of, files by path and text, a screen for progress.

    `coloured` tells whether what it shows may have colours.
    """

    show: Callable[[str], None]
    warn: Callable[[str], None]
    write: Callable[[str, str], None]
    screen: TextIO
    coloured: bool = False


def run_report(options: argparse.Namespace, out: Out) -> int:
    from stackproof.page import claims
    from stackproof.page.html import page

    today = date.today()
    outcome = check(
        Inputs(
            options.template,
            options.rules,
            options.scenarios,
            options.project,
            today,
            guard=not options.no_guard,
            against=against(options, options.template, options.scenarios),
        ),
        lint=not options.no_lint,
    )
    claimed = Path(claims.FILE)
    text = claimed.read_text(encoding="utf-8") if claimed.is_file() else ""
    out.write(options.html, page(outcome, today, text))
    for error in outcome.errors:
        out.warn(str(error))
    out.show(f"{options.html}: {counts(outcome)}")
    return outcome.exit


def against(options: argparse.Namespace, template: str, scenarios: str) -> tuple[Former, ...]:
    """Return what the template was at the revision that the options name, nothing if they name none."""
    if not options.against:
        return ()
    from stackproof.cli import revisions

    return (revisions.former(Member(template, scenarios), options.against),)


def run_evaluate(options: argparse.Namespace, out: Out) -> int:
    # `--parameter A=1 T`, and `--parameter A=1 B=2`: what is no pair, behind pairs, is the template.
    loose = [text for text in options.parameter if "=" not in text]
    if options.template is None and len(loose) == 1:
        options.template = loose[0]
        options.parameter.remove(loose[0])
    if options.template is None:
        raise CannotTell("no template is given", fix=f"write stackproof {options.run} TEMPLATE --region R")
    values: dict[str, str] = {}
    for pair in options.parameter:
        name, equals, value = pair.partition("=")
        if not equals:
            raise CannotTell(f"--parameter {pair!r} has no value", fix="write --parameter KEY=VALUE")
        if name in values:
            raise CannotTell(f"--parameter {name} is given twice", fix="give it once")
        values[name] = value
    for file in reversed(options.parameters):  # the last file's value counts, and one on the command line more
        read = parameter_files.read(file, options.region)
        values = {**{name: value for name, (value, _) in read.items()}, **values}
    side = scenario.command_line(options.region, options.account, options.stack_name, values)
    work = {"fold": stack.fold, "resolve": stack.resolve}[options.run]
    out.show(json.dumps(work(loader.load(options.template), side).value, indent=2))
    return 0


def run_package(options: argparse.Namespace, out: Out) -> int:
    body = minified(loader.load(options.template))
    size = len(body.encode())
    if size > INLINE_LIMIT:
        out.warn(f"{size} bytes, {size - INLINE_LIMIT} more than may be sent inline: upload it")
    out.show(body)
    return 0


def run_rules(options: argparse.Namespace, out: Out) -> int:
    found = rule_files.discover(*options.rules)
    readme = Path(options.rules[0], "README.md")
    if options.write:
        out.write(str(readme), catalogue.table(found).rstrip("\n"))
    elif options.check:
        if not readme.is_file() or readme.read_text(encoding="utf-8") != catalogue.table(found):
            out.warn(f"{readme} is stale; fix: stackproof rules --write")
            return BROKEN
    else:
        out.show(catalogue.listed(found))
    return 0


def run_explain(options: argparse.Namespace, out: Out) -> int:
    out.show(catalogue.explained(rule_files.discover(*options.rules), options.rule))
    return 0


def run_mutate(options: argparse.Namespace, out: Out) -> int:
    # Here, so that no other command waits for what they load.
    from stackproof.foundation.progress import Screen
    from stackproof.gate import mutation

    part = mutation.part_of(options.part)
    gate = mutation.load(options.template, options.rules, options.scenarios, options.project, lint=not options.no_lint)
    earlier = Path(options.earlier) if options.earlier else None
    running = mutation.run(gate, Path(options.state), options.workers, part, earlier=earlier)
    trials = mutation.collect(gate, running, Screen(out.screen))
    out.show(mutation.summary(trials))
    return BROKEN if mutation.share(trials) < options.least else 0


def run_cases(options: argparse.Namespace, out: Out) -> int:
    # Here, so that no other command waits for what it loads.
    from stackproof.rules.cases import run_case

    found = {rule.name: rule for rule in rule_files.discover(*options.rules)}
    former = rule_files.former_names([*found.values()])
    names = [Path(path).name.partition(".")[0] for path in options.rule] or list(found)
    for old in [name for name in names if name in former]:
        out.warn(f"rule {old} is now named {former[old]}")
    names = [former.get(name, name) for name in names]
    unknown = [name for name in names if name not in found]
    if unknown:
        message = f"there is no rule {unknown[0]!r} in {', '.join(options.rules)}"
        raise CannotTell(message, fix="name a rule, or a file of one")
    read, pairs = loader.load(options.template), scenario.load(options.scenarios)
    wrong = tried = 0
    for rule in [found[name] for name in dict.fromkeys(names)]:
        for case in rule_files.cases(rule):
            message = run_case(read, pairs, rule, case)
            tried, wrong = tried + 1, wrong + bool(message)
            if message:
                out.show(f"{case.place}: {rule.name}: {case.name}: {message}")
    out.show(f"{tried} cases of {len(set(names))} rules, {wrong} not as expected")
    return BROKEN if wrong else 0


def run_handlers(options: argparse.Namespace, out: Out) -> int:
    functions = modules.collect(loader.load(options.template), scenario.load(options.scenarios))
    for code in map(modules.source, functions):
        path = Path(options.folder, code.name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotTell(f"cannot make {path.parent}: {error.strerror}", fix="give another folder") from error
        out.write(str(path), code.text)
        first = code.first.line if code.aligned else 1
        out.show(f"{path}:{first}: {code.lines} lines, from {code.first.path}:{code.first.line}")
    return 0


def run_deployment(options: argparse.Namespace, out: Out) -> int:
    # Here, so that no other command waits for what they load.
    from stackproof.cli import deploy_commands
    from stackproof.deploy.client import Failed

    try:
        return deploy_commands.RUNS[options.run](options, out.show, out.screen)
    except Failed as error:
        out.warn(str(error))
        return BROKEN


def run_schema(options: argparse.Namespace, out: Out) -> int:
    out.show((configuration.SCHEMA.parent / f"{options.of}.schema.json").read_text(encoding="utf-8").rstrip("\n"))
    return 0


def run_init(options: argparse.Namespace, out: Out) -> int:
    # Here, so that no other command waits for what it loads.
    from stackproof.cli import init_command

    return init_command.run_init(options, out.show, out.write)


def run_changes(options: argparse.Namespace, out: Out) -> int:
    # Here, so that no other command waits for what it loads.
    from stackproof.cli import changes_command

    options.coloured = out.coloured
    return changes_command.run_changes(options, out.show, out.write)


def run_lsp(options: argparse.Namespace, _out: Out) -> int:
    try:
        from stackproof.lsp.server import server
    except ImportError as error:
        message = f"the language server needs {error.name or 'pygls'}, which is not installed"
        raise CannotTell(message, fix="install the extra lsp, as by pip install '.[lsp]' in a checkout") from None

    def inputs() -> Inputs:
        project = configuration.read(configuration.file())
        template = options.template or own_template(project)
        of = member(project, template, options.scenarios)
        paths = (template, folders(project, options.named_rules), of.scenarios, project.path, date.today())
        further = () if options.template else further_templates(project)
        return Inputs(*paths, own=of.own, further=further, guard=not options.no_guard)

    server(inputs).start_io()
    return 0


def run_permissions(options: argparse.Namespace, out: Out) -> int:
    # Here, so that no other command waits for what it loads.
    from stackproof.cli import permissions_command

    return permissions_command.run_permissions(options, out.show, out.warn)


RUNS: Mapping[str, Callable[[argparse.Namespace, Out], int]] = {
    "init": run_init,
    "changes": run_changes,
    "schema": run_schema,
    "report": run_report,
    "fold": run_evaluate,
    "resolve": run_evaluate,
    "package": run_package,
    "rules": run_rules,
    "explain": run_explain,
    "cases": run_cases,
    "handlers": run_handlers,
    "mutate": run_mutate,
    "lsp": run_lsp,
    "permissions": run_permissions,
    **dict.fromkeys(deploy_arguments.NAMES, run_deployment),
}
