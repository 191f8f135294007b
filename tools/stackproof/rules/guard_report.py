"""Guard's report, a tree of records, read into what each rule block says and the values that fail it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, Literal, NamedTuple

from stackproof.foundation.finding import Path, Scalar

Status = Literal["PASS", "FAIL", "SKIP"]
Record = Mapping[str, Any]
STATUSES: Sequence[Status] = ("PASS", "FAIL", "SKIP")
CONDITIONS = ("Filter", "RuleCondition", "WhenCondition", "TypeCondition")
CUSTOM = re.compile(r"(?:violation:)?(.*?)(?:\bfix:(.*?))?(?:\breplacement:(.*))?", re.IGNORECASE)
"""A message of a rule: what is wrong, the fix, and as JSON the value to write, where only one is right."""
REST = re.compile(r"\[\*\]|\.? \([\w-]+-clauses\)")
LONGEST_VALUE = 80
PLAIN = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*")


class Failure(NamedTuple):
    """A value that fails a rule: its path in the document, of the nearest value above if missing.

    `replacement` is what to write there, where the rule's message says that only one value is right.
    """

    path: Path
    message: str
    fix: str
    replacement: Scalar | None = None


class Block(NamedTuple):
    """What one rule block says of a document; SKIP means that it found nothing to apply to."""

    name: str
    status: Status
    failures: tuple[Failure, ...] = ()


class _Miss(NamedTuple):
    """A clause that failed: the path as Guard writes it, the author's message, what was found there."""

    path: str
    custom: str
    found: str
    clause: str


def read(report: Record | None, document: str) -> tuple[Block, ...]:
    """Return the blocks of a verbose report on a document, which is JSON.

    Raises ValueError if it is no such report. An empty one, of a file without rules, has no blocks.
    """
    if report is None:
        raise ValueError("it is no JSON object")
    try:
        records = report["children"] if report else ()
        return tuple(_block(record, document) for record in records)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the report has an unknown shape: {error!r}") from None


def read_short(report: Record | None, names: Sequence[str]) -> tuple[Block, ...] | None:
    """Return the blocks of a short report, whose names are given; None where it does not tell that none fails."""
    if report is None or not report.keys() >= {"compliant", "not_applicable", "status"}:
        return None
    passed, skipped = report["compliant"], report["not_applicable"]
    if report["status"] == "FAIL" or {*passed, *skipped} != set(names):
        return None
    return tuple(Block(name, "PASS" if name in passed else "SKIP") for name in names)


def _block(record: Record, document: str) -> Block:
    check = record["container"]["RuleCheck"]
    if check["status"] not in STATUSES:
        raise ValueError(f"block {check['name']} has the unknown status {check['status']}")
    if check["status"] != "FAIL":
        return Block(check["name"], check["status"])
    misses = _misses(record) or [_Miss("", f"block {check['name']} does not hold", "", "")]
    value = json.loads(document)
    return Block(check["name"], "FAIL", tuple(dict.fromkeys(_failure(miss, value) for miss in misses)))


def _misses(record: Record, custom: str = "") -> list[_Miss]:
    """Return the clauses that made a failed record fail; `custom` is the message of a record above.

    Conditions and filters choose what is checked: when they fail, nothing has. Of alternatives, all
    of which failed, those with a message of their own speak. Where one of several values had to do
    (`some`), none did: that is one failure, of what the values have in common.
    """
    ((kind, state),) = record["container"].items()
    if kind == "ClauseValueCheck":
        return _clause(state, custom, record["context"])
    check = {"status": state} if isinstance(state, str) else state.get("block", state)
    if kind in CONDITIONS or check["status"] != "FAIL":
        return []
    custom = check.get("message") or custom
    misses = [miss for child in record["children"] for miss in _misses(child, custom)]
    if kind == "Disjunction":
        return [miss for miss in misses if miss.custom] or misses
    return [_one_of(misses, record)] if misses and check.get("at_least_one_matches") else misses


def _clause(state: Any, custom: str, context: str) -> list[_Miss]:
    if state == "Success":
        return []
    ((kind, check),) = state.items()
    if kind == "NoValueForEmptyCheck":
        return [_Miss("", check or custom, "", context)]
    check = check["value"] if kind == "Unary" else check
    if check["status"] != "FAIL" or not context:  # a filter on keys leaves its own misses, unnamed
        return []
    custom = check["custom_message"] or custom
    if kind == "DependentRule":
        return [_Miss("", custom, f"{check['rule']} does not hold", context)]
    context = "a required value is there" if kind == "MissingBlockValue" else context
    path, found = _found(check["from"])
    others = check.get("to") or ()
    against = [_found(other) for other in (others if isinstance(others, Sequence) else (others,))]
    known = [words for where, words in against if where and words != found]
    return [_Miss(path, custom, ", ".join((found, *known)), context)]


def _found(query: Record) -> tuple[str, str]:
    """Return the path that a query came to, and in words what is there or what is missing."""
    if "UnResolved" in query:
        end = query["UnResolved"]["traversed_to"]
        missing = REST.sub("", query["UnResolved"]["remaining_query"]).removesuffix(".")
        none = missing.startswith((".", "*")) or not missing  # what was sought in the items of an empty list
        path = end["path"] if none or not PLAIN.fullmatch(missing) else f"{end['path']}/{missing.replace('.', '/')}"
        return path, f"{_name(end['path'])} {'is empty' if none else f'has no {missing}'}"
    at = query.get("Resolved") or query["Literal"]
    text = at["value"] if isinstance(at["value"], str) else json.dumps(at["value"])
    name = _name(at["path"])
    if text in ("", name):  # a key that was captured, or what a function made of nothing
        return at["path"], name
    return at["path"], f"{name} is {text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + '…'}"


def _name(path: str) -> str:
    """Return a path as it is spoken of: `Bucket.BucketName` of `/Resources/Bucket/Properties/BucketName`."""
    return re.sub(r"(^|\.)Resources\.([^.]+)(\.Properties)?", r"\1\2", path.strip("/").replace("/", "."))


def _one_of(misses: Sequence[_Miss], record: Record) -> _Miss:
    """Return as one the misses of values of which one had to do; where none was left, where they were sought."""
    paths = [miss.path for miss in misses if miss.path] or [path.rpartition("/")[0] for path in _paths(record) if path]
    steps = zip(*(path.split("/") for path in paths), strict=False)
    common = "/".join(step[0] for step in takewhile(lambda step: len(set(step)) == 1, steps))
    first = next((miss for miss in misses if miss.custom), misses[0])
    found = first.found if len(misses) == 1 else f"none in {_name(common)}"
    return first._replace(path=common, found=found)


def _paths(value: Any) -> Iterator[str]:
    """Yield every path in a record, those of what a filter left out too."""
    if isinstance(value, Mapping):
        if isinstance(value.get("path"), str):
            yield value["path"]
        value = tuple(value[key] for key in value if key != "value")
    if isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _paths(item)


def _failure(miss: _Miss, document: Any) -> Failure:
    match = CUSTOM.fullmatch(" ".join((miss.custom or f"{miss.clause} does not hold").split()))
    wrong, fix, value = ((text or "").strip() for text in (match.groups() if match else ("", "", "")))
    message = ": ".join(filter(None, (wrong.rstrip("."), miss.found)))
    return Failure(located(miss.path, document), message, fix.rstrip("."), _replacement(value))


def _replacement(text: str) -> Scalar | None:
    """Read the value that a message says to write; raise ValueError for what is no scalar of JSON."""
    if not text:
        return None
    try:
        value: Any = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, str | bool | int | float):
        raise ValueError(f"the replacement {text!r} of a message is no JSON text, number, true or false")
    return value


def located(pointer: str, document: Any) -> Path:
    """Return the path in a document that Guard writes as a pointer without escapes, and what is missing at its end."""
    steps, path = pointer.split("/")[1:], list[str | int]()
    while steps:
        size, step = _step(steps, document)
        if not size:
            return (*path, *steps)
        path.append(step)
        document, steps = document[step], steps[size:]
    return tuple(path)


def _step(steps: Sequence[str], value: Any) -> tuple[int, str | int]:
    """Return how many parts of a pointer make the next key (a key may hold slashes), and the key."""
    if isinstance(value, list) and steps[0].isdigit() and int(steps[0]) < len(value):
        return 1, int(steps[0])
    keys = ((size, "/".join(steps[:size])) for size in range(len(steps), 0, -1))
    return next(((size, key) for size, key in keys if isinstance(value, dict) and key in value), (0, ""))
