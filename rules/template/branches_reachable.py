"""Every condition can be true and can be false, and each side of Fn::If can come about, for some accepted values.

A condition that no accepted value makes true guards resources that nobody will ever have; a side of Fn::If that the
conditions around it rule out is never read. Both are mistakes, or what is left of something. What values the
parameters accept, and what Rules refuse, is taken into account, in every region of the partition.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
pack: resilience
"""

from __future__ import annotations

from stackproof.api import CannotTell, Deployment, Findings
from stackproof.proof import Undecided
from stackproof.proof.branches import Impossible, impossible

APPLIES_TO = ("Conditions",)


def check(deployment: Deployment) -> Findings:
    stack = deployment.source
    try:
        for branch in impossible(stack.template, stack.scenario.partition):
            path = (
                branch.path if branch.path[0] == "Conditions" else (*branch.path, "Fn::If", 1 if branch.outcome else 2)
            )
            yield stack.finding(path[:2], message(branch, path), "remove it, or let the parameters bring it about")
    except Undecided as error:
        where = stack.place(("Conditions",))
        fix = "compare parameters with constants, or with each other"
        yield CannotTell(f"it is undecided which conditions can come about: {error.reason}", where, fix)


def message(branch: Impossible, path: tuple[str | int, ...]) -> str:
    truth = "true" if branch.outcome else "false"
    if path[0] == "Conditions":
        return f"condition {branch.condition} is {truth} for no accepted values"
    where = ".".join(str(key) for key in path[1:] if isinstance(key, str) and key != "Fn::If")
    beside = " and ".join(f"{name} is {'true' if outcome else 'false'}" for name, outcome in branch.beside)
    return f"{where} never takes the {truth} side of Fn::If {branch.condition}{f' where {beside}' if beside else ''}"
