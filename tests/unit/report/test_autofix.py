"""What is written in the place of a broken value: applied, it mends the template."""

import json
from pathlib import Path
from typing import Any

import pytest
from outcomes import broken, kept

from stackproof.foundation.finding import Finding, Place
from stackproof.report.autofix import repair
from stackproof.report.sarif import as_sarif

pytestmark = pytest.mark.usefixtures("small")


def applied(log: dict[str, Any]) -> None:
    """Do to the files what the fixes of a log say, each change once."""
    changes = {
        (change["artifactLocation"]["uri"], *one["deletedRegion"].values(), one["insertedContent"]["text"])
        for result in log["runs"][0]["results"]
        for fix in result["fixes"]
        for change in fix["artifactChanges"]
        for one in change["replacements"]
    }
    for uri, line, column, last, until, text in changes:
        lines = Path(uri).read_text().split("\n")
        lines[line - 1 : last] = [lines[line - 1][: column - 1] + text + lines[last - 1][until - 1 :]]
        Path(uri).write_text("\n".join(lines))


def found(text: str, fix: str, path: str = "x.json") -> Finding:
    """A finding on the value that a file begins with, of a property Status."""
    Path(path).write_text(text)
    return Finding("r", Place(path, 1, 1), "s", "both", "wrong", fix, ("Resources", "A", "Status"))


def test_fixes_of_sarif_applied_mend_the_template() -> None:
    log = json.loads(as_sarif(broken()))
    assert log["runs"][0]["invocations"][0]["exitCode"] == 1
    applied(log)
    assert kept().exit == 0


@pytest.mark.parametrize(
    ("value", "fix", "written"),
    [
        ("false", "set Status to true", "true"),
        ('"Off"', "set Versioning.Status to Enabled", '"Enabled"'),
        ("false", "set the replica's Status to true", "true"),
        ("false", "set Other to true", None),
        ("false", "set Status to 60 or more", None),
        ("false", "set Status, or another", None),
        ('{"Ref": "P"}', "set Status to true", None),
        ("", "set Status to true", None),
    ],
)
def test_only_a_fix_that_leaves_no_choice_writes_a_value(value: str, fix: str, written: str | None) -> None:
    assert repair(found(f"{value}, 1", fix)) == written


def test_nothing_is_written_into_yaml_whose_values_have_no_end_of_their_own() -> None:
    assert repair(found("false", "set Status to true", "x.yaml")) is None
