"""What a StackSet does in its execution role beside the types of its template, and how its stacks are named.

Source: CloudFormation User Guide, "Grant self-managed permissions", minimum permissions of an execution role;
"StackSets concepts" (a stack is named StackSet-NAME-ID); aws/data/permissions.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from stackproof.aws.data import facts
from stackproof.evaluation.scenario import Pair, Scenario
from stackproof.permissions.required import Reason, Required

STACK_SET = "AWS::CloudFormation::StackSet"
STACKS = "StackSet-*"


def in_stack_set(pair: Pair) -> Pair:
    """Return a pair whose stacks are named as those of a StackSet are."""
    return replace(pair, source=replace(pair.source, stack=STACKS), target=replace(pair.target, stack=STACKS))


def of_stack_set(scenarios: Sequence[Scenario]) -> Iterator[Required]:
    """Give what CloudFormation does in the execution role to stacks, their templates and notifications."""
    for scenario in scenarios:
        start = f"arn:{scenario.partition.name}"
        on = {
            "cloudformation": f"{start}:cloudformation:{scenario.region}:{scenario.account}:stack/{STACKS}",
            # What lies in AWS's own accounts: the template as a StackSet keeps it, the topic that hears of its stacks.
            "s3": f"{start}:s3:::*/*",
            "sns": f"{start}:sns:*:*:*",
        }
        for name in facts("permissions", "execution_role")[STACK_SET]:
            yield Required(name, on[name.partition(":")[0]], (), Reason("StackSet", STACK_SET, "deploy"))
