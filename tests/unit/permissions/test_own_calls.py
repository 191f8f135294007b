"""What the commands call: the table is held to the source of what calls AWS, and to the calls that commands make."""

import ast
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from account import ACCOUNT

from stackproof.aws.data import facts
from stackproof.deploy.change_set import Body
from stackproof.deploy.client import Cloud, Failed
from stackproof.deploy.runner import Job, deploy, destroy
from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import resolved
from stackproof.foundation.progress import Screen
from stackproof.iam.simulation import Policy, Request, decide
from stackproof.permissions.documents import policies
from stackproof.permissions.own_calls import CALLS, WITH_STACK_SET, own_requirements
from stackproof.plan import operations
from stackproof.template import loader

ROOT = Path(__file__).parents[3]
SOURCES = [*ROOT.glob("tools/stackproof/deploy/*.py"), ROOT / "tools/stackproof/plan/stackset.py"]
WRAPPERS = {"call": "cloudformation", "_ask": "cloudformation", "_s3": "s3", "Call": "cloudformation"}
"""What calls a client of its own, by name; `ask` and `pages` are given the client."""
BY_CLOUDFORMATION = {("s3", "get_object")}
"""What is not called here, but with the caller's credentials."""


def written() -> Iterator[tuple[str, str]]:
    """Give each call of AWS that the source writes out, as client and operation."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                texts = [
                    item.value for item in node.args if isinstance(item, ast.Constant) and isinstance(item.value, str)
                ]
                if name in WRAPPERS and texts:
                    yield WRAPPERS[name], texts[0]
                elif name in ("ask", "pages") and len(texts) > 1:
                    yield texts[0], texts[2] if texts[1].count("-") == 2 else texts[1]


def test_the_table_has_each_call_that_the_source_makes_and_no_other() -> None:
    table = {
        (item.client, item.operation) for calls in (CALLS, WITH_STACK_SET) for some in calls.values() for item in some
    }
    of_data = {
        (item["client"], item["operation"]) for fact in ("look", "used") for item in facts("account", fact).values()
    }
    assert table == {*written(), *of_data, *BY_CLOUDFORMATION}


@dataclass(frozen=True)
class Stacks(Cloud):
    """CloudFormation as far as a deployment and its deletion need it; each call is noted."""

    pause: float = 0
    calls: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    standing: dict[str, str] = field(default_factory=dict)

    def ask(self, service: str, region: str | None, action: str, /, **arguments: Any) -> Mapping[str, Any]:
        assert service == "cloudformation"
        self.calls.append((str(region), action, arguments))
        answer: Mapping[str, Any] = getattr(self, action)(str(region))
        return answer

    def describe_stacks(self, region: str) -> Mapping[str, Any]:
        if region not in self.standing:
            raise Failed("does not exist")
        stack = {"StackId": f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/trading-platform/1", "StackName": "x"}
        return {"Stacks": [{**stack, "StackStatus": self.standing[region], "CreationTime": datetime.now(UTC)}]}

    def create_change_set(self, region: str) -> Mapping[str, Any]:
        self.standing.setdefault(region, "REVIEW_IN_PROGRESS")
        return {}

    def describe_change_set(self, _: str) -> Mapping[str, Any]:
        return {"Status": "CREATE_COMPLETE", "Changes": [{}]}

    def execute_change_set(self, region: str) -> Mapping[str, Any]:
        self.standing[region] = "CREATE_COMPLETE"
        return {}

    def delete_stack(self, region: str) -> Mapping[str, Any]:
        del self.standing[region]
        return {}

    def delete_change_set(self, _: str) -> Mapping[str, Any]:
        return {}

    def describe_stack_events(self, _: str) -> Mapping[str, Any]:
        return {"StackEvents": []}


TEMPLATE = loader.load(str(ROOT / "lib/Prerequisites.json"))
PAIR, _, BARE = (
    operations.in_account(item, ACCOUNT) for item in scenario.load(str(ROOT / "rules/prerequisites.scenarios.yaml"))
)


def job(cloud: Cloud) -> Job:
    return Job(TEMPLATE, operations.made(TEMPLATE, PAIR), cloud, Screen(io.StringIO()), lambda *_: Body("{}"))


@pytest.mark.parametrize("command", ["deploy", "dry-run", "destroy"])
def test_the_calls_of_a_command_are_in_the_table_and_allowed(command: str) -> None:
    cloud = Stacks()
    if command == "destroy":
        cloud.standing.update(dict.fromkeys((PAIR.source.region, PAIR.target.region), "CREATE_COMPLETE"))
        destroy(job(cloud))
    else:
        deploy(job(cloud), dry=command == "dry-run")
    name = command.replace("dry-run", "deploy")
    made = {action for _, action, _ in cloud.calls}
    assert made <= {item.operation for item in CALLS[name]}
    assert {"deploy": "execute_change_set", "dry-run": "delete_change_set", "destroy": "delete_stack"}[command] in made
    held = allowed(name)
    denied = [
        (region, action) for region, action, _ in cloud.calls if decide(held, request(region, action)) != "allowed"
    ]
    assert denied == []


def allowed(command: str) -> list[Policy]:
    wanted = own_requirements([command], resolved(TEMPLATE, PAIR).stacks)
    return [Policy(tuple(item["Statement"])) for item in policies(wanted).stated()]


def request(region: str, action: str) -> Request:
    verb = action.title().replace("_", "")
    return Request(f"cloudformation:{verb}", f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{PAIR.source.stack}/1")


def test_outputs_may_read_and_nothing_else() -> None:
    held = allowed("outputs")
    assert decide(held, request(PAIR.source.region, "describe_stacks")) == "allowed"
    assert decide(held, request(PAIR.source.region, "delete_stack")) == "implicitly denied"


def test_a_macro_is_used_by_who_makes_the_change_set() -> None:
    text = '{"Transform": "AWS::LanguageExtensions", "Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'
    stacks = resolved(loader.parse(text, "t.json"), BARE).stacks
    on = {item.resource for item in own_requirements(["deploy"], stacks) if item.action.endswith(":CreateChangeSet")}
    assert f"arn:aws:cloudformation:{BARE.source.region}:aws:transform/LanguageExtensions" in on


def test_a_stack_set_is_named() -> None:
    wanted = own_requirements(["deploy"], resolved(TEMPLATE, PAIR).stacks, "trading")
    on = {item.resource for item in wanted if item.action == "cloudformation:UpdateStackSet"}
    assert f"arn:aws:cloudformation:*:{ACCOUNT}:stackset/trading:*" in on
