"""Functions whose code stands in the template: places, complaints, runtimes, custom resources, tags."""

import datetime

import pytest
from stacks import arn, resource, stack
from worlds import document, scenario

from stackproof.aws import runtimes
from stackproof.aws.taggable import tag_property
from stackproof.code.custom_resources import custom_resources, properties_read
from stackproof.code.inline import inline_functions
from stackproof.code.pyflakes import complaints
from stackproof.evaluation.stack import resolve
from stackproof.foundation.finding import CannotTell

LINES = [
    "def handler(event, context):",
    "    given = event['ResourceProperties']",
    "    return given['Name'], given.get('Size')",
]
JOINED = {"Fn::Join": ["\n", LINES]}


def written(code: object) -> dict[str, object]:
    return resource("Lambda::Function", Handler="index.handler", Runtime="python3.12", Code={"ZipFile": code})


def test_a_line_of_code_stands_where_its_item_stands() -> None:
    template = document({"Resources": {"F": written(JOINED)}})
    (function,) = inline_functions(resolve(template, scenario()))
    place = function.place(2)
    assert template.text.splitlines()[place.line - 1].strip().startswith('"    given')


def test_a_line_of_code_in_one_text_stands_where_the_text_begins() -> None:
    template = document({"Resources": {"F": written("a = 1\nb = 2")}})
    (function,) = inline_functions(resolve(template, scenario()))
    assert function.place(2) == template.place(function.path)


def test_code_that_does_not_compile_cannot_be_told_and_names_its_line() -> None:
    template = document({"Resources": {"F": written({"Fn::Join": ["\n", ["a = 1", "b = ("]]})}})
    (function,) = inline_functions(resolve(template, scenario()))
    with pytest.raises(CannotTell, match="does not compile"):
        function.tree()


def test_a_misspelt_name_is_a_complaint_with_its_line() -> None:
    assert complaints("import json\nprint(jsno)\njson") == ((2, "undefined name 'jsno'", False),)


def test_a_runtime_has_an_end() -> None:
    assert runtimes.end("python3.9") < datetime.date(2026, 1, 1)


def test_the_end_of_a_runtime_that_is_not_known_cannot_be_told() -> None:
    with pytest.raises(CannotTell, match=r"python9\.9"):
        runtimes.end("python9.9")


def test_the_suite_is_what_the_package_takes() -> None:
    pythons = [f"python3.{minor}" for minor in range(11, 13)]
    assert list(runtimes.SUITE) == pythons


def test_a_custom_resource_sends_what_is_not_cloudformations() -> None:
    custom = resource("CloudFormation::CustomResource", ServiceToken=arn("F"), ServiceTimeout=9, Name="n")
    (item,) = custom_resources(stack({"F": written(JOINED), "C": custom}))
    assert (item.function, item.sent) == ("F", ["Name"])


def test_the_properties_that_code_reads_are_found() -> None:
    (function,) = inline_functions(stack({"F": written(JOINED)}))
    assert properties_read(function) == {"name": 3, "size": 3}


TAGS = {
    "AWS::S3::Bucket": "Tags",
    "AWS::Backup::BackupVault": "BackupVaultTags",
    "AWS::SNS::TopicPolicy": "",
    "AWS::DynamoDB::GlobalTable": "",
    "Custom::Thing": "",
}


@pytest.mark.parametrize(("kind", "name"), TAGS.items())
def test_a_type_takes_tags_where_its_schema_says(kind: str, name: str) -> None:
    assert tag_property(kind) == name
