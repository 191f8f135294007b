"""Tokens, and what is known in spite of them."""

import pytest

from stackproof import tokens

ID = "{{Vpc@us-east-1}}"
ARN = f"arn:aws:ec2:us-east-1:1:vpc/{ID}"


def test_a_token_names_resource_attribute_and_region() -> None:
    assert tokens.token("Vpc", "us-east-1", "Arn") == "{{Vpc.Arn@us-east-1}}"


@pytest.mark.parametrize(
    ("text", "whole", "held"),
    [
        (ID, True, True),
        (ARN, False, True),
        ("{{resolve:ssm:a}}", True, True),
        ("{{Fn::Join Zone.Names@eu-central-1}}", True, True),
        ("{{}}", False, False),
        ("{{name}}", False, False),
        ("{{user@example.com}}", False, False),
        ("plain", False, False),
        (f"{ID}{ID}", False, True),
    ],
)
def test_a_token_is_told_from_other_braces(text: str, whole: bool, held: bool) -> None:
    assert (tokens.is_unknown(text), tokens.holds_unknown(text)) == (whole, held)


def test_a_list_is_no_token() -> None:
    assert not tokens.is_unknown([ID])


def test_what_is_made_of_a_token_is_one() -> None:
    made = tokens.made("Fn::Select 0", "{{Zone.Names@us-east-1}}")
    assert (made, tokens.is_unknown(made)) == ("{{Fn::Select 0 Zone.Names@us-east-1}}", True)


@pytest.mark.parametrize(
    ("text", "delimiter", "parts"),
    [
        ("a-b", "-", ["a", "b"]),
        (ARN, ":", ["arn", "aws", "ec2", "us-east-1", "1", f"vpc/{ID}"]),
        (f"{ID}/{ID}", "/", [ID, ID]),
        (f"a{ID}b{ID}", ",", [f"a{ID}b{ID}"]),
        (ARN, "-", None),
        (ID, ":", None),
    ],
)
def test_a_text_is_cut_apart_from_its_tokens(text: str, delimiter: str, parts: list[str] | None) -> None:
    assert tokens.split(text, delimiter) == parts
