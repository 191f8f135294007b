from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from stackproof.foundation.finding import CannotTell
from stackproof.rules import guard, guard_engine, guard_report
from stackproof.rules.guard import Block, Failure, GuardFile, Subject, evaluate
from stackproof.rules.guard_engine import Engine, Report

BUCKET = "AWS::S3::Bucket"
QUEUES = "let x = Resources.*[ Type == 'AWS::SQS::Queue' ]"
STACK: dict[str, Any] = {
    "Resources": {
        "Kept": {"Type": BUCKET, "Properties": {"BucketName": "kept", "Tags": [{"Key": "a/b"}]}},
        "Bare": {"Type": BUCKET, "Properties": {"BucketName": "bare"}},
        "Empty": {"Type": BUCKET},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 900, "a/b": {"c": "x"}}},
    },
    "Outputs": {"Name": {"Value": "kept"}},
}


@pytest.fixture(autouse=True, params=guard_engine.installed(), ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Each engine that is installed, in turn: what a rule says does not depend on it."""
    monkeypatch.setattr(guard, "engine", lambda: request.param)
    return request.param  # type: ignore[no-any-return]


def judged(text: str, document: Any = None) -> tuple[Block, ...]:
    return evaluate(GuardFile("promise", "rules/promise.guard", text), Subject(document or STACK))


def failures(text: str, document: Any = None) -> tuple[Failure, ...]:
    return tuple(failure for block in judged(text, document) for failure in block.failures)


def of_buckets(clauses: str) -> str:
    select = f"let buckets = Resources.*[ Type == '{BUCKET}' ]"
    return f"{select}\nrule r when %buckets !empty {{ %buckets {{ {clauses} }} }}"


def test_a_block_that_holds_passes() -> None:
    assert judged("rule r { Resources.Kept.Properties.BucketName == 'kept' }") == (Block("r", "PASS"),)


def test_a_block_that_selects_nothing_is_skipped_and_not_passed() -> None:
    text = "let none = Resources.*[ Type == 'AWS::S3::Buckett' ]\nrule r when %none !empty { %none.Properties exists }"
    assert judged(text) == (Block("r", "SKIP"),)


def test_every_block_of_a_file_has_its_own_verdict() -> None:
    text = "rule holds { Resources exists }\nrule breaks { Nothing exists }"
    assert [(block.name, block.status) for block in judged(text)] == [("holds", "PASS"), ("breaks", "FAIL")]


def test_a_failure_carries_path_message_value_and_fix() -> None:
    text = of_buckets(
        "Properties.BucketName != 'bare'\n<<\n Violation: a bucket\n is bare.\n Fix: name it\n otherwise.\n>>"
    )
    path = ("Resources", "Bare", "Properties", "BucketName")
    assert Failure(path, "a bucket is bare: Bare.BucketName is bare", "name it otherwise") in failures(text)


@pytest.mark.parametrize(("written", "value"), [("true", True), ('"On"', "On"), ("60", 60)])
def test_a_message_may_carry_the_one_right_value(written: str, value: object) -> None:
    (found,) = failures(
        "rule r { Resources.Queue.Properties.DelaySeconds == 1\n"
        f"<<\nViolation: a queue waits\nFix: set it.\nReplacement: {written}\n>> }}"
    )
    assert (found.message, found.fix, found.replacement) == (
        "a queue waits: Queue.DelaySeconds is 900",
        "set it",
        value,
    )


@pytest.mark.parametrize("written", ["On", "[1]", "null", "{}"])
def test_guard_cannot_tell_from_a_replacement_that_is_no_scalar_of_json(written: str) -> None:
    with pytest.raises(CannotTell, match="is no JSON text, number, true or false"):
        failures(f"rule r {{ Nothing exists <<Violation: v Fix: f Replacement: {written}>> }}")


def test_a_missing_value_is_reported_where_it_would_be() -> None:
    found = failures(of_buckets("Properties.BucketName exists <<Violation: no name Fix: name it>>"))
    path = ("Resources", "Empty", "Properties", "BucketName")
    assert found == (Failure(path, "no name: Empty has no Properties.BucketName", "name it"),)


def test_a_value_inside_a_list_is_reported_with_its_index() -> None:
    (found,) = failures("rule r { Resources.Kept.Properties.Tags[*].Value exists <<Violation: v>> }")
    assert found.path == ("Resources", "Kept", "Properties", "Tags", 0, "Value")


def test_a_key_that_holds_a_slash_stays_one_step_of_the_path() -> None:
    (found,) = failures("rule r { Resources.Queue.Properties.'a/b'.c == 'y' <<Violation: v>> }")
    assert found.path == ("Resources", "Queue", "Properties", "a/b", "c")


def test_a_number_is_named_in_the_message() -> None:
    (found,) = failures("rule r { Resources.Queue.Properties.DelaySeconds < 60 <<Violation: too slow>> }")
    assert found.message == "too slow: Queue.DelaySeconds is 900"


def test_both_sides_of_a_comparison_are_named() -> None:
    pair = {"Source": {"Resources": {"A": {"P": "same"}}}, "Target": {"Resources": {"A": {"P": "same"}}}}
    (found,) = failures("rule r { Source.Resources.A.P != Target.Resources.A.P <<Violation: alike>> }", pair)
    assert found.message == "alike: Source.A.P is same, Target.A.P is same"


def test_a_long_value_is_cut() -> None:
    (found,) = failures("rule r { Name != /x/ <<Violation: v>> }", {"Name": "x" * 500})
    assert found.message.endswith("…") and len(found.message) < 120


def test_a_clause_without_a_message_speaks_for_itself() -> None:
    (found,) = failures("rule r { Resources.Kept.Properties.BucketName == 'x' }")
    assert found.message.startswith('Resources.Kept.Properties.BucketName EQUALS "x" does not hold')


def test_what_a_filter_leaves_out_is_no_failure() -> None:
    found = failures("rule r { Resources.*[ Properties.DelaySeconds exists ].Type == 'x' <<Violation: v>> }")
    assert [failure.path[1] for failure in found] == ["Queue"]


def test_what_a_filter_on_keys_leaves_out_is_no_failure() -> None:
    found = failures("rule r { Resources[ keys == /^Q/ ].Type == 'x' <<Violation: v>> }")
    assert [failure.path[1] for failure in found] == ["Queue"]


def test_what_a_condition_leaves_out_is_no_failure() -> None:
    text = of_buckets("when Properties.BucketName == 'bare' { Properties.Tags exists <<Violation: v>> }")
    assert [failure.path[1] for failure in failures(text)] == ["Bare"]


def test_a_failed_alternative_is_no_failure_while_another_holds() -> None:
    assert failures("rule r { Nothing exists or Resources exists }") == ()


def test_of_failed_alternatives_the_one_with_a_message_speaks() -> None:
    (found,) = failures("rule r { Nothing exists or Resources.Kept.Properties.X exists <<Violation: neither>> }")
    assert found.message == "neither: Kept has no X"


def test_some_that_none_meets_is_one_failure_at_what_they_share() -> None:
    (found,) = failures("rule r { some Resources.*.Type == 'AWS::KMS::Key' <<Violation: no key Fix: add one>> }")
    assert found == Failure(("Resources",), "no key: none in Resources", "add one")


def test_an_empty_selection_is_reported_at_what_was_filtered() -> None:
    (found,) = failures(of_buckets("Properties.Tags[ Key == 'x' ] !empty <<Violation: untagged>>"))[:1]
    assert found.path[:2] == ("Resources", "Kept")


def test_a_named_rule_that_fails_another_is_named() -> None:
    text = "rule one { Nothing exists <<Violation: nothing>> }\nrule two { one <<Violation: two needs one>> }"
    assert [failure.message for failure in judged(text)[1].failures] == ["two needs one: one does not hold"]


def test_the_message_of_a_called_rule_serves_clauses_without_one() -> None:
    text = "rule named(x) { %x.Properties.BucketName exists }\nrule r { named(Resources.Empty) <<Violation: unnamed>> }"
    assert [failure.message for failure in failures(text)] == ["unnamed: Empty has no Properties.BucketName"]


def test_a_failed_block_without_failed_clauses_still_fails() -> None:
    record = {"container": {"RuleCheck": {"name": "r", "status": "FAIL"}}, "children": [], "context": "r"}
    (block,) = guard_report.read({"children": [record]}, "{}")
    assert block.failures == (Failure((), "block r does not hold", ""),)


def test_a_report_beyond_eight_kilobytes_is_read_whole() -> None:
    many = {"Resources": {f"B{n}": {"Type": BUCKET, "Properties": {"Name": "x" * 100}} for n in range(200)}}
    assert len(failures(of_buckets("Properties.BucketName exists"), many)) == 200


CANNOT = {
    "an empty file": ("", "holds no rule"),
    "a file of comments": ("# only words\n", "holds no rule"),
    "a file of variables": ("let a = Resources.*\n", "holds no rule"),
    "an unfinished block": ("rule r {\n Resources exists\n", "does not parse"),
    "a misspelt operator": ("rule r {\n Resources exits\n}", "does not parse from 'exits' on"),
    "an unknown variable": ("rule r { %x exists }", "Could not resolve variable by name x"),
    "an unknown rule": ("rule r when other { Resources exists }", "Rule other by that name does not exist"),
    "a question that Guard cannot answer": ("rule r { Resources.Queue.Properties.DelaySeconds !empty }", "EMPTY"),
    "a bad expression": ("let x = regex_replace(Outputs.Name.Value, '(', '')\nrule r { %x == 'x' }", "parenthesis"),
    "two blocks of one name": ("rule r { Resources exists }\nrule r { No exists }", "two rule blocks are named r"),
    "two variables of one name": ("let a = 1\nlet a = 2\nrule r { %a == 2 }", "two variables are named a"),
}


@pytest.mark.parametrize(("text", "message"), CANNOT.values(), ids=CANNOT.keys())
def test_guard_cannot_tell_from(text: str, message: str) -> None:
    with pytest.raises(CannotTell) as raised:
        judged(text)
    assert message in str(raised.value) and "\n" not in str(raised.value)
    assert "promise" in raised.value.message


def test_what_does_not_parse_is_placed_at_line_and_column() -> None:
    with pytest.raises(CannotTell) as raised:
        judged("# a promise\n\nrule r {\n  Resources exits\n}\n")
    assert raised.value.place == ("rules/promise.guard", 4, 13)


def test_a_panic_of_the_native_side_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CannotTell, match="cannot evaluate it: internal error"):
        judged("rule r { Resources[ keys == /^Q/ ][ Type == 'x' ] !empty }")
    assert capfd.readouterr().err == ""


REPORTS = {
    "no object": None,
    "no children": {"context": "r"},
    "an unknown status": {"children": [{"container": {"RuleCheck": {"name": "r", "status": "MAYBE"}}}]},
    "an unknown record": {"children": [{"container": {"Verdict": {"name": "r"}}}]},
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())
def test_guard_cannot_tell_from_a_report_with(report: Report | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "engine", lambda: Engine("stub", lambda *_: report))
    with pytest.raises(CannotTell, match="cannot be read"):
        judged(f"rule r {{ Resources exists }} # {report}")


def test_an_interrupt_stays_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "engine", lambda: Engine("stub", lambda *_: sys.exit(3)))
    with pytest.raises(SystemExit):
        judged("rule r { Resources exists } # interrupted")


BUCKETS = {"Kept", "Bare", "Empty"}
SEEN = {
    "selects by type": (QUEUES, {"Queue"}),
    "selects by several types": (f"let x = Resources.*[ Type in ['AWS::SQS::Queue', '{BUCKET}'] ]", None),
    "names what it selects": (f"let x = Resources[ id | Type == '{BUCKET}' ]", BUCKETS),
    "filters further": (f"let x = Resources.*[ Type == '{BUCKET}' ][ Properties exists ]", BUCKETS),
    "has a further condition": (f"let x = Resources[ id | Type == '{BUCKET}'\n Properties !exists ]", BUCKETS),
    "has an alternative": (f"let x = Resources.*[ Type == '{BUCKET}' or DeletionPolicy exists ]", None),
    "selects by pattern": ("let x = Resources.*[ Type == /SQS/ ]", None),
    "selects all": ("let x = Resources.*", None),
    "selects by type and all": (f"{QUEUES}\nlet y = Resources.*", None),
    "uses a block of a type": (f"{BUCKET} {{ Properties exists }}", None),
    "uses a block and a selection": (f"let x = Resources.*[ Type == 'A::B::C' ]\n{BUCKET} {{ P exists }}", BUCKETS),
    "names a type in a remark": (f"# {BUCKET}\n{QUEUES} # Resources", {"Queue"}),
    "names a type in a message": (f"{QUEUES}\n<<Fix: {BUCKET}>>", {"Queue"}),
}


@pytest.mark.parametrize(("text", "seen"), SEEN.values(), ids=SEEN.keys())
def test_a_file_sees_what_it_can_ask_for_when_it(text: str, seen: set[str] | None) -> None:
    shown = json.loads(Subject(STACK).text(GuardFile("r", "r.guard", text)))
    assert set(shown["Resources"]) == (seen or set(STACK["Resources"]))


def test_a_file_sees_the_sections_that_it_names() -> None:
    text = "let x = Resources.*[ Type == 'AWS::SQS::Queue' ]\nrule r when %x !empty { Outputs.Name.Value == 'kept' }"
    assert judged(text) == (Block("r", "PASS"),)


def test_a_file_sees_both_sides_of_a_pair() -> None:
    pair = {"Source": STACK, "Target": STACK}
    text = (
        "let s = Source.Resources.*[ Type == 'AWS::SQS::Queue' ]\n"
        "let t = Target.Resources.*[ Type == 'AWS::SQS::Queue' ]\n"
        "rule r when %s !empty { %s.Properties.DelaySeconds != %t.Properties.DelaySeconds <<Violation: alike>> }"
    )
    assert [failure.path[:3] for failure in failures(text, pair)] == [("Source", "Resources", "Queue")]
    assert set(json.loads(Subject(pair).text(GuardFile("r", "r", text)))["Target"]["Resources"]) == {"Queue"}


def test_a_pair_of_subjects_is_the_pair_of_their_documents() -> None:
    file = GuardFile("r", "r.guard", "rule r { Source exists }")
    both = Subject.pair(Subject(STACK), Subject({"Resources": {}}))
    assert json.loads(both.text(file)) == {"Source": STACK, "Target": {"Resources": {}}}


def test_the_same_question_is_put_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []
    run = guard._run

    def counted(file: GuardFile, document: str, by: Engine, *, verbose: bool = True) -> Report | None:
        asked.append((document, verbose))
        return run(file, document, by, verbose=verbose)

    monkeypatch.setattr(guard, "_run", counted)
    text = of_buckets("Properties.BucketName exists") + " # asked twice"
    assert judged(text) == judged(text, {**STACK, "Outputs": {}})
    assert [verbose for _, verbose in asked] == [False, True]
