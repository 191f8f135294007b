"""The schemas that editors use say what is read, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from stackproof.cli.main import main
from stackproof.evaluation import scenario
from stackproof.foundation.json_schema import problems
from stackproof.gate import refusals
from stackproof.gate.configuration import SCHEMA

ROOT = Path(__file__).parents[3]
SCENARIOS: dict[str, Any] = json.loads((SCHEMA.parent / "scenarios.schema.json").read_text())
FILES = [ROOT / "rules/scenarios.yaml", ROOT / "rules/prerequisites.scenarios.yaml"]


def test_the_schema_of_scenarios_has_the_keys_that_are_read() -> None:
    deployment = SCENARIOS["properties"]["deployments"]["items"]
    side = SCENARIOS["$defs"]["side"]
    expected = {"file": SCENARIOS, "deployment": deployment, "side": side}
    assert {kind: {*text["properties"]} for kind, text in expected.items()} == scenario.KEYS


def test_the_schema_of_scenarios_has_the_keys_of_what_must_be_rejected_or_accepted() -> None:
    assert {*SCENARIOS["$defs"]["rejected"]["properties"]} == refusals.REJECT
    assert {*SCENARIOS["$defs"]["accepted"]["properties"]} == refusals.ACCEPT


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_scenarios_of_this_repository_fit_the_schema(path: Path) -> None:
    assert [*problems(yaml.safe_load(path.read_text(encoding="utf-8")), SCENARIOS, SCENARIOS)] == []


def test_an_editor_is_led_to_the_schema() -> None:
    first = FILES[0].read_text(encoding="utf-8").splitlines()[0]
    assert (FILES[0].parent / first.partition("$schema=")[2]).resolve() == (SCHEMA.parent / "scenarios.schema.json")


@pytest.mark.parametrize("name", ["scenarios", "configuration"])
def test_a_schema_is_printed(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["schema", name]) == 0
    assert json.loads(capsys.readouterr().out)["additionalProperties"] is False
