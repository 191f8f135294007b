"""One change of one stack through a change set, and its deletion."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stackproof.changes.stack_update import StackUpdate
from stackproof.deploy import forecast
from stackproof.deploy.client import Cloud, Failed
from stackproof.deploy.stack_events import Follower, StackState, first_failure, standing, where
from stackproof.evaluation.scenario import Scenario
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.progress import Screen

DEAD = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
"""A stack whose creation failed can only be deleted. Source: CloudFormation User Guide, "Stack status codes"."""

STUCK = {
    "UPDATE_ROLLBACK_FAILED": "run aws cloudformation continue-update-rollback on it, then this again",
    "DELETE_FAILED": "remove what its last events name, then run stackproof destroy",
}
EMPTY = ("didn't contain changes", "no updates are to be performed")
AGAIN = "remove this cause and run the same again: what is done is not repeated"


@dataclass(frozen=True)
class Body:
    """A template as it is sent: inline or by URL; if neither, the stack keeps the one it has."""

    text: str = ""
    url: str = ""

    @property
    def arguments(self) -> dict[str, Any]:
        if self.url:
            return {"TemplateURL": self.url}
        return {"TemplateBody": self.text} if self.text else {"UsePreviousTemplate": True}


@dataclass(frozen=True)
class Change:
    """What a stack is to become."""

    scenario: Scenario
    body: Body
    parameters: Mapping[str, str]
    capabilities: tuple[str, ...]
    resources: int
    expected: StackUpdate | None = None
    """What is expected of the change set, where the stack stands."""


@dataclass(frozen=True)
class Changer:
    """Changes stacks; `dry` only shows what would change."""

    cloud: Cloud
    screen: Screen
    dry: bool = False

    def apply(self, change: Change) -> bool:
        """Bring a stack to a change; return whether there was anything to do. Raise Failed with the first reason."""
        scenario = change.scenario
        at = self.ready(scenario)
        name = f"stackproof-{uuid.uuid4()}"
        try:
            changes = self._proposed(change, at, name)
            for line in map(_shown, changes):
                self.screen.say(f"  {line}")
            for line in forecast.differences(change.expected, changes) if change.expected else ():
                self.screen.say(f"  not as expected: {line}")
            if changes and not self.dry:
                self._execute(change, name, new=_new(at))
                return True
            self._withdraw(scenario, name, at)
        except KeyboardInterrupt:
            self.screen.say("interrupted: what AWS has begun goes on; run this again to wait for it and to continue")
            raise
        self.screen.say("  nothing to change" if not changes else "  not executed")
        return bool(changes)

    def ready(self, scenario: Scenario) -> StackState | None:
        """Wait for what is under way, and clear what a failed creation left; return how the stack stands."""
        at = standing(self.cloud, scenario.region, scenario.stack)
        if at and at.busy:
            self.screen.say(f"{where(scenario)} is {at.status}: waiting for it")
            at = Follower(self.cloud, self.screen, scenario.region, at.id).start().done()
        if at and at.status in STUCK:
            raise Failed(f"{where(scenario)} is {at.status}: {at.reason or 'no reason given'}", fix=STUCK[at.status])
        if at and at.status in DEAD and not self.dry:
            self.screen.say(f"{where(scenario)} is {at.status}: deleting what an earlier attempt left")
            self.delete(scenario)
            at = None
        return None if at is None or at.status in DEAD else at

    def _proposed(self, change: Change, at: StackState | None, name: str) -> list[Mapping[str, Any]]:
        """Make a change set; return its changes, nothing if it is empty."""
        scenario = change.scenario
        arguments = {
            "ChangeSetType": "CREATE" if _new(at) else "UPDATE",
            "Capabilities": list(change.capabilities),
            "Parameters": [*_parameters(change, at)],
            **change.body.arguments,
        }
        where_ = {"StackName": scenario.stack, "ChangeSetName": name}
        self.cloud.call(scenario.region, "create_change_set", **where_, **arguments)
        return self._described(scenario, where_)

    def _described(self, scenario: Scenario, where_: Mapping[str, str]) -> list[Mapping[str, Any]]:
        while True:
            found = self.cloud.call(scenario.region, "describe_change_set", **where_)
            if found["Status"] == "CREATE_COMPLETE":
                return self._pages(scenario, where_, found)
            if found["Status"] == "FAILED":
                reason = found.get("StatusReason", "no reason given")
                if any(text in reason.lower() for text in EMPTY):
                    return []
                raise Failed(f"{where(scenario)}: the change set failed: {' '.join(reason.split())}", fix=AGAIN)
            self.cloud.wait()

    def _pages(
        self, scenario: Scenario, where_: Mapping[str, str], found: Mapping[str, Any]
    ) -> list[Mapping[str, Any]]:
        """Return all changes; outputs and parameters alone count as one change of the stack."""
        changes = [*found.get("Changes", [])]
        while token := found.get("NextToken"):
            found = self.cloud.call(scenario.region, "describe_change_set", **where_, NextToken=token)
            changes += found.get("Changes", [])
        return changes or [{}]

    def _execute(self, change: Change, name: str, *, new: bool) -> None:
        """Execute a change set. A first creation that fails takes away what it made, even what is else retained:
        under their names it could not be made again, and importing needs names without functions.

        Source: CloudFormation API Reference, "ExecuteChangeSet", RetainExceptOnCreate; User Guide, "Import AWS
        resources into a CloudFormation stack automatically".
        """
        scenario = change.scenario
        at = standing(self.cloud, scenario.region, scenario.stack)
        if at is None:
            raise CannotTell(f"{where(scenario)} has vanished", fix="run this again")
        follower = Follower(self.cloud, self.screen, scenario.region, at.id).start()
        rollback = {"RetainExceptOnCreate": True} if new else {}
        self.screen.begin(f"  changing {where(scenario)}", change.resources)
        self.cloud.call(scenario.region, "execute_change_set", StackName=scenario.stack, ChangeSetName=name, **rollback)
        now = follower.done()
        if now is None or not now.good:
            self._left(follower)
            status = now.status if now else "gone"
            reason = first_failure(follower) or (now.reason if now else "") or "no event says why"
            raise Failed(f"{where(scenario)} is {status}: {reason}", fix=AGAIN)

    def _withdraw(self, scenario: Scenario, name: str, at: StackState | None) -> None:
        """Delete a change set, and the empty stack that the first one of a stack makes."""
        self.cloud.call(scenario.region, "delete_change_set", StackName=scenario.stack, ChangeSetName=name)
        if at is None:
            self.cloud.call(scenario.region, "delete_stack", StackName=scenario.stack)

    def delete(self, scenario: Scenario) -> bool:
        """Delete a stack; return whether there was one."""
        at = standing(self.cloud, scenario.region, scenario.stack)
        if at is None:
            return False
        follower = Follower(self.cloud, self.screen, scenario.region, at.id).start()
        self.cloud.call(scenario.region, "delete_stack", StackName=scenario.stack)
        now = follower.done()
        self._left(follower)
        if now is not None:
            reason = first_failure(follower) or now.reason
            raise Failed(f"{where(scenario)} is {now.status}: {reason}", fix="remove this cause and run the same again")
        return True

    def _left(self, follower: Follower) -> None:
        """Say what a rollback or a deletion left."""
        for event in follower.events:
            if event["ResourceStatus"] in ("DELETE_SKIPPED", "DELETE_FAILED"):
                name = f"{event['LogicalResourceId']} {event.get('PhysicalResourceId', '')}"
                self.screen.say(f"  left in the account: {name}  {event['ResourceType']}")


def _new(at: StackState | None) -> bool:
    return at is None or at.status == "REVIEW_IN_PROGRESS"


def _parameters(change: Change, at: StackState | None) -> Iterator[dict[str, Any]]:
    for name, value in change.parameters.items():
        yield {"ParameterKey": name, "ParameterValue": value}
    if at and not (change.body.text or change.body.url):
        for name in set(at.parameters) - set(change.parameters):
            yield {"ParameterKey": name, "UsePreviousValue": True}


def _shown(change: Mapping[str, Any]) -> str:
    resource_change = change.get("ResourceChange", {})
    replaced = "  (replaced)" if resource_change.get("Replacement") == "True" else ""
    name, kind = resource_change.get("LogicalResourceId", "the stack"), resource_change.get("ResourceType", "")
    return f"{resource_change.get('Action', 'Modify'):8}{name}  {kind}{replaced}"
