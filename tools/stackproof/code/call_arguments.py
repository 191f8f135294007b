"""What the arguments of a call through Step Functions' `aws-sdk` have that the operation does not take, or lack.

Source: the models of services that botocore ships; Step Functions Developer Guide, "Learning to use AWS service SDK
integrations": parameters are spelt as the API spells them, their first letter a capital.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.aws.botocore_files import inputs
from stackproof.aws.sdk_services import client_of
from stackproof.code.state_machines import literal
from stackproof.foundation.placeholders import is_unknown

Path = tuple[str | int, ...]
NUMBERS = ("double", "float", "integer", "long")


class Misfit(NamedTuple):
    """A part of the arguments that is not as the operation takes it, and what to do."""

    path: Path
    message: str
    fix: str


def misfits(service: str, operation: str, arguments: Any, language: str) -> Iterator[Misfit]:
    """Give what does not fit; what only a run tells fits. Nothing is said of an operation that is not known."""
    named, shapes = inputs(client_of(service))
    called = operation[:1].upper() + operation[1:]
    if named.get(called):
        yield from _Call(called, shapes, language).of(named[called], arguments, ())


class _Call(NamedTuple):
    operation: str
    shapes: Mapping[str, Mapping[str, Any]]
    language: str

    def of(self, name: str, value: Any, path: Path) -> Iterator[Misfit]:
        shape, known = self.shapes[name], literal(value, self.language)
        if known is None or is_unknown(known):
            return
        if shape["type"] in NUMBERS or isinstance(known, int | float):
            yield from self.number(shape, known, path)
            return
        if shape["type"] not in ("structure", "list", "map", "string"):
            return
        if shape["type"] == "structure" and isinstance(known, Mapping):
            yield from self.structure(shape, known, path)
        elif shape["type"] == "list" and isinstance(known, list):
            for index, item in enumerate(known):
                yield from self.of(shape["member"]["shape"], item, (*path, index))
        elif shape["type"] == "map" and isinstance(known, Mapping):
            for key, item in known.items():
                if not self.by_path(str(key)):
                    yield from self.of(shape["value"]["shape"], item, (*path, key))
        elif shape["type"] != "string" and not shape.get("document"):
            wanted = "a list" if shape["type"] == "list" else "an object"
            yield Misfit(path, f"{_last(path)} of {self.operation} is no {wanted.split()[1]}", f"give {wanted}")
        elif "enum" in shape and known not in shape["enum"]:
            fix = f"give one of {', '.join(shape['enum'])}"
            yield Misfit(path, f"{_last(path)} of {self.operation} is {known!r}", fix)
        elif isinstance(known, str) and (why := _unlike(shape, known)):
            yield Misfit(path, f"{_last(path)} of {self.operation} is {known!r:.60}, and {why}", "give one that fits")

    def number(self, shape: Mapping[str, Any], known: Any, path: Path) -> Iterator[Misfit]:
        if shape["type"] in NUMBERS and isinstance(known, int | float) and not isinstance(known, bool):
            least, most = shape.get("min", known), shape.get("max", known)
            if not least <= known <= most:
                message = f"{_last(path)} of {self.operation} is {known}, and is from {least} to {most}"
                yield Misfit(path, message, f"give {least} to {most}")

    def by_path(self, key: str) -> bool:
        """Tell whether a key takes its value from a path."""
        return self.language != "JSONata" and key.endswith(".$")

    def structure(self, shape: Mapping[str, Any], value: Mapping[str, Any], path: Path) -> Iterator[Misfit]:
        members = {name.lower(): name for name in shape["members"]}
        present = set()
        for key, item in value.items():
            plain = str(key).removesuffix(".$") if self.by_path(str(key)) else str(key)
            name = members.get(plain.lower())
            if name is None:
                fix = f"give one of {', '.join(sorted(shape['members']))}" if members else "leave it out"
                yield Misfit((*path, key), f"{_last(path) or self.operation} takes no {plain}", fix)
                continue
            present.add(name)
            if not self.by_path(str(key)):
                yield from self.of(shape["members"][name]["shape"], item, (*path, key))
        for name in shape.get("required", ()):
            if name not in present and not shape["members"][name].get("idempotencyToken"):
                yield Misfit(path, f"{_last(path) or self.operation} lacks {name}, which it needs", f"give {name}")


def _unlike(shape: Mapping[str, Any], text: str) -> str:
    """Return what a text has to be and is not, "" if it fits; patterns of models are not anchored (Smithy, "pattern").

    A pattern that Python does not read says nothing, nor does a text that holds what only a run gives.
    """
    if "{{" in text:
        return ""
    least, most = shape.get("min", 0), shape.get("max", len(text))
    if not least <= len(text) <= most:
        return f"has {least} to {most} characters"
    try:
        fits = re.search(shape.get("pattern", ""), text)
    except re.error:
        return ""
    return "" if fits else f"has to match {shape['pattern']}"


def _last(path: Path) -> str:
    return next((str(step) for step in reversed(path) if isinstance(step, str)), "")
