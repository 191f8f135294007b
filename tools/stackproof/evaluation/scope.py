"""What a reference can see before any resource exists: parameters and pseudo parameters of one scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stackproof.evaluation.parameter_values import Value, bind
from stackproof.evaluation.scenario import Scenario
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Note, Path
from stackproof.foundation.placeholders import token
from stackproof.template.parameters import declarations

Truth = bool | None
"""Whether something holds; None where only AWS can decide it."""
NO_VALUE = object()
"""What AWS::NoValue stands for: the property or item that holds it is left out."""


@dataclass(frozen=True, eq=False)
class Scope:
    """A template, a scenario, and the value of every name that is no resource's.

    `shown` is `names` with a token `{{Name@region}}` for every parameter that is declared NoEcho: only Conditions and
    Rules see the value itself.
    """

    template: Document
    scenario: Scenario
    parameters: Mapping[str, Value]
    names: Mapping[str, Any]
    shown: Mapping[str, Any]

    @property
    def resources(self) -> Mapping[str, Any]:
        resources: Mapping[str, Any] = self.template.value["Resources"]
        return resources

    def note(self, node: Any, message: str, fix: str) -> Note:
        """Return a note at the place of a node of the template, without any NoEcho value."""
        error = self.refuse(node, message, fix)
        return Note(self.template.place(path_of(self.template.value, node) or ()), error.message, fix)

    def refuse(self, node: Any, message: str, fix: str = "") -> CannotTell:
        """Return the error that names the place of a node of the template, without any NoEcho value."""
        for name, value in self.names.items():
            if value != self.shown[name]:
                for secret in filter(None, value if isinstance(value, list) else [value]):
                    message = message.replace(secret, "****").replace(repr(secret)[1:-1], "****")
        return CannotTell(message, self.template.place(path_of(self.template.value, node) or ()), fix)


def scope(template: Document, scenario: Scenario) -> Scope:
    """Bind the parameters of a scenario; raise CannotTell for one that the template refuses.

    Source of the pseudo parameters: CloudFormation Template Reference, "Pseudo parameters reference".
    """
    _demand_declared(template, scenario)
    parameters = bind(template, scenario.parameters, scenario.stored)
    partition = scenario.partition
    pseudo = {
        "AWS::AccountId": scenario.account,
        "AWS::NotificationARNs": [],
        "AWS::NoValue": NO_VALUE,
        "AWS::Partition": partition.name,
        "AWS::Region": scenario.region,
        "AWS::StackId": f"arn:{partition.name}:cloudformation:{scenario.region}:{scenario.account}:"
        f"stack/{scenario.stack}/{token('AWS::StackId', scenario.region)}",
        "AWS::StackName": scenario.stack,
        "AWS::URLSuffix": partition.suffix,
    }
    secret: dict[str, Any] = {}
    for name, declaration in declarations(template).items():
        if declaration.secret:
            hidden = token(name, scenario.region)
            secret[name] = [hidden for _ in parameters[name]] if declaration.listed else hidden
    names = {**parameters, **pseudo}
    return Scope(template, scenario, parameters, names, {**names, **secret} if secret else names)


def _demand_declared(template: Document, scenario: Scenario) -> None:
    """Refuse, at its place in the scenarios file, a parameter that the template does not have."""
    unknown = [name for name in scenario.parameters if name not in template.value.get("Parameters", {})]
    if unknown and unknown[0] in scenario.places:
        message = f"Parameters: [{', '.join(sorted(unknown))}] do not exist in the template, given by {scenario.name}"
        raise CannotTell(message, scenario.places[unknown[0]], "remove them, or declare them in the template")


def path_of(tree: Any, node: Any) -> Path | None:
    """Return the path to the very object `node` (a mapping or a list) in a tree of plain values."""
    waiting: list[tuple[Any, Path]] = [(tree, ())]
    while waiting:
        value, path = waiting.pop()
        if value is node:
            return path
        if isinstance(value, dict):
            waiting.extend((member, (*path, key)) for key, member in value.items())
        elif isinstance(value, list):
            waiting.extend((member, (*path, index)) for index, member in enumerate(value))
    return None
