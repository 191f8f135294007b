"""Names that neither stack creates are noted; they are findings where somebody lists what others create."""

import json
from pathlib import Path

import pytest

from stackproof.cli.main import main

SCENARIOS = "deployments:\n  - {name: only, source: {region: us-east-1}, target: {region: eu-west-1}}\n"
ASKED = ("check", "my.json", "--scenarios", "s.yaml", "--no-lint", "--select", "references_resolve")


def template(*names: str) -> str:
    """Return a template of a bucket, and of parameters that hold ARNs of buckets that no stack creates."""
    resources: dict[str, object] = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "documents"}}}
    for name in names:
        properties = {"Type": "String", "Value": f"arn:aws:s3:::{name}"}
        resources[name.title()] = {"Type": "AWS::SSM::Parameter", "Properties": properties}
    return json.dumps({"Resources": resources})


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(SCENARIOS)


def checked(capsys: pytest.CaptureFixture[str], *names: str, external: str = "") -> tuple[int, str]:
    Path("my.json").write_text(template(*names))
    Path("stackproof.toml").write_text(external)
    return main(ASKED), capsys.readouterr().out


def test_a_name_that_no_stack_creates_is_noted(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = checked(capsys, "invoices")
    assert code == 0
    assert "arn:aws:s3:::invoices is neither of us-east-1 nor of eu-west-1: no stack creates it (no finding" in out


def test_it_is_a_finding_once_nothing_is_of_others(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = checked(capsys, "invoices", external="external = []\n")
    assert (code, "no finding" in out) == (1, False)


def test_it_is_neither_once_it_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = checked(capsys, "invoices", external='external = ["arn:aws:s3:::inv*"]\n')
    assert (code, "invoices" in out) == (0, False)


def test_of_many_names_some_are_shown_and_the_others_counted(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = checked(capsys, "first", "second", "third", "fourth", "fifth")
    assert out.count("(no finding") == 3
    assert "note: 2 more such names" in out
