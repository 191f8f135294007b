"""Which rules are read: those given, the project's own, or those that come with the package."""

import tomllib
from pathlib import Path

import pytest

from stackproof.cli.rule_folders import PACKAGE, SHIPPED, folders, shipped
from stackproof.gate.configuration import Configuration, in_text

ROOT = Path(__file__).parents[3]
NONE = Configuration()


def test_outside_a_checkout_the_rules_are_those_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert folders(NONE, None) == (shipped(),)
    Path("rules").mkdir()
    Path("rules/prices.py").write_text("")
    assert folders(NONE, None) == (shipped(),), "a folder of other things"
    Path("rules/mine.cases.yaml").write_text("")
    assert folders(NONE, None) == ("rules",)


def test_given_folders_go_before_configured_ones_and_further_ones_are_added() -> None:
    project = in_text("[tool.stackproof]\nrules = 'a'\nextend-rules = ['b', 'c']\n", "x.toml")
    assert folders(project, None) == ("a", "b", "c")
    assert folders(project, ["d", "c"]) == ("d", "c", "b")


def test_the_wheel_holds_the_rules_where_they_are_looked_for() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert PACKAGE.parent / built["force-include"]["rules"] == SHIPPED[0]
    assert SHIPPED[1] == ROOT / "rules"
