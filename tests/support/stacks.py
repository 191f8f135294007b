"""Stacks made of a few resources, for tests of what is read from a stack."""

import json
from typing import Any

from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.stack import Stack, resolve
from stackproof.rules import rule_files
from stackproof.rules.runner import Subjects, Verdict, run_rule
from stackproof.template import loader

ACCOUNT = "111111111111"


def stack(resources: dict[str, Any], region: str = "us-east-1") -> Stack:
    """Return the resolved stack of some resources."""
    document = loader.parse(json.dumps({"Resources": resources}), "t.json")
    return resolve(document, Scenario("one", "source", region, ACCOUNT, "s", {}))


def verdict(rule: str, resources: dict[str, Any]) -> Verdict:
    """Return what a rule says of two stacks of the same resources, in two regions."""
    (found,) = (item for item in rule_files.discover("rules") if item.name == rule)
    deployment = Deployment("one", stack(resources), stack(resources, "eu-west-1"))
    return run_rule(found, [deployment], Subjects())


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    """Return a resource of a type, written without its AWS::."""
    return {"Type": f"AWS::{kind}", "Properties": properties}


def ref(logical: str) -> dict[str, str]:
    return {"Ref": logical}


def arn(logical: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [logical, "Arn"]}
