"""What is run and reported, as a project or the command line says: each way through the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from stackproof.cli.main import main

pytestmark = pytest.mark.usefixtures("small")
BASE = ["check", "template.json", "--scenarios", "scenarios.yaml", "--no-lint", "--no-cache"]
NAMED, VERSIONED = "buckets_named", "buckets_versioned"
OWN_RULE = '''"""Every bucket is called data.

{more}
"""

from collections.abc import Iterator
from typing import NamedTuple

from stackproof.api import Deployment, Finding


class Settings(NamedTuple):
    names: tuple[str, ...] = ("data",)
    least: int = 0


def check(deployment: Deployment, settings: Settings) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::S3::Bucket"):
            name = properties.get("BucketName", "")
            if name not in settings.names and not deployment.is_external(name):
                yield stack.finding(("Resources", logical), f"{{logical}} is called {{name}}", "call it data")
'''
HEADER = "setting: names: the names that a bucket may have\nsetting: least: a number"
CASES = "- {name: a, expect: pass, patch: []}\n- {name: b, expect: fail, patch: []}\n"


def asked(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, Any]:
    code = main([*BASE, "--format", "json", *more])
    return code, json.loads(capsys.readouterr().out)


def rules(report: Any) -> list[str]:
    return sorted({finding["rule"] for finding in report["findings"]})


@pytest.fixture
def failing(small: Path) -> None:
    """A template in which both rules fail."""
    assert Path.cwd() == small
    text = Path("template.json").read_text()
    Path("template.json").write_text(text.replace('"Enabled", "Enabled"', '"Suspended", "Suspended"'))
    value = json.loads(Path("template.json").read_text())
    value["Resources"]["Bucket"]["Properties"]["BucketName"] = "data"
    Path("template.json").write_text(json.dumps(value, indent=2))


@pytest.fixture
def own_rule(small: Path) -> Path:
    assert Path.cwd() == small
    folder = Path("more", "names")
    folder.mkdir(parents=True)
    (folder / "buckets_called.py").write_text(OWN_RULE.format(more=HEADER))
    (folder / "buckets_called.cases.yaml").write_text(CASES)
    return folder.parent


def header(rule: str, *lines: str) -> None:
    """Give a rule of the small project further lines of its header."""
    (path,) = Path("rules").rglob(f"{rule}.py")
    first, rest = path.read_text().split("\n", 1)
    path.write_text("\n".join([first, "", *lines, rest]) if first.count('"""') == 1 else "")


@pytest.mark.usefixtures("failing")
def test_both_rules_fail_unless_something_is_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    code, report = asked(capsys)
    assert (code, rules(report)) == (1, [NAMED, VERSIONED])
    assert {finding["pack"] for finding in report["findings"]} == {"own"}


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("on_command_line", [True, False])
def test_only_what_is_selected_is_run(capsys: pytest.CaptureFixture[str], on_command_line: bool) -> None:
    Path("stackproof.toml").write_text("" if on_command_line else f'select = ["{NAMED}"]\n')
    code, report = asked(capsys, *(["--select", f"{NAMED},core"] if on_command_line else []))
    assert (code, rules(report)) == (1, [NAMED])


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("on_command_line", [True, False])
def test_what_is_ignored_is_not_run(capsys: pytest.CaptureFixture[str], on_command_line: bool) -> None:
    Path("stackproof.toml").write_text("" if on_command_line else f'ignore = ["{NAMED}"]\n')
    code, report = asked(capsys, *(["--ignore", NAMED] if on_command_line else []))
    assert (code, rules(report)) == (1, [VERSIONED])


@pytest.mark.usefixtures("failing")
def test_the_gates_own_findings_can_be_ignored_and_graded(capsys: pytest.CaptureFixture[str]) -> None:
    Path("scenarios.yaml").write_text(Path("scenarios.yaml").read_text().replace("eu-central-1", "us-east-1"))
    assert "scenario_coverage" in rules(asked(capsys)[1])
    assert "scenario_coverage" not in rules(asked(capsys, "--ignore", "scenario_coverage")[1])
    Path("stackproof.toml").write_text('[severity]\nscenario_coverage = "error"\n')
    graded = {finding["severity"] for finding in asked(capsys)[1]["findings"] if finding["rule"] == "scenario_coverage"}
    assert graded == {"error"}


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_name_of_nothing_is_refused(capsys: pytest.CaptureFixture[str], option: str) -> None:
    code, report = asked(capsys, option, "buckets_nmaed")
    assert code == 2
    assert "there is no rule, pack or family 'buckets_nmaed'" in report["errors"][0]["message"]


def test_a_name_of_nothing_in_the_configuration_is_refused_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("stackproof.toml").write_text('select = ["all"]\nrequired = ["bukkets"]\n')
    _, report = asked(capsys)
    assert [(error["path"], error["line"]) for error in report["errors"]] == [("stackproof.toml", 2)]


@pytest.mark.usefixtures("failing")
def test_the_former_name_of_a_rule_selects_it(capsys: pytest.CaptureFixture[str]) -> None:
    header(NAMED, "formerly: named_buckets")
    code, report = asked(capsys, "--select", "named_buckets")
    assert (code, rules(report)) == (1, [NAMED])


@pytest.mark.usefixtures("failing")
def test_a_rule_of_the_house_pack_is_run_only_where_it_is_selected(capsys: pytest.CaptureFixture[str]) -> None:
    header(NAMED, "pack: house")
    assert rules(asked(capsys)[1]) == [VERSIONED]
    assert rules(asked(capsys, "--select", "house")[1]) == [NAMED]


@pytest.mark.usefixtures("failing")
def test_a_finding_below_what_fails_is_reported_and_fails_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("stackproof.toml").write_text('[severity]\nown = "info"\n')
    code, report = asked(capsys)
    assert (code, rules(report)) == (0, [NAMED, VERSIONED])
    assert asked(capsys, "--fail-on", "info")[0] == 1
    code, report = asked(capsys, "--severity", "warning")
    assert (code, report["findings"]) == (0, [])
    assert "not reported: 4" in report["notes"][-1]


@pytest.mark.usefixtures("failing")
def test_what_names_a_rule_counts_more_than_its_pack(capsys: pytest.CaptureFixture[str]) -> None:
    Path("stackproof.toml").write_text(f'[severity]\n{NAMED} = "warning"\nown = "info"\n')
    graded = {finding["rule"]: finding["severity"] for finding in asked(capsys)[1]["findings"]}
    assert graded == {NAMED: "warning", VERSIONED: "info"}


def test_rules_of_further_folders_are_run_beside(capsys: pytest.CaptureFixture[str], own_rule: Path) -> None:
    assert rules(asked(capsys, "--rules", "rules", "--rules", str(own_rule))[1]) == ["buckets_called"]
    Path("stackproof.toml").write_text(f'extend-rules = ["{own_rule}"]\n')
    code, report = asked(capsys)
    assert (code, rules(report)) == (1, ["buckets_called"])


SETTINGS = "extend-rules = ['more']\n[rule.buckets_called]\n"


@pytest.mark.usefixtures("own_rule")
def test_a_rule_reads_its_settings(capsys: pytest.CaptureFixture[str]) -> None:
    Path("stackproof.toml").write_text("extend-rules = ['more']\n")
    called = {finding["message"].split()[-1] for finding in asked(capsys)[1]["findings"]}
    Path("stackproof.toml").write_text(f"{SETTINGS}names = {json.dumps(sorted(called))}\n")
    assert asked(capsys)[0] == 0


REFUSED = {
    "no such setting": ("name = ['x']", "rule buckets_called has no setting 'name'; fix: use one of names, least"),
    "another type": ("names = 3", "setting names of rule buckets_called must be a list of texts"),
    "items of another type": ("names = [3]", "setting names of rule buckets_called must be a list of texts"),
    "no number": ("least = true", "setting least of rule buckets_called must be a whole number"),
}


@pytest.mark.usefixtures("own_rule")
@pytest.mark.parametrize(("line", "message"), REFUSED.values(), ids=REFUSED)
def test_a_setting_that_a_rule_does_not_take_is_refused_with_its_line(
    capsys: pytest.CaptureFixture[str], line: str, message: str
) -> None:
    Path("stackproof.toml").write_text(SETTINGS + line)
    code, report = asked(capsys)
    (error,) = report["errors"]
    assert (code, error["path"], error["line"], error["message"].startswith(message)) == (2, "stackproof.toml", 3, True)


def test_settings_of_a_rule_that_there_is_not_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("stackproof.toml").write_text("[rule.bukkets]\nnames = []\n")
    code, report = asked(capsys)
    assert (code, "the rule 'bukkets'" in report["errors"][0]["message"]) == (2, True)


def test_a_rule_in_guard_takes_its_setting_in_the_place_of_its_let(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("rules/storage/buckets_versioned.guard")
    text = path.read_text().replace("== 'Enabled'", "== %status").replace('== "Enabled"', "== %status")
    assert "%status" in text
    first, rest = text.split("\n", 1)
    path.write_text(
        f"{first}\n#\n# setting: status: what the versioning is\n{rest}".replace(
            "let ", "let status = 'Enabled'\nlet ", 1
        )
    )
    assert asked(capsys)[0] == 0
    Path("stackproof.toml").write_text('[rule.buckets_versioned]\nstatus = "Suspended"\n')
    code, report = asked(capsys)
    assert (code, rules(report)) == (1, [VERSIONED])
    Path("stackproof.toml").write_text("[rule.buckets_versioned]\nstatus = 3\n")
    assert asked(capsys)[0] == 2


@pytest.mark.usefixtures("own_rule")
def test_explain_prints_the_pack_the_severity_and_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "buckets_called", "--rules", "more"]) == 0
    shown = capsys.readouterr().out
    assert "pack own, severity error" in shown
    assert '  names = ["data"]  # the names that a bucket may have' in shown


@pytest.mark.usefixtures("own_rule")
def test_what_others_create_is_known_to_rules(capsys: pytest.CaptureFixture[str]) -> None:
    Path("stackproof.toml").write_text('extend-rules = ["more"]\nexternal = ["*-us-east-1", "*eu-central-1*"]\n')
    assert asked(capsys)[0] == 0
    Path("stackproof.toml").write_text('extend-rules = ["more"]\nexternal = ["*-us-east-1"]\n')
    code, report = asked(capsys)
    assert (code, {finding["side"] for finding in report["findings"]}) == (1, {"target"})


BASELINE = ["--baseline", "known.json"]


@pytest.mark.usefixtures("failing")
def test_a_baseline_knows_findings_though_lines_move_and_numbers_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BASE, *BASELINE, "--write-baseline"]) == 0
    assert "known.json: written" in capsys.readouterr().out
    Path("template.json").write_text("\n\n" + Path("template.json").read_text())
    Path("scenarios.yaml").write_text(Path("scenarios.yaml").read_text().replace("Suffix: abc", "Suffix: abd"))
    code, report = asked(capsys, *BASELINE)
    assert (code, report["findings"]) == (0, [])
    assert "known findings, not reported: 4" in report["notes"][-1]


@pytest.mark.usefixtures("failing")
def test_what_a_baseline_does_not_know_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    main([*BASE, *BASELINE, "--write-baseline", "--ignore", NAMED])
    capsys.readouterr()
    code, report = asked(capsys, *BASELINE)
    assert (code, rules(report)) == (1, [NAMED])
    Path("stackproof.toml").write_text('baseline = "known.json"\n')
    assert rules(asked(capsys)[1]) == [NAMED]


@pytest.mark.usefixtures("failing")
def test_a_second_resource_with_the_same_fault_is_new(capsys: pytest.CaptureFixture[str]) -> None:
    main([*BASE, *BASELINE, "--write-baseline"])
    capsys.readouterr()
    value = json.loads(Path("template.json").read_text())
    value["Resources"]["Second"] = value["Resources"]["Bucket"]
    Path("template.json").write_text(json.dumps(value, indent=2))
    code, report = asked(capsys, *BASELINE)
    assert (code, {finding["at"].split("/")[2] for finding in report["findings"]}) == (1, {"Second"})


@pytest.mark.usefixtures("failing")
def test_an_entry_of_a_baseline_that_no_longer_occurs_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    main([*BASE, *BASELINE, "--write-baseline"])
    capsys.readouterr()
    value = json.loads(Path("template.json").read_text())
    value["Resources"]["Bucket"]["Properties"]["VersioningConfiguration"]["Status"] = "Enabled"
    Path("template.json").write_text(json.dumps(value, indent=2))
    code, report = asked(capsys, *BASELINE)
    assert code == 0
    assert any(f"no longer found: {VERSIONED} at /Resources/Bucket" in note for note in report["notes"])


@pytest.mark.parametrize("text", [None, "[]", "{", '{"version": 9, "findings": []}'])
def test_a_baseline_that_is_none_ends_2(capsys: pytest.CaptureFixture[str], text: str | None) -> None:
    if text is not None:
        Path("known.json").write_text(text)
    code, report = asked(capsys, *BASELINE)
    assert (code, report["errors"][0]["path"]) == (2, "known.json")


def test_a_baseline_is_not_written_to_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BASE, "--write-baseline"]) == 2
    assert "give --baseline FILE" in capsys.readouterr().err


def test_a_kept_result_is_none_for_another_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    cached = [base for base in BASE if base != "--no-cache"]
    assert main(cached) == 0
    Path("stackproof.toml").write_text('external = ["x"]\nselect = ["core"]\n')
    capsys.readouterr()
    assert main(cached) == 0
    assert " 0 rules," in capsys.readouterr().out


@pytest.mark.usefixtures("failing")
def test_a_suppression_applies_beside_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    Path("stackproof.toml").write_text(f'[ignore]\n{VERSIONED} = {{ reason = "a test" }}\nkeys = {{ reason = "x" }}\n')
    Path("scenarios.yaml").write_text(
        Path("scenarios.yaml").read_text()
        + "  - {name: bad, parameters: {Suffix: BAD}, source: {region: us-east-1}, target: {region: eu-central-1}}\n"
    )
    code, report = asked(capsys)
    assert (code, rules(report)) == (2, [NAMED])
    assert len(report["errors"]) == 1


def test_a_rule_that_is_not_run_leaves_its_suppression_in_peace(capsys: pytest.CaptureFixture[str]) -> None:
    Path("stackproof.toml").write_text(f'[ignore]\n{VERSIONED} = {{ reason = "a test" }}\n')
    assert rules(asked(capsys)[1]) == ["suppression"]
    assert asked(capsys, "--ignore", VERSIONED)[0] == 0


def test_a_rule_that_applies_to_nothing_is_listed_and_fails_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("template.json").write_text(
        '{"Parameters": {"Suffix": {"Type": "String"}}, "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    )
    code, report = asked(capsys)
    assert (code, sorted(report["not_applicable"])) == (0, [NAMED, VERSIONED])
    assert main(BASE) == 0
    assert "not applicable" not in capsys.readouterr().out
    assert main([*BASE, "-v"]) == 0
    assert "not applicable" in capsys.readouterr().out


def test_regions_of_the_command_line_take_the_place_of_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", "template.json", "--no-lint", "--no-cache"]
    assert main([*arguments, "--region", "us-east-1,eu-central-1", "--parameter", "Suffix=abc"]) == 0
    assert " 1 scenario, 2 stacks, 2 rules," in capsys.readouterr().out
    assert main([*arguments, "--region", "us-east-1"]) == 2
    assert "write --region SOURCE,TARGET" in capsys.readouterr().err
    assert main([*arguments, "--parameter", "Suffix=abc"]) == 2
    capsys.readouterr()
    assert main(arguments) == 2
    assert "fix: stackproof init template.json; or give --region SOURCE,TARGET" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("stackproof ")


RULES = str(Path(__file__).parents[3] / "rules")
BY_RULE: dict[str, tuple[str, dict[str, Any]]] = {
    "tags_carried": ("tags = []", {"Topic": {"Type": "AWS::SNS::Topic"}}),
    "queues_keep": (
        "seconds = 60",
        {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": 3600}}},
    ),
    "sections_ordered": ("keys = ['Properties', 'Type']", {"Topic": {"Properties": {}, "Type": "AWS::SNS::Topic"}}),
    "names_by_convention": (
        "pattern = '{suffix}_[a-z]+'",
        {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "${Suffix}_events"}}}},
    ),
    "logs_kept": ("days = 7", {"Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}}}),
}
"""Settings with which a rule passes; with others it fails."""
OTHERWISE = {"logs_kept": "days = 30"}


@pytest.mark.parametrize("rule", BY_RULE)
def test_shipped_rules_have_settings(capsys: pytest.CaptureFixture[str], rule: str) -> None:
    line, resources = BY_RULE[rule]
    template = {"Parameters": {"Suffix": {"Type": "String"}}, "Resources": resources}
    Path("template.json").write_text(json.dumps(template, indent=2))
    chosen = ["--rules", RULES, "--select", rule]
    Path("stackproof.toml").write_text(f"[rule.{rule}]\n{OTHERWISE.get(rule, '')}\n")
    assert rules(asked(capsys, *chosen)[1]) == [rule]
    Path("stackproof.toml").write_text(f"[rule.{rule}]\n{line}\n")
    assert asked(capsys, *chosen)[1]["findings"] == []
    assert main(["explain", rule, "--rules", RULES]) == 0
    assert line.split(" = ")[0] in capsys.readouterr().out


def test_rules_about_references_know_what_others_create(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"Fn::Sub": "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:shared-alarms"}
    resources = {
        "Own": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "own"}},
        "Name": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}},
    }
    template = {"Parameters": {"Suffix": {"Type": "String"}}, "Resources": resources}
    Path("template.json").write_text(json.dumps(template, indent=2))
    chosen = ["--rules", RULES, "--select", "references_resolve"]
    assert rules(asked(capsys, *chosen)[1]) == []  # nobody says that nothing is of others
    Path("stackproof.toml").write_text("external = []\n")
    assert rules(asked(capsys, *chosen)[1]) == ["references_resolve"]
    for pattern in ("shared-*", "arn:aws:sns:*:shared-alarms"):
        Path("stackproof.toml").write_text(f'external = ["{pattern}"]\n')
        assert rules(asked(capsys, *chosen)[1]) == []
