"""What JSONata expressions of a state read of `$states` that is not there: a misspelt field, a result that is none.

Source: Step Functions Developer Guide, "Transforming data with JSONata in Step Functions", "Reserved variable:
$states"; "Accessing execution data from the Context object"; the outputs of operations are those that botocore ships.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from stackproof.aws.botocore_files import outputs
from stackproof.aws.sdk_services import client_of
from stackproof.code.jsonata_variables import QUOTED
from stackproof.code.state_machines import JSONATA, State
from stackproof.topology.texts import texts

SDK = re.compile(r"arn:[\w-]+:states:::aws-sdk:([\w-]+):(\w+)")
READ = re.compile(r"\$states((?:\s*\.\s*[A-Za-z_]\w*)*)")
CHOSEN = re.compile(r"(?<=[\w\])])\s*\[[^\[\]]*\]")
"""What chooses items of a list: behind it the path goes on with the fields of an item."""
Tree = Mapping[str, Any]
ANY: Tree = {}
"""Whatever is read below is not known."""
FIELDS: Tree = {
    "input": ANY,
    "result": ANY,
    "errorOutput": {"Error": ANY, "Cause": ANY},
    "context": {
        "Execution": dict.fromkeys(("Id", "Input", "Name", "RedriveCount", "RedriveTime", "RoleArn", "StartTime"), ANY),
        "Map": {"Item": dict.fromkeys(("Index", "Key", "Source", "Value"), ANY)},
        "State": dict.fromkeys(("EnteredTime", "Name", "RetryCount"), ANY),
        "StateMachine": dict.fromkeys(("Id", "Name"), ANY),
        "Task": {"Token": ANY},
    },
}


class Field(NamedTuple):
    """A field that is read and is not there, where, and what is there instead."""

    name: str
    path: tuple[str | int, ...]
    known: tuple[str, ...]


def unknown_fields(state: State) -> Iterator[Field]:
    """Give the fields of `$states` that a state's own expressions read and that it does not have."""
    own = {key: value for key, value in state.value.items() if key not in ("Branches", "ItemProcessor", "Iterator")}
    for path, text in texts(own) if state.language == "JSONata" else ():
        found = JSONATA.fullmatch(text)
        for read in reads(found[1]) if found else ():
            missing = _missing(state, read)
            if missing:
                yield Field(f"$states.{'.'.join(read)}", (*state.path, *path), missing)


@lru_cache(maxsize=1024)
def reads(expression: str) -> tuple[tuple[str, ...], ...]:
    """Return what an expression reads of `$states`, each as its fields; items chosen of a list are left out."""
    bare, before = QUOTED.sub("''", expression), ""
    while bare != before:
        bare, before = CHOSEN.sub("", bare), bare
    # What an expression in brackets reads is in the text before these were left out, up to its own choice.
    found = [
        tuple(re.findall(r"\w+", match)) for match in READ.findall(bare) + READ.findall(QUOTED.sub("''", expression))
    ]
    return tuple(dict.fromkeys(path for path in found if path))


def _missing(state: State, read: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is there instead of a field that is not, none where all are there or not known."""
    tree = FIELDS
    for index, field in enumerate(read):
        if tree and field not in tree:
            return tuple(sorted(tree))
        tree = tree.get(field, ANY)
        if field == "result" and index == 0:
            return _of_result(state, read[1:])
    return ()


def _of_result(state: State, read: tuple[str, ...]) -> tuple[str, ...]:
    """Return the members of an operation's output in whose place one is read that it does not have."""
    return _followed(state, read)[1]


def result_values(state: State, read: tuple[str, ...]) -> tuple[str, ...]:
    """Return the texts that a part of a task's answer can be, none where any text can be."""
    shape, missing = _followed(state, read)
    return () if missing else tuple(map(str, shape.get("enum", ())))


def _followed(state: State, read: tuple[str, ...]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return the shape of what is read of an operation's output, and what is there instead of a missing member."""
    called = SDK.fullmatch(str(state.value.get("Resource", "")))
    named, shapes = outputs(client_of(called[1])) if called else ({}, {})
    name = named.get(called[2][:1].upper() + called[2][1:], "") if called else ""
    for field in read:
        while name and shapes[name]["type"] == "list":
            name = shapes[name]["member"]["shape"]
        members = shapes[name].get("members", {}) if name else {}
        if not members:
            return {}, ()
        spelt = {member[:1].upper() + member[1:]: member for member in members}
        if field not in spelt:
            return {}, tuple(sorted(spelt))
        name = members[spelt[field]]["shape"]
    return (shapes[name] if name else {}), ()
