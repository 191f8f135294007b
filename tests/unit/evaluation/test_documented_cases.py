"""What CloudFormation's documentation says, page by page: one file a page in cases/, one case an example or a refusal.

A case puts its input into a template, under the name It, and says what becomes of it:

    value, whole         of a property; `whole` if the property itself may go
    resource, output     of a resource, an output
    condition, assert    the outcome of a condition, of an assertion of a rule
    rule                 whether a rule lets the parameters pass
    parameter, given     the value of a parameter P, declared and given so
    is, resolved         the result of fold, of resolve
    refused              part of the message of the refusal; `hidden` must not be in it; `stands` is its line and
                         column where that is not within what is about It
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from worlds import BUCKET, document, scenario

from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.stack import Stack, fold, resolve
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.template.loader import load_document

CASES = Path(__file__).parents[1] / "cases"
Case = dict[str, Any]


def cases() -> Iterator[Any]:
    for file in sorted(CASES.glob("*.yaml")):
        book = load_document(str(file)).value
        for case in book["cases"]:
            yield pytest.param({**book, **case, "base": book.get("template", {})}, id=f"{file.stem}: {case['name']}")


ALL = list(cases())


def template_of(case: Case) -> Document:
    sections: dict[str, Any] = {}
    for part in (case["base"], case.get("template", {}), planted(case)):
        for name, section in part.items():
            sections[name] = {**sections.get(name, {}), **section} if isinstance(section, dict) else section
    sections.setdefault("Resources", {"Other": BUCKET})
    return document(sections)


def planted(case: Case) -> dict[str, Any]:
    """Return the sections that hold what a case is about."""
    sections: dict[str, Any] = {}
    if "value" in case or "whole" in case:
        sections["Resources"] = {"It": {**BUCKET, "Properties": {"It": case.get("value", case.get("whole"))}}}
    if "resource" in case:
        sections["Resources"] = {"It": case["resource"]}
    if "output" in case:
        sections["Outputs"] = {"It": case["output"]}
    if "condition" in case:
        sections["Conditions"] = {"It": case["condition"]}
    if "assert" in case:
        sections["Rules"] = {"It": {"Assertions": [{"Assert": case["assert"], "AssertDescription": "it failed"}]}}
    if "rule" in case:
        sections["Rules"] = {"It": case["rule"]}
    if "parameter" in case:
        declared = dict(case["parameter"])
        if "AllowedPattern_long" in declared:
            declared["AllowedPattern"] = "a" * declared.pop("AllowedPattern_long")
        sections["Parameters"] = {"P": declared}
        sections["Resources"] = {"It": {**BUCKET, "Properties": {"It": {"Ref": "P"}}}}
    return sections


def scenario_of(case: Case) -> Scenario:
    parameters = dict(case.get("parameters", {}))
    if "given" in case:
        parameters["P"] = case["given"]
    if "given_long" in case:
        parameters["P"] = "x" * case["given_long"]
    return scenario(case.get("region", "us-east-1"), **parameters)


def result(case: Case, stack: Stack) -> Any:
    """Return what became of the thing that a case is about."""
    if "condition" in case:
        return stack.conditions["It"]
    if "assert" in case or "rule" in case:
        return True
    if "output" in case:
        return stack.value["Outputs"].get("It")
    it = stack.resources["It"]
    return it if "resource" in case else it["Properties"] if "whole" in case else it["Properties"]["It"]


def of(*keys: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [item for item in ALL if any(key in item.values[0] for key in keys)])


def test_there_are_cases_enough_and_each_names_its_page() -> None:
    assert len(ALL) >= 150
    assert [item.id for item in ALL if not str(item.values[0].get("page")).startswith("https://")] == []


@of("is")
def test_a_case_folds_to_what_its_page_says(case: Case) -> None:
    if case["is"] is False and ("assert" in case or "rule" in case):
        with pytest.raises(CannotTell, match=r"rule It refuses the parameters of test in us-east-1: it failed"):
            fold(template_of(case), scenario_of(case))
        return
    found = result(case, fold(template_of(case), scenario_of(case)))
    assert (found, type(found)) == (case["is"], type(case["is"]))


@of("absent")
def test_what_has_a_false_condition_is_not_there(case: Case) -> None:
    assert result(case, fold(template_of(case), scenario_of(case))) is None


@of("is")
def test_a_case_resolves_to_what_its_page_says(case: Case) -> None:
    if case["is"] is False and ("assert" in case or "rule" in case):
        return
    if "resolved_refused" in case:
        with pytest.raises(CannotTell) as refusal:
            resolve(template_of(case), scenario_of(case))
        assert case["resolved_refused"] in str(refusal.value)
        return
    found = result(case, resolve(template_of(case), scenario_of(case)))
    if "resolved" in case:
        assert found == case["resolved"]
    else:
        assert "Ref" in str(case["is"]) or "Fn::" in str(case["is"]) or found == case["is"]


@of("depends")
def test_a_resource_depends_on_what_its_page_says(case: Case) -> None:
    assert sorted(fold(template_of(case), scenario_of(case)).depends["It"]) == case["depends"]


@of("refused")
def test_a_case_is_refused_with_a_place_and_a_reason(case: Case) -> None:
    for work_out in (fold, resolve):
        with pytest.raises(CannotTell) as refusal:
            work_out(template_of(case), scenario_of(case))
        assert case["refused"] in str(refusal.value)
        assert "hidden" not in case or case["hidden"] not in str(refusal.value)


@of("refused")
def test_a_refusal_stands_in_what_it_speaks_of(case: Case) -> None:
    template = template_of(case)
    with pytest.raises(CannotTell) as refusal:
        fold(template, scenario_of(case))
    section, name = next((section, next(iter(item))) for section, item in planted(case).items())
    place = refusal.value.place
    assert place is not None
    if "stands" in case:
        assert f"{place.line}:{place.column}" == case["stands"]
    else:
        assert place >= template.place((section, name))
