"""The checks of a project that stays open: unsaved texts, errors in their files, the whole check in its own process."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from stackproof.cli.main import main
from stackproof.cli.rule_folders import shipped
from stackproof.foundation.files import UNSAVED
from stackproof.foundation.finding import CannotTell, Place
from stackproof.gate.gate import Inputs
from stackproof.lsp.session import Found, Session

TEXT = '{"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": true}}}}'
SCENARIOS = "deployments:\n  - {name: only, source: {region: us-east-1}, target: {region: eu-west-1}}\n"


@pytest.fixture(name="session")
def _session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    Path("my.json").write_text(TEXT)
    Path("scenarios.yaml").write_text(SCENARIOS)
    rules = f"{shipped()}/encryption"
    yield Session(lambda: Inputs("my.json", rules, "scenarios.yaml", "pyproject.toml", date(2026, 1, 1)))
    UNSAVED.clear()


def codes(found: Found) -> list[str]:
    return [diagnostic.code for diagnostic in found["my.json"]]


def test_an_unsaved_text_is_checked_in_place_of_the_file(session: Session) -> None:
    assert "keys_rotate" not in codes(session.quick())
    session.opened("my.json", TEXT.replace("true", "false"))
    assert "keys_rotate" in codes(session.quick())
    session.closed("my.json")
    assert "keys_rotate" not in codes(session.quick())


def test_the_whole_check_comes_from_a_process_of_its_own(session: Session) -> None:
    session.opened("my.json", TEXT.replace("true", "false"))
    receiving = session.start_whole(lint=False)
    assert receiving is not None
    assert "keys_rotate" in codes(receiving.recv())
    assert session.outcome is None
    session.stop()


def test_a_check_that_is_stopped_sends_nothing(session: Session) -> None:
    receiving = session.start_whole(lint=False)
    session.stop()
    assert receiving is not None
    with pytest.raises(EOFError):
        receiving.recv()


def test_a_configuration_that_is_wrong_is_said_in_its_file(session: Session) -> None:
    Path("pyproject.toml").write_text("[tool.stackproof]\n")

    def inputs() -> Inputs:
        raise CannotTell("unknown key", Place("pyproject.toml", 1, 1), "remove it")

    session.inputs = inputs
    assert [diagnostic.message for diagnostic in session.quick()["pyproject.toml"]] == ["cannot tell: unknown key"]


@pytest.mark.parametrize(("path", "read"), [("my.json", True), ("scenarios.yaml", True), ("other.json", False)])
def test_only_files_that_are_read_concern_it(session: Session, path: str, read: bool) -> None:
    assert session.concerns(path) is read


def test_without_pygls_the_server_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "stackproof.lsp.server", None)
    assert main(["lsp"]) == 2
    assert "fix: install the extra lsp" in capsys.readouterr().err
