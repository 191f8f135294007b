"""Law: a damaged template gives a result or a refusal, never a crash, in bounded time."""

import json
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import ROOT, scenario

from stackproof.evaluation.stack import fold, resolve
from stackproof.foundation.finding import CannotTell
from stackproof.template.loader import load, parse

WHOLE = (ROOT / "lib/TapStack.json").read_text(encoding="utf-8")
SECONDS = 2.0
"""Of the processor: other programs' work is not ours."""
SMALL = json.dumps(
    {
        "Parameters": {
            "P": {"Type": "String", "Default": "abc", "AllowedPattern": "^[a-z]+$", "MinLength": 1, "MaxLength": 9},
            "L": {"Type": "List<Number>", "Default": "1,2"},
        },
        "Mappings": {"M": {"us-east-1": {"a": ["x", 1, 2.5, True]}}},
        "Rules": {"R": {"Assertions": [{"Assert": {"Fn::Contains": [["abc"], {"Ref": "P"}]}}]}},
        "Conditions": {
            "C": {"Fn::Equals": [{"Ref": "P"}, "abc"]},
            "D": {"Fn::Or": [{"Condition": "C"}, {"Fn::Not": [{"Condition": "C"}]}]},
        },
        "Resources": {
            "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "${P}-${AWS::Region}"}}},
            "T": {
                "Type": "AWS::SNS::Topic",
                "DependsOn": "B",
                "Condition": "D",
                "Properties": {
                    "A": {"Fn::Join": [",", {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "a"]}]},
                    "B": [{"Fn::If": ["C", {"Fn::GetAtt": ["B", "Arn"]}, {"Ref": "AWS::NoValue"}]}],
                    "C": {"Fn::Select": [0, {"Fn::Cidr": ["10.0.0.0/16", 4, 8]}]},
                    "D": {"Fn::Split": ["-", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}]},
                    "E": "{{resolve:ssm:/a:1}}",
                },
            },
        },
        "Outputs": {"O": {"Value": {"Ref": "B"}, "Export": {"Name": "n"}}},
    },
    indent=1,
)
YAML = """\
Parameters: {P: {Type: String, Default: abc, AllowedPattern: '[a-z]+'}}
Mappings: {M: {us-east-1: {a: x}}}
Conditions: {C: !Equals [!Ref P, abc]}
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub '${P}-${AWS::Region}'
      Tags: [{Key: a, Value: !If [C, !Join ['', [a, 1, true]], !Ref AWS::NoValue]}]
  T:
    Type: AWS::SNS::Topic
    DependsOn: [B]
    Properties: {TopicName: !FindInMap [M, !Ref AWS::Region, a], X: !GetAtt B.Arn, Y: 2010-09-09, Z: 0x1F}
Outputs: {O: {Value: !Select [0, !Split [',', !Ref P]]}}
"""
TEXTS = [(SMALL, "t.json"), (YAML, "t.yaml"), (WHOLE, "t.json")]
ODD: list[Any] = [
    *[None, True, 0, -1, 1e308, 10**400, "", "${", "${}", "${!a}", "\0", "\ud800", [], {}, [[]], {"": 0}, {"Ref": 1}],
    *[{"Ref": "AWS::NoValue"}, {"Fn::If": []}, {"Fn::Fnord": 1}, {"Fn::Sub": ["a"]}, {"Fn::GetAtt": "B"}, {"Ref": "T"}],
    *[
        "(a|aa)+b",
        "[",
        "a" * 5000,
        {"Fn::Join": [[], {}]},
        {"Condition": "C"},
        {"Fn::Transform": {}},
        "{{resolve:x:y}}",
    ],
]
BRACKETS = st.sampled_from(
    [*"{}[],:\"'&*!|>%@`#-?\\\n\t\0é€\ufeff\U0001f600", "\r\n", "<<: *a", "&a ", "!!set ", "- ", "0x"]
)
DEEP = ["[", '{"a":', "- ", "? ", "!a [", "a: &a [*a, "]


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in members for found in paths(item, (*path, key)))]


class Cut(NamedTuple):
    """A change of a text: `span` letters at `at` become `opening` and `closing`, each so many times."""

    which: int
    name: str
    at: int
    span: int
    opening: str
    closing: str
    times: int

    def text(self) -> str:
        text = TEXTS[self.which][0]
        at = self.at % len(text)
        put = self.opening or text[at : at + self.span]
        return text[:at] + put * self.times + self.closing * self.times + text[at + self.span :]


class Change(NamedTuple):
    """A change of a value: another key, another value, or the same in a function's hands."""

    which: int
    at: int
    key: str
    odd: int

    def text(self) -> str:
        value = json.loads(JSON_TEXTS[self.which])
        path = PATHS[self.which][self.at % len(PATHS[self.which])]
        parent = value
        for key in path[:-1]:
            parent = parent[key]
        if self.odd >= 0:
            parent[path[-1]] = ODD[self.odd]
        elif isinstance(parent, dict):
            parent[self.key] = parent.pop(path[-1])
        else:
            parent[path[-1]] = {self.key: parent[path[-1]]}
        return json.dumps(value)


JSON_TEXTS = (SMALL, WHOLE)
PATHS = [paths(json.loads(text))[1:] for text in JSON_TEXTS]
CUTS = st.builds(
    Cut,
    which=st.sampled_from([0, 0, 0, 1, 1, 1, 2]),
    name=st.sampled_from(["t.json", "t.yaml"]),
    at=st.integers(0, 200_000),
    span=st.sampled_from([0, 1, 1, 2, 10, 200]),
    opening=st.one_of(st.just(""), BRACKETS, st.sampled_from(DEEP), st.text(max_size=3)),
    closing=st.sampled_from(["", "", "]", "}"]),
    times=st.sampled_from([0, 1, 1, 1, 2, 90, 3000, 100_000]),
)
CHANGES = st.builds(
    Change,
    which=st.sampled_from([0, 0, 0, 1]),
    at=st.integers(0, 20_000),
    key=st.sampled_from(["Fn::If", "Ref", "", "Nowhere", "B", "Type", "Fn::Sub", "Fn::GetAtt", "Fn::Not", "Fn::Join"]),
    odd=st.integers(-len(ODD), len(ODD) - 1),
)


def survives(text: str, name: str) -> None:
    began = time.process_time()
    try:
        template = parse(text, name)
        for work_out in (fold, resolve):
            try:
                json.dumps(work_out(template, scenario()).value)
            except CannotTell as error:
                assert "\n" not in error.message.replace(text, "") or error.place
    except CannotTell as error:
        assert str(error)
    assert time.process_time() - began < SECONDS


EXAMPLES = max(settings().max_examples, 2000) if settings().max_examples >= 250 else settings().max_examples
"""Five thousand of both kinds together even where the other laws are content with less."""


@settings(max_examples=EXAMPLES // 2)
@given(CUTS)
def test_law_a_damaged_text_gives_a_result_or_a_refusal(cut: Cut) -> None:
    survives(cut.text(), cut.name)


@settings(max_examples=EXAMPLES // 2)
@given(CHANGES)
def test_law_a_template_with_another_value_gives_a_result_or_a_refusal(change: Change) -> None:
    survives(change.text(), "t.json")


@pytest.fixture(scope="module")
def noise_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("noise") / "t.json"


@given(
    noise=st.binary(max_size=60), encoding=st.sampled_from(["utf-8", "utf-16", "utf-32", "latin-1"]), bare=st.booleans()
)
def test_law_any_bytes_give_a_template_or_a_refusal(noise_file: Path, noise: bytes, encoding: str, bare: bool) -> None:
    path = noise_file
    path.write_bytes(noise if bare else noise + SMALL.encode(encoding))
    try:
        load(str(path))
    except CannotTell as error:
        assert str(error)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", '{"a":', "!x [", "a: [", "&a [", "'", '"'])
@pytest.mark.parametrize("name", ["t.json", "t.yaml"])
@pytest.mark.parametrize("depth", [101, 3000, 100_000])
def test_deep_nesting_is_refused(opening: str, name: str, depth: int) -> None:
    with pytest.raises(CannotTell):
        parse(opening * depth, name)


def test_laughter_that_multiplies_is_refused() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    with pytest.raises(CannotTell, match="aliases are not supported"):
        parse("\n".join(lines), "t.yaml")


@pytest.mark.parametrize(
    "content", [b"", b" ", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"null", b"[]", b"{}", b"1", b"---", b"\0"]
)
@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_a_file_without_a_template_is_refused(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"t.{ending}"
    path.write_bytes(content)
    with pytest.raises(CannotTell):
        load(str(path))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match="cannot read"):
        load(str(tmp_path))


def test_no_file_is_refused() -> None:
    with pytest.raises(CannotTell, match="cannot read"):
        load("nowhere.json")


def test_a_text_of_more_than_a_template_may_have_is_refused() -> None:
    with pytest.raises(CannotTell, match="larger than the 1 MB"):
        parse("é" * 524_289, "t.json")
