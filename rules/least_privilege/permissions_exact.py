"""A role allows no more than its functions' code calls and the services that use it document, ARN by ARN.

An action too many is what an attacker, or a mistake, can use; permissions_suffice says which are missing.
What is needed is read from the code (each call of boto3, the names it gets from its environment and configuration
parameter) and from what the services document: Lambda's logs, network interfaces, event sources and destinations,
S3's replication, targets of events, keys of what is encrypted. A call that is not understood is no pass: it is an error
of its role, and the other roles are still checked. What a role in which CloudFormation makes other stacks needs stands
in their templates: of such a role only what it assumes is read here. A role is allowed what its own policies say and
what AWS's managed policies say that it attaches. One of these that allows nothing needed is a finding; one that allows
more than is needed is none here, as its actions are AWS's to choose (managed_policies_listed says which may be used).
Where a program that is not in the template (of an instance, a container, a build), an account, a federated user or
another stack uses a role, nothing is known to be needless.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
pack: security
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stackproof.api import Deployment, Finding, Findings, Stack
from stackproof.aws.arn import covers, overlap
from stackproof.aws.iam_actions import action, is_pattern
from stackproof.iam.deploying_roles import ASSUME, deploying_roles
from stackproof.iam.lacking import concerns, kinds_of_users, unknown_needs, unread
from stackproof.iam.need import Need
from stackproof.iam.needs import needs_of
from stackproof.iam.service_needs import BY_MANAGED_POLICY, OWN_PROGRAMS, actions_by_aws, trusts_others
from stackproof.iam.statements import Statement, attached_policies, of_roles

APPLIES_TO = ("AWS::IAM::Role",)


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        for role, granted in of_roles(stack).items():
            yield from of_role(stack, role, granted)


def of_role(stack: Stack, role: str, granted: Sequence[Statement]) -> Findings:
    """Check one role as far as it is known: a need that is not known may be what an action serves that nothing else
    needs, and a policy that is not known may allow what the role's own statements lack."""
    known, unknown = needs_of(stack)[role]
    yield from unknown_needs(role, unknown)
    yield from unread(stack, role)
    if not unknown and not used_elsewhere(stack, role):
        yield from unused(stack, role, granted, known)
        ours = [statement for statement in granted if statement.effect == "Allow" and not statement.managed]
        served = [name for kind in kinds_of_users(stack, role) for name in actions_by_aws(kind)]
        yield from unneeded(stack, ours, known, ASSUME if role in deploying_roles(stack) else "", served)


def used_elsewhere(stack: Stack, role: str) -> bool:
    """Tell whether what uses a role may be outside the template: an account, a federated user, a program."""
    kinds = kinds_of_users(stack, role)
    if not kinds and role not in deploying_roles(stack):
        return True
    return bool(kinds & set(OWN_PROGRAMS)) or trusts_others(stack, role)


def unused(stack: Stack, role: str, held: Sequence[Statement], wanted: Sequence[Need]) -> Iterator[Finding]:
    """Give a finding for each managed policy of AWS that allows nothing that is needed, where all needs are known."""
    if kinds_of_users(stack, role) & set(BY_MANAGED_POLICY) or role in deploying_roles(stack):
        return
    for path, policy in attached_policies(stack, role):
        stated = [statement for statement in held if statement.managed == policy and statement.effect == "Allow"]
        if stated and not any(concerns(statement, need) for statement in stated for need in wanted):
            name = policy.rpartition("/")[2]
            yield stack.finding(path, f"{role} holds {name}, which allows nothing that is needed", f"detach {name}")


def unneeded(
    stack: Stack, statements_held: Sequence[Statement], wanted: Sequence[Need], only: str, served: Sequence[str]
) -> Iterator[Finding]:
    """Give what is allowed and not needed; of one action alone, if no more is known than what needs that.

    `served` are actions that users need by what AWS's policies for them say: on which resources is not known.
    """
    for statement in statements_held:
        for name in statement.actions:
            if (only and name.lower() != only.lower()) or any(overlap(name.lower(), pattern) for pattern in served):
                continue
            if is_pattern(name):
                if name != "*" and not any(covers(name, need.action, fold=True) for need in wanted):
                    message = f"{statement.owner} allows {name}, of which nothing needs an action"
                    yield stack.finding(statement.action_path(name), message, "remove the action")
                continue
            same = [need.resource for need in wanted if need.action.lower() == name.lower()]
            known = action(name)
            granted = [arn for resource in statement.resources for arn in (known.narrowed(resource) if known else ())]
            excess = [arn for arn in granted if not any(covers(resource, arn) for resource in same)]
            if excess:
                where = f"needed only on {' and '.join(dict.fromkeys(same))}" if same else "which nothing needs"
                yield stack.finding(
                    statement.action_path(name),
                    f"{statement.owner} allows {name} on {' and '.join(excess)}, {where}",
                    "name the needed resources alone" if same else "remove the action",
                )
