"""`check --watch` checks again when a file that it reads has changed, and not otherwise."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from stackproof.cli.check import Request
from stackproof.cli.main import main
from stackproof.cli.watch import files_of

TEXT = '{"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": true}}}}'
SCENARIOS = "deployments:\n  - {name: only, source: {region: us-east-1}, target: {region: eu-west-1}}\n"
REQUEST = Request("my.json", (), "s.yaml", "pyproject.toml", date(2026, 1, 1), False, (), False)
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


def test_files_that_scenarios_name_are_watched(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        "deployments:\n"
        "  - name: only\n"
        "    parameter-files: [both.json, 'samconfig.toml#prod']\n"
        "    source: {region: us-east-1, parameter-files: source.json}\n"
        "    target: {region: eu-west-1, template: standby.yaml}\n"
    )
    request = replace(REQUEST, scenarios=str(tmp_path / "s.yaml"))
    named = {path.name for path in files_of(request) if path.parent == tmp_path}
    assert named == {"s.yaml", "both.json", "samconfig.toml", "source.json", "standby.yaml"}


def test_templates_that_cdk_names_are_watched() -> None:
    stated = '{"deployments": [{"source": {"region": "us-east-1", "template": "cdk.out/A.template.json"}}]}'
    assert Path("cdk.out/A.template.json") in files_of(replace(REQUEST, stated=stated))


@pytest.mark.parametrize("text", ["deployments: [{template: ", "template: {a: b}", ""])
def test_scenarios_that_cannot_be_read_name_no_files(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.yaml").write_text(text)
    found = [path.name for path in files_of(replace(REQUEST, scenarios=str(tmp_path / "s.yaml")))]
    assert found == ["my.json", "pyproject.toml", "s.yaml"]


def test_a_change_of_the_template_of_a_side_is_checked(
    edits: list[str | None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("s.yaml").write_text(SCENARIOS.replace("eu-west-1", "eu-west-1, template: standby.json"))
    Path("standby.json").write_text(TEXT)
    pauses = iter([TEXT.replace("true", "false"), None])

    def pause(_seconds: float) -> None:
        if (text := next(pauses, "")) == "":
            raise KeyboardInterrupt
        if text:
            Path("standby.json").write_text(text)
            os.utime("standby.json", ns=(1, 1))

    monkeypatch.setattr("time.sleep", pause)
    assert edits == []
    assert main(ASKED) == 1
    assert capsys.readouterr().err.count("checked in") == 2


def test_a_configuration_that_is_wrong_is_said_and_watched_on(
    edits: list[str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("stackproof.toml").write_text("unknown = 1\n")
    edits += [None]
    assert main(ASKED) == 2
    assert "stackproof.toml:1:1" in capsys.readouterr().err
