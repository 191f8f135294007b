"""Names that must differ do so for every value that the parameters accept: within a stack, and between the regions.

Two queues named for two parameters are one queue when both parameters say the same. Where the values of a scenario
differ, this rule decides for all of them, and gives the values with which two names meet. The two stacks of a
deployment get the same parameters, but for those of which the scenario gives each its own.
A template that constrains none of its parameters leaves all names to whoever deploys it, and is not judged.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stackproof.api import (
    CannotTell,
    Deployment,
    Finding,
    Findings,
    Stack,
    acceptance,
    declarations,
    properties_path,
    resolve,
)
from stackproof.proof import Undecided
from stackproof.proof.accepted import constrains
from stackproof.proof.distinct import Apart, Meeting, Name, doubtful, meeting

APPLIES_TO = ("Resources",)


class Named(NamedTuple):
    """A resource with a name of its own, in a stack."""

    stack: Stack
    name: Name


def check(deployment: Deployment) -> Findings:
    source, target = deployment.stacks
    template = source.template
    if not constrains(template):
        return
    for two in doubtful(template, source.scenario.partition):
        for first, second in ((source, target),) if two.across else ((source, source), (target, target)):
            if two.first.logical in first.resources and two.second.logical in second.resources:
                yield from apart(Named(first, two.first), Named(second, two.second))


def apart(first: Named, second: Named) -> Findings:
    """Find that two names can be one."""
    sides = first.stack.scenario, second.stack.scenario
    regions = None if first.stack is second.stack else (sides[0].region, sides[1].region)
    if text(first) is None or text(second) is None or text(first) == text(second):
        return  # AWS names such a one itself; names_apart says of equal ones
    template = first.stack.template
    differing = tuple(given_apart(first.stack, second.stack))
    try:
        found = meeting(template, sides[0].partition, first.name, second.name, regions, differing)
        if found is not None:
            yield met(first, second, found)
    except Undecided as error:
        message = f"it is undecided whether {first.name.logical} and {second.name.logical} are always named apart"
        where = first.stack.place(properties_path(*first.name))
        yield CannotTell(f"{message}: {error.reason}", where, "give them names that begin otherwise")


def text(named: Named) -> str | None:
    found = named.stack.resources[named.name.logical].get("Properties", {}).get(named.name.key)
    return None if found is None else str(found)


def given_apart(first: Stack, second: Stack) -> Iterator[Apart]:
    """Give the parameters of which two stacks have values of their own."""
    mine, its = (stack.scenario.parameters for stack in (first, second))
    for name, declared in declarations(first.template).items():
        values = [parameters.get(name, declared.default) for parameters in (mine, its)]
        if not declared.stored and None not in values and values[0] != values[1]:
            yield Apart(name, str(values[0]), str(values[1]))


def met(first: Named, second: Named, found: Meeting) -> Finding:
    """Return a finding on values with which two names are one; raise Undecided where the evaluator does not say so."""
    declared = first.stack.template.value.get("Parameters", {})
    values = {name: value for name, value in found.values if name in declared}
    names = []
    for each in (first, second):
        scenario = acceptance.with_parameters(each.stack.scenario, values)
        if refusal := acceptance.refusal(each.stack.template, scenario):
            raise Undecided(f"values with which they would meet are refused: {refusal}")
        try:
            stack = resolve(each.stack.template, scenario)
        except CannotTell as error:
            raise Undecided(f"values with which they would meet cannot be worked out: {error.message}") from None
        names.append(stack.resources.get(each.name.logical, {}).get("Properties", {}).get(each.name.key))
    if names[0] is None or names[0] != names[1]:
        raise Undecided(f"values with which they would meet give {names[0]!r} and {names[1]!r}")
    shown = ", ".join(f"{name} {value!r}" for name, value in values.items())
    both = " and ".join(f"{named.name.logical} of {named.stack.scenario.region}" for named in (first, second))
    message = f"{shown} are accepted, and with them {both} are both named {names[0]!r}"
    return second.stack.finding(
        properties_path(*second.name), message, "put what tells them apart before the parameters"
    )
