"""What an outcome looks like as text and as JSON."""

import json
from dataclasses import replace

from stackproof.foundation.finding import CannotTell, Finding, Place
from stackproof.gate.outcome import Outcome
from stackproof.report.text import as_json, as_text

FINDING = Finding("keys_rotate", Place("t.json", 7, 3), "first", "target", "key K does not rotate", "rotate it")


def in_scenario(name: str) -> Finding:
    return Finding("keys_rotate", Place("t.json", 7, 3), name, "target", f"key K-{name} does not rotate", "rotate it")


def test_json_holds_every_field_of_a_finding() -> None:
    assert json.loads(as_json(Outcome("t.json", findings=(FINDING,)))) == {
        "findings": [
            {
                "rule": "keys_rotate",
                "scenario": "first",
                "side": "target",
                "path": "t.json",
                "line": 7,
                "column": 3,
                "message": "key K does not rotate",
                "fix": "rotate it",
                "replacement": None,
                "severity": "error",
                "pack": "",
                "at": "",
            }
        ],
        "errors": [],
        "notes": [],
        "not_applicable": [],
        "undecided": [],
        "exit": 1,
    }


def test_json_holds_the_place_of_an_error() -> None:
    error = CannotTell("not JSON", Place("t.json", 2, 5), "write JSON")
    assert json.loads(as_json(Outcome("t.json", errors=(error,)))) == {
        "findings": [],
        "errors": [{"message": "not JSON; fix: write JSON", "path": "t.json", "line": 2, "column": 5}],
        "notes": [],
        "not_applicable": [],
        "undecided": [],
        "exit": 2,
    }


def test_text_names_place_rule_scenario_and_fix() -> None:
    first, second, *_ = as_text(Outcome("t.json", findings=(FINDING,))).splitlines()
    assert (first, second) == (
        "t.json:7:3: error: keys_rotate: [first; target] key K does not rotate",
        "    fix: rotate it",
    )


def test_text_says_once_what_several_scenarios_break_alike() -> None:
    outcome = Outcome("t.json", findings=tuple(in_scenario(name) for name in ("a", "b", "c")))
    shown = [line for line in as_text(outcome).splitlines() if "keys_rotate" in line]
    assert shown == ["t.json:7:3: error: keys_rotate: [a, b and 1 more; target] key K-a does not rotate"]


def test_text_names_the_worst_first() -> None:
    noted = replace(FINDING, severity="info", place=Place("t.json", 1, 1))
    shown = [line.split(": ")[1] for line in as_text(Outcome("t.json", findings=(noted, FINDING))).splitlines()[::2]]
    assert shown[:2] == ["error", "info"]


def test_text_keeps_two_problems_of_one_place_apart() -> None:
    other = Finding("keys_rotate", FINDING.place, "first", "target", "key K is no key", "")
    shown = [
        line for line in as_text(Outcome("t.json", findings=(FINDING, other))).splitlines() if "keys_rotate" in line
    ]
    assert len(shown) == 2


def test_the_last_line_says_the_verdict() -> None:
    assert as_text(Outcome("t.json", findings=(FINDING,))).splitlines()[-1].startswith("t.json: fails: ")


def test_what_could_not_even_be_read_is_one_line() -> None:
    assert as_text(Outcome("t.json", errors=(CannotTell("no"),))) == "cannot tell: no"


def test_a_note_is_a_line_and_fails_nothing() -> None:
    noted = Outcome("t.json", notes=("cfn-lint 9.9.9: 3 of 11 speedups apply",))
    assert "note: cfn-lint 9.9.9: 3 of 11 speedups apply" in as_text(noted).splitlines()
    assert noted.exit == 0
