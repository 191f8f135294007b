"""What a reference to a resource becomes: itself in a folded stack, a name, an ARN or a token in a resolved one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from stackproof.aws.references import FORMATS, Format
from stackproof.aws.regions import partition_of, zones
from stackproof.evaluation.evaluator import Evaluator
from stackproof.evaluation.scope import NO_VALUE, Scope
from stackproof.foundation.placeholders import token
from stackproof.template.parameters import text

OutputOf = Callable[[str, str, str, str], Any]
"""Takes a stack's name, its region, its account and an output's name; returns its value, None of an unknown stack."""
FIELD = re.compile(r"\{(\w+)\}")


class SymbolicReferences:
    """References as a folded stack has them: functions that are left for CloudFormation."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def ref(self, logical: str) -> Any:
        return {"Ref": logical}

    def attribute(self, logical: str, name: str) -> Any:
        return {"Fn::GetAtt": [logical, name]}

    def zones(self, region: Any) -> Any:
        if isinstance(region, str):
            partition_of(region)
        return {"Fn::GetAZs": region}

    def imported(self, name: Any) -> Any:
        return {"Fn::ImportValue": name}

    def undecided(self, condition: str, yes: Any, no: Any) -> Any:
        """Return what stands for an Fn::If of a condition that only AWS can decide, both sides worked out."""
        sides = [{"Ref": "AWS::NoValue"} if side is NO_VALUE else side for side in (yes, no)]
        return yes if yes == no else {"Fn::If": [condition, *sides]}

    def stack_output(self, arguments: Mapping[str, Any]) -> Any:
        return {"Fn::GetStackOutput": arguments}


class ResolvedReferences(SymbolicReferences):
    """References as a resolved stack has them: text that CloudFormation would form, or a token.

    A token is `{{Logical@region}}` for a Ref and `{{Logical.Attribute@region}}` for an attribute.
    """

    def __init__(self, scope: Scope, output_of: OutputOf = lambda *_: None) -> None:
        super().__init__(scope)
        self.output_of = output_of
        self.evaluator: Evaluator
        self.formed: dict[tuple[str, str], Any] = {}
        self.open: list[str] = []

    def ref(self, logical: str) -> Any:
        found = self.formed.get((logical, ""))
        return self.form(logical, "", self.format(logical).ref) if found is None else found

    def attribute(self, logical: str, name: str) -> Any:
        found = self.formed.get((logical, name))
        return self.form(logical, name, self.format(logical).attributes.get(name, "")) if found is None else found

    def zones(self, region: Any) -> Any:
        partition_of(region)
        return list(zones(region))

    def imported(self, name: Any) -> Any:
        return token(f"Fn::ImportValue {name}", self.scope.scenario.region)

    def stack_output(self, arguments: Mapping[str, Any]) -> Any:
        """Return the output of the pair's other stack, where that is the one meant; a token for any other stack's."""
        region = str(arguments.get("Region", self.scope.scenario.region))
        role = str(arguments.get("RoleArn", "")).split(":")
        account = role[4] if len(role) > 5 else self.scope.scenario.account
        found = self.output_of(str(arguments["StackName"]), region, account, str(arguments["OutputName"]))
        if found is not None:
            return found
        return token(
            f"Fn::GetStackOutput {arguments['StackName']} {region}", self.scope.scenario.region, arguments["OutputName"]
        )

    def undecided(self, condition: str, yes: Any, no: Any) -> Any:
        """Return what both sides have in common; a token, another for each two values, where they differ."""
        if yes == no:
            return yes
        if isinstance(yes, dict) and isinstance(no, dict):
            keys = [*yes, *(key for key in no if key not in yes)]
            return {key: self.undecided(condition, yes.get(key, NO_VALUE), no.get(key, NO_VALUE)) for key in keys}
        sides = json.dumps(["" if side is NO_VALUE else [side] for side in (yes, no)], sort_keys=True)
        name = f"Fn::If {condition} {hashlib.sha256(sides.encode()).hexdigest()[:8]}"
        return token(name, self.scope.scenario.region)

    def properties(self, logical: str) -> Mapping[str, Any]:
        """Return the properties of a resource as written, those of the side that an Fn::If around them takes."""
        node = self.scope.resources.get(logical, {}).get("Properties", {})
        while self.evaluator.called.get(id(node)) == "Fn::If":
            name, yes, no = node["Fn::If"]
            holds = self.evaluator.conditions.holds(node, name)
            node = {} if holds is None else yes if holds else no
        return node if isinstance(node, dict) and id(node) not in self.evaluator.called else {}

    def format(self, logical: str) -> Format:
        kind = self.scope.resources.get(logical, {}).get("Type", "")
        found = FORMATS.get(kind, Format())
        if found.only_without in self.properties(logical):
            return Format(found.name, attributes=found.attributes_with)
        return found

    def form(self, logical: str, attribute: str, pattern: str) -> Any:
        """Fill a format's fields; without a format the reference is a token."""
        if pattern:
            filled: Any = FIELD.sub(lambda field: self.field(logical, field[1]), pattern)
        else:
            filled = self.token(logical, attribute)
        self.formed[logical, attribute] = filled
        return filled

    def token(self, logical: str, attribute: str = "") -> str:
        return token(logical, self.scope.scenario.region, attribute)

    def field(self, logical: str, field: str) -> str:
        scenario = self.scope.scenario
        fixed = {
            "partition": scenario.partition.name,
            "region": scenario.region,
            "account": scenario.account,
            "suffix": scenario.partition.suffix,
            "token": self.token(logical),
        }
        if field in fixed:
            return fixed[field]
        if field == "path":
            return self.property(logical, "Path", "/")
        if field == "function":
            return self.property(logical, "FunctionName", self.token(logical)).rpartition("function:")[2]
        if field == "bus":
            bus = self.property(logical, "EventBusName", "").rpartition("event-bus/")[2]
            return "" if bus == "default" else f"{bus}/"
        if field == "name":
            return self.property(logical, self.format(logical).name, self.token(logical))
        return self.property(logical, field, self.token(logical, field))

    def property(self, logical: str, name: str, otherwise: str) -> str:
        """Return a property of a resource as text, or `otherwise` where the template does not give it."""
        resource = self.scope.resources[logical]
        properties = self.properties(logical)
        if name not in properties:
            return otherwise
        if logical in self.open:
            way = " -> ".join([*self.open, logical])
            raise self.scope.refuse(resource, f"circular dependency between resources: {way}", "break the circle")
        self.open.append(logical)
        before = self.evaluator.exchange(set())
        value = self.evaluator.value(properties[name])
        self.evaluator.exchange(before)
        self.open.pop()
        return text(value) if isinstance(value, str | int | float) else otherwise
