"""An outcome as SARIF."""

import json
from pathlib import Path
from typing import Any

import pytest
from outcomes import broken, kept, linted, untold

from stackproof.gate.outcome import Outcome
from stackproof.report.sarif import as_sarif

pytestmark = pytest.mark.usefixtures("small")


def run(outcome: Outcome) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(as_sarif(outcome))["runs"][0]
    return run


def region(result: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = result["locations"][0]["physicalLocation"]["region"]
    return found


def test_every_rule_is_described_with_help_and_source() -> None:
    rules = {rule["id"]: rule for rule in run(kept())["tool"]["driver"]["rules"]}
    assert rules["buckets_versioned"]["helpUri"].startswith("https://")
    assert rules["buckets_versioned"]["help"]["text"].startswith("Buckets keep every version")


def test_a_result_names_its_rule_by_index_and_the_exact_region() -> None:
    report = run(broken())
    (result,) = report["results"]
    assert report["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "buckets_versioned"
    where = region(result)
    line = Path("template.json").read_text().splitlines()[where["startLine"] - 1]
    assert line[where["startColumn"] - 1 : where["endColumn"] - 1] == '"Suspended"'


def test_a_fingerprint_survives_moved_lines() -> None:
    (before,) = run(broken())["results"]
    path = Path("template.json")
    path.write_text("\n\n" + path.read_text())
    (after,) = run(kept())["results"]
    assert region(after)["startLine"] == region(before)["startLine"] + 2
    assert after["partialFingerprints"] == before["partialFingerprints"]


def test_a_fingerprint_names_rule_scenario_side_and_path() -> None:
    (result,) = run(broken())["results"]
    path = "/Resources/Bucket/Properties/VersioningConfiguration/Status"
    assert result["partialFingerprints"] == {"ruleScenarioPath/v1": f"buckets_versioned|only|target|{path}"}


def test_a_suppressed_result_carries_its_justification_and_where_it_stands() -> None:
    (result,) = run(broken(ignoring="kept elsewhere"))["results"]
    (suppression,) = result["suppressions"]
    assert (suppression["kind"], suppression["justification"]) == ("external", "kept elsewhere")
    assert suppression["location"]["physicalLocation"]["artifactLocation"]["uri"] == "pyproject.toml"


def test_a_result_shows_its_value_and_the_lines_around_it() -> None:
    (result,) = run(broken())["results"]
    place = result["locations"][0]["physicalLocation"]
    context = place["contextRegion"]
    lines = Path("template.json").read_text().split("\n")[context["startLine"] - 1 : context["endLine"]]
    assert place["region"]["snippet"]["text"] == '"Suspended"'
    assert context["snippet"]["text"] == "\n".join(lines)


def test_a_fix_in_words_changes_nothing_in_the_file() -> None:
    (fix,) = run(linted())["results"][0]["fixes"]
    (replacement,) = fix["artifactChanges"][0]["replacements"]
    gone = replacement["deletedRegion"]
    assert fix["description"]["text"]
    assert (gone["startLine"], gone["startColumn"]) == (gone["endLine"], gone["endColumn"])
    assert replacement["insertedContent"] == {"text": ""}


def test_a_warning_of_cfn_lint_is_a_warning_with_its_page() -> None:
    report = run(linted())
    assert [result["level"] for result in report["results"]] == ["warning", "error"]
    assert report["tool"]["driver"]["rules"][0]["helpUri"] == "https://example.com/W2001"


def test_what_could_not_be_told_is_a_notification_and_no_success() -> None:
    (invocation,) = run(untold())["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "not JSON; fix: write JSON"
