"""Writes what the StackSet execution role of lib/Prerequisites.json allows: what the types of the template need.

python docs/execution_role.py [--check]

The list is what each type's handlers call to create, read, update and delete it (the schemas that CloudFormation's
registry gives, as cfn-lint ships them), and what CloudFormation itself does in the role. It is cut into as many managed
policies as their size takes: AWS counts 6,144 characters each, white space left out.
Source: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html (handlers)
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

import json
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import botocore.session

from stackproof.aws.arn import covers
from stackproof.aws.data import facts
from stackproof.aws.iam_actions import action, is_service
from stackproof.aws.schemas import schema
from stackproof.template import loader

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "lib/TapStack.json"
GOAL = ROOT / "lib/Prerequisites.json"
POLICY = "StackSetExecutionPolicy"
LARGEST = 6_144
HANDLERS = ("create", "read", "update", "delete")

WITHOUT_HANDLERS: Mapping[str, Sequence[str]] = {
    # CloudFormation calls the function as who makes the stack. Source: CloudFormation User Guide, "Create custom
    # provisioning logic with custom resources".
    "AWS::CloudFormation::CustomResource": ("lambda:InvokeFunction",),
}
ALWAYS = (
    # What a StackSet does in the role beside the template's types: stacks, their templates, their notifications.
    # Source: CloudFormation User Guide, "Grant self-managed permissions", minimum permissions of an execution role.
    "cloudformation:CancelUpdateStack",
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:CreateChangeSet",
    "cloudformation:CreateStack",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStackResource",
    "cloudformation:DescribeStackResources",
    "cloudformation:DescribeStacks",
    "cloudformation:DetectStackDrift",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:GetStackPolicy",
    "cloudformation:GetTemplate",
    "cloudformation:GetTemplateSummary",
    "cloudformation:ListStackResources",
    "cloudformation:SetStackPolicy",
    "cloudformation:TagResource",
    "cloudformation:UntagResource",
    "cloudformation:UpdateStack",
    "cloudformation:UpdateTerminationProtection",
    "sns:Publish",
)
LEFT_OUT = ("dynamodb:DisassociateTableReplica",)
"""What IAM has lately, for replicas in other accounts: the template has none, and cfn-lint 1.58 does not know it."""
PREFIXES: Mapping[str, Sequence[str]] = {
    # Types whose service IAM knows by another name, or by two. Source: Service Authorization Reference.
    "Backup": ("backup", "backup-storage"),
    "StepFunctions": ("states",),
}
RESOURCES: Mapping[str, Sequence[str]] = {
    # Where an ARN is not `service:region:account:…`, or all of the account would be more than the stacks have: roles
    # are named after their stack, and the stacks of a StackSet are named StackSet-….
    # Source: Service Authorization Reference; IAM User Guide, "IAM identifiers".
    "cloudformation": ("cloudformation:*:${AWS::AccountId}:stack/StackSet-*",),
    "cloudwatch": ("cloudwatch:*:${AWS::AccountId}:*", "cloudwatch::${AWS::AccountId}:dashboard/*"),
    "iam": ("iam::${AWS::AccountId}:role/StackSet-*", "iam::${AWS::AccountId}:role/aws-service-role/*"),
    "route53": ("route53:::*",),
    "s3": ("s3:::*",),
}
OWN_ACCOUNT = '{ "aws:ResourceAccount": { "Ref": "AWS::AccountId" } }'
"""The condition on a statement whose ARNs do not say whose they are."""

PASS, TO_SERVICES = "iam:PassRole", '{ "iam:PassedToService": %s }'

ELSEWHERE: Mapping[str, Sequence[str]] = {
    # What lies in AWS's own accounts: the template as a StackSet keeps it, and the topic that hears of its stacks.
    "s3:GetObject": ("s3:::*/*",),
    "sns:Publish": ("sns:*:*:*",),
}


def main() -> int:
    text = GOAL.read_text(encoding="utf-8")
    kinds = {resource["Type"] for resource in loader.load(str(TEMPLATE)).value["Resources"].values()}
    made = replaced(text, [*policies(needed(kinds), services_of(kinds))])
    if "--check" in sys.argv:
        if text != made:
            print(f"{GOAL.relative_to(ROOT)} is stale; fix: python docs/execution_role.py", file=sys.stderr)
        return int(text != made)
    GOAL.write_text(made, encoding="utf-8")
    return 0


def needed(kinds: Collection[str]) -> list[str]:
    """Return the actions, in the schemas' spelling; what IAM does not know, or serves other types, is left out."""
    own = {prefix for kind in kinds for prefix in prefixes(kind)} | {"iam", "kms", "logs"}
    wanted = {name for kind in kinds for name in of_type(kind)}
    spelt = {spelling for name in wanted if name.partition(":")[0] in own for spelling in spelled(name)}
    return sorted((spelt | set(ALWAYS)) - set(LEFT_OUT))


def services_of(kinds: Collection[str]) -> list[str]:
    """Return the services that resources of the types hand roles to."""
    assumed_by = facts("resource_types", "assumed_by")
    return sorted({assumed_by[kind] for kind in kinds if kind in assumed_by})


def prefixes(kind: str) -> Sequence[str]:
    service = kind.split("::")[1]
    return PREFIXES.get(service, (service.lower(),))


def of_type(kind: str) -> Sequence[str]:
    if kind.startswith("Custom::"):
        kind = "AWS::CloudFormation::CustomResource"
    if kind in WITHOUT_HANDLERS:
        return WITHOUT_HANDLERS[kind]
    handlers = schema(kind).get("handlers")
    if not handlers:
        sys.exit(f"the schema of {kind} names no handlers; fix: add its actions to WITHOUT_HANDLERS")
    return [permission for name in HANDLERS for permission in handlers.get(name, {}).get("permissions", ())]


def spelled(name: str) -> Iterator[str]:
    """Give an action that IAM knows, and of one with a wildcard those operations that it covers."""
    service, _, verb = name.partition(":")
    verbs = [verb]
    if "*" in verb:
        verbs = [
            operation
            for operation in botocore.session.Session().get_service_model(service).operation_names
            if covers(verb, operation)
        ]
    yield from (
        f"{service}:{verb_known}" for verb_known in verbs if is_service(service) and action(f"{service}:{verb_known}")
    )


def policies(actions: Sequence[str], passed: Sequence[str]) -> Iterator[str]:
    """Give the text of each policy: services one after the other, as many as fit into one."""
    statements: list[str] = []
    for granted in statements_of(actions, passed):
        if statements and size([*statements, granted]) > LARGEST:
            yield text_of(statements)
            statements = []
        statements.append(granted)
    yield text_of(statements)


def statements_of(actions: Sequence[str], passed: Sequence[str]) -> Iterator[str]:
    """Give one statement a service for the actions that know a resource, and one for all that know none.

    Roles go to the services `passed` alone.
    """
    bare = [name for name in actions if not knows(name)]
    services = dict.fromkeys(name.partition(":")[0] for name in actions)
    for service in services:
        named = [name for name in actions if name.startswith(f"{service}:") and name not in (*bare, *ELSEWHERE, PASS)]
        if named:
            own = RESOURCES.get(service, (f"{service}:*:${{AWS::AccountId}}:*",))
            yield statement(named, own, OWN_ACCOUNT if service == "s3" else "")
    for name, own in ELSEWHERE.items():
        if name in actions:
            yield statement([name], own)
    yield statement([PASS], RESOURCES["iam"][:1], TO_SERVICES % json.dumps(passed))
    yield statement(bare, ())


def knows(name: str) -> bool:
    found = action(name)
    return bool(found and found.kinds)


def statement(actions: Sequence[str], resources: Sequence[str], condition: str = "") -> str:
    """Return the text of a statement."""
    arns = [f'{{ "Fn::Sub": "arn:${{AWS::Partition}}:{resource}" }}' for resource in resources] or ['"*"']
    lines = ["{", '  "Effect": "Allow",', '  "Action": [']
    lines += [f'    "{name}",' for name in actions]
    lines[-1] = lines[-1].rstrip(",")
    lines += ["  ],", f'  "Resource": {arns[0] if len(arns) == 1 else "[" + ", ".join(arns) + "]"}']
    if condition:
        lines[-1] += ","
        lines.append(f'  "Condition": {{ "StringEquals": {condition} }}')
    return "\n".join([*lines, "}"])


def size(statements: Sequence[str]) -> int:
    """Return the characters that AWS counts, with the longest partition name in the place of ${AWS::Partition}."""
    document = f'{{"Version":"2012-10-17","Statement":[{",".join(statements)}]}}'
    plain = document.replace("${AWS::Partition}", "aws-us-gov").replace("${AWS::AccountId}", "111111111111")
    return len("".join(json.dumps(json.loads(plain), separators=(",", ":")).split()))


def text_of(statements: Sequence[str]) -> str:
    body = ",\n".join(statements)
    inner = "\n".join(f"            {line}" for line in body.splitlines())
    return (
        '{\n      "Type": "AWS::IAM::ManagedPolicy",\n      "Condition": "HasStackSetRoles",\n'
        '      "Metadata": { "Comment": "Made by docs/execution_role.py from the types in lib/TapStack.json" },\n'
        '      "Properties": {\n        "Description": "What the stacks of a StackSet of the platform need",\n'
        '        "PolicyDocument": {\n          "Version": "2012-10-17",\n          "Statement": [\n'
        f"{inner}\n          ]\n        }}\n      }}\n    }}"
    )


def replaced(text: str, made: Sequence[str]) -> str:
    """Return the template with its policies of this name replaced, and the role's list of them."""
    lines = text.splitlines()
    at = [number for number, line in enumerate(lines) if line.startswith(f'    "{POLICY}')]
    if not at:
        sys.exit(f"{GOAL.name} has no {POLICY}1; fix: put an empty one where the policies are to stand")
    last = next(number for number in range(at[-1], len(lines)) if lines[number].startswith("    }"))
    comma = "," if lines[last].endswith(",") else ""
    new = ",\n".join(f'    "{POLICY}{number}": {policy}' for number, policy in enumerate(made, 1)) + comma
    whole = "\n".join([*lines[: at[0]], new, *lines[last + 1 :]]) + "\n"
    listed = ", ".join(f'{{ "Ref": "{POLICY}{number}" }}' for number in range(1, len(made) + 1))
    head, mark, tail = whole.partition('"ManagedPolicyArns": [')
    return head + mark + listed + tail[tail.index("]") :]


if __name__ == "__main__":
    sys.exit(main())
