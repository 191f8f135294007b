"""A plan as calls of the StackSets API, with self-managed permissions, in the order of its operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stackproof.evaluation.scenario import Scenario
from stackproof.foundation.finding import CannotTell
from stackproof.plan.operations import Operation, Plan

ADMINISTRATION = "AWSCloudFormationStackSetAdministrationRole"
EXECUTION = "AWSCloudFormationStackSetExecutionRole"
"""The roles that CloudFormation assumes. Source: CloudFormation User Guide, "Grant self-managed permissions"."""


@dataclass(frozen=True)
class StackSet:
    """A StackSet: its name, the region that it is administered in, and its two roles."""

    name: str
    home: str
    administration: str = ADMINISTRATION
    execution: str = EXECUTION


@dataclass(frozen=True)
class Call:
    """One call: the operation in boto3's spelling, its arguments, and what else it overrides.

    `learned` holds, by parameter, the output of the instance in `teller` that tells its value.
    """

    action: str
    arguments: Mapping[str, Any]
    learned: Mapping[str, str] = field(default_factory=dict)
    teller: Scenario | None = None
    title: str = ""


def creating(plan: Plan, chosen: StackSet, capabilities: Sequence[str]) -> tuple[Call, ...]:
    """Return the calls that deploy a plan as a new StackSet.

    Both regions come in one operation, one after the other, where they are given the same; what one instance tells the
    other comes in operations of their own, as overrides of one region.
    """
    shared = shared_values(plan)
    administration = f"arn:{plan.first.partition.name}:iam::{plan.first.account}:role/{chosen.administration}"
    setting_up = {
        **_described(chosen, shared, capabilities),
        "PermissionModel": "SELF_MANAGED",
        "AdministrationRoleARN": administration,
        "ExecutionRoleName": chosen.execution,
    }
    calls = [Call("create_stack_set", setting_up, title=f"make the StackSet {chosen.name}"), *instances(plan, chosen)]
    return tuple(calls)


def instances(plan: Plan, chosen: StackSet) -> tuple[Call, ...]:
    """Return the calls that make both instances and then tell each what the other has to tell."""
    first, second = _deploying(plan)
    shared = shared_values(plan)
    own = {
        operation.scenario.region: _differing(operation.values, shared, (*operation.learned, *operation.kept))
        for operation in (first, second)
    }
    groups = [(first, second)] if not any(own.values()) else [(first,), (second,)]
    calls = []
    for group in groups:
        regions = [operation.scenario.region for operation in group]
        arguments = {**_at(chosen, group[0].scenario, regions), **_overrides(own[regions[0]])}
        calls.append(Call("create_stack_instances", arguments, title=f"make the stacks of {', '.join(regions)}"))
    return (*calls, *telling(plan, chosen))


def telling(plan: Plan, chosen: StackSet) -> tuple[Call, ...]:
    """Return the calls that hand over what one instance has to tell the other."""
    shared = shared_values(plan)
    calls = []
    for operation in plan.operations:
        if operation.learned or operation.again:
            differing = _differing(operation.values, shared, tuple(operation.learned))
            arguments = {**_at(chosen, operation.scenario, [operation.scenario.region]), **_overrides(differing)}
            title = f"tell the stack of {operation.scenario.region} what the one of {operation.other.region} knows"
            calls.append(Call("update_stack_instances", arguments, operation.learned, operation.other, title))
    return tuple(calls)


def switching_calls(plan: Plan, chosen: StackSet, operations: Sequence[Operation]) -> tuple[Call, ...]:
    """Return the calls that switch a parameter in one region after the other.

    What else a region overrides is named too: an override that an update leaves out is taken back.
    Source: CloudFormation API Reference, "UpdateStackInstances", ParameterOverrides.
    """
    shared = shared_values(plan)
    calls = []
    for operation in operations:
        same = [candidate for candidate in plan.operations if candidate.scenario.region == operation.scenario.region]
        own = {
            name
            for related in same
            for name in (*related.learned, *_differing(related.values, shared, tuple(related.learned)))
        }
        overrides = [*listed(operation.values), *kept_overrides(sorted(own - operation.values.keys()))]
        arguments = {**_at(chosen, operation.scenario, [operation.scenario.region]), "ParameterOverrides": overrides}
        calls.append(Call("update_stack_instances", arguments, title=operation.title))
    return tuple(calls)


def kept_overrides(names: Iterable[str]) -> list[dict[str, Any]]:
    """Return overrides that stay as they are."""
    return [{"ParameterKey": name, "UsePreviousValue": True} for name in names]


def updating(plan: Plan, chosen: StackSet, capabilities: Sequence[str]) -> Call:
    """Return the call that brings an existing StackSet, with both its instances, to the template as it is now."""
    arguments = _described(chosen, shared_values(plan), capabilities)
    order = preferences([plan.first.region, plan.second.region])
    return Call("update_stack_set", {**arguments, "OperationPreferences": order}, title="update both stacks")


def deleting(plan: Plan, chosen: StackSet) -> tuple[Call, ...]:
    """Return the calls that delete a plan's instances, in the opposite order, and the StackSet."""
    calls = []
    for operation in plan.deletions:
        if operation.action == "deploy":
            arguments = {
                **_at(chosen, operation.scenario, [operation.scenario.region]),
                **_overrides(operation.cleared),
            }
            title = f"the stack of {operation.scenario.region} forgets what the other told it"
            calls.append(Call("update_stack_instances", arguments, title=title))
    backwards = [plan.second.region, plan.first.region]
    arguments = {**_at(chosen, plan.first, backwards), "RetainStacks": False}
    calls.append(Call("delete_stack_instances", arguments, title=f"delete the stacks of {', '.join(backwards)}"))
    calls.append(Call("delete_stack_set", {"StackSetName": chosen.name}, title="delete the StackSet"))
    return tuple(calls)


def preferences(regions: Sequence[str]) -> dict[str, Any]:
    """Return the preferences that do one region after the other and stop at the first failure."""
    return {
        "RegionConcurrencyType": "SEQUENTIAL",
        "RegionOrder": list(regions),
        "FailureToleranceCount": 0,
        "MaxConcurrentCount": 1,
    }


def shared_values(plan: Plan) -> dict[str, str]:
    """Return the StackSet's own parameter values: the first stack's, before anything is told."""
    first, second = _deploying(plan)
    return {**dict.fromkeys(second.learned, ""), **first.values, **first.kept}


def listed(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return parameters as CloudFormation takes them."""
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]


def _described(chosen: StackSet, shared: Mapping[str, str], capabilities: Sequence[str]) -> dict[str, Any]:
    return {"StackSetName": chosen.name, "Parameters": listed(shared), "Capabilities": list(capabilities)}


def _deploying(plan: Plan) -> tuple[Operation, Operation]:
    first, second = plan.operations[:2]
    if first.scenario.account != second.scenario.account:
        message = f"the stacks are in two accounts, {first.scenario.account} and {second.scenario.account}"
        raise CannotTell(message, fix="give both sides of the scenario one account")
    return first, second


def _at(chosen: StackSet, scenario: Scenario, regions: Sequence[str]) -> dict[str, Any]:
    where = {"StackSetName": chosen.name, "Accounts": [scenario.account], "Regions": list(regions)}
    return {**where, "OperationPreferences": preferences(regions)}


def _differing(values: Mapping[str, str], shared: Mapping[str, str], left: Sequence[str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name not in left and value != shared.get(name)}


def _overrides(values: Mapping[str, str]) -> dict[str, Any]:
    return {"ParameterOverrides": listed(values)} if values else {}
