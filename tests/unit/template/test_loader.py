"""Texts that are templates, and texts that are not."""

from pathlib import Path

import pytest

from stackproof.foundation.finding import CannotTell
from stackproof.template.loader import load, load_document, parse

BARE = '"Resources": {"B": {"Type": "AWS::S3::Bucket"}}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "t.json:1:1: a template must be a mapping of sections"),
        (f'{{{BARE}, "Resorces": {{}}}}', "'Resorces' is no section of a template; fix: use one of AWSTemplate"),
        (f'{{{BARE}, "Outputs": []}}', "section Outputs must be a mapping"),
        (f'{{{BARE}, "Metadata": []}}', "section Metadata must be a mapping"),
        (f'{{{BARE}, "Rules": {{"R": "a"}}}}', "Rules R must be a mapping"),
        (f'{{{BARE}, "Outputs": {{"O": "a"}}}}', "Outputs O must be a mapping"),
        ('{"Resources": {"Fn::ForEach::L": [], "B": {}}}', "resource B has no Type"),
        (f'{{{BARE}, "Description": "\\udfff"}}', "the text has half of a surrogate pair"),
        ("{}", "a template must have at least one resource"),
        ('{"Resources": {}}', "t.json:1:15: a template must have at least one resource"),
        (f'{{{BARE}, "Parameters": {{"P": "a"}}}}', "Parameters P must be a mapping"),
        ('{"Resources": {"B": []}}', "Resources B must be a mapping"),
        ('{"Resources": {"B": {}}}', "resource B has no Type"),
        (
            '{"Resources": {"B": {"Type": "T", "Properties": []}}}',
            "t.json:1:49: the Properties of resource B must be",
        ),
        (f'{{{BARE}, "Description": "\\ud800"}}', "the text has half of a surrogate pair"),
        (f'{{{BARE}, "Metadata": {{"\\ud800": [1]}}}}', "the text has half of a surrogate pair"),
        ("[" * 100_000, "t.json:1:1: the text is nested too deeply to be read"),
        (" " * 1_048_577, "t.json:1:1: larger than the 1 MB that a template may have"),
    ],
    ids=lambda text: str(text)[:30],
)
def test_a_text_that_is_no_template_is_refused(text: str, message: str) -> None:
    with pytest.raises(CannotTell) as error:
        parse(text, "t.json")
    assert message in str(error.value)


def test_whole_surrogate_pairs_are_letters() -> None:
    assert parse(f'{{{BARE}, "Description": "\\ud83d\\ude00"}}', "t.json").value["Description"] == "\U0001f600"


def test_whole_pairs_may_stand_beside_numbers() -> None:
    text = f'{{{BARE}, "Metadata": {{"a": [1, ["\\ud83d\\ude00"]]}}}}'
    assert parse(text, "t.json").value["Metadata"] == {"a": [1, ["\U0001f600"]]}


def test_a_text_that_opens_with_a_brace_is_json_whatever_its_name() -> None:
    assert parse(f"{{{BARE}}}", "t.template").value["Resources"] == {"B": {"Type": "AWS::S3::Bucket"}}


def test_a_brace_behind_blanks_opens_json_too() -> None:
    with pytest.raises(CannotTell, match="not JSON"):
        parse(f" {{{BARE}, }}", "t.template")


def test_a_text_as_large_as_a_template_may_be_is_read() -> None:
    text = f"{{{BARE}}}"
    assert parse(text + " " * (1_048_576 - len(text)), "t.json").value["Resources"].keys() == {"B"}


def test_any_other_text_is_yaml() -> None:
    assert parse("Resources:\n  B: {Type: T}", "t.template").value == {"Resources": {"B": {"Type": "T"}}}


def test_numbers_of_yaml_are_numbers(tmp_path: Path) -> None:
    text = "Resources:\n  B: {Type: T, Properties: {A: 1}}"
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")
    for document in (parse(text, "t.yaml"), load_document(str(tmp_path / "t.yaml"))):
        assert document.value["Resources"]["B"]["Properties"] == {"A": 1}


def test_a_transform_may_be_text_or_a_list() -> None:
    assert parse(f'{{{BARE}, "Transform": ["M"]}}', "t.json").value["Transform"] == ["M"]


def test_a_loop_is_left_for_the_grammar_to_refuse() -> None:
    text = '{"Resources": {"Fn::ForEach::L": ["x", ["a"], {}]}}'
    assert list(parse(text, "t.json").value["Resources"]) == ["Fn::ForEach::L"]


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(f"{{{BARE}}}", encoding="utf-8")
    assert load(str(path)).path == str(path)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(CannotTell, match=r"t\.json:1:1: not UTF-8 text"):
        load_document(str(path))


def test_a_file_that_is_not_there_is_refused_by_its_name() -> None:
    with pytest.raises(CannotTell, match=r"nowhere\.json:1:1: cannot read it: No such file"):
        load_document("nowhere.json")


def test_a_resource_with_the_name_of_a_parameter_is_refused_at_the_resource() -> None:
    text = "Parameters: {Name: {Type: String}}\nResources:\n  Name: {Type: AWS::SNS::Topic}\n"
    with pytest.raises(CannotTell, match=r"unique names. Common name\(s\):\[Name\]") as refused:
        parse(text, "t.yaml")
    assert str(refused.value.place) == "t.yaml:3:9"
