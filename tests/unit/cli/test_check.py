"""Results that are kept: found again only where nothing that they depend on has changed."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from stackproof.cli import check, main
from stackproof.cli.check import Request, answer, answers
from stackproof.foundation import cache_folder

pytestmark = pytest.mark.usefixtures("small")
REQUEST = Request(
    "template.json", ("rules",), "scenarios.yaml", "pyproject.toml", date(2026, 1, 1), False, ("text",), True
)


def kept(request: Request = REQUEST) -> bool:
    return answer(request).kept


def test_a_result_is_found_again_word_for_word() -> None:
    first, second = answer(REQUEST), answer(REQUEST)
    assert (first.kept, second.kept) == (False, True)
    assert second[:2] == first[:2]


def append(path: str) -> Callable[[], object]:
    return lambda: Path(path).write_text(Path(path).read_text() + "\n")


CHANGES = {
    "the template": append("template.json"),
    "the scenarios": append("scenarios.yaml"),
    "a rule": append("rules/storage/buckets_named.py"),
    "the cases of a rule": append("rules/storage/buckets_named.cases.yaml"),
    "a rule more": lambda: Path("rules/storage/more.txt").write_text(""),
    "a rule less": lambda: Path("rules/storage/buckets_named.cases.yaml").unlink(),
    "the suppressions": lambda: Path("pyproject.toml").write_text("[tool]\n"),
    "the configuration of cfn-lint": lambda: Path(".cfnlintrc").write_text("ignore_checks: [W2001]\n"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_result_is_not_found_again_after_a_change_of(change: Callable[[], object]) -> None:
    answer(REQUEST)
    change()
    assert not kept()


OTHERWISE = {
    "the next day": replace(REQUEST, today=date(2026, 1, 2)),
    "with cfn-lint": replace(REQUEST, lint=True),
    "in another format": replace(REQUEST, formats=("json",)),
    "told not to": replace(REQUEST, cached=False),
}


@pytest.mark.parametrize("request_", OTHERWISE.values(), ids=OTHERWISE)
def test_a_result_is_not_found_again(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_proven", lambda asked: (0, dict.fromkeys(asked.formats, "")))
    answer(REQUEST)
    assert not kept(request_)


def test_a_format_more_is_kept_beside_the_others() -> None:
    answer(REQUEST)
    answer(replace(REQUEST, formats=("json",)))
    assert kept(replace(REQUEST, formats=("json", "text")))


def test_what_could_not_be_told_is_not_kept() -> None:
    Path("template.json").write_text("{")
    assert answer(REQUEST).exit == 2
    assert not kept()


def test_what_changed_while_it_was_proven_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def proven(_: Request) -> tuple[int, dict[str, str]]:
        append("template.json")()
        return 0, {"text": ""}

    monkeypatch.setattr(check, "_proven", proven)
    answer(REQUEST)
    assert not kept()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda text: text[:-9],
    "one letter changed": lambda text: text.replace(b"passes", b"passed", 1),
    "emptied": lambda _: b"",
    "another file": lambda _: b"[]\n[]",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_result_is_left_out_and_said_and_replaced(damage: Callable[[bytes], bytes], own_cache: Path) -> None:
    answer(REQUEST)
    (file,) = own_cache.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    again = answer(REQUEST)
    assert not again.kept
    assert str(file) in again.note
    assert kept()


REFERRING = {
    "own rules": ("append_rules: [mine]\n", False),
    "own rules beside this package's": ("append_rules:\n  - stackproof.editor\n  - mine\n", False),
    "this package's rules": ("append_rules:\n  - stackproof.editor\nregions: [us-east-1]\n", True),
    "a specification of their own": ("override_spec: mine.json\n", False),
}


@pytest.mark.parametrize(("text", "expected"), REFERRING.values(), ids=REFERRING)
def test_a_configuration_of_cfn_lint_that_refers_to_files_elsewhere_keeps_nothing(text: str, expected: bool) -> None:
    Path(".cfnlintrc").write_text(text)
    answer(REQUEST)
    assert kept() == expected


NAMING = {
    "in a comment": ("# What the template is deployed with, template: none.\n", True),
    "behind a comment": ("# Where it goes\ntemplate: other.json\n", False),
    "in braces": ("{name: '#1', template: other.json}\n", False),
    "of parameters": ("  parameter-files: [dev.json]\n", False),
}


@pytest.mark.parametrize(("text", "expected"), NAMING.values(), ids=NAMING)
def test_scenarios_that_name_further_files_keep_nothing(
    text: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_proven", lambda asked: (0, dict.fromkeys(asked.formats, "")))
    Path("scenarios.yaml").write_text(text)
    answer(REQUEST)
    assert kept() == expected


def test_a_cache_that_cannot_be_written_keeps_nothing(own_cache: Path) -> None:
    own_cache.write_text("a file where the folder should be")
    assert [(answer(REQUEST).exit, answer(REQUEST).kept) for _ in range(2)] == [(0, False), (0, False)]
    assert own_cache.read_text() == "a file where the folder should be"


def test_results_of_other_days_are_dropped(own_cache: Path) -> None:
    own_cache.mkdir()
    (own_cache / "old.json").touch()
    os.utime(own_cache / "old.json", (0, 0))
    answer(REQUEST)
    assert [path.name for path in own_cache.iterdir() if path.name == "old.json"] == []


def test_a_kept_result_imports_neither_the_gate_nor_cfn_lint() -> None:
    code = "import sys; from stackproof.cli import check, main; print(*sorted(sys.modules))"
    tools = str(Path(main.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": tools}, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert (
        loaded
        & {"stackproof.gate.gate", "cfnlint", "cfn_guard_rs", "yaml", "jinja2", "shtab", "boto3", "importlib.metadata"}
        == set()
    )


def test_many_templates_are_answered_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.json").write_text(Path("template.json").read_text().replace('"Enabled"]', '"Suspended"]'))
    asked = [replace(REQUEST, template=name, cached=False) for name in ("broken.json", "template.json")]
    assert [item.exit for item in answers(asked)] == [1, 0]
    arguments = ["--scenarios", "scenarios.yaml", "--no-lint", "--no-cache", "--output", "json:{name}-gate.json"]
    assert main.main(["check", "broken.json", "template.json", *arguments]) == 1
    assert [path.name for path in sorted(Path().glob("*-gate.json"))] == ["broken-gate.json", "template-gate.json"]
    assert capsys.readouterr().out.splitlines()[-1].startswith("template.json: passes: ")


def test_a_result_is_kept_in_the_usual_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert cache_folder.folder().name == "stackproof"
