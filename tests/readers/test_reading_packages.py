"""The wheel as twine, check-wheel-contents and pip read it: installed in an empty folder it finds a first fault."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
FIRST = """\
Resources:
  Reports:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: reports-of-the-team
"""


def run(*command: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    command = (sys.executable, "-m", *command)
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this source."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run("hatchling", "build", "-t", "wheel", "-d", str(folder))
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found


def test_twine_finds_nothing_even_where_it_is_strict(wheel: Path) -> None:
    done = run("twine", "check", "--strict", str(wheel))
    assert done.returncode == 0, done.stdout


def test_the_wheel_holds_what_a_wheel_holds(wheel: Path) -> None:
    done = run("check_wheel_contents", str(wheel))
    assert done.returncode == 0, done.stdout


def test_the_wheel_is_of_the_version_that_the_changelog_ends_with(wheel: Path) -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)[:2] == ["Unreleased", VERSION]
    assert wheel.name.startswith(f"stackproof-{VERSION}-")


def test_installed_in_an_empty_folder_it_finds_the_first_fault(wheel: Path, tmp_path: Path) -> None:
    installed, empty = tmp_path / "installed", tmp_path / "empty"
    empty.mkdir()
    (empty / "my.yaml").write_text(FIRST, encoding="utf-8")
    done = run("pip", "install", "-q", "--no-deps", "--no-index", "--target", str(installed), str(wheel))
    assert done.returncode == 0, done.stderr
    environment = {"PYTHONPATH": str(installed), "XDG_CACHE_HOME": str(tmp_path)}
    began = run(
        "stackproof", "init", "my.yaml", "--source", "us-east-1", "--target", "eu-west-1", cwd=empty, **environment
    )
    assert began.returncode == 0, began.stderr
    checked = run("stackproof", "check", "my.yaml", "--no-lint", "--format", "json", cwd=empty, **environment)
    assert checked.returncode == 1, checked.stderr
    assert "names_apart" in {finding["rule"] for finding in json.loads(checked.stdout)["findings"]}
    where = run("stackproof", "explain", "names_apart", cwd=empty, **environment)
    assert str(installed) in where.stdout
