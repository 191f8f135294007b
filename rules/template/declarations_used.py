"""Every parameter, mapping and condition serves a resource or an output.

One that serves none asks for a choice that changes nothing. A condition that only another condition uses serves what
that one serves; that a parameter is checked by Rules does not make it serve.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
pack: house
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from stackproof.api import Deployment, Document, Finding

APPLIES_TO = ("Parameters", "Mappings", "Conditions")
VARIABLE = re.compile(r"\$\{([A-Za-z0-9]+)\}")
Name = tuple[str, str]


def check(deployment: Deployment) -> Iterator[Finding]:
    template = deployment.source.template
    used = serving(template)
    for section in APPLIES_TO:
        for name in template.value.get(section, {}):
            if (section, name) not in used:
                yield deployment.finding(
                    deployment.source,
                    (section, name),
                    f"nothing is made by {name} of {section}",
                    "use it, or remove it",
                )


@lru_cache(maxsize=1)
def serving(template: Document) -> frozenset[Name]:
    """Return the section and name of each declaration that resources and outputs use, or conditions that they use."""
    value = template.value
    found: set[Name] = set()
    waiting = list(referred({key: value.get(key, {}) for key in ("Resources", "Outputs")}))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            if name[0] == "Conditions":
                waiting += referred(value.get("Conditions", {}).get(name[1]))
    return frozenset(found)


def referred(node: Any) -> Iterator[Name]:
    """Give the parameters, mappings and conditions that a value names."""
    if isinstance(node, list):
        for item in node:
            yield from referred(item)
    if not isinstance(node, dict):
        return
    for key, item in node.items():
        text = item if isinstance(item, str) else item[0] if isinstance(item, list) and item else None
        if isinstance(text, str):
            if key == "Ref":
                yield "Parameters", text
            elif key == "Fn::Sub":
                yield from (("Parameters", name) for name in VARIABLE.findall(text))
            elif key == "Fn::FindInMap":
                yield "Mappings", text
            elif key in ("Condition", "Fn::If"):
                yield "Conditions", text
        yield from referred(item)
