"""Dynamic references: texts that CloudFormation replaces by what other services store, left as they are here.

Source: CloudFormation User Guide, "Get values stored in other services using dynamic references", a page a service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.evaluation.evaluator import is_function
from stackproof.evaluation.scope import Scope
from stackproof.foundation.placeholders import OPENING, WHOLE

REFERENCE = re.compile(r"\{\{resolve:(?P<service>[^:{}]*):(?P<key>(?:[^{}]|\{\{[^{}]*\}\})*)\}\}")
STORED = r"[A-Za-z0-9_.\-/]+(:[0-9]+)?"
SECRET = r"(arn:[^:]+:secretsmanager:[^:]+:[^:]+:secret:)?[^:]+(:(SecretString)?(:[^:]*(:[^:]*(:[^:]*)?)?)?)?"
KEYS: Mapping[str, str] = {"ssm": STORED, "ssm-secure": STORED, "secretsmanager": SECRET}
"""What may stand behind the name of a service: for ssm a name and a version; for secretsmanager a secret (by name or
ARN), SecretString, a key in it, a version's stage or its id."""


def check(scope: Scope, value: Mapping[str, Any]) -> None:
    """Raise CannotTell for a dynamic reference in a worked-out stack that CloudFormation could not resolve."""
    stated = (
        text
        for parameter in scope.parameters.values()
        for text in (parameter if isinstance(parameter, list) else [parameter])
    )
    if OPENING not in scope.template.text and not any(OPENING in text for text in stated):
        return
    for section in ("Resources", "Outputs"):
        for name, member in value.get(section, {}).items():
            for text in _texts(member):
                wrong = _wrong(text)
                if wrong:
                    fix = "write {{resolve:SERVICE:KEY}} as the service's page says"
                    raise scope.refuse(scope.template.value[section][name], f"{name}: {wrong}", fix)


def _wrong(text: str) -> str:
    """Return what is wrong with the dynamic references in a text, or an empty text."""
    found = 0
    for match in REFERENCE.finditer(text):
        found += 1 + match["key"].count(OPENING)
        # A token stands for text that only AWS knows, as does a reference inside another.
        key = WHOLE.sub("token", match["key"])
        inner = _wrong(match["key"])
        if inner:
            return inner
        if match["service"] not in KEYS:
            return f"a dynamic reference cannot name the service {match['service']!r}"
        if not re.fullmatch(KEYS[match["service"]], key):
            return f"{match[0]} is no dynamic reference to {match['service']}"
    return f"a dynamic reference is not whole in {text!r}" if found < text.count(OPENING) else ""


def _texts(value: Any) -> Iterator[str]:
    """Give the texts that hold a dynamic reference, but for those of functions left in a fold: they may be parts."""
    if isinstance(value, str):
        if OPENING in value:
            yield value
    elif isinstance(value, dict) and not is_function(value):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
