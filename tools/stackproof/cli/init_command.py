"""The command `init`: asks what it has to, and writes scenarios and configuration for a template."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from stackproof.aws.regions import partition_of
from stackproof.cli.region_pairs import parameter
from stackproof.evaluation.acceptance import accepts
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.gate import configuration, starter
from stackproof.template.loader import load
from stackproof.template.parameters import declarations

Ask = Callable[[str], str]


def run_init(options: argparse.Namespace, show: Callable[[str], None], write: Callable[[str, str], None]) -> int:
    """Write both files; raise CannotTell, and write neither, where one is there already."""
    template = load(options.template)
    for path in (options.scenarios, configuration.OWN):
        if Path(path).exists() and not options.force:
            raise CannotTell(f"{path} is there already", fix="give --force to write it anew")
    ask = question()
    regions = asked_regions(template, options, ask)
    values = dict(map(parameter, options.parameter))
    for name in values.keys() - declarations(template).keys():
        raise CannotTell(f"{options.template} has no parameter {name}", fix="give one that it declares")
    if ask:
        values |= asked_values(template, values, ask)
    found = starter.start(template, regions, values)
    write(options.scenarios, starter.as_yaml(options.template, found))
    write(configuration.OWN, starter.as_toml(options.template, options.scenarios))
    show(f"{options.scenarios}: {', '.join(pair.name for pair in found.pairs)}: {regions[0]} to {regions[1]}")
    for note in found.notes:
        show(f"note: {note}")
    if found.placeholders:
        show(f"note: {', '.join(found.placeholders)}: placeholders, marked {starter.MARK} in {options.scenarios}")
    show(f"{configuration.OWN}: written; next: stackproof check")
    return 0


def question() -> Ask | None:
    """Return what asks whoever sits at the terminal, None where nobody does."""
    return input if sys.stdin.isatty() and sys.stdout.isatty() else None


def asked_regions(template: Document, options: argparse.Namespace, ask: Ask | None) -> tuple[str, str]:
    """Return the regions that are given, that the template names, or that are answered."""
    named = [region for region in starter.regions_named(template) if region not in (options.source, options.target)]
    found = []
    for side, region in (("source", options.source), ("target", options.target)):
        proposed = region or (named.pop(0) if named else "")
        if not region and ask:
            proposed = ask(f"{side} region{f' [{proposed}]' if proposed else ''}: ").strip() or proposed
        if not proposed:
            raise CannotTell(f"no {side} region is given, and the template names none", fix=f"give --{side} REGION")
        partition_of(proposed)
        found.append(proposed)
    if found[0] == found[1]:
        raise CannotTell(f"both regions are {found[0]}", fix="give two regions: --source REGION --target REGION")
    return found[0], found[1]


def asked_values(template: Document, values: dict[str, str], ask: Ask) -> dict[str, str]:
    """Return what is answered for parameters without default; no answer leaves a placeholder."""
    answers = {}
    for name in starter.wanted(template, values):
        declaration = declarations(template)[name]
        about = f"{declaration.type}; empty for a placeholder"
        while answer := ask(f"{name} ({about}): ").strip():
            if accepts(declaration, answer):
                answers[name] = answer
                break
            about = f"{declaration.type}; {answer!r} is not accepted; empty for a placeholder"
    return answers
