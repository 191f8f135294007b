"""A role in which CloudFormation deploys a template may do what its types need and nothing else, in policies that fit.

An action that is missing ends a deployment half way, and the rollback as well, if it is one that deletes. One that
nothing needs is administrator's right in small. The role names the template in its Metadata: `stackproof: {deploys:
[FILE]}`. What types need is what their schemas' handlers list, as far as their properties call for it; a type whose
schema lists nothing is no pass. This compares actions, as the template is written; `stackproof permissions --check`
compares ARNs and conditions as well, for all scenarios, which takes seconds. IAM refuses a managed policy of more than
6,144 characters without white space, more than 10 of them on a role, and inline policies of more than 10,240 in all.
Source: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
pack: security
severity: error
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from stackproof.api import Deployment, Findings, Stack, as_list, properties_path
from stackproof.iam.deploying_roles import deploying_roles
from stackproof.iam.statements import of_roles
from stackproof.permissions.at_a_glance import Glance, glance
from stackproof.permissions.documents import INLINE, LARGEST, MOST

APPLIES_TO = ("AWS::IAM::Role",)
NAMED = 4
"""Actions that a message names."""


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        for role in deploying_roles(stack):
            metadata = stack.resources[role].get("Metadata", {})
            own = metadata.get("stackproof", {}) if isinstance(metadata, dict) else {}
            files = as_list(own.get("deploys", [])) if isinstance(own, dict) else []
            if files:
                yield from of_role(stack, role, files)
                yield from of_sizes(stack, role)


def of_role(stack: Stack, role: str, files: Sequence[Any]) -> Findings:
    path = ("Resources", role)
    found: list[Glance] = []
    for name in files:
        file = located(str(name), stack.template.path)
        if file is None:
            yield stack.cannot_tell(
                path, f"{role} deploys {name}, which is not there", "name a file from the repository's folder"
            )
            return
        found.append(glance(file))
        for kind in found[-1].unknown:
            message = f"what CloudFormation calls for {kind} of {name} is not known"
            yield stack.cannot_tell(path, message, "add its actions to aws/data/permissions.yaml")
    allowed = [statement for statement in of_roles(stack)[role] if statement.effect == "Allow"]
    granted = [action for statement in allowed for action in statement.actions]
    where = ", ".join(map(str, files))
    lacking = {name: template for template in found for name in template.lacking(granted)}
    if lacking:
        kinds = {kind for name, template in lacking.items() for kind in template.kinds_of(name)}
        message = f"{role} lacks {some(lacking)}, which {some(kinds)} of {where} needs"
        yield stack.finding(path, message, f"allow what stackproof permissions {' '.join(map(str, files))} prints")
    extra = set.intersection(*(set(template.needless(granted)) for template in found))
    if extra:
        yield stack.finding(path, f"{role} may {some(extra)}, which nothing in {where} needs", "remove them")


def some(names: Iterable[str]) -> str:
    every = sorted(names)
    return ", ".join(every[:NAMED]) + (f" and {len(every) - NAMED} more" if len(every) > NAMED else "")


def of_sizes(stack: Stack, role: str) -> Findings:
    properties = stack.resources[role].get("Properties", {})
    attached = [str(arn) for arn in as_list(properties.get("ManagedPolicyArns", []))]
    if len(attached) > MOST:
        message = f"{role} has {len(attached)} managed policies, of {MOST} that a role may have"
        yield stack.finding(properties_path(role, "ManagedPolicyArns"), message, "join some of them")
    inline = sum(characters(policy.get("PolicyDocument")) for policy in as_list(properties.get("Policies", [])))
    if inline > INLINE:
        message = f"the policies in {role} have {inline:,} characters, of {INLINE:,} that they may have"
        yield stack.finding(properties_path(role, "Policies"), message, "make managed policies of them")
    for logical, policy in stack.of_type("AWS::IAM::ManagedPolicy"):
        if stack.evaluator.references.ref(logical) in attached:
            size = characters(policy.get("PolicyDocument"))
            if size > LARGEST:
                message = f"{logical} has {size:,} characters, of {LARGEST:,} that a managed policy may have"
                yield stack.finding(properties_path(logical, "PolicyDocument"), message, "cut it into two")


def characters(document: Any) -> int:
    """Return how many characters of a document IAM counts."""
    text = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))
    return len("".join(text.split()))


def located(name: str, template: str) -> Path | None:
    """Return a file that a role names: from the current folder, or from the template's or the harness's upwards."""
    above = (
        Path(),
        *(folder for home in (template, inspect.getfile(Deployment)) for folder in Path(home).resolve().parents),
    )
    return next((folder / name for folder in above if (folder / name).is_file()), None)
