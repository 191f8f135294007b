"""The whole proof of a small template: kept, broken, and what keeps the gate from telling."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from stackproof.gate.gate import Inputs, check
from stackproof.gate.outcome import Outcome
from stackproof.rules import guard_engine

pytestmark = pytest.mark.usefixtures("small")
REQUIRED = '[tool.stackproof]\nrequired = ["all"]\n'


def gate(**changes: str) -> Outcome:
    inputs = {"template": "template.json", "rules": "rules", "scenarios": "scenarios.yaml", "project": "pyproject.toml"}
    template, rules, scenarios, project = {**inputs, **changes}.values()
    return check(Inputs(template, rules, scenarios, project, date(2026, 1, 1)), lint=False)


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def ignoring(*entries: dict[str, str]) -> None:
    """Give the bucket of the template suppressions."""
    value: Any = json.loads(Path("template.json").read_text())
    value["Resources"]["Bucket"]["Metadata"] = {"stackproof": {"ignore": list(entries)}}
    value["Resources"]["Bucket"]["Properties"]["BucketName"] = "data"
    Path("template.json").write_text(json.dumps(value, indent=2))


def test_a_template_that_keeps_every_promise_ends_0() -> None:
    outcome = gate()
    assert (outcome.exit, outcome.findings, outcome.errors) == (0, (), ())


def test_a_broken_promise_ends_1_with_rule_side_and_line() -> None:
    edit("template.json", '"Enabled", "Enabled"', '"Enabled", "Suspended"')
    outcome = gate()
    (finding,) = outcome.findings
    assert (outcome.exit, finding.rule, finding.side, finding.place.line) == (1, "buckets_versioned", "target", 15)


def test_a_side_of_a_condition_that_no_scenario_takes_is_a_finding() -> None:
    edit("template.json", '"Outputs": {', '"Outputs": { "X": { "Value": { "Fn::If": ["Never", "a", "b"] } },')
    edit("template.json", '"Conditions": {', '"Conditions": { "Never": { "Fn::Equals": ["a", "b"] },')
    assert [(finding.rule, finding.message) for finding in gate().findings] == [
        ("scenario_coverage", "in no scenario is condition Never true"),
        ("scenario_coverage", "no scenario takes the true side of Fn::If Never"),
    ]


CANNOT_TELL = {
    "a missing brace": ("template.json", '"Outputs": {', '"Outputs": ', "not JSON"),
    "an unknown function": ("template.json", '"Fn::GetAtt"', '"Fn::Fnord"', "unknown function Fn::Fnord"),
    "a reference to nothing": ("template.json", '["Bucket", "Arn"]', '["Bukket", "Arn"]', "'Bukket' is neither"),
    "an unknown parameter": ("scenarios.yaml", "Suffix: abc", "Suffix: abc, Fnord: x", "[Fnord] do not exist"),
    "a refused parameter": ("scenarios.yaml", "Suffix: abc", "Suffix: ABC", "must match pattern [a-z]+"),
    "a region that is none": ("scenarios.yaml", "us-east-1", "us-east-99", "is no region of AWS"),
    "a rule that crashes": (
        "rules/storage/buckets_named.py",
        'properties.get("BucketName", "")',
        'properties["Fnord"]',
        "crashed",
    ),
    "a rule of Python that applies to nothing": (
        "rules/storage/buckets_named.py",
        '"AWS::S3::Bucket",)',
        '"AWS::S3::Bukket",)',
        "applies to nothing",
    ),
    "a Guard rule that applies to nothing": (
        "rules/storage/buckets_versioned.guard",
        "'AWS::S3::Bucket'",
        "'AWS::S3::Bukket'",
        "applies to nothing",
    ),
    "a Guard rule that does not parse": (
        "rules/storage/buckets_versioned.guard",
        "%buckets !empty {",
        "{{",
        "not parse",
    ),
    "a rule without a case that fails": (
        "rules/storage/buckets_named.cases.yaml",
        "expect: fail",
        "expect: pass",
        "no case that must fail",
    ),
    "a rule without a case that passes": (
        "rules/storage/buckets_named.cases.yaml",
        "expect: pass",
        "expect: fail",
        "no case that must pass",
    ),
}


@pytest.mark.parametrize(("path", "old", "new", "message"), CANNOT_TELL.values(), ids=CANNOT_TELL)
def test_what_keeps_the_gate_from_telling_is_one_error_and_ends_2(path: str, old: str, new: str, message: str) -> None:
    edit(path, old, new)
    Path("pyproject.toml").write_text(REQUIRED)
    outcome = gate()
    assert (outcome.exit, len(outcome.errors)) == (2, 1)
    assert message in outcome.errors[0].message


def test_an_empty_rule_file_ends_2() -> None:
    Path("rules/storage/buckets_named.py").write_text("")
    assert [error.message for error in gate().errors] == ["the rule file is empty"]


def test_a_guard_file_of_comments_alone_ends_2() -> None:
    Path("rules/storage/buckets_versioned.guard").write_text("# A promise and no rule\n")
    outcome = gate()
    assert outcome.exit == 2
    assert "holds no rule" in outcome.errors[0].message


def test_an_empty_folder_of_rules_ends_2() -> None:
    Path("none").mkdir()
    assert [error.message for error in gate(rules="none").errors] == ["none holds no rule: nothing can be checked"]


def test_a_rule_without_cases_ends_2() -> None:
    Path("rules/storage/buckets_named.cases.yaml").unlink()
    assert [error.message for error in gate().errors] == ["rule buckets_named has no cases"]


def test_every_unreadable_input_is_named_at_once() -> None:
    outcome = gate(template="no.json", rules="no", scenarios="no.yaml")
    assert (outcome.exit, len(outcome.errors)) == (2, 3)


def test_a_suppressed_finding_is_kept_apart_with_its_reason() -> None:
    ignoring({"rule": "buckets_named", "reason": "named by hand", "until": "2026-06-30"})
    outcome = gate()
    assert outcome.exit == 0
    assert {suppressed.by.reason for suppressed in outcome.suppressed} == {"named by hand"}


def test_a_suppression_past_its_day_hides_nothing_and_is_a_finding() -> None:
    ignoring({"rule": "buckets_named", "reason": "named by hand", "until": "2025-12-31"})
    assert {finding.rule for finding in gate().findings} == {"buckets_named", "suppression"}


def test_a_suppression_that_matches_nothing_is_a_finding() -> None:
    ignoring({"rule": "buckets_named", "reason": "named by hand"}, {"rule": "buckets_versioned", "reason": "no need"})
    assert [finding.message for finding in gate().findings] == [
        "the suppression of buckets_versioned (no need) hides nothing"
    ]


def test_a_suppression_without_a_reason_ends_2() -> None:
    ignoring({"rule": "buckets_named"})
    assert [error.message for error in gate().errors] == ["the suppression of buckets_named gives no reason"]


def test_pyproject_suppresses_a_rule_everywhere() -> None:
    ignoring()
    Path("pyproject.toml").write_text('[tool.stackproof.ignore]\nbuckets_named = { reason = "named by hand" }\n')
    assert gate().exit == 0


TREACHEROUS = {
    "exits when it is loaded": "import sys\nsys.exit(0)\n",
    "exits when it is run": "import sys\ndef check(deployment):\n    sys.exit(0)\n",
    "stops as a generator does": "def check(deployment):\n    raise GeneratorExit\n",
    "gives what is no finding": "def check(deployment):\n    yield 'broken'\n",
    "gives a finding without a place": (
        "from stackproof.api import Finding\ndef check(deployment):\n"
        "    yield Finding('r', None, 's', 'both', 'm', '')\n"
    ),
    "gives an error without a text": (
        "from stackproof.api import CannotTell\ndef check(deployment):\n    yield CannotTell(None)\n"
    ),
    "gives nothing to go through": "def check(deployment):\n    return 3\n",
}


@pytest.mark.parametrize("body", TREACHEROUS.values(), ids=TREACHEROUS)
def test_a_rule_that_does_not_behave_cannot_tell(body: str) -> None:
    Path("rules/storage/buckets_named.py").write_text(f'"""A promise."""\n{body}')
    outcome = gate()
    assert (outcome.exit, len(outcome.errors)) == (2, 1)
    assert "crashed" in outcome.errors[0].message


UNDECIDED = '''"""A promise."""
def check(deployment):
    for stack in deployment.stacks:
        for logical in ("Bucket", "Topic"):
            yield stack.cannot_tell(("Resources", logical), f"{logical} is not known", "write it out")
        yield stack.finding(("Resources", "Bucket"), "the bucket is wrong", "write it right")
'''


def test_a_rule_that_yields_an_error_of_one_resource_goes_on_with_the_others() -> None:
    Path("rules/storage/buckets_named.py").write_text(UNDECIDED)
    outcome = gate()
    assert sorted(note.message for note in outcome.undecided) == ["Bucket is not known", "Topic is not known"]
    assert {finding.message for finding in outcome.findings} == {"the bucket is wrong"}


RAISING = '''"""A promise."""
def check(deployment):
    for stack in deployment.stacks:
        yield stack.finding(("Resources", "Bucket"), "the bucket is wrong", "write it right")
        raise stack.cannot_tell(("Resources", "Bucket"), f"Bucket of {stack.scenario.side} is not known")
'''


def test_an_error_that_a_rule_raises_ends_the_deployment_and_keeps_what_was_found() -> None:
    Path("rules/storage/buckets_named.py").write_text(RAISING)
    outcome = gate()
    assert [note.message for note in outcome.undecided] == ["Bucket of source is not known"]
    assert [finding.side for finding in outcome.findings] == ["source"]


def test_a_rule_that_names_no_types_applies_to_every_template() -> None:
    path = Path("rules/storage/buckets_named.py")
    path.write_text(
        path.read_text().replace('APPLIES_TO = ("AWS::S3::Bucket",)\n', "").replace("*APPLIES_TO", '"AWS::S3::Bucket"')
    )
    assert gate().exit == 0


def test_a_guard_block_that_applies_to_nothing_ends_2_if_the_rule_is_required_though_another_does() -> None:
    path = Path("rules/storage/buckets_versioned.guard")
    text = path.read_text()
    other = (
        text[text.index("rule ") :].replace("buckets_versioned", "more").replace("AWS::S3::Bucket", "AWS::S3::Bukket")
    )
    path.write_text(f"{text}\n{other}")
    assert gate().exit == 0
    Path("pyproject.toml").write_text(REQUIRED)
    assert [error.message for error in gate().errors] == [
        "rule buckets_versioned applies to nothing: Guard skips more in every scenario"
    ]


def test_an_unknown_parameter_is_shown_where_the_scenario_gives_it() -> None:
    edit("scenarios.yaml", "Suffix: abc", "Suffix: abc, Fnord: x")
    (error,) = gate().errors
    assert (str(error.place), "only" in error.message) == ("scenarios.yaml:4:38", True)


@pytest.mark.parametrize(
    "text", ["[tool.stackproof]\nignore = 3\n", "[[tool.stackproof.ignore]]\nx = 1\n", "tool = 3\n"]
)
def test_suppressions_that_are_no_table_are_an_error(text: str) -> None:
    Path("pyproject.toml").write_text(text)
    assert gate().exit == 2


def test_what_a_branch_leaves_out_is_found_at_that_branch() -> None:
    kept, left = '{ "Status": "Enabled" }', '{ "Ref": "AWS::NoValue" }'
    chosen = f'{{ "Fn::If": ["IsSource", {kept},\n {left}] }}'
    edit("template.json", '{ "Status": { "Fn::If": ["IsSource", "Enabled", "Enabled"] } }', chosen)
    (finding,) = gate().findings
    assert (finding.side, finding.place.line, finding.place.column) == ("target", 16, 2)


def test_without_guard_its_rules_are_left_out_and_named() -> None:
    inputs = Inputs("template.json", "rules", "scenarios.yaml", "pyproject.toml", date(2026, 1, 1), guard=False)
    outcome = check(inputs, lint=False)
    in_guard = [path.stem for path in Path("rules").rglob("*.guard")]
    assert in_guard and outcome.notes == (f"not checked, as they are written in Guard: {', '.join(in_guard)}",)
    assert not {verdict.rule.name for verdict in outcome.verdicts} & set(in_guard)


def test_without_an_engine_the_gate_cannot_tell_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_engine, "installed", tuple)
    outcome = gate()
    assert (outcome.exit, len(outcome.errors)) == (2, 1)
    assert "--no-guard" in outcome.errors[0].fix


@pytest.mark.usefixtures("small")
def test_a_condition_that_only_aws_can_decide_is_told_and_fails_nothing() -> None:
    path = Path("template.json")
    read = json.loads(path.read_text())
    read["Parameters"]["Stage"] = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/stage"}
    read["Conditions"]["IsProd"] = {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}
    read["Resources"]["Extra"] = {"Type": "AWS::SNS::Topic", "Condition": "IsProd"}
    path.write_text(json.dumps(read, indent=2))
    inputs = Inputs("template.json", "rules", "scenarios.yaml", "pyproject.toml", date(2026, 1, 1))
    outcome = check(inputs, lint=False)
    assert (outcome.exit, outcome.findings) == (0, ())
    assert [note.place.path for note in outcome.undecided] == ["template.json", "template.json"]
    assert all("condition IsProd of only in" in note.message for note in outcome.undecided)
    Path("scenarios.yaml").write_text(
        Path("scenarios.yaml").read_text().replace("us-east-1}", "us-east-1, ssm: {/stage: prod}}")
    )
    assert [note.message.split(" depends")[0] for note in check(inputs, lint=False).undecided] == [
        "condition IsProd of only in eu-central-1"
    ]


UNSURE = '''"""Buckets are what they are.
pack: core
"""
def check(deployment):
    for stack in deployment.stacks:
        for logical, _ in stack.of_type("AWS::S3::Bucket"):
            yield stack.cannot_tell(("Resources", logical), f"what {logical} holds is not known", "say it")
'''


@pytest.mark.parametrize(("required", "expected"), [("[]", 0), ('["unsure"]', 2)], ids=["any", "required"])
def test_what_a_rule_cannot_check_is_an_error_only_where_the_rule_is_required(required: str, expected: int) -> None:
    cases = "- {name: it may, expect: pass, patch: []}\n- {name: it may not, expect: fail, patch: []}\n"
    Path("rules/unsure.py").write_text(UNSURE)
    Path("rules/unsure.cases.yaml").write_text(cases)
    Path("pyproject.toml").write_text(f'[tool.stackproof]\nselect = ["unsure"]\nrequired = {required}\n')
    outcome = check(Inputs("template.json", "rules", "scenarios.yaml", "pyproject.toml", date(2026, 1, 1)), lint=False)
    messages = [*(error.message for error in outcome.errors), *(note.message for note in outcome.undecided)]
    assert (outcome.exit, messages) == (expected, ["what Bucket holds is not known"])
