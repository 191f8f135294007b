"""A template of a role in which CloudFormation deploys, with its policies.

Policies that fit into the role stand in it; else they are managed policies of their own, which may be larger in all.
Only CloudFormation may assume the role, and only for stacks of its account: other accounts' stacks are kept out by the
condition, as AWS documents it against the confused deputy. In the place of the account and the partition stand
references.
Source: CloudFormation User Guide, "CloudFormation service role", "Cross-service confused deputy prevention"; IAM User
Guide, "IAM and AWS STS quotas".
"""

from __future__ import annotations

import re
from typing import Any

from stackproof.permissions.documents import INLINE, VERSION, Policies, size

OWN = re.compile(r"^arn:aws[a-z-]*:|:\d{12}:")


def role_template(made: Policies) -> dict[str, Any]:
    """Return a template whose one output is the role's ARN, to be given to CloudFormation as --role-arn."""
    documents = [referring(document) for document in made.stated()]
    inline = sum(size(document) for document in made.documents) <= INLINE
    properties: dict[str, Any] = {"AssumeRolePolicyDocument": trust()}
    resources: dict[str, Any] = {"DeploymentRole": {"Type": "AWS::IAM::Role", "Properties": properties}}
    if inline:
        named = enumerate(documents, 1)
        properties["Policies"] = [{"PolicyName": f"Deploy{at}", "PolicyDocument": document} for at, document in named]
    else:
        names = [f"DeploymentPolicy{number}" for number in range(1, len(documents) + 1)]
        properties["ManagedPolicyArns"] = [{"Ref": name} for name in names]
        for name, document in zip(names, documents, strict=True):
            resources[name] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A role in which CloudFormation deploys, made by stackproof permissions",
        "Resources": resources,
        "Outputs": {"RoleArn": {"Description": "for --role-arn", "Value": {"Fn::GetAtt": ["DeploymentRole", "Arn"]}}},
    }


def trust() -> dict[str, Any]:
    condition = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudformation.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {"Version": VERSION, "Statement": [{**statement, "Condition": condition}]}


def referring(value: Any) -> Any:
    """Return a document with references in the place of the account and the partition."""
    if isinstance(value, dict):
        return {key: referring(item) for key, item in value.items()}
    if isinstance(value, list):
        return [referring(item) for item in value]
    if isinstance(value, str) and re.fullmatch(r"\d{12}", value):
        return {"Ref": "AWS::AccountId"}
    if isinstance(value, str) and value.startswith("arn:") and OWN.search(value):
        return {"Fn::Sub": sub_text(value)}
    return value


def sub_text(arn: str) -> str:
    """Return an ARN as the text of an Fn::Sub."""
    text = re.sub(r"^arn:aws[a-z-]*:", "arn:${AWS::Partition}:", arn)
    return re.sub(r":\d{12}:", ":${AWS::AccountId}:", text)
