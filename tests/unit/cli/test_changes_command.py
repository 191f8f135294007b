"""`stackproof changes`: two versions of a small template, from files and from git, in every format."""

import json
import subprocess
from pathlib import Path

import pytest

from stackproof.cli.main import main

pytestmark = pytest.mark.usefixtures("small")


def other(**properties: object) -> str:
    """Write the small template with a bucket that has more properties; return the file."""
    value = json.loads(Path("template.json").read_text())
    value["Resources"]["Bucket"]["Properties"] |= properties
    Path("new.json").write_text(json.dumps(value, indent=2))
    return "new.json"


def changes(*arguments: str) -> int:
    return main(["changes", *arguments, "--scenarios", "scenarios.yaml", "--rules", "rules"])


def git(*arguments: str) -> None:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *author, *arguments], check=True, capture_output=True)


def test_two_files_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert changes("template.json", other(BucketName="another-name")) == 0
    shown = capsys.readouterr().out
    assert "1  replaced" in shown
    assert "the one that was replaced" in shown


def test_the_same_file_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert changes("template.json", "template.json") == 0
    assert "nothing changes" in capsys.readouterr().out


def test_json_holds_every_change_with_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    changes("template.json", other(BucketName="another-name"), "--format", "json")
    stack = json.loads(capsys.readouterr().out)["updates"][0]["stacks"][0]
    assert [(change["action"], change["logical_id"], change["cleanup"]) for change in stack["changes"]] == [
        ("replace", "Bucket", False),
        ("delete", "Bucket", True),
    ]
    assert stack["changes"][0]["properties"][0]["after"] == "another-name"


def test_annotations_name_what_is_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    changes("template.json", other(BucketName="another-name"), "--format", "github")
    assert "::notice title=replaced,file=new.json" in capsys.readouterr().out


def test_a_revision_of_git_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        git(*arguments)
    Path(other(BucketName="another-name")).replace("template.json")
    assert changes("template.json", "--against", "HEAD") == 0
    assert "1  replaced" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "it is not said what the template is compared with"),
        (("a.json", "b.json", "--against", "HEAD"), "two files are given beside --against"),
        (("none.json", "template.json"), "none.json"),
        (("template.json", "--against", "no-such-revision"), "no-such-revision"),
        (("template.json", "--before", "fnord"), "no deployment 'fnord'"),
        (("template.json", "template.json", "--deployment", "fnord"), "no deployment 'fnord'"),
        (("template.json", "template.json", "--old-parameter", "A=1"), "without --region"),
    ],
)
def test_what_cannot_be_compared_ends_2_with_a_line(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if "no-such-revision" in arguments:
        git("init", "-q")
    assert changes(*arguments) == 2
    shown = capsys.readouterr()
    assert message in shown.out + shown.err
    assert "Traceback" not in shown.err
