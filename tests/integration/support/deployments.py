"""Both stacks deployed to the emulator, by the operations and the code that deploy them to AWS."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
from completing import Completed, Completer, ids
from deployed import Stack, Stacks
from emulator import Reducer

from stackproof.deploy import outputs
from stackproof.deploy.client import Cloud
from stackproof.deploy.runner import Job
from stackproof.evaluation import scenario
from stackproof.evaluation.stack import resolve
from stackproof.foundation.document import Document
from stackproof.foundation.finding import Side
from stackproof.foundation.placeholders import token
from stackproof.foundation.progress import Screen
from stackproof.plan import operations
from stackproof.plan.operations import Operation
from stackproof.template import loader

ROOT = Path(__file__).parents[3]
TEMPLATE = loader.load(str(ROOT / "lib/TapStack.json"))


@dataclass(frozen=True)
class Deployment:
    """One deployment to one account of the emulator."""

    session: Any
    reducer: Reducer
    job: Job

    @property
    def screen(self) -> str:
        stream = self.job.screen.stream
        assert isinstance(stream, io.StringIO)
        return stream.getvalue()

    def lost(self) -> list[str]:
        """Say by name what the emulator did not take."""
        lines = []
        for side, lost in self.reducer.lost.items():
            lines += [f"{side}: refused: {logical} ({what})" for logical, what in lost.refused.items()]
            lines += [f"{side}: left out with it: {logical} ({kind})" for logical, kind in lost.dependent.items()]
            lines += [f"{side}: the output {name} tells a made-up id" for name in lost.stand_ins]
        return lines

    def read(self) -> tuple[Stacks, Completed]:
        """Return both stacks as their outputs describe them, completed, and what was put in for that."""
        stacks = {member.side: member.stack for member in self.job.plan.pair.sides}
        read = outputs.read(self.job.cloud, self.job.plan, stacks)
        sides: dict[Side, Stack] = {
            side: Stack(side, read[side]["region"], read[side]["stack"], read[side]["outputs"], self.session)
            for side in stacks
        }
        last = {operation.scenario.side: operation for operation in self.job.plan.operations}
        made = Completed()
        for side in reversed(last):  # the first stack is told what the second has
            sides[side], more = self._completed(sides[side], last[side], sides[last[side].other.side])
            for kept, new in ((made.done, more.done), (made.there_already, more.there_already)):
                kept.extend(new)
            made.failed.extend(more.failed)
        return Stacks(sides["source"], sides["target"], emulated=True), made

    def _completed(self, stack: Stack, last: Operation, other: Stack) -> tuple[Stack, Completed]:
        """Complete a stack; `last` is the operation that it was last deployed by."""
        learned = {name: other.outputs[output] for name, output in last.learned.items()}
        values = {**last.values, **learned}
        resolved = resolve(self.job.template, replace(last.scenario, parameters=values))
        lost = self.reducer.lost[last.scenario.side]
        missing = {
            key: resolved.resources[key]["Type"]
            for key in (*lost.refused, *lost.dependent)
            if key in resolved.resources
        }
        ids_beforehand = {
            token(key, stack.region): value for key, value in self.reducer.made_before.get(stack.side, {}).items()
        }
        left = {key: kind for key, kind in missing.items() if token(key, stack.region) not in ids_beforehand}
        done = Completer(stack, resolved, left, lost.stand_ins, {**ids(stack), **ids_beforehand}).complete()
        return replace(stack, outputs={**stack.outputs, **done.outputs}), done


def deployment(account: str, document: Document = TEMPLATE, **parameters: str) -> Deployment:
    """Return what deploys a template to an account of the emulator: its access keys are account ids.

    The stacks get two names: the emulator makes names up from the stack's, and roles are of all regions.
    """
    session = boto3.session.Session(account, "emulated", region_name="us-east-1")
    cloud = Cloud(pause=0.1)
    pair = operations.in_account(scenario.load(str(ROOT / "rules/scenarios.yaml"))[0], account)
    for side in pair.sides:
        for service in ("cloudformation", "kinesis", "s3"):
            cloud.clients[service, side.region] = session.client(service, region_name=side.region)
        own = replace(side, stack=f"{side.stack}-{side.side}", parameters={**side.parameters, **parameters})
        pair = replace(pair, source=own) if side.side == "source" else replace(pair, target=own)
    cloud.clients["s3", None] = session.client("s3")
    planned = operations.made(document, pair)
    reducer = Reducer(cloud, document, planned)
    return Deployment(session, reducer, Job(document, planned, cloud, Screen(io.StringIO()), reducer.body))
