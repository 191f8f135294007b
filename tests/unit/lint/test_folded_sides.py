"""What `stackproof fold` and `resolve` write of every side of every scenario: JSON, and a template to cfn-lint."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from worlds import ROOT, pairs

from stackproof.cli import main
from stackproof.evaluation.scenario import Scenario

SIDES = [pytest.param(side, id=f"{pair.name} {side.side}") for pair in pairs() for side in pair.sides]


def written(command: str, side: Scenario, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a command writes to standard output."""
    parameters = [f"{name}={value}" for name, value in side.parameters.items()]
    where = ["--region", side.region, "--account", side.account, "--stack-name", side.stack]
    assert main.main([command, str(ROOT / "lib/TapStack.json"), *where, "--parameter", *parameters]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("command", ["fold", "resolve"])
def test_a_side_is_written_as_json(command: str, side: Scenario, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(written(command, side, capsys)).keys() >= {"Description", "Resources", "Outputs"}


def test_cfn_lint_accepts_each_folded_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = defaultdict(list)
    for number, pair in enumerate(pairs()):
        for side in pair.sides:
            file = tmp_path / f"{number}-{side.side}.json"
            file.write_text(written("fold", side, capsys))
            files[side.region].append(file.name)
    printed = ""
    for region, names in files.items():
        command = [sys.executable, "-m", "cfnlint", "--regions", region, "--", *names]
        printed += subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert printed == ""
