"""Law: a template with an odd value gives proofs, or says what is undecided; never a crash."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from worlds import document

from stackproof.automata.automaton import Undecided
from stackproof.aws.regions import partition_of
from stackproof.foundation.finding import CannotTell
from stackproof.proof.branches import impossible
from stackproof.proof.covering import reached
from stackproof.proof.distinct import doubtful
from stackproof.proof.names import names
from stackproof.proof.ranges import ranges
from stackproof.template.section_check import functions

AWS = partition_of("us-east-1")
WHOLE: dict[str, Any] = {
    "Parameters": {
        "P": {"Type": "String", "AllowedPattern": "[a-z]{1,9}", "MinLength": 1, "MaxLength": 9},
        "N": {"Type": "Number", "MinValue": 1, "MaxValue": 9, "Default": 3},
        "L": {"Type": "CommaDelimitedList", "Default": "a,b"},
    },
    "Mappings": {"M": {"us-east-1": {"k": "v"}, "a": {"k": ["v", "w"]}}},
    "Rules": {"R": {"Assertions": [{"Assert": {"Fn::Contains": [["a", "b"], {"Ref": "P"}]}}]}},
    "Conditions": {
        "C": {"Fn::Equals": [{"Fn::Sub": "${P}-x"}, "a-x"]},
        "D": {"Fn::Or": [{"Condition": "C"}, {"Fn::Equals": [{"Ref": "AWS::Region"}, {"Ref": "P"}]}]},
    },
    "Resources": {
        "B": {"Type": "AWS::S3::Bucket", "Condition": "D", "Properties": {"BucketName": {"Fn::Sub": "b-${P}"}}},
        "T": {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "TopicName": {"Fn::If": ["C", {"Fn::Join": ["-", {"Fn::Split": ["_", {"Ref": "P"}]}]}, "t"]},
                "DisplayName": {"Fn::Select": [0, {"Ref": "L"}]},
            },
        },
        "S": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": {"Ref": "N"}}},
        "F": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": {"Fn::FindInMap": ["M", "a", "k"]}}},
    },
    "Outputs": {"O": {"Value": {"Ref": "B"}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-x"}}}},
}
NAMES = ("P", "N", "L", "T", "B", "AWS::Region", "AWS::StackId", "AWS::NotificationARNs", "AWS::NoValue")
CUT = {"Fn::Split": ["a", {"Ref": "P"}]}
ODD: list[Any] = [
    *[True, 0, -1, 1e308, 10**40, "", "${P}", "${L}", "${T.TopicName}", [], {}, [[]], "[", "(a)\\1"],
    *[{"Ref": name} for name in NAMES],
    *[{"Fn::If": ["C", "a", {"Ref": "L"}]}, {"Fn::Split": ["", {"Ref": "P"}]}, {"Fn::Split": ["ab", {"Ref": "P"}]}],
    *[CUT, {"Fn::Select": [9, CUT]}, {"Fn::Join": ["", CUT]}, {"Fn::Join": ["", {"Ref": "L"}]}, {"Fn::Base64": "a"}],
    *[{"Fn::FindInMap": ["M", {"Ref": key}, "k"]} for key in ("P", "AWS::Region", "L")],
    {"Fn::GetAtt": "T.TopicName"},
]


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in members for found in paths(item, (*path, key)))]


@given(st.sampled_from(paths(WHOLE)[1:]), st.sampled_from(ODD))
def test_law_a_template_with_an_odd_value_is_proved_or_undecided(path: tuple[Any, ...], odd: Any) -> None:
    value = parent = copy.deepcopy(WHOLE)
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = odd
    try:
        template = document(value)
        functions(template)
    except CannotTell:
        return
    for proof in (names, doubtful, impossible, ranges, reached):
        try:
            proof(template, AWS)
        except (CannotTell, Undecided) as error:
            assert str(error)
