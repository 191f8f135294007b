"""What the readers are given: reports of the small template of the unit tests."""

import shutil
from pathlib import Path

import pytest

SMALL = Path(__file__).parents[1] / "unit/small"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, the current one, with a small template, two rules and one scenario."""
    folder = tmp_path / "small"
    shutil.copytree(SMALL, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(folder)
    return folder
