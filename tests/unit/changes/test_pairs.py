"""Pairs of templates in files, each with the page that says it: what becomes of each resource, and in which order."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stackproof.changes.stack_update import StackUpdate
from stackproof.changes.table import part
from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.stack import resolve
from stackproof.foundation.yaml_reader import plain_yaml
from stackproof.template import loader

FOLDER = Path(__file__).parent / "pairs"


class Case(NamedTuple):
    """A stack before, a merge patch (RFC 7396) that makes the one after, and the steps that are expected."""

    page: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    expected: list[str]
    parameters: tuple[Mapping[str, str], Mapping[str, str]]


def cases() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.yaml")):
        file: Any = plain_yaml(path.read_text(encoding="utf-8"))
        for entry in file["pairs"]:
            before = {"Resources": {**file.get("resources", {})}, **file.get("template", {})}
            before = merged(before, {"Resources": entry.get("before", {})})
            parameters = (entry.get("parameters", {}), {**entry.get("parameters", {}), **entry.get("then", {})})
            after = merged(before, {"Resources": entry.get("after", {})})
            yield pytest.param(
                Case(entry["page"], before, after, entry["expected"], parameters), id=f"{path.stem}: {entry['name']}"
            )


def merged(value: Any, patch: Any) -> Any:
    """Return a value changed by a merge patch. Source: RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    found = dict(value) if isinstance(value, dict) else {}
    for key, item in patch.items():
        if item is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), item)
    return found


def update(case: Case) -> StackUpdate:
    before, after = (
        resolve(
            loader.parse(json.dumps(value), name),
            Scenario("pair", "source", "us-east-1", "111111111111", "shop", parameters),
        )
        for value, name, parameters in (
            (case.before, "before.json", case.parameters[0]),
            (case.after, "after.json", case.parameters[1]),
        )
    )
    return StackUpdate(before, after)


CASES = [*cases()]


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_resources_is_what_the_page_says(case: Case) -> None:
    steps = [f"{'then ' if row.cleanup else ''}{row.action} {row.logical}" for row in part(update(case)).rows]
    assert steps == case.expected


@pytest.mark.parametrize("case", CASES)
def test_a_pair_names_its_page(case: Case) -> None:
    assert case.page.startswith("https://docs.aws.amazon.com/")


def test_there_are_enough_pairs() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES)
def test_nothing_changes_where_nothing_changes(case: Case) -> None:
    assert update(case._replace(after=case.before, parameters=(case.parameters[0],) * 2)).changes == ()
