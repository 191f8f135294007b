"""A process beside this one does what this one would do, and what it cannot do is done here."""

import os
import sys
import threading
from dataclasses import replace
from typing import NoReturn

import pytest

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import Deployment, resolved
from stackproof.foundation.finding import CannotTell
from stackproof.rules import rule_files, runner
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import run_rules, worth_sharing
from stackproof.rules.side_process import can_fork, shared
from stackproof.template import loader

LINUX = sys.platform.startswith("linux")
pytestmark = pytest.mark.skipif(not LINUX or len(os.sched_getaffinity(0)) < 2, reason="no process is made here")
HERE = os.getpid()


@pytest.fixture(autouse=True)
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the threads of who runs the tests out of account."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)


def slowly(task: int) -> tuple[int, bool]:
    """Return a task, and whether this process did it; leave the other one time to begin."""
    threading.Event().wait(0.002)
    return task, os.getpid() == HERE


def test_both_processes_do_tasks_and_each_is_done_once_in_its_place() -> None:
    found = shared(range(100), slowly)
    assert [task for task, _ in found] == [*range(100)]
    assert {here for _, here in found} == {True, False}


def elsewhere(action: object) -> object:
    """Do something in the other process only; this one waits until it has begun."""
    if os.getpid() == HERE:
        threading.Event().wait(0.05)
        return "done here"
    return action() if callable(action) else action


def fails() -> NoReturn:
    raise ValueError("no idea")


@pytest.mark.parametrize(
    "action", [fails, lambda: os._exit(3), threading.Lock], ids=["raises", "ends", "cannot be sent"]
)
def test_what_the_other_process_cannot_do_is_done_here(action: object, capfd: pytest.CaptureFixture[str]) -> None:
    assert shared([action] * 2, elsewhere) == ["done here"] * 2
    assert capfd.readouterr().err == ""


def test_what_raises_here_is_raised_and_nothing_goes_on(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no idea"):
        shared([fails] * 5, lambda task: task())
    assert capfd.readouterr().err == ""


def test_no_process_is_made_beside_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_fork()
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert not can_fork()


@pytest.fixture(scope="module")
def product() -> tuple[list[Rule], list[Deployment]]:
    template = loader.load("lib/TapStack.json")
    pairs = scenario.load("rules/scenarios.yaml")[:2]
    rules = [rule for rule in rule_files.discover("rules") if rule.name in ("keys_rotate", "names_apart")]
    return rules, [resolved(template, pair) for pair in pairs]


def test_little_work_is_not_shared(
    product: tuple[list[Rule], list[Deployment]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not worth_sharing(product[1])
    monkeypatch.setattr(runner, "WORTH", 100)
    assert worth_sharing(product[1])


def test_verdicts_are_those_of_one_process(
    product: tuple[list[Rule], list[Deployment]], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = run_rules(*product)
    monkeypatch.setattr(runner, "WORTH", 0)
    assert run_rules(*product) == alone


def test_what_a_rule_cannot_check_comes_back_whole(
    product: tuple[list[Rule], list[Deployment]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, deployments = product
    rule = next(candidate for candidate in rules if candidate.name == "keys_rotate")
    nowhere = replace(rule, text="rule none when Resources.*[ Type == 'AWS::X::Y' ] !empty { Resources exists }")
    broken = replace(rule, text="rule r {", path="rules/broken.guard")
    monkeypatch.setattr(runner, "WORTH", 0)
    verdicts = run_rules([nowhere, broken], deployments)
    assert verdicts[0].unmet is not None and not verdicts[0].unmet.partly
    assert isinstance(verdicts[1].errors[0], CannotTell)
    assert verdicts[1].errors[0].place is not None
