"""The commands that deploy: what they were asked, done."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TextIO

from stackproof.cli import preflight_report
from stackproof.cli.redrive_command import redrive, since
from stackproof.cli.region_pairs import parameter
from stackproof.deploy import outputs
from stackproof.deploy.change_set import Body
from stackproof.deploy.client import Cloud, Failed
from stackproof.deploy.look import Look
from stackproof.deploy.preflight import exit_code, preflight
from stackproof.deploy.runner import Job, deploy, destroy, foretell
from stackproof.deploy.stack_events import where
from stackproof.deploy.stackset_runner import Runner
from stackproof.deploy.template_upload import Sender
from stackproof.evaluation import scenario
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Side
from stackproof.foundation.progress import Screen
from stackproof.gate import gate
from stackproof.plan.foreign_buckets import owners_part
from stackproof.plan.operations import Operation, Plan, capabilities, in_account, made
from stackproof.plan.shell_script import as_table, commands, stack_set_commands
from stackproof.plan.stackset import ADMINISTRATION, EXECUTION, StackSet, creating, deleting, switching_calls
from stackproof.plan.switching import switching
from stackproof.template.loader import load

Say = Callable[[str], None]


def asked(options: argparse.Namespace) -> tuple[Document, Pair]:
    """Read the template, and the pair that the options mean."""
    template = load(options.template)
    pairs = {pair.name: pair for pair in scenario.load(options.scenarios)}
    name = options.deployment or next(iter(pairs))
    if name not in pairs:
        raise CannotTell(f"{options.scenarios} has no deployment {name!r}", fix=f"name one of {', '.join(pairs)}")
    values = dict(map(parameter, options.parameter))
    for side in (member for member in pairs[name].sides if member.template):
        message = (
            f"the {side.side} of deployment {name} has a template of its own, and one template is deployed to both"
        )
        raise CannotTell(message, fix="deploy each side by itself; check covers both")
    for missing in (placeholder for placeholder in pairs[name].source.placeholders if placeholder not in values):
        fix = f"give --parameter {missing}=VALUE, or write the value there and take the name off placeholders"
        raise CannotTell(f"the value of {missing} in {options.scenarios} is a placeholder", fix=fix)
    sides = [
        replace(
            side,
            parameters={**side.parameters, **values},
            places={name: place for name, place in side.places.items() if name not in values},
            stack=options.stack or side.stack,
        )
        for side in pairs[name].sides
    ]
    return template, Pair(name, *sides)


def refuse_examples(plan: Plan) -> None:
    """Raise CannotTell where the scenario's file gives an example in the place of a value."""
    for operation in plan.operations:
        for name, value in operation.examples.items():
            message = (
                f"{name} of the deployment {operation.scenario.name!r} is an example, {value}; nothing was touched"
            )
            raise CannotTell(message, fix=f"give --parameter {name}=VALUE")


def stack_set(options: argparse.Namespace, plan: Plan) -> StackSet:
    """Return the StackSet that the options mean."""
    home = options.stack_set_region or plan.pair.source.region
    return StackSet(
        options.stack_set, home, options.administration_role or ADMINISTRATION, options.execution_role or EXECUTION
    )


def run_plan(options: argparse.Namespace, say: Say, _: TextIO) -> int:
    """Print the operations as a table and as commands."""
    template, pair = asked(options)
    plan = made(template, in_account(pair, options.account) if options.account else pair)
    operations = plan.deletions if options.delete else switched(options, template, plan) or plan.operations
    bucket = options.s3_bucket or ""
    say(as_table(operations))
    if options.stack_set:
        chosen = stack_set(options, plan)
        calls = deleting(plan, chosen) if options.delete else creating(plan, chosen, capabilities(template))
        calls = switching_calls(plan, chosen, operations) if options.switch else calls
        say(f"\n{stack_set_commands(template, chosen, calls, bucket)}")
    else:
        say(f"\n{commands(template, operations, bucket)}")
    if options.delete:
        say(f"\n{retained(plan)}")
    elif not options.switch and (asked_of_owners := owners_part(template, plan.pair)):
        say(f"\n{asked_of_owners}")
    return 0


def retained(plan: Plan) -> str:
    """Return what is left when both stacks are deleted."""
    lines = ["retained, to be deleted by hand when their data is not needed any more:"]
    for side in plan.pair.sides:
        lines += [f"  {side.region}  {logical}  {kind}" for logical, kind in plan.retained[side.side].items()]
    return "\n".join(lines)


def job(options: argparse.Namespace, stream: TextIO) -> Job:
    """Return what is to be done, in the account of the credentials."""
    template, pair = asked(options)
    made(template, pair)  # so that what is refused is refused before AWS is called
    cloud = Cloud()
    plan = made(template, in_account(pair, cloud.account()))
    return Job(template, plan, cloud, Screen(stream), lambda *_: Body())


def sender_of(options: argparse.Namespace, doing: Job) -> Sender:
    """Return what sends the template of a job."""
    regions = [stack.region for stack in (doing.plan.first, doing.plan.second)]
    return Sender(doing.cloud, doing.template, regions, doing.plan.first.account, options.s3_bucket or "")


def deployed(options: argparse.Namespace, doing: Job) -> dict[Side, str]:
    """Return the names of both stacks, or the ids of a StackSet's instances, "" where there is none."""
    if not options.stack_set:
        return {side.side: side.stack for side in doing.plan.pair.sides}
    runner = Runner(doing, stack_set(options, doing.plan))
    return {side.side: runner.instance(side) for side in doing.plan.pair.sides}


def looks(options: argparse.Namespace, doing: Job) -> Iterator[Look]:
    """Give the looks at the account that a job is for."""
    chosen = stack_set(options, doing.plan) if options.stack_set else None
    return preflight(doing, sender_of(options, doing), chosen, deployed(options, doing))


def run_preflight(options: argparse.Namespace, say: Say, stream: TextIO) -> int:
    """Look at the account in both regions, and change nothing."""
    seen = preflight_report.show(looks(options, job(options, stream)), say)
    say(preflight_report.counts(seen))
    return exit_code(seen)


def switched(options: argparse.Namespace, template: Document, plan: Plan) -> tuple[Operation, ...]:
    """Return the operations that switch the parameter which the options name, none if they name none."""
    return switching(template, plan.pair, *parameter(options.switch, "--switch")) if options.switch else ()


def run_switch(options: argparse.Namespace, say: Say, doing: Job) -> int:
    """Switch one parameter on both deployed stacks: no other change, and so neither gate nor preflight."""
    operations = switched(options, doing.template, doing.plan)
    if options.stack_set:
        if options.dry_run:
            raise CannotTell("a StackSet makes no change sets to show", fix="see stackproof plan --stack-set NAME")
        Runner(doing, stack_set(options, doing.plan)).switch(operations)
        return 0
    changed = deploy(replace(doing, plan=replace(doing.plan, operations=operations)), dry=options.dry_run)
    say("nothing was executed" if options.dry_run else f"{changed} of {len(operations)} stacks were switched")
    return 0


def run_deploy(options: argparse.Namespace, say: Say, stream: TextIO) -> int:
    """Deploy both stacks, if every rule passes."""
    doing = job(options, stream)
    if options.switch:
        return run_switch(options, say, doing)
    refuse_examples(doing.plan)
    if not options.no_gate:
        described = (options.template, options.rules, options.scenarios, options.project, date.today())
        inputs = gate.Inputs(*described, own=options.own)
        outcome = gate.check(inputs, lint=not options.no_lint)
        if outcome.exit:
            count = len(outcome.findings) + len(outcome.errors)
            message = f"the gate is not green: {count} findings and errors; nothing was touched"
            raise Failed(message, fix="see stackproof check, or give --no-gate")
    if options.stack_set and options.dry_run:
        raise CannotTell("a StackSet makes no change sets to show", fix="see stackproof plan --stack-set NAME")
    if not options.skip_preflight:
        preflight_report.refuse_unready(preflight_report.show(looks(options, doing), say, ready=False))
    sender = sender_of(options, doing)
    sender.check()
    doing = replace(doing, foretells=True, body=lambda operation, _: sender.body(operation.scenario.region))
    if options.stack_set:
        Runner(doing, stack_set(options, doing.plan)).deploy()
        return 0
    foretell(doing)
    changed = deploy(doing, dry=options.dry_run)
    say(
        "nothing was executed"
        if options.dry_run
        else f"{changed} of {len(doing.plan.operations)} operations changed anything"
    )
    return 0


def run_destroy(options: argparse.Namespace, say: Say, stream: TextIO) -> int:
    """Delete both stacks, once that is confirmed."""
    if not options.yes:
        template, pair = asked(options)
        plan = made(template, pair)
        say(f"{as_table(plan.deletions)}\n{retained(plan)}")
        raise CannotTell("nothing was deleted", fix="give --yes")
    doing = job(options, stream)
    if options.stack_set:
        Runner(doing, stack_set(options, doing.plan)).destroy()
    else:
        destroy(doing)
    say(retained(doing.plan))
    return 0


def run_redrive(options: argparse.Namespace, say: Say, stream: TextIO) -> int:
    """Put records that could not be stored back into their streams."""
    since(options)  # a wrong one is said before AWS is asked
    doing = job(options, stream)
    return redrive(options, doing, deployed(options, doing), say)


def run_outputs(options: argparse.Namespace, say: Say, stream: TextIO) -> int:
    """Write what both stacks tell to a file."""
    doing = job(options, stream)
    found = outputs.read(doing.cloud, doing.plan, deployed(options, doing))
    Path(options.output).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    say(f"{options.output}: {', '.join(where(side) for side in doing.plan.pair.sides)}")
    return 0


RUNS: Mapping[str, Callable[[argparse.Namespace, Say, TextIO], int]] = {
    "preflight": run_preflight,
    "plan": run_plan,
    "deploy": run_deploy,
    "destroy": run_destroy,
    "outputs": run_outputs,
    "redrive": run_redrive,
}
