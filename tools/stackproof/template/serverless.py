"""AWS::Serverless resources made plain ones, by AWS's own translator: the one module that imports it.

Source: AWS SAM Developer Guide; github.com/aws/serverless-application-model, samtranslator/public/translator.py.
"""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any, NamedTuple

from stackproof.aws.regions import partition_of
from stackproof.foundation.document import Document, Mark
from stackproof.foundation.finding import CannotTell, Path
from stackproof.foundation.values import as_list
from stackproof.template.transforms import SERVERLESS

INSTALL = "pip install aws-sam-translator"

BUCKET = "packaged-by-sam"
"""What stands for the bucket that `sam package` is told: nothing is put into it."""
LOCAL = {
    "Function": ("CodeUri", "ImageUri"),
    "LayerVersion": ("ContentUri",),
    "Api": ("DefinitionUri",),
    "HttpApi": ("DefinitionUri",),
    "StateMachine": ("DefinitionUri",),
    "Application": ("Location",),
}
"""What names files beside the template: `sam package` puts them into a bucket. Source: SAM CLI, "sam package"."""
NAMED = re.compile(r"(?:Resource|Event) with id \[([^\]]+)\]")


def transformed(template: Document, parameters: Mapping[str, str], region: str) -> tuple[Any, Mark]:
    """Return a template's value with plain resources only, and its mark: what is made stands at what it is made of.

    Files beside the template are taken to be packaged. Raises CannotTell in the translator's words.
    """
    value = deepcopy(template.value)
    left = [transform for transform in as_list(value.pop("Transform")) if transform != SERVERLESS]
    _package(value)
    stated = {name: text for name, text in parameters.items() if name in value.get("Parameters", {})}
    translator = _translator(region)
    try:
        made = json.loads(
            json.dumps(translator.translate(value, stated, passthrough_metadata=True))
        )  # its own kinds of texts made plain ones
    except Exception as error:  # its own, and whatever a template of another shape than it expects leads to
        causes = getattr(error, "causes", ())
        raise _refused(template, causes[0].message if causes else f"{type(error).__name__}: {error}") from None
    made.pop("Globals", None)
    made = {**made, "Transform": left} if left else made
    return made, _marks(template, made)


class _Session(NamedTuple):
    """All that the translator asks a session of boto3 for."""

    region_name: str


@cache
def _translator_parts() -> tuple[Any, Any, Any]:
    try:
        from samtranslator.internal.managed_policies import get_bundled_managed_policy_map
        from samtranslator.parser.parser import Parser
        from samtranslator.translator.translator import Translator
    except ImportError:
        raise CannotTell("aws-sam-translator is not installed, or laid out anew", fix=INSTALL) from None
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    return get_bundled_managed_policy_map, Parser, Translator


def _translator(region: str) -> Any:
    policies, parser, translator = _translator_parts()
    return translator(policies(partition_of(region).name) or {}, parser(), boto_session=_Session(region))


def _package(value: dict[str, Any]) -> None:
    """Let what names files beside the template name them in a bucket."""
    members = value["Resources"].values()
    for kind, names in LOCAL.items():
        holders = [member.get("Properties") for member in members if member.get("Type") == f"AWS::Serverless::{kind}"]
        shared = value.get("Globals", {})
        holders.append(shared.get(kind) if isinstance(shared, dict) else None)
        for holder in holders:
            for name in names if isinstance(holder, dict) else ():
                written = holder.get(name)
                if isinstance(written, dict) and written.keys() >= {"ApplicationId", "SemanticVersion"}:
                    # The translator would ask the repository of applications for the address of its template.
                    holder[name] = f"https://s3.amazonaws.com/{BUCKET}/application.yaml"
                elif isinstance(written, str) and "://" not in written and ".dkr.ecr." not in written:
                    key = re.sub("^[./]+", "", written) or "code"
                    start = "https://s3.amazonaws.com/" if kind == "Application" else "s3://"
                    holder[name] = f"{start}{BUCKET}/{key}"


def _refused(template: Document, message: str) -> CannotTell:
    """Return the error in the translator's words, at the resource that they name."""
    found = NAMED.search(message)
    path: Path = ("Resources", found[1]) if found else ("Transform",)
    return CannotTell(f"AWS::Serverless: {' '.join(message.split())}", template.place(path), "correct what it names")


def _marks(template: Document, made: Mapping[str, Any]) -> Mark:
    """Return the mark of what is made: of each part where it is written, else of the resource that it is made of."""
    start, written = template.mark
    marks: dict[str, Mark] = {}
    for section, value in made.items():
        mark = written.get(section, (start, None))
        if section == "Resources":
            resource_marks = {
                name: _mark(resource, _maker(name, resource, template), template) for name, resource in value.items()
            }
            marks[section] = (mark[0], resource_marks)
        else:
            marks[section] = _like(value, mark)
    return start, marks


def _maker(name: str, made: Mapping[str, Any], template: Document) -> str:
    """Return the written resource that one is made of: that of its name, or one that it names."""
    written = template.value["Resources"]
    if name in written:
        return name
    begun = max((logical for logical in written if name.startswith(logical)), key=len, default="")
    return begun or next((logical for logical in written if logical in json.dumps(made)), "")


def _mark(made: Any, maker: str, template: Document) -> Mark:
    start, members = template.mark[1]["Resources"]
    return _like(made, members[maker] if maker else (start, None))


def _like(value: Any, mark: Mark) -> Mark:
    """Return marks for a value from those of what is written in its place, as far as both have the same keys."""
    offset, members = mark
    if isinstance(value, dict):
        inner = members if isinstance(members, dict) else {}
        return offset, {key: _like(item, inner.get(key, (offset, None))) for key, item in value.items()}
    if isinstance(value, list):
        items = members if isinstance(members, list) else []
        marks = [items[at] if at < len(items) else (offset, None) for at in range(len(value))]
        return offset, [_like(item, place) for item, place in zip(value, marks, strict=True)]
    return offset, None
