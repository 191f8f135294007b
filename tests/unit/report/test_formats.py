"""Which reports go where."""

import pytest
from outcomes import untold

from stackproof.cli import arguments
from stackproof.evaluation import scenario
from stackproof.foundation.finding import CannotTell
from stackproof.report.formats import (
    BASELINE,
    FORMATS,
    OFFERED,
    TEXT_FORMS,
    Destinations,
    destinations,
    of_each,
    rendered,
)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_of_the_registry_renders_an_outcome(name: str) -> None:
    assert rendered(name, untold()) if name == BASELINE else "not JSON" in rendered(name, untold())


def test_forms_of_the_text_and_the_baseline_are_chosen_by_other_options() -> None:
    assert {*FORMATS} - {*OFFERED} == {*TEXT_FORMS.values(), BASELINE} - {"text"}


def test_the_command_line_names_a_stack_as_scenarios_do() -> None:
    assert arguments.STACK == scenario.STACK


def test_a_file_alone_takes_the_place_of_what_would_be_printed() -> None:
    assert destinations("json", ["gate.json"]) == (None, {"gate.json": "json"})


def test_a_file_with_its_format_is_written_beside_what_is_printed() -> None:
    outputs = ["sarif:gate.sarif", "junit:gate.xml"]
    assert destinations("text", outputs) == ("text", {"gate.sarif": "sarif", "gate.xml": "junit"})


def test_a_colon_behind_no_format_belongs_to_the_files_name() -> None:
    assert destinations("text", ["c:gate.txt"]) == (None, {"c:gate.txt": "text"})


@pytest.mark.parametrize(
    "outputs", [["json:"], ["json:a", "text:a"], ["sarfi:a"]], ids=["no file", "one file twice", "no format"]
)
def test_outputs_that_cannot_be_written_are_refused(outputs: list[str]) -> None:
    with pytest.raises(CannotTell):
        destinations("text", outputs)


def test_each_template_has_files_by_its_name() -> None:
    where = of_each(["a/A.json", "B.yaml"], Destinations("text", {"{name}.xml": "junit"}))
    assert [item.files for item in where] == [{"A.xml": "junit"}, {"B.xml": "junit"}]


REFUSED = {
    "one file for two templates": Destinations(None, {"gate.xml": "junit"}),
    "two documents of JSON on one stream": Destinations("json", {}),
}


@pytest.mark.parametrize("where", REFUSED.values(), ids=REFUSED)
def test_what_would_mix_the_reports_of_two_templates_is_refused(where: Destinations) -> None:
    with pytest.raises(CannotTell):
        of_each(["A.json", "B.json"], where)
