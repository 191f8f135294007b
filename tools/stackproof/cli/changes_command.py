"""The command `changes`: what an update does to both stacks, before it is done."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date

from stackproof.cli import revisions
from stackproof.cli.region_pairs import on_command_line, parameter
from stackproof.foundation.files import read_text
from stackproof.foundation.finding import CannotTell
from stackproof.gate import configuration, project
from stackproof.gate.gate import Inputs
from stackproof.gate.project import Former, Member
from stackproof.gate.versions import compare
from stackproof.report.updates import FORMATS


def run_changes(options: argparse.Namespace, show: Callable[[str], None], write: Callable[[str, str], None]) -> int:
    """Compare two versions of a template, and show what becomes of the stacks of each scenario.

    Source of the versions: two files; a file and a revision of git; or one file in two scenarios, `--before`.
    """
    configured = configuration.read(options.project)
    old, new = _files(options, project.own_template(configured))
    if options.parameter and not options.region:
        raise CannotTell("--parameter is given without --region", fix="give --region SOURCE,TARGET as well")
    stated = on_command_line(options.region, options.parameter)
    member = project.member(configured, new, "the command line" if stated else options.scenarios)
    member = member._replace(stated=stated)
    former = _former(options, old, member)
    names = (options.deployment,) if options.deployment else ()
    inputs = Inputs(
        new, options.rules, member.scenarios, options.project, date.today(), own=member.own, stated=stated,
        against=(former,),
    )  # fmt: skip
    outcome = compare(inputs, names)
    name = "coloured text" if options.format == "text" and options.coloured and not options.output else options.format
    text = FORMATS[name](outcome)
    if options.output:
        write(options.output, text)
    else:
        show(text)
    return outcome.exit


def _files(options: argparse.Namespace, own: str) -> tuple[str, str]:
    """Return the file before, "" where a revision of git or the same file is meant, and the file after."""
    files = [name for name in (options.old, options.new) if name]
    if options.against or options.before:
        if len(files) == 2:
            fix = "give two files, or one with --against REV or --before DEPLOYMENT"
            raise CannotTell("two files are given beside --against or --before", fix=fix)
        return "", files[0] if files else own
    if not files:
        fix = "give OLD and NEW, or --against REV, or --before DEPLOYMENT"
        raise CannotTell("it is not said what the template is compared with", fix=fix)
    return files[0], files[1] if len(files) == 2 else own


def _former(options: argparse.Namespace, old: str, member: Member) -> Former:
    found = Former(member.template, "", old)
    if options.against:
        found = revisions.former(member, options.against)
        if not found.text:
            fix = "name a revision that has it"
            raise CannotTell(f"{options.against} has no file {member.template}", fix=fix)
    else:
        found = found._replace(text=read_text(old or member.template), name=old or member.template)
    if options.before and not found.scenarios:
        text = member.stated or read_text(member.scenarios)
        found = found._replace(scenarios=text, scenarios_path=member.scenarios)
    if options.old_scenarios:
        text = read_text(options.old_scenarios)
        found = found._replace(scenarios=text, scenarios_path=options.old_scenarios)
    if options.old_parameter:
        if not options.region:
            raise CannotTell("--old-parameter is given without --region", fix="give --region SOURCE,TARGET as well")
        values = {**dict(map(parameter, options.parameter)), **dict(map(parameter, options.old_parameter))}
        pairs = [f"{name}={value}" for name, value in values.items()]
        found = found._replace(scenarios=on_command_line(options.region, pairs), scenarios_path="the command line")
    return found._replace(deployment=options.before or "")
