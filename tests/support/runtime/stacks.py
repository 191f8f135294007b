"""The two stacks of the template that tests deploy: the first deployment of the scenarios."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from stackproof.evaluation import scenario
from stackproof.evaluation.scenario import Pair
from stackproof.evaluation.stack import Stack, resolve
from stackproof.foundation.document import Document
from stackproof.template import loader

ROOT = Path(__file__).parents[3]
TEMPLATE = "lib/TapStack.json"


@cache
def pairs() -> tuple[Pair, ...]:
    return scenario.load(str(ROOT / "rules/scenarios.yaml"))


@cache
def document() -> Document:
    return loader.load(str(ROOT / TEMPLATE))


@cache
def source() -> Stack:
    return resolve(document(), pairs()[0].source)


@cache
def target() -> Stack:
    return resolve(document(), pairs()[0].target)
