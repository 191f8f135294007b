"""What the emulator's CloudFormation left out or dropped, put in by the services' own APIs as the template says it.

The values are those of the stack as it is resolved: what only AWS knows stands there as a token, and is replaced by
the ids that the deployed stack has, and by those of what was put in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from created import CREATED
from deployed import Stack, pages
from put_in import SETTINGS, Setting

from stackproof.evaluation.stack import Stack as Resolved
from stackproof.foundation.placeholders import holds_unknown, token


@dataclass(frozen=True)
class Completed:
    """What was put in, in words; what was there already; what could not be put in."""

    done: list[str] = field(default_factory=list)
    there_already: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Completer:
    """Completes one side: `missing` are the resources that its template lost, with their types."""

    stack: Stack
    resolved: Resolved
    missing: Mapping[str, str]
    stand_ins: Mapping[str, str]
    ids: dict[str, str]
    made: Completed = field(default_factory=Completed)

    def complete(self) -> Completed:
        self._create()
        self._routes()
        for setting in SETTINGS:
            for logical, resource in self.resolved.of_type(setting.kind):
                if setting.stated(resource) and logical not in self.missing:
                    self._set(setting, logical, self.filled(resource))
        self._tell()
        return self.made

    def filled(self, value: Any) -> Any:
        """Return a value with the tokens replaced whose ids are known."""
        text = json.dumps(value)
        for name, known in self.ids.items():
            text = text.replace(name, known)
        return json.loads(text)

    def _create(self) -> None:
        """Create what is missing, as soon as all that it refers to is there."""
        left = {key for key, kind in self.missing.items() if kind in CREATED}
        while ready := {key for key in left if not holds_unknown(json.dumps(self._properties(key)))}:
            for key in sorted(ready):
                kind = self.missing[key]
                own, attributes = CREATED[kind](self.stack, self._properties(key))
                self._know(key, own, attributes)
                self.made.done.append(f"{self.stack.side}: {key} ({kind})")
            left -= ready
        self.made.failed.extend(f"{self.stack.side}: {key}" for key in sorted(left))

    def _properties(self, logical: str) -> Any:
        return self.filled(self.resolved.resources[logical].get("Properties", {}))

    def _know(self, logical: str, own: str, attributes: Mapping[str, str]) -> None:
        region = self.stack.region
        self.ids[token(logical, region)] = own
        self.ids.update({token(logical, region, name): value for name, value in attributes.items()})

    def _routes(self) -> None:
        """Lead the routes that were given a made-up id to what has been put in since."""
        for logical, resource in self.resolved.of_type("AWS::EC2::Route"):
            if logical not in self.missing and "VpcPeeringConnectionId" in resource:
                known = self.filled(resource)
                ec2, (table, to) = self.stack.client("ec2"), (known["RouteTableId"], known["DestinationCidrBlock"])
                # Its ReplaceRoute knows no peering.
                ec2.delete_route(RouteTableId=table, DestinationCidrBlock=to)
                ec2.create_route(**known)
                self.made.done.append(f"{self.stack.side}: {logical} to the peering that was put in")

    def _set(self, setting: Setting, logical: str, entry: Mapping[str, Any]) -> None:
        what = f"{self.stack.side}: {setting.name} of {logical} ({setting.kind})"
        if setting.name == "Region" and entry["Region"] == self.stack.region:
            return
        before = _looked(setting, self.stack, entry)
        setting.put(self.stack, entry)
        after = _looked(setting, self.stack, entry)
        same = before == after and not setting.by_itself
        where = self.made.there_already if same else self.made.done
        where.append(what)

    def _tell(self) -> None:
        """Work out the outputs that the template lost, or that told a made-up id."""
        for name, output in self.resolved.value["Outputs"].items():
            value = self.filled(output["Value"])
            if (name not in self.stack.outputs or name in self.stand_ins) and not holds_unknown(value):
                self.made.outputs[name] = value


def _looked(setting: Setting, stack: Stack, entry: Mapping[str, Any]) -> Any:
    try:
        return setting.look(stack, entry)
    except ClientError as error:
        return error.response["Error"]["Code"]


def ids(stack: Stack) -> dict[str, str]:
    """Return by token what `Ref` gives of each resource that the stack has."""
    client = stack.client("cloudformation")
    listed = pages(client, "list_stack_resources", "StackResourceSummaries", StackName=stack.name)
    return {token(item["LogicalResourceId"], stack.region): item["PhysicalResourceId"] for item in listed}
