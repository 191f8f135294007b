"""Every logical id says in words what the resource is and what it is for, and pairs are numbered from 1.

Logical ids are what events, findings and references show; a change of one replaces the resource. An id begins with a
capital, has a word of its type, and one that ends in a number has all numbers below beside it.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
pack: house
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from stackproof.api import Deployment, Document, Finding

APPLIES_TO = ("Resources",)
ALSO = {"AWS::StepFunctions::StateMachine": {"workflow"}}
"""Words that AWS has for a type beside its name. Source: Step Functions Developer Guide, "What is Step Functions?"."""
WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


def check(deployment: Deployment) -> Iterator[Finding]:
    for logical, message, fix in faults(deployment.source.template):
        yield deployment.finding(deployment.source, ("Resources", logical), message, fix)


@lru_cache(maxsize=1)
def faults(template: Document) -> tuple[tuple[str, str, str], ...]:
    """Return id, message and fix of each id that says too little."""
    ids = template.value["Resources"]
    found = []
    for logical, resource in ids.items():
        kind = resource["Type"]
        if not logical[:1].isupper():
            found.append((logical, f"{logical} begins with a small letter", "begin it with a capital"))
        if not kind.startswith("Custom::") and not words(logical) & (
            words(kind.rpartition("::")[2]) | ALSO.get(kind, set())
        ):
            found.append((logical, f"{logical} does not say that it is an {kind}", "let it end in a word of its type"))
        number = re.fullmatch(r"(.*\D)(\d+)", logical)
        below = f"{number[1]}{int(number[2]) - 1}" if number and int(number[2]) > 1 else ""
        if below and below not in ids:
            found.append((logical, f"there is {logical}, but no {below}", "number from 1, without gaps"))
    return tuple(found)


def words(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(text)}
