"""What a stack went through: its events as they come, and the first that says why it failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stackproof.deploy.client import Cloud, Failed
from stackproof.evaluation.scenario import Scenario
from stackproof.foundation.progress import Screen

Event = Mapping[str, Any]
CANCELLED = ("cancelled", "canceled")


@dataclass(frozen=True)
class StackState:
    """A stack as it stands."""

    id: str
    status: str
    reason: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]

    @property
    def busy(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    @property
    def good(self) -> bool:
        return self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")


def standing(cloud: Cloud, region: str, stack: str) -> StackState | None:
    """Return how a stack stands, by its name or id; None if there is none."""
    try:
        found = cloud.call(region, "describe_stacks", StackName=stack)["Stacks"][0]
    except Failed as error:
        if "does not exist" in error.message:
            return None
        raise
    if found["StackStatus"] == "DELETE_COMPLETE":
        return None
    return StackState(
        found["StackId"],
        found["StackStatus"],
        found.get("StackStatusReason", ""),
        {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])},
        {parameter["ParameterKey"]: parameter.get("ParameterValue", "") for parameter in found.get("Parameters", [])},
    )


@dataclass(frozen=True)
class Follower:
    """Follows one stack, by its id, from now on."""

    cloud: Cloud
    screen: Screen
    region: str
    stack: str
    seen: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)

    def start(self) -> Follower:
        """Forget what was before."""
        self.seen.update(event["EventId"] for event in self._new())
        return self

    def done(self) -> StackState | None:
        """Show events until nothing is in progress; return how the stack stands then, None if it is gone."""
        while True:
            found = standing(self.cloud, self.region, self.stack)
            for event in self._new():
                self.seen.add(event["EventId"])
                self.events.append(event)
                self._show(event)
            if found is None or not found.busy:
                self.screen.end()
                return found
            self.cloud.wait()

    def _new(self) -> list[Event]:
        """Return the events not seen yet, oldest first. CloudFormation gives the newest first, in pages."""
        fresh: list[Event] = []
        more: dict[str, str] = {}
        while True:
            page = self.cloud.call(self.region, "describe_stack_events", StackName=self.stack, **more)
            new = [event for event in page["StackEvents"] if event["EventId"] not in self.seen]
            fresh += new
            if len(new) < len(page["StackEvents"]) or not page.get("NextToken"):
                return fresh[::-1]
            more = {"NextToken": page["NextToken"]}

    def _show(self, event: Event) -> None:
        self.screen.say("  " + line(event))
        if event["ResourceStatus"].endswith("_COMPLETE") and "ROLLBACK" not in event["ResourceStatus"]:
            self.screen.advance()


def line(event: Event) -> str:
    reason = " ".join(event.get("ResourceStatusReason", "").split())
    start = f"{event['ResourceStatus']}  {event['LogicalResourceId']}  {event['ResourceType']}"
    return f"{start}: {reason}" if reason else start


def first_failure(follower: Follower) -> str:
    """Return the resource that failed first and why: those after it are only cancelled. "" if none did.

    What is found wrong before anything is provisioned is told by DescribeEvents alone.
    Source: CloudFormation API Reference, "DescribeEvents".
    """
    found = next(_failures(follower.events), "")
    if "DescribeEvents" not in found:
        return found
    asked = {"StackName": follower.stack, "Filters": {"FailedEvents": True}}
    events = follower.cloud.call(follower.region, "describe_events", **asked).get("OperationEvents", [])
    wrong = [
        f"{event['LogicalResourceId']} ({event.get('ResourceType', '')}): {' '.join(reason.split())}"
        for event in events
        if (reason := event.get("ValidationStatusReason"))
    ]
    return "; ".join(dict.fromkeys(wrong)) or found


def _failures(events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        reason = " ".join(event.get("ResourceStatusReason", "").split())
        cancelled = any(word in reason.lower() for word in CANCELLED)
        if event["ResourceStatus"].endswith("_FAILED") and reason and not cancelled:
            yield f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}"


def where(scenario: Scenario) -> str:
    return f"{scenario.stack} in {scenario.region}"
