"""The template is whole: no nested stack, module, macro or type that a macro has to turn into others.

What the gate proves is then what is deployed, in both regions, with nothing fetched or made on the way. A Transform,
and Fn::Transform, are refused before any rule is asked.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
pack: house
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding

APPLIES_TO = ("Resources",)
FOREIGN = re.compile(r"AWS::CloudFormation::(Stack|StackSet|Macro|ModuleVersion)|AWS::Serverless::\w+|.*::MODULE")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, resource in stack.resources.items():
            if FOREIGN.fullmatch(resource["Type"]):
                message = f"{logical} is an {resource['Type']}: what it makes is not in the template"
                yield stack.finding(("Resources", logical, "Type"), message, "write its resources out")
