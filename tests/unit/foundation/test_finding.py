"""Findings, refusals, places and pointers as they are written."""

import pytest

from stackproof.deploy.client import Failed
from stackproof.foundation.finding import CannotTell, Place, pointer


def test_a_place_is_written_as_editors_read_it() -> None:
    assert str(Place("a.json", 3, 7)) == "a.json:3:7"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (CannotTell("it broke"), "it broke"),
        (CannotTell("it broke", Place("a", 1, 2)), "a:1:2: it broke"),
        (CannotTell("it broke", fix="mend it"), "it broke; fix: mend it"),
    ],
    ids=["bare", "with a place", "with a fix"],
)
def test_a_refusal_is_one_line(error: CannotTell, text: str) -> None:
    assert str(error) == text


def test_a_change_that_aws_refused_is_no_check_that_could_not_run() -> None:
    assert not issubclass(Failed, CannotTell)
    assert str(Failed("refused", fix="grant it")) == "refused; fix: grant it"


def test_a_pointer_escapes_what_rfc_6901_says() -> None:
    assert pointer(("a/b", "~", 0)) == "/a~1b/~0/0"


def test_the_pointer_to_everything_is_empty() -> None:
    assert pointer(()) == ""


def test_a_refusal_needs_no_fix() -> None:
    assert CannotTell("it broke").fix == ""
