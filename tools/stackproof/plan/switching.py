"""One parameter switched on two deployed stacks, the new side first: a planned cutover, and the way back.

Nothing else changes: each stack keeps its template and its other parameters.
"""

from __future__ import annotations

from stackproof.evaluation.acceptance import refusal, with_parameters
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.plan.operations import Operation
from stackproof.template.parameters import declarations


def switching(template: Document, pair: Pair, name: str, value: str) -> tuple[Operation, Operation]:
    """Return the operations that give a parameter one value on both sides, that side first which the value names.

    In between both are active, so that neither is missing. The value is "source", "target", or the region of one.
    """
    known = declarations(template)
    if name not in known:
        message = f"{template.path} has no parameter {name} to switch"
        raise CannotTell(message, fix=f"name one of {', '.join(known)}")
    for side in pair.sides:
        if message := refusal(template, with_parameters(side, {name: value})):
            raise CannotTell(
                f"{side.region} refuses {name}={value}: {message}", fix="give a value that both sides accept"
            )
    first = next((side for side in pair.sides if value in (side.side, side.region)), None)
    if first is None:
        message = f"{value!r} names no side, so which stack is to have it first is not known"
        raise CannotTell(message, fix="give source, target, or the region of one of them")
    second = pair.target if first is pair.source else pair.source
    others = tuple(parameter for parameter in known if parameter != name)
    reasons = ("the new side first: for a moment both are active", f"the {first.side} stack has it already")
    before, after = (
        Operation("deploy", side, other, {name: value}, again=True, switches=True, untouched=others, why=(why,))
        for side, other, why in ((first, second, reasons[0]), (second, first, reasons[1]))
    )
    return before, after
