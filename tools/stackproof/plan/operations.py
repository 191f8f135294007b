"""The operations that deploy a pair of stacks in order, and those that delete it, worked out from the template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from stackproof.evaluation.acceptance import with_parameters
from stackproof.evaluation.scenario import Pair, Scenario
from stackproof.evaluation.stack import Stack, fold, resolve
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Side
from stackproof.plan.examples import is_example
from stackproof.template.parameters import declarations
from stackproof.topology.dependencies import Learned, ids_taken, in_order, needs_of_both, wires, with_ids, without
from stackproof.topology.required_names import deferred_parameters

KEPT = ("Retain", "RetainExceptOnCreate")


@dataclass(frozen=True)
class Operation:
    """One change of one stack.

    `values` holds every parameter that is known beforehand, `learned` by parameter the output of the other stack that
    tells the rest. `kept` come with a later operation: they have these values (the defaults) at first, and those of the
    stack when all is run again; `cleared` go back to these values. `again` if an earlier operation was on this stack.
    One that `switches` sends `values` alone: the stack keeps its template, and `untouched`, its other parameters.
    """

    action: Literal["deploy", "delete"]
    scenario: Scenario
    other: Scenario
    values: Mapping[str, str] = field(default_factory=dict)
    learned: Learned = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    cleared: Mapping[str, str] = field(default_factory=dict)
    again: bool = False
    switches: bool = False
    untouched: tuple[str, ...] = ()
    why: tuple[str, ...] = ()

    @property
    def verb(self) -> str:
        return "delete" if self.action == "delete" else "update" if self.again else "deploy"

    @property
    def examples(self) -> dict[str, str]:
        """Return the values that the scenario's file gives as examples: they stand for what has to be given."""
        written = {name for name in self.values if name in self.scenario.places}
        return {name: self.values[name] for name in self.values if name in written and is_example(self.values[name])}

    @property
    def title(self) -> str:
        return f"{self.verb} the {self.scenario.side} stack {self.scenario.stack} in {self.scenario.region}"


@dataclass(frozen=True)
class Plan:
    """What is done to deploy a pair, what to delete it, and what each side's deletion leaves (ids with types)."""

    pair: Pair
    operations: tuple[Operation, ...]
    deletions: tuple[Operation, ...]
    retained: Mapping[Side, Mapping[str, str]]

    @property
    def first(self) -> Scenario:
        return self.operations[0].scenario

    @property
    def second(self) -> Scenario:
        return self.operations[0].other


def made(template: Document, pair: Pair) -> Plan:
    """Work out the plan of a pair; raise CannotTell where no order lets each stack have what it needs."""
    found = wires(template, pair)
    both = with_ids(template, pair)
    later = {stack.scenario.side: deferred_parameters(stack, both.other(stack)) for stack in both.stacks}
    needs = needs_of_both(both)
    learned = {side: {wire.parameter: wire.output for wire in found if wire.side == side} for side in needs}
    first, second = in_order(pair, needs, learned)
    early, late = learned[first.side], learned[second.side]
    _check_outputs(template, without(first, frozenset(early)), late)
    _check_outputs(template, with_parameters(second, ids_taken(template)), early)
    operations = _deploying(template, (first, second), (early, late), tuple(needs[second.side]), later[first.side])
    deletions = _deleting(operations)
    retained = {
        side.side: _retained(fold(template, without(side, frozenset(learned[side.side])))) for side in pair.sides
    }
    return Plan(pair, operations, deletions, retained)


def _deploying(
    template: Document,
    order: tuple[Scenario, Scenario],
    learned: tuple[Learned, Learned],
    why: tuple[str, ...],
    later: Mapping[str, str],
) -> tuple[Operation, ...]:
    """Return the operations that deploy: each stack, and the first again if something has to wait for the second.

    `later` are the first stack's parameters, with their defaults, whose values need what the second creates.
    """
    (first, second), (early, late) = order, learned
    known = _values(template, first, early)
    kept = {**dict.fromkeys(early, ""), **later}
    at_first = {name: value for name, value in known.items() if name not in later}
    bare = Operation("deploy", first, second, at_first, kept=kept, why=("it needs nothing of the other stack",))
    after = Operation("deploy", second, first, _values(template, second, late), late, why=why)
    reasons = ["what the other stack tells is known"] if early else []
    reasons += [f"what {name} needs is there" for name in later]
    again = Operation("deploy", first, second, known, early, again=True, why=tuple(reasons))
    return (bare, after, again) if kept else (bare, after)


def _deleting(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Return the same backwards."""
    bare = operations[0]
    first, second = bare.scenario, bare.other
    deletions = (Operation("delete", second, first), Operation("delete", first, second))
    if not bare.kept:
        return deletions
    why = ("nothing of it may use the other stack, which goes next",)
    values = {**bare.values, **bare.kept}
    return (Operation("deploy", first, second, values, cleared=bare.kept, again=True, why=why), *deletions)


def _values(template: Document, scenario: Scenario, learned: Learned | None = None) -> dict[str, str]:
    """Return the value of every parameter that is not told: what the scenario gives, or else the default.

    All are sent each time: what is left out of an update keeps the value that the stack has, and an id in a scenario
    only stands in for one that an output tells: where none does, it is as good as not given.
    """
    standing_in = ids_taken(template).keys() & scenario.places.keys()
    stated = {name: value for name, value in scenario.parameters.items() if name not in standing_in}
    known = {name: stated.get(name, declaration.default) for name, declaration in declarations(template).items()}
    return {name: value for name, value in known.items() if value is not None and name not in (learned or ())}


def _check_outputs(template: Document, provider: Scenario, learned: Learned) -> None:
    """Refuse a parameter that waits for an output which is not there at its turn."""
    outputs = resolve(template, provider).value.get("Outputs", {})
    for parameter, output in learned.items():
        if output not in outputs:
            message = f"the {provider.side} stack has no output {output} when the parameter {parameter} is to be told"
            raise CannotTell(message, fix=f"give the output {output} no condition")


def _retained(stack: Stack) -> dict[str, str]:
    retained = {
        logical: resource for logical, resource in stack.resources.items() if resource.get("DeletionPolicy") in KEPT
    }
    return {logical: resource["Type"] for logical, resource in retained.items()}


def in_account(pair: Pair, account: str) -> Pair:
    """Return a pair that stands in one account: the one that is deployed to."""
    return replace(pair, source=replace(pair.source, account=account), target=replace(pair.target, account=account))


def capabilities(template: Document) -> tuple[str, ...]:
    """Return what CloudFormation wants acknowledged: IAM resources, or such with names; transforms that make resources.

    Source: CloudFormation API Reference, "CreateChangeSet", Capabilities. What a transform makes may have roles.
    """
    if "Transform" in template.value:
        return ("CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
    identities = [
        resource for resource in template.value["Resources"].values() if resource["Type"].startswith("AWS::IAM::")
    ]
    names = {name for resource in identities for name in resource.get("Properties", {})}
    if names & {"RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"}:
        return ("CAPABILITY_NAMED_IAM",)
    return ("CAPABILITY_IAM",) if identities else ()
