"""A rule that was renamed still answers to the name that it had."""

from datetime import date
from pathlib import Path

import pytest

from stackproof.foundation.finding import CannotTell, Finding, Place
from stackproof.gate import suppressions
from stackproof.gate.suppressions import Suppression
from stackproof.rules import catalogue, rule_files

RULE = '"""It fits.\n\nformerly: narrow_fit, old_fit\n\nBecause.\n"""\n\n\ndef check(deployment):\n    return []\n'
CASES = "- {name: a, expect: pass, patch: []}\n- {name: b, expect: fail, patch: []}\n"
HERE = Place("t.json", 1, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fits.py").write_text(RULE)
    (tmp_path / "fits.cases.yaml").write_text(CASES)
    return tmp_path


def test_the_names_before_are_read_from_the_header_and_are_no_part_of_the_reason(folder: Path) -> None:
    (rule,) = rule_files.discover(str(folder))
    assert (rule.formerly, rule.reason) == (("narrow_fit", "old_fit"), "Because.")


def test_a_guard_file_names_them_too(tmp_path: Path) -> None:
    (tmp_path / "fits.guard").write_text(
        "# It fits\n#\n# formerly: old_fit\n#\n# Because.\n\nrule a { Resources exists }\n"
    )
    (rule,) = rule_files.discover(str(tmp_path))
    assert (rule.title, rule.formerly, rule.reason) == ("It fits", ("old_fit",), "Because.")


def test_a_rule_is_explained_by_a_name_before_and_says_so(folder: Path) -> None:
    explanation = catalogue.explained(rule_files.discover(str(folder)), "old_fit")
    assert explanation.startswith("fits (") and "Formerly narrow_fit, old_fit" in explanation


def test_a_name_before_that_another_rule_has_is_refused(folder: Path) -> None:
    (folder / "old_fit.py").write_text(RULE.replace("formerly: narrow_fit, old_fit\n\n", ""))
    with pytest.raises(CannotTell, match="the same name, old_fit"):
        rule_files.discover(str(folder))


def test_a_suppression_by_a_name_before_covers_the_rule_and_notes_the_new_name() -> None:
    stated = [Suppression("old_fit", "known", None, (), HERE), Suppression("other", "known", None, (), HERE)]
    first, second = suppressions.renamed(stated, {"old_fit": "fits"})
    assert (first.rule, first.reason, second) == ("fits", "known; old_fit is now named fits", stated[1])
    found = Finding("fits", HERE, "", "both", "it does not", "", ())
    reported, suppressed = suppressions.apply([found], [first], date(2026, 1, 1))
    assert (reported, [item.finding for item in suppressed]) == ((), [found])
