"""An outcome as GitHub's annotations."""

import pytest
from outcomes import broken, linted, untold

from stackproof.report.github import as_annotations

pytestmark = pytest.mark.usefixtures("small")


def first(text: str) -> str:
    return text.splitlines()[0]


def test_a_finding_annotates_its_line_and_columns() -> None:
    line = first(as_annotations(broken()))
    assert line.startswith("::error title=buckets_versioned,file=template.json,line=15,endLine=15,col=")
    assert "::[only; target] " in line and "%0Afix: " in line


def test_what_would_end_a_command_is_escaped() -> None:
    warning, error, *_ = as_annotations(linted()).splitlines()
    assert warning.startswith("::warning title=W2001,")
    assert "[a:b; source and target] 50%25 of,%0Ait: " in error


def test_what_could_not_be_told_is_an_error() -> None:
    assert first(as_annotations(untold())).startswith("::error title=cannot tell,file=template.json,line=2")


def test_the_last_line_says_the_verdict() -> None:
    assert as_annotations(untold()).splitlines()[-1].startswith("template.json: cannot tell")
