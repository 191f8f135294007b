"""Files of parameter values in the forms that people have them.

CloudFormation's list of {ParameterKey, ParameterValue} (AWS CLI, `create-stack --parameters file://`), also as the
ParameterOverrides of a stack set's instances (AWS::CloudFormation::StackSet, StackInstances); a mapping `Parameters`
(CodePipeline User Guide, "Template configuration file"); a plain mapping; and parameter_overrides of samconfig.toml
(SAM Developer Guide, "AWS SAM CLI configuration file"), of its environment `default` or that of `FILE#ENVIRONMENT`.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from typing import Any

from stackproof.foundation import toml_places
from stackproof.foundation.document import Document
from stackproof.foundation.files import read_text
from stackproof.foundation.finding import CannotTell, Path, Place
from stackproof.template.loader import parse_document
from stackproof.template.parameters import text

FORMS = "write [{ParameterKey: NAME, ParameterValue: VALUE}] or {Parameters: {NAME: VALUE}}"
Values = dict[str, tuple[str, Place]]
"""By parameter its value, and where it stands."""


def read(path: str, region: str) -> Values:
    """Return the values of a file for a stack in a region; raise CannotTell, with the place, for another form."""
    name, _, environment = path.partition("#")
    if name.endswith(".toml"):
        return _of_sam(read_text(name), name, environment or "default")
    document = parse_document(read_text(name), name, text_only=True)
    found: Values = {}
    for key, value, where in _pairs(document, document.value, (), region):
        if key in found:
            raise CannotTell(f"the parameter {key} is given twice", document.place(where), "remove one")
        found[key] = value, document.place(where)
    return found


def _pairs(document: Document, value: Any, path: Path, region: str) -> Iterator[tuple[str, str, Path]]:
    if isinstance(value, dict):
        for key in ("ParameterOverrides", "Parameters"):
            if isinstance(value.get(key), dict | list):
                if region in value.get("Regions", [region]):
                    yield from _pairs(document, value[key], (*path, key), region)
                return
        for key, member in value.items():
            yield key, _text(document, member, (*path, key)), (*path, key)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            where = (*path, index)
            if isinstance(member, dict) and "ParameterOverrides" in member:
                yield from _pairs(document, member, where, region)
            elif not isinstance(member, dict) or not {"ParameterKey", "ParameterValue"} <= member.keys():
                raise CannotTell("an entry has no ParameterKey and ParameterValue", document.place(where), FORMS)
            else:
                yield str(member["ParameterKey"]), _text(document, member["ParameterValue"], where), where
    else:
        raise CannotTell("it holds no parameters", document.place(path), FORMS)


def _text(document: Document, value: Any, path: Path) -> str:
    """Return a value as CloudFormation takes it: text, a list as text with commas."""
    if isinstance(value, list) and not any(isinstance(member, dict | list) or member is None for member in value):
        return ",".join(map(text, value))
    if isinstance(value, dict | list) or value is None:
        raise CannotTell("a value of a parameter is neither text nor a list of texts", document.place(path), "quote it")
    return text(value)


def _of_sam(written: str, path: str, environment: str) -> Values:
    try:
        found: Any = tomllib.loads(written)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise CannotTell(f"it is no TOML: {reason}", Place(path, 1, 1), "correct it") from None
    for keys in ((environment, "deploy", "parameters"), (environment, "global", "parameters")):
        table = found
        for key in keys:
            table = table.get(key, {}) if isinstance(table, dict) else {}
        if isinstance(table, dict) and "parameter_overrides" in table:
            where = toml_places.place(written, path, (*keys, "parameter_overrides"))
            return {name: (value, where) for name, value in _overrides(table["parameter_overrides"], where)}
    message = f"the environment {environment} has no parameter_overrides"
    raise CannotTell(message, Place(path, 1, 1), f"add them, or name another environment: {path}#NAME")


def _overrides(overrides: Any, where: Place) -> Iterator[tuple[str, str]]:
    """Give the pairs of `"A=1 B=2"`, of ["A=1", "B=2"] and of ParameterKey=A,ParameterValue=1."""
    words = (
        shlex.split(overrides) if isinstance(overrides, str) else overrides if isinstance(overrides, list) else [None]
    )
    for word in words:
        long = re.fullmatch(r"ParameterKey=([^,]+),ParameterValue=(.*)", str(word), re.S)
        name, equals, value = long.expand(r"\1=\2").partition("=") if long else str(word).partition("=")
        if not equals:
            raise CannotTell(f"{word!r} is no pair", where, 'write "NAME=VALUE NAME=VALUE"')
        yield name, value
