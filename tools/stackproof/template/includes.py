"""What AWS::Include puts into a template: the text of a file beside it, as `aws cloudformation package` uploads it.

Source: CloudFormation Template Reference, "AWS::Include transform".
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from stackproof.foundation.document import Document, Mark
from stackproof.foundation.finding import CannotTell, Path

INCLUDE = "AWS::Include"
Read = Callable[[str], Document]


def included(document: Document, read: Read) -> Document:
    """Return a document with the files that AWS::Include names in place of its calls; itself where there are none.

    What stands beside a call stays, and counts more than the same key of the file. `read` gives the document of a
    file. Raises CannotTell, with the place, for a file that is not there: what lies in a bucket is not read.
    """
    if INCLUDE not in document.text:
        return document
    value, mark = _walk(document, read, document.value, document.mark, ())
    return document if value is document.value else Document(document.path, document.text, value, mark)


def _walk(document: Document, read: Read, node: Any, mark: Mark, path: Path) -> tuple[Any, Mark]:
    if isinstance(node, list):
        members = [_walk(document, read, item, mark[1][at], (*path, at)) for at, item in enumerate(node)]
        if all(new is old for (new, _), old in zip(members, node, strict=True)):
            return node, mark
        return [item for item, _ in members], (mark[0], [inner for _, inner in members])
    if not isinstance(node, dict):
        return node, mark
    key = "Transform" if not path else "Fn::Transform"
    location = _location(node.get(key))
    value, marks = {}, {}
    if location is not None:
        found = _file(document, read, location, (*path, key))
        value = dict(found)
        marks = {name: _at(item, mark[1][key][0]) for name, item in found.items()}
    for name, item in node.items():
        if name != key or location is None:
            value[name], marks[name] = _walk(document, read, item, mark[1][name], (*path, name))
    unchanged = location is None and all(value[name] is node[name] for name in node)
    return (node, mark) if unchanged else (value, (mark[0], marks))


def _location(call: Any) -> Any:
    """Return where a call of AWS::Include reads from, None for anything else."""
    if isinstance(call, dict) and call.get("Name") == INCLUDE:
        return (call.get("Parameters") or {}).get("Location", "")
    return None


def _file(document: Document, read: Read, location: Any, path: Path) -> dict[str, Any]:
    if isinstance(location, str) and location and "://" not in location:
        value = read(str(PurePath(document.path).parent / location)).value
        if isinstance(value, dict):
            return value
        raise CannotTell(f"{location} is no mapping of keys", document.place(path), "write keys and values")
    message = f"{INCLUDE} reads {location or 'nothing'}, which is no file on this machine"
    fix = "name a file beside the template, as `aws cloudformation package` takes it"
    raise CannotTell(message, document.place(path), fix)


def _at(value: Any, offset: int) -> Mark:
    """Return marks that put all of a value at one place: that of the call."""
    if isinstance(value, dict):
        return offset, {name: _at(item, offset) for name, item in value.items()}
    if isinstance(value, list):
        return offset, [_at(item, offset) for item in value]
    return offset, None
