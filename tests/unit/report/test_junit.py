"""An outcome as JUnit's XML."""

from xml.etree import ElementTree as Xml

import pytest
from outcomes import broken, kept, linted, untold

from stackproof.gate.outcome import Outcome
from stackproof.report.junit import as_junit

pytestmark = pytest.mark.usefixtures("small")


def suites(outcome: Outcome) -> Xml.Element:
    return Xml.fromstring(as_junit(outcome))


def counts(suite: Xml.Element) -> tuple[str | None, ...]:
    return tuple(suite.get(name) for name in ("tests", "failures", "errors", "skipped"))


def test_every_rule_is_a_case_of_every_scenario() -> None:
    top = suites(kept())
    assert [(case.get("classname"), case.get("name")) for case in top.iter("testcase")] == [
        ("only", "buckets_named"),
        ("only", "buckets_versioned"),
        ("template", "scenario_coverage"),
    ]


def test_a_broken_promise_is_a_failure_with_place_and_fix() -> None:
    top = suites(broken())
    (failure,) = top.iter("failure")
    assert counts(top) == ("3", "1", "0", "0")
    assert "template.json:" in (failure.text or "") and "fix: " in (failure.text or "")


def test_a_suppressed_one_is_skipped_with_its_reason() -> None:
    (skipped,) = suites(broken(ignoring="kept elsewhere")).iter("skipped")
    assert skipped.get("message") == "suppressed: kept elsewhere"


def test_what_could_not_be_told_is_an_error() -> None:
    assert counts(suites(untold())) == ("1", "0", "1", "0")


def test_letters_that_xml_cannot_hold_are_replaced() -> None:
    text = as_junit(linted())
    assert "\x01" not in text
    assert counts(Xml.fromstring(text)) == ("3", "2", "0", "0")
