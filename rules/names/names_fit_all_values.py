"""Every value that the parameters accept forms names, ARNs and keys that AWS takes, in every region of the partition.

Scenarios try some values; this rule decides for all of them: what AllowedPattern, AllowedValues and lengths let through
is compared, as a set of texts, with what the resource's schema and its API demand. A bucket whose name has a capital
letter, or a plan whose name is a letter too long, fails when the stack is half created. AWS::StackName, which a
StackSet begins with StackSet-, and AWS::AccountId count as well. What cannot be decided is an error, by its name.
A template that constrains none of its parameters leaves all names to whoever deploys it, and is not judged.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html
Source: tools/stackproof/aws/data/name_constraints.yaml, a source a row
pack: resilience
severity: info
"""

from __future__ import annotations

from stackproof.api import CannotTell, Deployment, Finding, Findings, Path, Stack
from stackproof.proof.accepted import constrains
from stackproof.proof.names import Doubt, Refuted, names
from stackproof.proof.properties import Property

APPLIES_TO = ("Resources",)
SHOWN = 80
"""Characters of a value in a message."""


def check(deployment: Deployment) -> Findings:
    seen = set()
    for stack in deployment.stacks:
        partition = stack.scenario.partition
        if partition.name not in seen and constrains(stack.template):
            seen.add(partition.name)
            found = names(stack.template, partition)
            for parameter in dict.fromkeys(bad.parameter for bad in found.refuted):
                yield refuted(stack, found.refuted, parameter)
            yield from (undecided(stack, doubt) for doubt in found.undecided)


def refuted(stack: Stack, every: tuple[Refuted, ...], parameter: str) -> Finding:
    """Return one finding for a parameter: of all that it breaks, what the shortest text breaks first."""
    broken = [bad for bad in every if bad.parameter == parameter]
    shortest = min(broken, key=lambda each: (len(each.text), broken.index(each)))
    others = len({each.of.path for each in broken}) - 1
    more = f"; so do {others} other properties" if others > 1 else "; so does another property" if others else ""
    demanded = f"{shortest.demanded.says} ({shortest.demanded.source})"
    wrong = f"{shortest.of.called} is then {shown(shortest.text)}, which {demanded}{more}"
    if parameter:
        value = shown(shortest.scenario.parameters[parameter])
        fix = f"narrow AllowedPattern, or MinLength and MaxLength, of {parameter}"
        return stack.finding(("Parameters", parameter), f"{parameter} accepts {value}: {wrong}", fix)
    where = (
        f"in {shortest.scenario.region} of account {shortest.scenario.account}, stack {shown(shortest.scenario.stack)}"
    )
    return stack.finding(place(shortest.of), f"{where}: {wrong}", "shorten the text, or leave the pseudo parameter out")


def undecided(stack: Stack, doubt: Doubt) -> CannotTell:
    message = f"it is undecided whether every accepted value forms {doubt.of.called} as AWS takes it: {doubt.reason}"
    fix = "write it without what is named here, or name the rule under ignore"
    return CannotTell(message, stack.place(place(doubt.of)), fix)


def place(of: Property) -> Path:
    """Return the path in a stack, which has no Fn::If and no side of one."""
    found: list[str | int] = []
    sides = iter(of.path)
    for key in sides:
        if key == "Fn::If":
            next(sides)
        else:
            found.append(key)
    return tuple(found)


def shown(text: str) -> str:
    return repr(text) if len(text) <= SHOWN else f"{text[:SHOWN]!r}… ({len(text)} characters)"
