"""Guard in a process beside this one says what it says in this one, and nothing is asked twice."""

import os
from collections.abc import Iterator

import pytest

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import Deployment, resolved
from stackproof.foundation.finding import CannotTell
from stackproof.rules import guard, guard_ahead, rule_files
from stackproof.rules.guard import GuardFile
from stackproof.rules.guard_ahead import Question, asked_ahead
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import run_rules
from stackproof.template import loader

TEXT = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 900}}}}'
GOOD = GuardFile("good", "rules/good.guard", "rule r { Resources.Queue.Properties.DelaySeconds == 1 }")
BAD = GuardFile("bad", "rules/bad.guard", "rule r {")


@pytest.fixture
def forced(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little there is to do, a process is made for it."""
    monkeypatch.setattr(guard_ahead, "worth_it", bool)


@pytest.fixture
def asked_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[GuardFile]]:
    """The files that this process itself puts to Guard."""
    asked: list[GuardFile] = []
    answer = guard.answer

    def noted(file: GuardFile, document: str) -> tuple[guard.Block, ...]:
        asked.append(file)
        return answer(file, document)

    monkeypatch.setattr(guard, "answer", noted)
    guard._evaluate.cache_clear()
    yield asked


class Written(guard.Subject):
    """A document that is given as text."""

    def __init__(self, text: str) -> None:
        self.given = text

    def text(self, _file: GuardFile) -> str:
        return self.given


@pytest.mark.usefixtures("forced")
def test_an_answer_of_the_other_process_is_taken(asked_here: list[GuardFile]) -> None:
    expected = guard.answer(GOOD, TEXT)
    asked_here.clear()
    with asked_ahead([Question(GOOD, TEXT)]):
        assert guard.evaluate(GOOD, Written(TEXT)) == expected
    assert asked_here == []
    assert expected[0].status == "FAIL"


@pytest.mark.usefixtures("forced")
def test_where_guard_cannot_tell_this_process_asks_and_says_so(asked_here: list[GuardFile]) -> None:
    with asked_ahead([Question(BAD, TEXT)]), pytest.raises(CannotTell, match="does not parse"):
        guard.evaluate(BAD, Written(TEXT))
    assert asked_here == [BAD]


def test_for_little_work_no_process_is_made() -> None:
    assert not guard_ahead.worth_it([Question(GOOD, TEXT)])


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one processor")
def test_for_much_work_a_process_is_made_where_it_can() -> None:
    assert guard_ahead.worth_it([Question(GOOD, TEXT * guard_ahead.WORTH)])


@pytest.fixture(scope="module")
def product() -> tuple[list[Rule], list[Deployment]]:
    template = loader.load("lib/TapStack.json")
    pairs = scenario.load("rules/scenarios.yaml")[:2]
    rules = [rule for rule in rule_files.discover("rules") if rule.is_guard]
    return rules, [resolved(template, pair) for pair in pairs]


def test_the_verdicts_are_those_of_one_process(
    product: tuple[list[Rule], list[Deployment]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_ahead, "worth_it", bool)
    beside = run_rules(*product)
    monkeypatch.setattr(guard_ahead, "worth_it", lambda _: False)
    assert run_rules(*product) == beside
