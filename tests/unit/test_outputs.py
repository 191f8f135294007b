"""Which reports of an outcome go where."""

import pytest

from stackproof import arguments
from stackproof.finding import CannotTell
from stackproof.outputs import AS, destinations


def test_every_format_of_the_command_line_can_be_rendered() -> None:
    assert tuple(AS) == arguments.FORMATS


def test_a_file_alone_takes_the_place_of_what_would_be_printed() -> None:
    assert destinations("json", ["gate.json"]) == (None, {"gate.json": "json"})


def test_a_file_with_its_format_is_written_beside_what_is_printed() -> None:
    assert destinations("text", ["json:gate.json", "text:gate.txt"]) == (
        "text",
        {"gate.json": "json", "gate.txt": "text"},
    )


def test_a_colon_behind_no_format_belongs_to_the_files_name() -> None:
    assert destinations("text", ["c:gate.txt"]) == (None, {"c:gate.txt": "text"})


@pytest.mark.parametrize("outputs", [["json:"], ["json:a", "text:a"]], ids=["no file", "one file twice"])
def test_outputs_that_cannot_be_written_are_refused(outputs: list[str]) -> None:
    with pytest.raises(CannotTell):
        destinations("text", outputs)
