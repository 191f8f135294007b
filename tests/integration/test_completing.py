"""What is put in by API on the emulator is what its CloudFormation lacks, and no more."""

import pytest
from completing import Completed

pytestmark = pytest.mark.emulator_only


def test_nothing_is_put_in_that_was_there_already(completed: Completed) -> None:
    """If the emulator learns something, or an API takes nothing, its line goes out of support/put_in.py."""
    assert completed.there_already == []


def test_all_that_could_be_put_in_was(completed: Completed) -> None:
    assert completed.failed == []
