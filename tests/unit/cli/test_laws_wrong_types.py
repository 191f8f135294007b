"""Law: a value of a wrong type in a file that someone writes is one clear line with its place, never a traceback."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackproof.cli import main

KINDS: list[Any] = [
    None, True, False, 0, -1, 111111111111, 1.5, "", " ", "text", "2026-01-01", [], ["a"], [1], [None], [["a"]],
    [{"a": "b"}], {}, {"a": "b"}, {"a": 1}, {"a": None}, {"a": ["b"]}, {"a": {"b": 1}}, {1: "a"}, {"name": "a"},
]  # fmt: skip
SIDE = {
    "region": "us-east-1",
    "stack": "own",
    "account": "222222222222",
    "parameters": {"Main": "us-east-1"},
    "outputs": {"BucketArn": "*"},
    "exports": {"E": "e"},
    "conditions": {"IsSource": "true"},
    "keys": {"T": ["a", "b"]},
}
_SCENARIOS = {
    "account": "111111111111",
    "stack": "stack",
    "deployments": [
        {
            "name": "only",
            "parameters": {"Suffix": "abc"},
            "source": SIDE,
            "target": {**SIDE, "region": "eu-central-1", "conditions": {"IsSource": "false"}},
        }
    ],
    "must_reject": [{"name": "capitals", "because": "Suffix", "region": "us-east-1", "parameters": {"Suffix": "ABC"}}],
    "must_accept": [{"name": "plain", "region": "us-east-1", "parameters": {"Suffix": "abc"}}],
    "refused": [{"name": "capitals", "because": "Suffix", "region": "us-east-1", "parameters": {"Suffix": "ABC"}}],
    "accepted": [{"name": "plain", "region": "us-east-1", "parameters": {"Suffix": "abc"}}],
}
SCENARIOS: dict[str, Any] = json.loads(json.dumps(_SCENARIOS))
"""With nothing shared between its parts: YAML would write that as aliases."""
CASES = [
    {"name": "p", "expect": "pass", "patch": []},
    {
        "name": "f",
        "expect": "fail",
        "scenario": "only",
        "side": "both",
        "at": "/Resources",
        "patch": [
            {"op": "replace", "path": "/Resources/Bucket/Properties/BucketName", "value": "data"},
            {"op": "copy", "from": "/Description", "path": "/Metadata"},
        ],
    },
]
PROJECT = {
    "tool": {
        "stackproof": {
            "ignore": {"buckets_named": {"reason": "why", "until": "2026-01-01"}},
            "templates": [{"template": "other.json", "scenarios": "other.yaml"}],
        }
    }
}
"""In the form of pyproject.toml; written as TOML below."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path of every value in a tree of plain values."""
    yield path
    if isinstance(value, dict | list):
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(member, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a tree with another value at a path."""
    if not path:
        return new
    out = copy.deepcopy(value)
    holder = out
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = new
    return out


def toml(value: Any) -> str:
    """Return a value as TOML writes it in a line; it knows no null, so that is left out by the caller."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(key))} = {toml(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(member) for member in value) + "]"
    return json.dumps(value) if value is not None else '"null"'


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main.main(arguments)
    out, err = capsys.readouterr()
    output = out + err
    assert "internal error" not in output and "Traceback" not in output
    return code, output


CHECK = ["check", "template.json", "--scenarios", "scenarios.yaml", "--no-lint", "--no-cache"]
LINE = r"(cannot tell|stackproof): \S+:[0-9]+:[0-9]+: .*; fix: .+"


def ends_as_it_should(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Demand of `check` a verdict, or lines that each name file, line, column and what to do."""
    code, output = run(arguments, capsys)
    starts = ("cannot tell: ", "stackproof: ")
    errors = [line for line in output.splitlines() if line.startswith(starts)]
    assert (code == 2) == bool(errors)
    for line in errors:
        assert re.fullmatch(LINE, line), line


@pytest.mark.usefixtures("small")
def test_the_files_that_are_changed_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    Path("scenarios.yaml").write_text(yaml.safe_dump(SCENARIOS, sort_keys=False))
    assert run(CHECK, capsys)[0] == 0


OF_SCENARIOS = st.tuples(st.sampled_from([*places(SCENARIOS)]), st.sampled_from(KINDS), st.booleans())
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@given(OF_SCENARIOS)
@settings(suppress_health_check=QUIET, max_examples=300)
def test_a_wrong_type_in_scenarios_is_a_line_with_its_place(
    small: Path, capsys: pytest.CaptureFixture[str], drawn: tuple[Any, Any, bool]
) -> None:
    path, new, as_json = drawn
    changed = replaced(SCENARIOS, path, new)
    text = json.dumps(changed) if as_json else yaml.safe_dump(changed, sort_keys=False)
    (small / "scenarios.yaml").write_text(text)
    ends_as_it_should(CHECK, capsys)


@given(st.sampled_from([*places(PROJECT)][1:]), st.sampled_from(KINDS))
@settings(suppress_health_check=QUIET, max_examples=150)
def test_a_wrong_type_in_the_project_s_tables_is_a_line_with_its_place(
    small: Path, capsys: pytest.CaptureFixture[str], path: Any, new: Any
) -> None:
    changed = replaced(PROJECT, path, new)
    (small / "pyproject.toml").write_text("\n".join(f"{key} = {toml(value)}" for key, value in changed.items()))
    ends_as_it_should(CHECK, capsys)


@given(st.sampled_from([*places(CASES)]), st.sampled_from(KINDS))
@settings(suppress_health_check=QUIET, max_examples=200)
def test_a_wrong_type_in_cases_is_a_line_with_its_place(
    small: Path, capsys: pytest.CaptureFixture[str], path: Any, new: Any
) -> None:
    file = small / "rules/storage/buckets_named.cases.yaml"
    file.write_text(yaml.safe_dump(replaced(CASES, path, new), sort_keys=False))
    arguments = ["--template", "template.json", "--scenarios", "scenarios.yaml"]
    code, output = run(["cases", "buckets_named", *arguments], capsys)
    if code == 2:
        assert re.fullmatch(r"stackproof: \S+:[0-9]+:[0-9]+: .*; fix: .+\n", output), output


WRONG = {
    "a region that is a list": (("deployments", 0, "source", "region"), ["a"], "region must be one text, not a list"),
    "a parameter that is a mapping": (("deployments", 0, "parameters", "Suffix"), {"a": "b"}, "fix: quote it"),
    "an account that is a number": (("account",), 12, "'12' is no account id; fix: give 12 digits in quotes"),
    "deployments that are a mapping": (("deployments",), {"a": "b"}, "needs a list of deployments, not a mapping"),
    "a name that is a list": (("deployments", 0, "name"), [1], "name must be one text, not a list"),
    "a stack that is a mapping": (("stack",), {"a": "b"}, "stack must be one text, not a mapping"),
    "a stack name with a blank": (("deployments", 0, "source", "stack"), "a b", "'a b' is no stack name"),
    "a deployment that is a text": (("deployments", 0), "x", "deployments[0] must be a mapping, not 'x'"),
    "a rejected region that is a list": (("must_reject", 0, "region"), ["a"], "region must be one text, not a list"),
    "a reason that is a list": (("must_reject", 0, "because"), ["a"], "because must be one text, not a list"),
    "a list that is a text": (("must_accept",), "x", "must_accept must be a list, not 'x'"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "new", "message"), WRONG.values(), ids=WRONG)
def test_the_line_says_what_stands_there(
    path: tuple[Any, ...], new: Any, message: str, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = copy.deepcopy(SCENARIOS)
    del changed["deployments"][0]["source"]["account"]
    (small / "scenarios.yaml").write_text(yaml.safe_dump(replaced(changed, path, new), sort_keys=False))
    code, text = run(CHECK, capsys)
    assert code == 2
    assert message in text
    assert re.fullmatch(r"cannot tell: scenarios.yaml:[0-9]+:[0-9]+: .*\n(.*\n)*", text)


@pytest.mark.parametrize("names", [("must_reject", "must_accept"), ("refused", "accepted")])
def test_both_names_of_what_parameters_do_are_read(
    names: tuple[str, str], small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rejected, accepted = names
    text = (small / "scenarios.yaml").read_text()
    entry = "name: n, region: us-east-1, parameters: {Suffix"
    text += f"{rejected}: [{{{entry}: abc}}, because: Suffix}}]\n{accepted}: [{{{entry}: ABC}}}}]\n"
    (small / "scenarios.yaml").write_text(text)
    code, output = run(CHECK, capsys)
    assert (code, output.count("refuses_parameters:"), output.count("accepts_parameters:")) == (1, 1, 1)
