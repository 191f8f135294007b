"""What an operation will do to a stack that stands, and where AWS's change set says otherwise.

Source: CloudFormation API Reference, "GetTemplate", "ResourceChange" (Action, Replacement, PolicyAction, Details).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from stackproof.changes.resource import ACTIONS, Action, ResourceChange
from stackproof.changes.stack_update import StackUpdate
from stackproof.deploy.client import Cloud
from stackproof.deploy.stack_events import StackState
from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.stack import resolve
from stackproof.foundation.document import Document
from stackproof.template import loader

HIDDEN = "****"
"""What CloudFormation tells of a parameter with NoEcho. Source: API Reference, "Parameter"."""
OF_ACTION: Mapping[Action, tuple[str, str]] = {
    "create": ("Add", ""),
    "update": ("Modify", "False"),
    "interrupt": ("Modify", "False"),
    "may replace": ("Modify", "Conditional"),
    "replace": ("Modify", "True"),
    "delete": ("Remove", ""),
    "snapshot": ("Remove", ""),
    "retain": ("Remove", ""),
}
"""What a change set says of a resource of which an action is expected: Action and Replacement."""
POLICIES: Mapping[Action, str] = {"delete": "Delete", "retain": "Retain", "snapshot": "Snapshot"}
IN_WORDS = {
    ("Add", ""): "creates it",
    ("Modify", "False"): "updates it in place",
    ("Modify", "Conditional"): "may replace it",
    ("Modify", "True"): "replaces it",
    ("Remove", ""): "takes it out",
}


def forecast(
    cloud: Cloud, template: Document | None, scenario: Scenario, values: Mapping[str, str], at: StackState
) -> StackUpdate:
    """Return what becomes of a stack that stands, by its own template and parameters.

    `template` is None where the stack keeps the one that it has. Raises Failed for what AWS refuses to tell, CannotTell
    for a template that cannot be worked out.
    """
    body = cloud.call(scenario.region, "get_template", StackName=at.id, TemplateStage="Original")["TemplateBody"]
    text = body if isinstance(body, str) else json.dumps(body, indent=2)
    deployed = loader.parse(text, f"the template of {scenario.stack} in {scenario.region}")
    known = {name: value for name, value in at.parameters.items() if value != HIDDEN}
    now = replace(scenario, parameters=known, template=None)
    then = replace(scenario, parameters={**(known if template is None else {}), **values}, template=None)
    return StackUpdate(resolve(deployed, now), resolve(template or deployed, then))


def differences(expected: StackUpdate, changes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Give in a line each where a change set does something else than was expected.

    A change that depends only on attributes of others that change is none until they turn out to be other ones.
    """
    proposed = {change["ResourceChange"]["LogicalResourceId"]: change["ResourceChange"] for change in changes if change}
    for logical, change in proposed.items():
        forecast_change = expected.by_id.get(logical)
        if forecast_change is None:
            if not _depends_on_others(change):
                yield f"{logical} ({change.get('ResourceType', '')}): AWS {_in_words(change)}, which was not expected"
        elif _of(change) != OF_ACTION.get(forecast_change.action) and not _undecided(forecast_change, change):
            words = ACTIONS[forecast_change.action]
            yield f"{logical} ({forecast_change.kind}): AWS {_in_words(change)}; expected: {words}"
        elif _other_fate(forecast_change, change):
            words = ACTIONS[forecast_change.fate] if forecast_change.fate else "kept"
            policy = f"of the old one AWS says {change['PolicyAction']}"
            yield f"{logical} ({forecast_change.kind}): {policy}; expected: {words}"
    for forecast_change in expected.changes:
        if forecast_change.logical not in proposed and forecast_change.action != "may replace":
            words = ACTIONS[forecast_change.action]
            yield f"{forecast_change.logical} ({forecast_change.kind}): expected: {words}; AWS does not change it"


def _of(change: Mapping[str, Any]) -> tuple[str, str]:
    return str(change["Action"]), str(change.get("Replacement", "False")) if change["Action"] == "Modify" else ""


def _in_words(change: Mapping[str, Any]) -> str:
    return IN_WORDS.get(_of(change), f"does {change['Action']}")


def _undecided(expected: ResourceChange, change: Mapping[str, Any]) -> bool:
    """Tell whether either side leaves open whether a resource is replaced, and the other one does not exclude it."""
    action, replacement = _of(change)
    return action == "Modify" and (
        expected.action == "may replace" or (replacement, expected.action) == ("Conditional", "replace")
    )


def _depends_on_others(change: Mapping[str, Any]) -> bool:
    details = change.get("Details", [])
    return bool(details) and all(detail.get("Evaluation") == "Dynamic" for detail in details)


def _other_fate(expected: ResourceChange, change: Mapping[str, Any]) -> bool:
    fate, policy = expected.fate, str(change.get("PolicyAction", "")).removeprefix("ReplaceAnd")
    return bool(policy and fate and POLICIES[fate] != policy)
