"""The text of a Fn::Sub, cut at its variables."""

import pytest

from stackproof.template.sub_text import Variable, pieces


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", ("",)),
        ("a", ("a",)),
        ("${A}", ("", Variable("A", "A", ""), "")),
        ("x${A.B.C}y", ("x", Variable("A.B.C", "A", "B.C"), "y")),
        ("${!A}${B}", ("${A}", Variable("B", "B", ""), "")),
        ("x${!A}y", ("x${A}y",)),
        ("${!}", ("${}",)),
        ("${A", ("${A",)),
        ("$${A}}", ("$", Variable("A", "A", ""), "}")),
        ("${AWS::Region}", ("", Variable("AWS::Region", "AWS::Region", ""), "")),
    ],
)
def test_a_text_is_cut_at_its_variables(text: str, cut: tuple[str | Variable, ...]) -> None:
    assert pieces(text) == cut


@pytest.mark.parametrize("text", ["${}", "${ A }", "${A${B}}", "${a b}", "${é}"])
def test_what_cannot_be_a_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a variable of Fn::Sub cannot be named"):
        pieces(text)
