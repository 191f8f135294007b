"""A plan carried out as a StackSet: its calls one after the other, each waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stackproof.deploy.change_set import AGAIN
from stackproof.deploy.client import Failed
from stackproof.deploy.runner import Job
from stackproof.deploy.stack_events import standing
from stackproof.evaluation.scenario import Scenario
from stackproof.foundation.finding import CannotTell
from stackproof.plan.operations import Operation, capabilities
from stackproof.plan.stackset import (
    Call,
    StackSet,
    creating,
    deleting,
    instances,
    kept_overrides,
    listed,
    switching_calls,
    telling,
    updating,
)

GONE = ("StackSetNotFoundException", "StackInstanceNotFoundException")
WITH_BODY = ("create_stack_set", "update_stack_set")


@dataclass(frozen=True)
class Runner:
    """Carries a job out by a StackSet."""

    job: Job
    chosen: StackSet

    def deploy(self) -> None:
        """Make the StackSet and its instances, or bring those that are there to the template as it is now."""
        plan, needed = self.job.plan, capabilities(self.job.template)
        if self._ask("describe_stack_set") is None:
            calls = creating(plan, self.chosen, needed)
        elif not all(self.instance(scenario) for scenario in (plan.first, plan.second)):
            calls = (updating(plan, self.chosen, needed), *self._missing())
        else:
            calls = (updating(plan, self.chosen, needed), *telling(plan, self.chosen))
        self._run(calls)

    def _missing(self) -> tuple[Call, ...]:
        """Return the calls that make the instances that an interrupted run left out."""
        there = {scenario.region for scenario in (self.job.plan.first, self.job.plan.second) if self.instance(scenario)}
        calls = []
        for call in instances(self.job.plan, self.chosen):
            regions = [region for region in call.arguments["Regions"] if region not in there]
            if call.action == "create_stack_instances":
                order = {**call.arguments["OperationPreferences"], "RegionOrder": regions}
                calls += [_with(call, Regions=regions, OperationPreferences=order)] if regions else []
            else:
                calls.append(call)
        return tuple(calls)

    def switch(self, operations: Sequence[Operation]) -> None:
        """Switch a parameter in one region after the other; what else the regions override stays as it is."""
        calls = []
        for operation, call in zip(operations, switching_calls(self.job.plan, self.chosen, operations), strict=True):
            where_ = {
                "StackInstanceAccount": operation.scenario.account,
                "StackInstanceRegion": operation.scenario.region,
            }
            found = self._ask("describe_stack_instance", **where_)
            if found is None:
                raise CannotTell(
                    f"there is no instance in {operation.scenario.region} to switch", fix="deploy it first"
                )
            names = [each["ParameterKey"] for each in found["StackInstance"].get("ParameterOverrides", ())]
            unchanged = kept_overrides(name for name in names if name not in operation.values)
            calls.append(_with(call, ParameterOverrides=[*listed(operation.values), *unchanged]))
        self._run(tuple(calls))

    def destroy(self) -> None:
        """Delete the instances in the opposite order, and the StackSet."""
        if self._ask("describe_stack_set") is None:
            self.job.screen.say(f"there is no StackSet {self.chosen.name}")
            return
        there = [scenario.region for scenario in (self.job.plan.second, self.job.plan.first) if self.instance(scenario)]
        calls = []
        for call in deleting(self.job.plan, self.chosen):
            regions = [region for region in call.arguments.get("Regions", []) if region in there]
            if regions:
                order = {**call.arguments["OperationPreferences"], "RegionOrder": regions}
                calls.append(_with(call, Regions=regions, OperationPreferences=order))
            elif "Regions" not in call.arguments:
                calls.append(call)
        self._run(tuple(calls))

    def instance(self, scenario: Scenario) -> str:
        """Return the id of the stack that is the instance of one side, "" if there is none."""
        found = self._ask(
            "describe_stack_instance", StackInstanceAccount=scenario.account, StackInstanceRegion=scenario.region
        )
        return str(found["StackInstance"].get("StackId", "")) if found else ""

    def _run(self, calls: tuple[Call, ...]) -> None:
        for number, call in enumerate(calls, 1):
            self.job.screen.say(f"{number}. {call.title}")
            arguments = dict(call.arguments)
            if call.action in WITH_BODY:
                arguments |= self.job.body(self.job.plan.operations[0], {}).arguments
            if call.teller:
                arguments["ParameterOverrides"] = [*arguments.get("ParameterOverrides", []), *self._from_outputs(call)]
            made = self.job.cloud.call(self.chosen.home, call.action, **arguments)
            if "OperationId" in made:
                self._finished(made["OperationId"])

    def _from_outputs(self, call: Call) -> list[dict[str, str]]:
        assert call.teller is not None
        stack = self.instance(call.teller)
        at = standing(self.job.cloud, call.teller.region, stack) if stack else None
        missing = [output for output in call.learned.values() if at is None or output not in at.outputs]
        if at is None or missing:
            message = f"the instance in {call.teller.region} has no output {', '.join(missing)}"
            raise Failed(message, fix=AGAIN)
        return listed({name: at.outputs[output] for name, output in call.learned.items()})

    def _finished(self, operation: str) -> None:
        """Wait for an operation; raise Failed with what each instance that failed says."""
        while True:
            found = self._ask("describe_stack_set_operation", OperationId=operation) or {}
            status = found["StackSetOperation"]["Status"]
            if status == "SUCCEEDED":
                return
            if status not in ("RUNNING", "QUEUED", "STOPPING"):
                results = self._ask("list_stack_set_operation_results", OperationId=operation) or {}
                reasons = [
                    f"{summary['Region']}: {' '.join(summary.get('StatusReason', '').split())}"
                    for summary in results.get("Summaries", [])
                    if summary["Status"] != "SUCCEEDED"
                ]
                reason = "; ".join(reasons) or found["StackSetOperation"].get("StatusReason", "no reason given")
                raise Failed(f"the operation {operation} of {self.chosen.name} is {status}: {reason}", fix=AGAIN)
            self.job.cloud.wait()

    def _ask(self, action: str, **arguments: Any) -> Mapping[str, Any] | None:
        """Call the API about this StackSet; None if what is asked for is not there."""
        try:
            return self.job.cloud.call(self.chosen.home, action, StackSetName=self.chosen.name, **arguments)
        except Failed as error:
            if any(name in error.message for name in GONE):
                return None
            raise


def _with(call: Call, **arguments: Any) -> Call:
    return replace(call, arguments={**call.arguments, **arguments})
