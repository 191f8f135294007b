"""The two stacks of the template that tests deploy: the first deployment of the scenarios."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from stackproof import scenario, template
from stackproof.document import Document
from stackproof.scenario import Pair
from stackproof.stack import Stack, resolve

ROOT = Path(__file__).parents[3]
TEMPLATE = "lib/TapStack.json"


@cache
def pairs() -> tuple[Pair, ...]:
    return scenario.load(str(ROOT / "rules/scenarios.yaml"))


@cache
def document() -> Document:
    return template.load(str(ROOT / TEMPLATE))


@cache
def source() -> Stack:
    return resolve(document(), pairs()[0].source)


@cache
def target() -> Stack:
    return resolve(document(), pairs()[0].target)
