"""A role allows exactly what its functions' code calls and what the services that use it need, ARN by ARN.

An action that is missing fails the first time it is called; one too many is what an attacker, or a mistake, can use.
What is needed is read from the code (each call of boto3, the names it gets from its environment and configuration
parameter) and from what the services document: Lambda's logs, network interfaces, event sources and destinations,
S3's replication, targets of events, keys of what is encrypted. A call that cannot be understood is no pass: the rule
then cannot tell.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from stackproof.api import CannotTell, Deployment, Finding, Stack, properties_path
from stackproof.aws.arn import covers
from stackproof.aws.iam_actions import action
from stackproof.iam.code_needs import of_code
from stackproof.iam.kms_needs import of_keys
from stackproof.iam.lambda_needs import of_functions, of_mappings
from stackproof.iam.need import Need
from stackproof.iam.service_needs import BY_MANAGED_POLICY, of_services, uses
from stackproof.iam.statements import Statement, holds, of_roles

APPLIES_TO = ("AWS::IAM::Role",)
OF_AWS = ":iam::aws:policy/"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        needs = list(chain(of_code(stack), of_functions(stack), of_mappings(stack), of_services(stack)))
        needs += of_keys(stack, list(needs))
        for role, held in of_roles(stack).items():
            refuse_unread(stack, role)
            wanted = [need for need in needs if need.role == role]
            yield from lacking(stack, held, wanted)
            yield from unneeded(stack, held, wanted)


def refuse_unread(stack: Stack, role: str) -> None:
    """Raise CannotTell for a role whose actions stand in a managed policy of AWS, unless its users need those."""
    arns = [str(arn) for arn in stack.resources[role]["Properties"].get("ManagedPolicyArns", [])]
    own = {stack.evaluator.references.ref(one) for one, _ in stack.of_type("AWS::IAM::ManagedPolicy")}
    unread = [arn for arn in arns if arn not in own]
    users = {stack.resources[use.logical]["Type"] for use in uses(stack)[role]}
    if unread and not users <= set(BY_MANAGED_POLICY):
        place = stack.place(properties_path(role, "ManagedPolicyArns"))
        raise CannotTell(f"what {unread[0]} allows {role} is not known", place, "write its actions into the role")


def lacking(stack: Stack, held: Sequence[Statement], wanted: Sequence[Need]) -> Iterator[Finding]:
    for need in wanted:
        outcomes = [
            holds(statement.conditions, need.request(stack))
            for statement in held
            if statement.effect == "Allow" and concerns(statement, need)
        ]
        denied = any(statement.effect == "Deny" and concerns(statement, need) for statement in held)
        if True in outcomes and not denied:
            continue
        if None in outcomes:
            raise CannotTell(f"whether the conditions on {need.action} hold is not known", stack.place(need.path))
        how = "denies" if denied else "allows only under other conditions" if outcomes else "does not allow"
        yield need.finding(
            stack,
            f"{need.role} {how} {need.action} on {need.covers()}, which {need.why} needs",
            f"allow {need.action} on exactly this resource in {need.role}",
        )


def concerns(statement: Statement, need: Need) -> bool:
    return any(covers(action, need.action, fold=True) for action in statement.actions) and any(
        covers(resource, need.covers()) for resource in statement.resources
    )


def unneeded(stack: Stack, held: Sequence[Statement], wanted: Sequence[Need]) -> Iterator[Finding]:
    for statement in held:
        for name in statement.actions if statement.effect == "Allow" else ():
            same = [need.resource for need in wanted if need.action.lower() == name.lower()]
            known = action(name)
            granted = [one for resource in statement.resources for one in (known.narrowed(resource) if known else ())]
            excess = [one for one in granted if not any(covers(resource, one) for resource in same)]
            if excess:
                only = f"needed only on {' and '.join(dict.fromkeys(same))}" if same else "which nothing needs"
                yield stack.finding(
                    statement.action_path(name),
                    f"{statement.owner} allows {name} on {' and '.join(excess)}, {only}",
                    "name the needed resources alone" if same else "remove the action",
                )
