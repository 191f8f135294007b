"""What `stackproof permissions` prints lets CloudFormation's calls through, and without an action its call is denied.

Another program decides that: the emulator, asked to hold callers to their policies (AUTH=true). Its CloudFormation
makes resources as nobody, so each action is called by itself, on an ARN of the deployment. It does not name the
resource of every call as AWS does, or names none, and then denies what AWS lets through: on these calls it proves
nothing, and they are counted. What is no call of its own, such as passing a role, cannot be tried either.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import emulator
import pytest
from acting import Caller, Outcome

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import resolved
from stackproof.permissions.documents import policies
from stackproof.permissions.handlers import OPERATIONS
from stackproof.permissions.required import Required, requirements
from stackproof.plan.operations import in_account
from stackproof.template import loader

pytestmark = pytest.mark.emulator_only
ROOT = Path(__file__).parents[2]
REGION = "us-east-1"
LEAST = 150
"""Actions that the emulator decides by the ARN, at least."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    with emulator.running(tmp_path_factory.mktemp("authorised"), AUTH="true") as variables:
        keys = variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]
        yield Caller(variables["AWS_ENDPOINT_URL"], *keys)


@pytest.fixture(scope="module")
def needed() -> list[Required]:
    """What the first deployment of lib/TapStack.json needs."""
    template = loader.load(str(ROOT / "lib/TapStack.json"))
    pair = in_account(scenario.load(str(ROOT / "rules/scenarios.yaml"))[0], emulator.ACCOUNT)
    found = requirements(resolved(template, pair).stacks, OPERATIONS)
    return [need for need in found if isinstance(need, Required)]


@pytest.fixture(scope="module")
def tried(root: Caller, needed: list[Required]) -> Outcome:
    """What becomes of one call an action, made with exactly what is needed."""
    return root.with_policies("exact", policies(needed).stated()).act(each(needed), [REGION])


def each(needed: Sequence[Required]) -> list[Required]:
    """Return one need an action: on an ARN of the source region, if there is one."""
    ordered = sorted(needed, key=lambda need: (REGION not in need.resource, need))
    return [*{need.action: need for need in reversed(ordered)}.values()]


def test_what_is_needed_is_let_through_by_exactly_the_policy(tried: Outcome) -> None:
    assert len(tried.let_through) >= LEAST
    services = {need.action.partition(":")[0] for need in tried.let_through}
    assert {"dynamodb", "ec2", "iam", "kinesis", "kms", "lambda", "logs", "s3", "sqs", "sns", "states"} <= services


def test_a_call_is_denied_without_its_action(root: Caller, needed: list[Required], tried: Outcome) -> None:
    """Each action that is let through is taken out of one of two policies, and called with that."""
    names = sorted({need.action for need in tried.let_through})
    let_through = []
    for half, taken in enumerate((names[::2], names[1::2])):
        less = [need for need in needed if need.action not in taken]
        caller = root.with_policies(f"half{half}", policies(less).stated())
        outcome = caller.act([need for need in tried.let_through if need.action in taken], [REGION])
        let_through += [need.action for need in outcome.let_through]
    assert [name for name in let_through if name not in NOT_HELD] == []


NOT_HELD = (
    "logs:ListTagsForResource", "logs:TagResource", "logs:UntagResource",
    "lambda:DeleteEventSourceMapping", "lambda:GetFunctionScalingConfig", "lambda:GetRuntimeManagementConfig",
    "lambda:UpdateEventSourceMapping",
)  # fmt: skip
"""What the emulator lets through by another action's name."""
