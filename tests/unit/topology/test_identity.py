"""What a stack creates, by the texts that name it."""

from pathlib import Path

import pytest

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import resolved
from stackproof.template import loader
from stackproof.topology.identity import ARN, identities, texts


@pytest.mark.usefixtures("small")
def test_a_stack_is_known_by_the_names_and_arns_of_its_resources() -> None:
    (pair,) = scenario.load("scenarios.yaml")
    known = identities(resolved(loader.load("template.json"), pair).source)
    assert known["data-abc-us-east-1"] == "Bucket"
    assert known["arn:aws:s3:::data-abc-us-east-1"] == "Bucket"
    assert known["arn:aws:sns:us-east-1:111111111111:events-abc"] == "Topic"


@pytest.mark.usefixtures("small")
def test_the_replicas_of_a_global_table_are_the_stacks_too() -> None:
    table = """{ "Type": "AWS::DynamoDB::GlobalTable", "Properties": { "TableName": "t", "Replicas": [
        { "Region": "us-east-1" }, { "Region": "eu-west-1" } ] } }, "Bucket": {"""
    text = Path("template.json").read_text().replace('"Bucket": {', f'"Table": {table}', 1)
    (pair,) = scenario.load("scenarios.yaml")
    known = identities(resolved(loader.parse(text, "t.json"), pair).source)
    assert known["arn:aws:dynamodb:eu-west-1:111111111111:table/t"] == "Table"


def test_texts_are_found_with_their_paths() -> None:
    assert list(texts({"a": ["x", {"b": "y"}], "c": 1})) == [(("a", 0), "x"), (("a", 1, "b"), "y")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("arn:aws:s3:::b/*", ["arn:aws:s3:::b/*"]),
        ('{"x": "arn:aws:sns:eu-west-1:111111111111:t", "y": 1}', ["arn:aws:sns:eu-west-1:111111111111:t"]),
        ("no arn: here", []),
    ],
)
def test_arns_are_found_inside_text(text: str, found: list[str]) -> None:
    assert ARN.findall(text) == found
