"""A name that one side takes from a resource and the other puts together is one name, but for the region in it.

Where only one stack has a resource, Fn::If gives that stack its Ref or attribute and the other one a text. The text is
right until somebody renames the resource; then the other region reads, writes or watches something that does not exist.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
pack: resilience
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from stackproof.api import Deployment, Document, Finding, Path, Stack
from stackproof.topology.elsewhere import others_create

APPLIES_TO = ("Conditions",)
REFERENCES = ("Ref", "Fn::GetAtt")
_FOUND: WeakKeyDictionary[Document, list[tuple[Path, list[Any]]]] = WeakKeyDictionary()


def check(deployment: Deployment) -> Iterator[Finding]:
    source, target = deployment.stacks
    for path, (name, yes, no) in choices(source.template):
        if source.conditions[name] == target.conditions[name]:
            continue
        mine, its = (yes, no) if source.conditions[name] else (no, yes)
        for stack, node, other, text in ((source, mine, target, its), (target, its, source, mine)):
            if not refers(stack, node) or refers(other, text):
                continue
            formed, computed = stack.evaluator.value(node), other.evaluator.value(text)
            if not isinstance(formed, str) or not isinstance(computed, str) or "{{" in formed:
                continue
            if others_create(deployment, computed):
                continue
            if computed not in (formed, formed.replace(stack.scenario.region, other.scenario.region)):
                message = f"{computed!r} stands for {formed!r} of {stack.scenario.region}, and is another name"
                yield deployment.finding(other, path, message, "put it together as the resource's name is")


def choices(template: Document) -> list[tuple[Path, list[Any]]]:
    """Return the arguments of every Fn::If of a template, with its path, gathered once."""
    if template not in _FOUND:
        sections = ("Resources", "Outputs")
        _FOUND[template] = [value for key in sections for value in below(template.value.get(key), (key,))]
    return _FOUND[template]


def below(node: Any, path: Path) -> Iterator[tuple[Path, list[Any]]]:
    if isinstance(node, dict):
        if list(node) == ["Fn::If"]:
            yield path, node["Fn::If"]
        for key, item in node.items():
            yield from below(item, (*path, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from below(item, (*path, index))


def refers(stack: Stack, node: Any) -> bool:
    """Tell whether a node is the name or an attribute of a resource of a stack."""
    if not isinstance(node, dict) or len(node) != 1 or next(iter(node)) not in REFERENCES:
        return False
    (argument,) = node.values()
    logical = argument if isinstance(argument, str) else argument[0]
    return logical.split(".")[0] in stack.resources
