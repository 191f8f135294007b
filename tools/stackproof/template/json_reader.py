"""JSON read by the standard library's decoder, with the place of every value noted on the way."""

from __future__ import annotations

import json
import json.decoder
import json.scanner
import math
from collections.abc import Callable
from functools import partial
from typing import Any

from stackproof.foundation.document import Document, Mark
from stackproof.foundation.finding import CannotTell, Place

Scanned = tuple[tuple[Any, Mark], int]


def parse_json(text: str, path: str) -> Document:
    """Parse with the standard library's decoder, noting the offset at which each value begins."""
    blank = Document(path, text, None, (0, None))
    decoder: Any = json.JSONDecoder(parse_constant=_constant, parse_float=_number)

    def scan(string: str, offset: int) -> Scanned:
        try:
            value, end = scan_plain(string, offset)
        except json.JSONDecodeError:
            raise
        except ValueError as error:
            raise CannotTell(_reason(error), blank.place_at(offset), "write a JSON number") from error
        if isinstance(value, tuple):
            return (value[0], (offset, value[1])), end
        return (value, (offset, None)), end

    def objects(at: Any, strict: bool, _scan: Any, _hook: Any, _pairs: Any, memo: Any) -> Any:
        return json.decoder.JSONObject(at, strict, scan, None, partial(_members, blank), memo)  # type: ignore[attr-defined]

    def arrays(at: Any, _scan: Any) -> Any:
        items, end = json.decoder.JSONArray(at, scan)  # type: ignore[attr-defined]
        return ([value for value, _ in items], [mark for _, mark in items]), end

    decoder.parse_object, decoder.parse_array = objects, arrays
    scan_plain: Callable[[str, int], tuple[Any, int]] = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
    return Document(path, text, *_whole(text, blank, scan))


def _reason(error: ValueError) -> str:
    """Return what is wrong with a number; of one that is too long not how Python would have it read all the same."""
    text = str(error)
    return "a whole number of more than 4,300 digits" if "set_int_max_str_digits" in text else text


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _number(digits: str) -> float:
    if math.isinf(value := float(digits)):
        raise ValueError(f"the number {digits} is out of range")
    return value


def _members(blank: Document, pairs: list[tuple[str, tuple[Any, Mark]]]) -> tuple[dict[str, Any], dict[str, Mark]]:
    value: dict[str, Any] = {}
    marks: dict[str, Mark] = {}
    for key, (member, mark) in pairs:
        if key in value:
            raise _duplicate(blank, key, marks[key][0], mark[0])
        value[key], marks[key] = member, mark
    return value, marks


def _whole(text: str, blank: Document, scan: Callable[[str, int], Scanned]) -> tuple[Any, Mark]:
    """Scan the one value that a text must hold, with nothing behind it."""
    start = len(text) - len(text.lstrip(" \t\r\n"))
    try:
        found, end = scan(text, start)
    except StopIteration as stop:
        raise CannotTell("not JSON: a value is missing", blank.place_at(stop.value), "write the value") from None
    except json.JSONDecodeError as error:
        raise CannotTell(
            f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}", blank.place_at(error.pos), "correct it here or before"
        ) from None
    rest = len(text) - len(text[end:].lstrip(" \t\r\n"))
    if rest < len(text):
        raise CannotTell("not JSON: there is more text after the value", blank.place_at(rest), "remove it")
    return found


def _duplicate(document: Document, key: str, first: int, second: int) -> CannotTell:
    def of_key(offset: int) -> Place:
        start = document.text.rfind(json.dumps(key, ensure_ascii=False), 0, offset)
        return document.place_at(start if start >= 0 else offset)

    former, latter = of_key(first), of_key(second)
    return CannotTell(
        f"the key {key!r} stands twice in one mapping, first at line {former.line} column {former.column}",
        latter,
        "remove or rename one of the two",
    )
