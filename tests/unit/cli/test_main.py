"""The command line as scripts call it: exit codes, streams, and never a traceback."""

import argparse
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stackproof.cli import deploy_arguments, main, permissions_arguments
from stackproof.cli.arguments import parser
from stackproof.cli.commands import RUNS

pytestmark = pytest.mark.usefixtures("small")
CHECK = ["check", "template.json", "--rules", "rules", "--scenarios", "scenarios.yaml", "--no-lint"]
FOLD = ["fold", "template.json", "--region", "us-east-1", "--parameter", "Suffix=abc"]


def test_check_prints_scenarios_rules_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*CHECK, "-v"]) == 0
    out = capsys.readouterr().out
    assert all(
        text in out for text in ("only  us-east-1 -> eu-central-1", "buckets_named", "1 scenario, 2 stacks, 2 rules")
    )


def test_check_writes_json_to_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*CHECK, "--format", "json", "--output", "gate.json"]) == 0
    assert capsys.readouterr().out == ""
    found = json.loads(Path("gate.json").read_text())
    assert {key: found[key] for key in ("findings", "errors", "exit")} == {"findings": [], "errors": [], "exit": 0}


def test_a_report_that_cannot_be_written_ends_2_and_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*CHECK, "--output", "no/gate.txt"]) == 2
    assert "cannot write no/gate.txt" in capsys.readouterr().err


def test_fold_prints_a_stack_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(FOLD) == 0
    folded = json.loads(capsys.readouterr().out)
    assert folded["Resources"]["Bucket"]["Properties"]["BucketName"] == "data-abc-us-east-1"
    assert folded["Outputs"]["BucketArn"]["Value"] == {"Fn::GetAtt": ["Bucket", "Arn"]}


def test_resolve_forms_arns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["resolve", *FOLD[1:]]) == 0
    assert json.loads(capsys.readouterr().out)["Outputs"]["BucketArn"]["Value"] == "arn:aws:s3:::data-abc-us-east-1"


CASES = ["cases", "--template", "template.json", "--scenarios", "scenarios.yaml"]


def test_cases_tries_the_cases_of_a_rule_named_by_one_of_its_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*CASES, "rules/storage/buckets_named.cases.yaml"]) == 0
    assert capsys.readouterr().out == "2 cases of 1 rules, 0 not as expected\n"


def test_a_case_that_is_not_as_expected_is_shown_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("rules/storage/buckets_named.cases.yaml")
    path.write_text(path.read_text().replace("${AWS::Region}-data", "${Suffix}-data"))
    assert main.main(CASES) == 1
    assert f"{path}:" in capsys.readouterr().out


REFUSED = {
    "a case of a rule that is not there": (["cases", "fnord"], "there is no rule 'fnord'"),
    "a parameter that the template refuses": ([*FOLD[:-1], "Suffix=A1"], "must match pattern"),
    "a parameter without a value": ([*FOLD[:-1], "Suffix"], "has no value"),
    "a parameter that is missing": (FOLD[:4], "[Suffix] must have values"),
    "a region that is none": ([*FOLD[:3], "fnord", *FOLD[4:]], "is no region"),
    "an account that is none": ([*FOLD, "--account", "1"], "is no account id"),
    "a template that is not there": (["fold", "no.json", *FOLD[2:]], "no.json:1:1: cannot read it"),
    "a rule that is not there": (["explain", "fnord"], "there is no rule 'fnord'"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_one_line_on_standard_error_and_ends_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err


def test_package_prints_the_body_without_white_space(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["package", "template.json"]) == 0
    body = capsys.readouterr().out.rstrip("\n")
    assert json.loads(body) == json.loads(Path("template.json").read_text())
    assert "\n" not in body


def test_a_body_too_large_to_send_inline_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    value = json.loads(Path("template.json").read_text())
    value["Description"] = "x" * 51_200
    Path("template.json").write_text(json.dumps(value))
    assert main.main(["package", "template.json"]) == 0
    assert "more than may be sent inline" in capsys.readouterr().err


def test_rules_writes_a_table_and_notices_when_it_is_stale() -> None:
    assert main.main(["rules", "--check"]) == 1
    assert main.main(["rules", "--write"]) == 0
    assert main.main(["rules", "--check"]) == 0


def test_explain_shows_promise_source_and_cases(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["explain", "buckets_versioned"]) == 0
    out = capsys.readouterr().out
    assert all(text in out for text in ("Buckets keep every version", "Source: https", "the target keeps no versions"))


def test_an_unexpected_error_is_one_line_that_names_a_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyError("fnord")

    monkeypatch.setattr(main, "answers", crash)
    assert main.main(CHECK) == 2
    err = capsys.readouterr().err
    assert err.startswith("stackproof: internal error: KeyError: 'fnord'; fix: report it with ")
    log = Path(err.strip().rpartition(" ")[2])
    assert "Traceback" in log.read_text()
    log.unlink()


def test_a_terminal_that_cannot_show_a_letter_shows_its_number(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(sys.stdout), "encoding", "ascii", raising=False)
    main.show("caf\u00e9")
    assert capsys.readouterr().out == "caf\\xe9\n"


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


COLOURS = {
    "a terminal": ({}, True),
    "a terminal, with NO_COLOR": ({"NO_COLOR": "1"}, False),
    "a terminal, with NO_COLOR set to nothing": ({"NO_COLOR": ""}, True),
    "a terminal that has none": ({"TERM": "dumb"}, False),
}


@pytest.mark.parametrize(("variables", "shown"), COLOURS.values(), ids=COLOURS)
def test_colours_are_shown_on(variables: dict[str, str], shown: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", screen := Terminal())
    assert main.main(CHECK) == 0
    assert ("\033[32mpasses\033[0m" in screen.getvalue()) == shown


def test_a_pipe_and_a_file_get_no_colours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*CHECK, "--output", "text:gate.txt"]) == 0
    assert "\033" not in capsys.readouterr().out + Path("gate.txt").read_text()


def commands() -> list[str]:
    (action,) = [
        item
        for item in parser(deploy_arguments.add, permissions_arguments.add)._actions
        if isinstance(item, argparse._SubParsersAction)
    ]
    return list(action.choices)


@pytest.mark.parametrize("command", commands())
def test_the_help_of_every_command_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main.main([command, "--help"])
    assert re.search(rf"examples?:\n .*stackproof {command}", capsys.readouterr().out)


@pytest.mark.parametrize("command", commands())
def test_every_command_that_is_taken_is_done(command: str) -> None:
    assert command in {"check", "completion", *RUNS}


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_shell_is_told_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert [command for command in commands() if command not in out] == []


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash to complete in")
def test_bash_completes_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    main.main(["completion", "bash"])
    script = (
        capsys.readouterr().out
        + """
        COMP_WORDS=(stackproof expl); COMP_CWORD=1; COMP_LINE="stackproof expl"; COMP_POINT=15
        $(complete -p stackproof | sed 's/.*-F \\([^ ]*\\) .*/\\1/') stackproof expl stackproof; echo "${COMPREPLY[*]}"
    """
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["explain"]


def test_parameters_may_follow_each_other_and_the_template_follow_them(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["fold", "--region", "us-east-1", "--parameter", "Suffix=abc", "Main=us-east-1", "template.json"]
    assert main.main(arguments) == 0
    assert "data-abc-us-east-1" in capsys.readouterr().out


def test_a_template_with_a_byte_order_mark_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    Path("template.json").write_bytes(b"\xef\xbb\xbf" + Path("template.json").read_bytes())
    assert main.main(FOLD) == 0
    assert capsys.readouterr().err == ""


def test_every_error_of_json_has_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    Path("none").mkdir()
    arguments = ["check", "no.json", "--rules", "none", "--scenarios", "no.yaml", "--no-lint", "--format", "json"]
    assert main.main(arguments) == 2
    errors = json.loads(capsys.readouterr().out)["errors"]
    assert [(error["path"], error["line"], error["column"]) for error in errors] == [
        ("no.json", 1, 1),
        ("no.yaml", 1, 1),
        ("none", 1, 1),
    ]


def test_what_a_rule_prints_is_no_part_of_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("rules/storage/buckets_named.py")
    path.write_text(path.read_text().replace("    for stack", "    print('here')\n    for stack"))
    assert main.main([*CHECK, "--format", "json", "--no-cache"]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["exit"], err) == (0, "here\n")
