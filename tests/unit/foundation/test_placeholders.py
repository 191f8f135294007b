"""Tokens, and what is known in spite of them."""

import pytest

from stackproof.foundation import placeholders

ID = "{{Vpc@us-east-1}}"
ARN = f"arn:aws:ec2:us-east-1:1:vpc/{ID}"


def test_a_token_names_resource_attribute_and_region() -> None:
    assert placeholders.token("Vpc", "us-east-1", "Arn") == "{{Vpc.Arn@us-east-1}}"


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
    assert (placeholders.is_unknown(text), placeholders.holds_unknown(text)) == (whole, held)


def test_a_list_is_no_token() -> None:
    assert not placeholders.is_unknown([ID])


def test_what_is_made_of_a_token_is_one() -> None:
    made = placeholders.placeholder_of("Fn::Select 0", "{{Zone.Names@us-east-1}}")
    assert (made, placeholders.is_unknown(made)) == ("{{Fn::Select 0 Zone.Names@us-east-1}}", True)


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
    assert placeholders.split(text, delimiter) == parts
