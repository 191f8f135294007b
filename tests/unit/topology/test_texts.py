"""The texts of a stack, and the ARNs and words in them."""

import pytest

from stackproof.topology.texts import arns_in, texts, words_in

IMPORTED = "{{Fn::ImportValue 1-AZList@us-east-1}}"


def test_texts_are_found_with_their_paths() -> None:
    assert list(texts({"a": ["x", {"b": "y"}], "c": 1})) == [(("a", 0), "x"), (("a", 1, "b"), "y")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("arn:aws:s3:::b/*", ["arn:aws:s3:::b/*"]),
        ('{"x": "arn:aws:sns:eu-west-1:111111111111:t", "y": 1}', ["arn:aws:sns:eu-west-1:111111111111:t"]),
        ("no arn: here", []),
        (f"arn:aws:s3:::{IMPORTED}/*", [f"arn:aws:s3:::{IMPORTED}/*"]),
    ],
)
def test_arns_are_found_inside_text_with_their_tokens_whole(text: str, found: list[str]) -> None:
    assert list(arns_in(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("data-dev and arn:aws:s3:::b", [("data-dev", "data-dev"), ("and", "and")]),
        (IMPORTED, [(IMPORTED, "")]),
        (f"x-{IMPORTED}-dev/y", [(f"x-{IMPORTED}-dev/y", "x--dev/y")]),
        ("{{A@us-east-1}},{{B.C@us-east-1}}", [("{{A@us-east-1}}", ""), ("{{B.C@us-east-1}}", "")]),
    ],
)
def test_words_are_found_outside_arns_with_their_tokens_whole(text: str, found: list[tuple[str, str]]) -> None:
    assert list(words_in(text)) == found
