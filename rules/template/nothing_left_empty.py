"""No property, comment or name is written as an empty text, list or mapping.

What is empty was meant to hold something: a comment, a list of actions, a part of a definition whose value got lost. It
passes for the default, or for a choice, and nobody sees that it is neither. Where emptiness says something, its
property is among the settings; what a parameter or a condition leaves empty is another rule's.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
setting: may_be_empty: properties in which an empty value says something
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from stackproof.api import Deployment, Document, Finding, Path

APPLIES_TO = ("Resources",)
SECTIONS = ("Parameters", "Resources", "Outputs")
CHOICES = ("Allow", "Block", "Captcha", "Challenge", "Count", "None", "AllQueryArguments", "Body", "Method",
           "QueryString", "UriPath")  # fmt: skip
"""Members that are a choice by being there. Source: AWS WAF API Reference, "RuleAction", "OverrideAction",
"FieldToMatch"."""
FUNCTIONS = ("Fn::GetAZs", "Fn::Join", "Fn::Equals")
"""Functions that take an empty text: this region, no delimiter, nothing given."""
INIT = "AWS::CloudFormation::Init"
"""Metadata in which a package without versions is the newest. Source: CloudFormation Template Reference,
AWS::CloudFormation::Init."""
_FOUND: WeakKeyDictionary[Document, list[Path]] = WeakKeyDictionary()


class Settings(NamedTuple):
    """A replication rule's Filter and its Prefix take every object, the prefix of an event pattern takes every event.

    Others are of AWS WAF or of state machines. Beside an origin access control the OriginAccessIdentity is
    empty. Source: CloudFormation Template Reference, AWS::CloudFront::Distribution S3OriginConfig.
    """

    may_be_empty: tuple[str, ...] = (*CHOICES, "Default", "Filter", "OriginAccessIdentity", "Output", "Payload",
                                     "Prefix", "S3ReplicateObject", "prefix")  # fmt: skip


def check(deployment: Deployment, settings: Settings) -> Iterator[Finding]:
    for stack in deployment.stacks:
        if stack is deployment.source or stack.template is not deployment.source.template:
            for path in empty_places(stack.template):
                named = [key for key in path if isinstance(key, str)]
                if named[-1] not in settings.may_be_empty:
                    message = f"{'.'.join(str(key) for key in path[1:])} is empty"
                    yield deployment.finding(stack, path, message, "write what it has to hold, or leave it out")


def empty_places(template: Document) -> list[Path]:
    """Return the paths of what is written empty in a template, gathered once."""
    if template not in _FOUND:
        sections = ((section, template.value.get(section)) for section in SECTIONS)
        _FOUND[template] = [path for section, value in sections if value for path in below(value, (section,))]
    return _FOUND[template]


def below(node: Any, path: Path) -> Iterator[Path]:
    if not node and isinstance(node, str | list | dict):
        yield path
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, item in members:
        if key == "Fn::Join" and isinstance(item, list) and len(item) == 2:
            yield from below(item[1], (*path, key, 1)) if path[-1] != "ZipFile" else ()
        elif key != INIT and (key not in FUNCTIONS or item):
            yield from below(item, (*path, key))
