"""Functions run on a runtime that is at least a year from its end, and that the tests run on.

After its end a runtime gets no security patches any more, and then functions on it cannot be created or updated. A
Python that the tests do not run on is one that the code was never tried on.
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
pack: house
setting: days: how many days a runtime has left at the least
setting: pythons: the runtimes of Python that the tests run on
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from stackproof.api import Deployment, Finding, properties_path
from stackproof.aws import runtimes

APPLIES_TO = ("AWS::Lambda::Function",)


class Settings(NamedTuple):
    days: int = 365
    pythons: tuple[str, ...] = runtimes.SUITE


def check(deployment: Deployment, settings: Settings) -> Iterator[Finding]:
    today = runtimes.today()
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Lambda::Function"):
            if properties.get("PackageType") == "Image":
                continue
            runtime = str(properties.get("Runtime", ""))
            path = properties_path(logical, "Runtime")
            end = runtimes.end(runtime)
            if end - today < timedelta(days=settings.days):
                yield stack.finding(
                    path,
                    f"{logical} runs on {runtime}, which ends on {end}, in less than {settings.days} days",
                    "take a newer one",
                )
            if runtime.startswith("python") and runtime not in settings.pythons:
                known = ", ".join(settings.pythons)
                yield stack.finding(
                    path, f"{logical} runs on {runtime}, but the tests run on {known}", "take one of these"
                )
