"""The commands that deploy: what they were asked, done."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace

from stackproof import scenario
from stackproof.awscli import as_table, commands, stack_set_commands
from stackproof.document import Document
from stackproof.finding import CannotTell
from stackproof.plan import Plan, capabilities, in_account, made
from stackproof.scenario import Pair
from stackproof.stackset import ADMINISTRATION, EXECUTION, StackSet, creating, deleting
from stackproof.template import load

Say = Callable[[str], None]


def asked(options: argparse.Namespace) -> tuple[Document, Pair]:
    """Read the template, and the pair that the options mean."""
    template = load(options.template)
    pairs = {pair.name: pair for pair in scenario.load(options.scenarios)}
    name = options.deployment or next(iter(pairs))
    if name not in pairs:
        raise CannotTell(f"{options.scenarios} has no deployment {name!r}", fix=f"name one of {', '.join(pairs)}")
    given = dict(map(_parameter, options.parameter))
    sides = [
        replace(one, parameters={**one.parameters, **given}, stack=options.stack or one.stack)
        for one in pairs[name].sides
    ]
    return template, Pair(name, *sides)


def _parameter(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals:
        raise CannotTell(f"--parameter {pair!r} has no value", fix="write --parameter KEY=VALUE")
    return name, value


def stack_set(options: argparse.Namespace, plan: Plan) -> StackSet:
    """Return the StackSet that the options mean."""
    home = options.stack_set_region or plan.pair.source.region
    return StackSet(
        options.stack_set, home, options.administration_role or ADMINISTRATION, options.execution_role or EXECUTION
    )


def run_plan(options: argparse.Namespace, say: Say) -> int:
    """Print the operations as a table and as commands."""
    template, pair = asked(options)
    plan = made(template, in_account(pair, options.account) if options.account else pair)
    operations = plan.deletions if options.delete else plan.operations
    say(as_table(operations))
    if options.stack_set:
        chosen = stack_set(options, plan)
        calls = deleting(plan, chosen) if options.delete else creating(plan, chosen, capabilities(template))
        say(f"\n{stack_set_commands(template, chosen, calls)}")
    else:
        say(f"\n{commands(template, operations)}")
    if options.delete:
        say(f"\n{retained(plan)}")
    return 0


RUNS: Mapping[str, Callable[[argparse.Namespace, Say], int]] = {"plan": run_plan}


def retained(plan: Plan) -> str:
    """Return what is left when both stacks are deleted."""
    lines = ["retained, to be deleted by hand when their data is not needed any more:"]
    for one in plan.pair.sides:
        lines += [f"  {one.region}  {logical}  {kind}" for logical, kind in plan.retained[one.side].items()]
    return "\n".join(lines)
