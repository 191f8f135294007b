"""The page on a template of one's own: each of its commands does what it shows, in an empty folder."""

import json
import re
import shlex
import time
from pathlib import Path

import orders_sixty
import pytest

from stackproof.cli.main import main

PAGE = Path(__file__).parents[2] / "docs/your-template.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
FAULTS = ("code_sound", "names_apart", "bucket_lifecycles_ordered")
SECONDS = 60


def commands() -> list[tuple[str, str]]:
    """Return each command of the page, with what it prints there."""
    found = []
    for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        for part in block.split("$ stackproof ")[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def counted(text: str) -> str:
    """Leave out how many rules there are, which grows with every new one."""
    return re.sub(r"\d+ rules", "rules", text)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    Path("my.json").write_text(json.dumps(orders_sixty.template(), indent=2))
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_each_command_of_the_page_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    for command, output in commands():
        main(shlex.split(command))
        assert counted(capsys.readouterr().out) == counted(output), command


@pytest.mark.usefixtures("folder")
def test_three_faults_in_sixty_resources_are_named_first_in_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(orders_sixty.template()["Resources"]) == 60
    main(["init", "my.json", "--source", "us-east-1", "--target", "eu-west-1"])
    capsys.readouterr()
    began = time.monotonic()
    assert main(["check"]) == 1
    assert time.monotonic() - began < SECONDS
    shown = capsys.readouterr().out
    assert "not applicable" not in shown
    assert [line.split(": ")[2] for line in shown.splitlines()[:6:2]] == list(FAULTS)


@pytest.mark.usefixtures("folder")
def test_the_same_template_without_its_faults_passes(capsys: pytest.CaptureFixture[str]) -> None:
    Path("my.json").write_text(json.dumps(orders_sixty.template(wrong=False), indent=2))
    assert main(["check", "my.json", "--region", "us-east-1,eu-west-1", "--parameter", "Stage=dev"]) == 0
    assert "0 findings" in capsys.readouterr().out
