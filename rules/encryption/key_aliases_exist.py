"""Every alias by which a resource names its key is one that a stack creates, AWS keeps, or others have made.

An alias that is misspelt is found when the resource is created, or when the first message cannot be encrypted. Where
the project lists what is external, every other alias has to be the stacks'; else one that is nearly theirs is named.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
pack: resilience
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding
from stackproof.aws.iam_actions import is_service
from stackproof.topology.elsewhere import others_create
from stackproof.topology.made_ids import named_keys
from stackproof.topology.resource_index import created_names

APPLIES_TO = ("Resources",)
OF_AWS = "alias/aws/"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for path, name in named_keys(stack):
            if name.startswith(OF_AWS):
                if not is_service(name.removeprefix(OF_AWS)) and "{{" not in name:
                    message = f"{path[1]} names {name}, and AWS has no service of that name"
                    yield stack.finding(path, message, f"write {OF_AWS} and the service's name, as IAM has it")
                continue
            known = any(name in created_names(each) for each in deployment.stacks)
            if not known and not others_create(deployment, name):
                message = f"{path[1]} names {name}, which no stack creates"
                yield stack.finding(path, message, "write it as the stack that creates it does")
