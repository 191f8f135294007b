"""Which transforms and macros a template asks for, and which of them are run here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import as_list

EXTENSIONS = "AWS::LanguageExtensions"
SERVERLESS = "AWS::Serverless-2016-10-31"
RUN_HERE = (EXTENSIONS, SERVERLESS)
EXTENDED = frozenset(("Fn::Length", "Fn::ToJsonString"))
"""The functions that AWS::LanguageExtensions adds beside Fn::ForEach. Source: CloudFormation Template Reference,
"AWS::LanguageExtensions transform"."""


@memoised
def transforms(template: Document) -> tuple[str, ...]:
    """Return the transforms that a template asks for; raise CannotTell, with the name, for one that is not run here."""
    found = []
    for transform in as_list(template.value.get("Transform", [])):
        name = transform.get("Name") if isinstance(transform, dict) else transform
        if name not in RUN_HERE:
            message = f"the template needs the macro {name}, which is not run here"
            fix = "give what it makes: aws cloudformation get-template --template-stage Processed"
            raise CannotTell(message, template.place(("Transform",)), fix)
        found.append(str(name))
    return tuple(found)


def extended(value: Mapping[str, Any]) -> bool:
    """Tell whether a template has the functions of AWS::LanguageExtensions."""
    return EXTENSIONS in as_list(value.get("Transform", []))
