"""What a project configures, and where what nobody knows is refused."""

import json
from pathlib import Path

import pytest

from stackproof.foundation.finding import CannotTell
from stackproof.gate import configuration
from stackproof.gate.configuration import SCHEMA, SELECTED, in_text

REFUSED = {
    "an unknown key": ('[tool.stackproof]\nselekt = ["core"]\n', "p.toml:2:1", "unknown key 'selekt'"),
    "a key of another type": ("[tool.stackproof]\nselect = 3\n", "p.toml:2:1", "select must be a list"),
    "an item of another type": ("[tool.stackproof]\nselect = [3]\n", "p.toml:2:1", "select.0 must be a text"),
    "an unknown severity": (
        '[tool.stackproof.severity]\nkeys_rotate = "bad"\n',
        "p.toml:2:1",
        "severity.keys_rotate is 'bad', not one of error, warning, info",
    ),
    "an unknown key of a table in a list": (
        '[[tool.stackproof.templates]]\ntemplate = "a"\nscenarios = "b"\n[[tool.stackproof.templates]]\n'
        'template = "c"\nscenarios = "d"\n  rules = "e"\n',
        "p.toml:7:3",
        "unknown key 'rules'",
    ),
    "an unknown key of an inline table": (
        '[tool.stackproof]\n  ignore = { keys_rotate = { reason = "x", untill = "y" } }\n',
        "p.toml:2:44",
        "unknown key 'untill'",
    ),
    "a key with a point": ('tool.stackproof.fail-on = "all"\n', "p.toml:1:1", "fail-on is 'all'"),
    "no TOML": ("[tool.stackproof\n", "p.toml:1:17", "it is no TOML"),
    "no table": ("x = 1\ntool = 3\n", "p.toml:2:1", "tool must be a table"),
}


@pytest.mark.parametrize(("text", "place", "message"), REFUSED.values(), ids=REFUSED)
def test_what_the_schema_does_not_know_is_refused_with_line_and_column(text: str, place: str, message: str) -> None:
    with pytest.raises(CannotTell) as caught:
        in_text(text, "p.toml")
    assert (str(caught.value.place), message in caught.value.message) == (place, True)
    assert caught.value.fix


def test_a_near_miss_is_put_right_by_the_fix() -> None:
    with pytest.raises(CannotTell, match="fix: write extend-rules"):
        in_text("[tool.stackproof]\nextends-rules = []\n", "p.toml")


def test_a_text_that_looks_like_a_key_is_none_inside_a_long_string() -> None:
    text = '[tool.stackproof]\ntemplate = """\nselect = 3"""\nselect = 3\n'
    with pytest.raises(CannotTell) as caught:
        in_text(text, "p.toml")
    assert str(caught.value.place) == "p.toml:4:1"


def test_stackproof_toml_holds_the_keys_themselves_and_goes_before_pyproject_toml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text('[tool.stackproof]\ntemplate = "a.json"\n')
    assert configuration.read(configuration.file()).value == {"template": "a.json"}
    Path("stackproof.toml").write_text('template = "b.json"\n')
    assert configuration.read(configuration.file()).value == {"template": "b.json"}
    Path("stackproof.toml").write_text('[tool.stackproof]\ntemplate = "c.json"\n')
    assert configuration.read(configuration.file()).value == {"template": "c.json"}


def test_without_a_file_the_house_pack_is_not_selected() -> None:
    assert configuration.read("none.toml").select == SELECTED
    assert "house" not in SELECTED


def test_every_key_of_the_schema_says_what_it_is_for() -> None:
    schema = json.loads(SCHEMA.read_text())
    assert all(item["description"] for item in schema["properties"].values())
