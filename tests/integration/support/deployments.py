"""Both stacks deployed to the emulator, by the operations and the code that deploy them to AWS."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
from completing import complete
from deployed import Stack, Stacks
from emulator import Reducer

from stackproof.deploy import outputs
from stackproof.deploy.client import Cloud
from stackproof.deploy.runner import Job
from stackproof.evaluation import scenario
from stackproof.foundation.document import Document
from stackproof.foundation.progress import Screen
from stackproof.plan import operations
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

    def told(self) -> tuple[Stacks, list[str]]:
        """Return what both stacks tell, completed, and what that took."""
        stacks = {one.side: one.stack for one in self.job.plan.pair.sides}
        read = outputs.read(self.job.cloud, self.job.plan, stacks)
        source, target = (
            Stack(side, read[side]["region"], read[side]["stack"], read[side]["outputs"], self.session)
            for side in ("source", "target")
        )
        made = Stacks(source, target, emulated=True)
        return made, complete(made, self.job.template, self.job.plan)


def deployment(account: str, document: Document = TEMPLATE, **parameters: str) -> Deployment:
    """Return what deploys a template to an account of the emulator: its access keys are account ids.

    The stacks get two names: the emulator makes names up from the stack's, and roles are of all regions.
    """
    session = boto3.session.Session(account, "emulated", region_name="us-east-1")
    cloud = Cloud(pause=0.1)
    pair = operations.in_account(scenario.load(str(ROOT / "rules/scenarios.yaml"))[0], account)
    for one in pair.sides:
        for service in ("cloudformation", "s3"):
            cloud.clients[service, one.region] = session.client(service, region_name=one.region)
        own = replace(one, stack=f"{one.stack}-{one.side}", parameters={**one.parameters, **parameters})
        pair = replace(pair, source=own) if one.side == "source" else replace(pair, target=own)
    cloud.clients["s3", None] = session.client("s3")
    planned = operations.made(document, pair)
    reducer = Reducer(cloud, document, planned)
    return Deployment(session, reducer, Job(document, planned, cloud, Screen(io.StringIO()), reducer.body))
