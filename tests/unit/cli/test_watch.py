"""`check --watch` checks again when a file that it reads has changed, and not otherwise."""

import os
from pathlib import Path

import pytest

from stackproof.cli.main import main

TEXT = '{"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": true}}}}'
SCENARIOS = "deployments:\n  - {name: only, source: {region: us-east-1}, target: {region: eu-west-1}}\n"
ASKED = ("check", "my.json", "--scenarios", "s.yaml", "--no-lint", "--no-cache", "--watch", "--select", "keys_rotate")


@pytest.fixture(name="edits")
def _edits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Texts that are written one after the other, whenever the watch pauses; None leaves the file alone."""
    monkeypatch.chdir(tmp_path)
    Path("my.json").write_text(TEXT)
    Path("s.yaml").write_text(SCENARIOS)
    edits: list[str | None] = []

    def pause(_seconds: float) -> None:
        if not edits:
            raise KeyboardInterrupt
        if (text := edits.pop(0)) is not None:
            Path("my.json").write_text(text)
            os.utime("my.json", ns=(len(edits), len(edits)))  # whatever the clock's steps are

    monkeypatch.setattr("time.sleep", pause)
    return edits


def test_it_checks_once_where_nothing_changes(edits: list[str | None], capsys: pytest.CaptureFixture[str]) -> None:
    edits += [None, None]
    assert main(ASKED) == 0
    assert capsys.readouterr().err.count("checked in") == 1


def test_it_checks_again_after_a_change_and_ends_as_the_last_check(
    edits: list[str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    edits += [TEXT.replace("true", "false"), None]
    assert main(ASKED) == 1
    shown = capsys.readouterr()
    assert shown.err.count("checked in") == 2
    assert shown.out.count("keys_rotate") == 1


def test_a_text_that_is_no_template_is_said_and_watched_on(
    edits: list[str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    edits += ["{", TEXT]
    assert main(ASKED) == 0
    shown = capsys.readouterr()
    assert "not JSON" in shown.out
    assert shown.err.count("checked in") == 3


def test_a_configuration_that_is_wrong_is_said_and_watched_on(
    edits: list[str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("stackproof.toml").write_text("unknown = 1\n")
    edits += [None]
    assert main(ASKED) == 2
    assert "stackproof.toml:1:1" in capsys.readouterr().err
