"""What one stack needs of the other, names that must be there and ids that it is told; and so which comes first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from stackproof.evaluation.acceptance import accepts, with_parameters
from stackproof.evaluation.deployment import Deployment, resolved
from stackproof.evaluation.scenario import Pair, Scenario
from stackproof.evaluation.stack import Stack
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Side
from stackproof.template.parameters import SHAPES, Declaration, declarations
from stackproof.topology.required_names import ID_KINDS, as_first_created, required_names
from stackproof.topology.resource_index import resources_by_name
from stackproof.topology.texts import texts_of

DIGITS = "0a1b2c3d4e5f60718"
Learned = Mapping[str, str]
"""By parameter of one side the output of the other side that tells it."""


class OutputParameter(NamedTuple):
    """A parameter that the stack of `side` takes from an output of the other side's stack."""

    side: Side
    parameter: str
    output: str


def ids_taken(template: Document) -> Mapping[str, str]:
    """Return the parameters that take the id of one kind of resource and nothing else, with such an id.

    Only those count that may be left empty: an id is not known before the other stack is there.
    """
    found = {}
    for name, declaration in declarations(template).items():
        samples = [f"{prefix}-{DIGITS}" for prefix in ID_KINDS if takes(declaration, f"{prefix}-{DIGITS}")]
        if declaration.default == "" and len(samples) == 1:
            found[name] = samples[0]
    return found


def takes(declaration: Declaration, text: str) -> bool:
    shape = SHAPES[declaration.kind]
    return accepts(declaration, text) and (shape is None or re.fullmatch(shape, text) is not None)


def wires(template: Document, pair: Pair) -> tuple[OutputParameter, ...]:
    """Return which parameters of each side are told by which output of the other side."""
    samples = ids_taken(template)
    both = with_ids(template, pair)
    found = []
    for stack in both.stacks:
        stated = {text for path, text in texts_of(stack) if path[0] == "Resources"}
        for parameter, sample in samples.items():
            if any(sample in text for text in stated):
                output = providing_output(both.other(stack), ID_KINDS[sample.split("-")[0]], parameter)
                found.append(OutputParameter(stack.scenario.side, parameter, output))
    return tuple(found)


def with_ids(template: Document, pair: Pair) -> Deployment:
    """Resolve both stacks as they are when every id is known: with ids made up."""
    samples = ids_taken(template)
    return resolved(
        template,
        replace(pair, source=with_parameters(pair.source, samples), target=with_parameters(pair.target, samples)),
    )


def providing_output(stack: Stack, kind: str, parameter: str) -> str:
    """Return the output of a stack that tells the id of its one resource of a type."""
    ids = resources_by_name(stack, kind)
    outputs: list[str] = [name for name, output in stack.value.get("Outputs", {}).items() if output.get("Value") in ids]
    if len(outputs) != 1:
        where = stack.scenario.region
        message = f"{len(outputs)} outputs of {where} tell the {kind} that the parameter {parameter} takes"
        raise CannotTell(message, fix="have one output with its Ref")
    return outputs[0]


def without(scenario: Scenario, parameters: frozenset[str]) -> Scenario:
    """Return a scenario without some of its parameters, so that they have their defaults."""
    left = {name: value for name, value in scenario.parameters.items() if name not in parameters}
    return replace(scenario, parameters=left)


def needs_of_both(both: Deployment) -> Mapping[Side, Sequence[str]]:
    """Return by side what its stack cannot be created without before the other one is there, each as a sentence."""
    return {stack.scenario.side: _needs(stack, both.other(stack)) for stack in both.stacks}


def _needs(stack: Stack, other: Stack) -> list[str]:
    needed = required_names(as_first_created(stack, other), other)
    return list(dict.fromkeys(f"{awaited.path[1]} needs {awaited.name}" for awaited in needed))


def in_order(
    pair: Pair, needs: Mapping[Side, Sequence[str]], learned: Mapping[Side, Learned]
) -> tuple[Scenario, Scenario]:
    """Return the side that is deployed first, and the other: the one that waits for less; else the target."""
    if needs["source"] and needs["target"]:
        circle = f"in the source {needs['source'][0]}, in the target {needs['target'][0]}"
        raise CannotTell(f"neither stack can be created first: {circle}", fix="hand one of them over later")
    if (len(needs["source"]), len(learned["source"])) < (len(needs["target"]), len(learned["target"])):
        return pair.source, pair.target
    return pair.target, pair.source


def deployed_first(template: Document, pair: Pair) -> Side:
    """Return the side whose stack is deployed first; raise CannotTell where neither can be."""
    needs = needs_of_both(with_ids(template, pair))
    found = wires(template, pair)
    learned = {side: {wire.parameter: wire.output for wire in found if wire.side == side} for side in needs}
    return in_order(pair, needs, learned)[0].side
