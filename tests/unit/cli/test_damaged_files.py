"""Files that are no template, given to the commands: one line, exit code 2, no traceback, no wait."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stackproof.cli import main

SECONDS = 2.0
TEXT = '{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"A": 1}}}}'
DAMAGED = {
    "an empty file": b"",
    "blanks": b" \n",
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-32": TEXT.encode("utf-32"),
    "Latin-1": TEXT.replace("B", "é").encode("latin-1"),
    "half of a surrogate pair": TEXT.replace('"B"', '"\\ud800"').encode(),
    "half of one as bytes": TEXT.encode().replace(b'"B"', b'"\xed\xa0\x80"'),
    "a key twice": TEXT.replace('"Type"', '"Type": "T", "Type"').encode(),
    "a number of 5,000 digits": TEXT.replace("1", "1" * 5000).encode(),
    "a number out of range": TEXT.replace("1", "1e999").encode(),
    "no number": TEXT.replace("1", "NaN").encode(),
    "half a text": TEXT[:40].encode(),
    "more text behind": f"{TEXT}x".encode(),
    "deep nesting": b'{"a":' * 100_000,
    "deep lists": b"[" * 100_000,
    "two megabytes": b" " * 2_000_000,
    "zeros": bytes(100),
    "a word": b"hello",
}


def refused(command: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a command says on standard error; it has to end 2, soon, with nothing on standard output."""
    began = time.process_time()
    assert main.main(command) == 2
    assert time.process_time() - began < SECONDS
    out, err = capsys.readouterr()
    assert out == ""
    return err


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("name", ["template.json", "template.yaml", "template"])
@pytest.mark.parametrize("command", ["fold", "resolve"])
def test_a_damaged_file_is_refused_in_one_line(
    command: str, name: str, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    message = refused([command, str(file), "--region", "us-east-1"], capsys)
    assert message.startswith(f"stackproof: {file}:")
    assert message.count("\n") == 1


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_the_gate_cannot_tell_of_a_damaged_file(
    small: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (small / "template.json").write_bytes(content)
    began = time.process_time()
    assert main.main(["check", "template.json", "--scenarios", "scenarios.yaml", "--no-lint", "--no-cache"]) == 2
    assert time.process_time() - began < SECONDS
    assert capsys.readouterr().out.startswith("cannot tell: template.json:")


@pytest.mark.parametrize("make", [Path.mkdir, lambda _: None], ids=["a folder", "nothing"])
def test_what_is_no_file_is_refused_in_one_line(
    make: Callable[[Path], object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "there")
    message = refused(["fold", str(tmp_path / "there"), "--region", "us-east-1"], capsys)
    assert (message.count("\n"), "cannot read it" in message) == (1, True)
