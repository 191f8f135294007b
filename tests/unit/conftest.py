"""What several unit tests start from."""

import shutil
from pathlib import Path

import pytest

from stackproof.foundation import cache_folder

SMALL = Path(__file__).parent / "small"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, the current one, with a small template, two rules and one scenario."""
    folder = tmp_path / "small"
    shutil.copytree(SMALL, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for kept results: no test finds those of the user, or of another test."""
    monkeypatch.setattr(cache_folder, "folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"
