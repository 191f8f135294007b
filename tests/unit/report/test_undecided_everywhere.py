"""What only AWS can decide, and what does not apply, in each kind of report."""

import json
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from stackproof.gate.gate import Inputs, check
from stackproof.gate.outcome import Outcome
from stackproof.page.html import page
from stackproof.report.junit import as_junit
from stackproof.report.sarif import as_sarif
from stackproof.report.text import as_text, as_verbose_text

TODAY = date(2026, 11, 29)
TEMPLATE = {
    "Parameters": {
        "Suffix": {"Type": "String"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/stage"},
    },
    "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stored"}, "prod"]}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Condition": "IsProd"}},
}
"""A condition that only AWS can decide, and nothing that the two rules of the small project speak of."""


@pytest.fixture
def outcome(small: Path) -> Outcome:
    (small / "template.json").write_text(json.dumps(TEMPLATE, indent=2))
    found = check(Inputs("template.json", "rules", "scenarios.yaml", "pyproject.toml", TODAY), lint=False)
    assert (found.exit, len(found.undecided)) == (0, 2)
    return found


def test_the_short_text_counts_it_and_the_long_one_names_it(outcome: Outcome) -> None:
    notes = [str(note) for note in outcome.undecided]
    assert not any(note in as_text(outcome) for note in notes)
    assert "2 undecided" in as_text(outcome)
    assert all(note in as_verbose_text(outcome) for note in notes)
    assert as_verbose_text(outcome).count("not applicable") == 2


def test_junit_skips_it(outcome: Outcome) -> None:
    skipped = [item.get("message") or "" for item in Xml.fromstring(as_junit(outcome)).iter("skipped")]
    assert sorted(skipped) == sorted([*map(str, outcome.undecided), "not applicable", "not applicable"])


def test_sarif_has_a_notification_of_level_note(outcome: Outcome) -> None:
    (invocation,) = json.loads(as_sarif(outcome))["runs"][0]["invocations"]
    notification, other = invocation["toolExecutionNotifications"]
    assert (notification["level"], other["level"], invocation["executionSuccessful"]) == ("note", "note", True)
    assert outcome.undecided[0].message in notification["message"]["text"]


def test_the_page_shows_it_and_marks_what_does_not_apply(outcome: Outcome) -> None:
    text = page(outcome, TODAY)
    assert "undecided" in text
    assert text.count(": not applicable") == 2
