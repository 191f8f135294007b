"""What is written in the place of a broken value: applied, it corrects the template."""

import json
from pathlib import Path
from typing import Any

import pytest
from outcomes import broken, kept

from stackproof.foundation.finding import Finding, Place, Scalar
from stackproof.report.autofix import replacement_text
from stackproof.report.sarif import as_sarif
from stackproof.report.source_lines import Sources

pytestmark = pytest.mark.usefixtures("small")


def applied(log: dict[str, Any]) -> None:
    """Do to the files what the fixes of a log say, each change once."""
    changes = {
        (
            change["artifactLocation"]["uri"],
            *replacement["deletedRegion"].values(),
            replacement["insertedContent"]["text"],
        )
        for result in log["runs"][0]["results"]
        for fix in result["fixes"]
        for change in fix["artifactChanges"]
        for replacement in change["replacements"]
    }
    for uri, line, column, last, until, text in changes:
        lines = Path(uri).read_text().split("\n")
        lines[line - 1 : last] = [lines[line - 1][: column - 1] + text + lines[last - 1][until - 1 :]]
        Path(uri).write_text("\n".join(lines))


def replaced(text: str, replacement: Scalar | None, path: str = "x.json") -> str | None:
    """What is written in the place of the value that a file begins with."""
    finding = Finding("r", Place(path, 1, 1), "s", "both", "wrong", "set Status to true", ("A",), replacement)
    return replacement_text(finding, Sources({path: text}))


def test_fixes_of_sarif_applied_mend_the_template() -> None:
    log = json.loads(as_sarif(broken()))
    assert log["runs"][0]["invocations"][0]["exitCode"] == 1
    applied(log)
    assert kept().exit == 0


@pytest.mark.parametrize(
    ("value", "replacement", "written"),
    [
        ("false", True, "true"),
        ("true", False, "false"),
        ('"Off"', "Enabled", '"Enabled"'),
        ("1", 60, "60"),
        ("false", None, None),
        ('{"Ref": "P"}', True, None),
        ("[1]", True, None),
        ("", True, None),
    ],
)
def test_only_a_finding_with_one_right_value_writes_it_over_a_scalar(
    value: str, replacement: Scalar | None, written: str | None
) -> None:
    assert replaced(f"{value}, 1", replacement) == written


def test_nothing_is_written_into_yaml_whose_values_have_no_end_of_their_own() -> None:
    assert replaced("false", True, "x.yaml") is None
