"""What transforms make of a template, for one scenario, and where its parts stand."""

from typing import Any

import pytest

from stackproof.evaluation.scenario import Scenario, command_line
from stackproof.evaluation.stack import fold, resolve
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.template.loader import parse

HEAD = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: "alpha,be-ta"}
  Policy: {Type: String, Default: Retain}
Mappings:
  Of:
    us-east-1: {Names: [one, two], Size: small}
    eu-central-1: {Names: [one], Size: large}
"""


def template_of(text: str, head: str = HEAD) -> Document:
    return parse(f"{head}{text}", "t.yaml")


def side(region: str = "us-east-1", **parameters: str) -> Scenario:
    return command_line(region, "111111111111", "stack", parameters)


def resources(text: str, scenario: Scenario | None = None) -> dict[str, Any]:
    return dict(resolve(template_of(text), scenario or side()).resources)


TOPICS = """
Resources:
  Fn::ForEach::Topics:
    - Name
    - !Ref Names
    - Topic&{Name}:
        Type: AWS::SNS::Topic
        DeletionPolicy: !Ref Policy
        Properties: {TopicName: !Sub "${AWS::StackName}-${Name}", DisplayName: !Ref Name}
"""


def test_a_loop_makes_one_of_each_value() -> None:
    made = resources(TOPICS)
    assert {name: item["Properties"] for name, item in made.items()} == {
        "Topicalpha": {"TopicName": "stack-alpha", "DisplayName": "alpha"},
        "Topicbeta": {"TopicName": "stack-be-ta", "DisplayName": "be-ta"},
    }


def test_a_loop_takes_the_scenarios_values() -> None:
    assert list(resources(TOPICS, side(Names="x,y,z"))) == ["Topicx", "Topicy", "Topicz"]


def test_a_policy_may_be_a_parameter() -> None:
    assert resources(TOPICS, side(Policy="Delete"))["Topicalpha"]["DeletionPolicy"] == "Delete"


def test_a_value_that_a_loop_makes_stands_where_it_is_written() -> None:
    template = template_of(TOPICS)
    place = resolve(template, side()).place(("Resources", "Topicbeta", "Properties", "DisplayName"))
    line = template.text.split("\n")[place.line - 1]
    assert line[place.column - 1 :] == "!Ref Name}"


def test_what_is_wrong_in_a_loop_is_refused_where_it_is_written() -> None:
    template = template_of(TOPICS.replace("!Ref Name}", "!Ref Nmae}"))
    with pytest.raises(CannotTell, match="'Nmae' is neither") as refusal:
        fold(template, side())
    assert refusal.value.place is not None
    assert "Nmae" in template.text.split("\n")[refusal.value.place.line - 1]


def test_a_collection_may_come_of_a_mapping_by_region() -> None:
    text = """
Resources:
  Fn::ForEach::Loop:
    - N
    - !FindInMap [Of, !Ref AWS::Region, Names]
    - Topic${N}: {Type: AWS::SNS::Topic}
"""
    found = [list(resources(text, side(region))) for region in ("us-east-1", "eu-central-1")]
    assert found == [["Topicone", "Topictwo"], ["Topicone"]]


NESTED = """
Conditions:
  Fn::ForEach::C:
    - N
    - [A, B]
    - Is${N}: !Equals [!Ref "AWS::Region", "${N}"]
Resources:
  Fn::ForEach::Outer:
    - N
    - [A, B]
    - Fn::ForEach::Inner:
        - M
        - ["1", "2"]
        - Topic${N}${M}:
            Type: AWS::SNS::Topic
            DependsOn: Base
            Properties:
              Fn::ForEach::P:
                - K
                - [TopicName, DisplayName]
                - ${K}: !Sub "${N}-${M}"
  Base: {Type: AWS::SNS::Topic}
Outputs:
  Fn::ForEach::Outs:
    - N
    - [A, B]
    - Out${N}: {Value: !GetAtt [!Sub "Topic${N}1", TopicName], Description: "of ${N}"}
      Ref${N}: {Value: !Ref "Topic${N}2"}
"""


def test_loops_stand_in_loops_properties_conditions_and_outputs() -> None:
    stack = resolve(template_of(NESTED), side())
    assert list(stack.resources) == ["TopicA1", "TopicA2", "TopicB1", "TopicB2", "Base"]
    assert stack.resources["TopicB2"]["Properties"] == {"TopicName": "B-2", "DisplayName": "B-2"}
    assert dict(stack.conditions) == {"IsA": False, "IsB": False}
    assert stack.value["Outputs"]["OutA"] == {"Value": "A-1", "Description": "of A"}


def entry(value: str, scenario: Scenario | None = None, work: Any = resolve) -> Any:
    text = f"\nResources:\n  T: {{Type: AWS::SNS::Topic}}\n  H: {{Type: X::Y::Z, Properties: {{V: {value}}}}}\n"
    return work(template_of(text), scenario or side()).resources["H"]["Properties"]["V"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("!Length [1, 2, 3]", 3),
        ("!Length {Ref: Names}", 2),
        ("!Length {Fn::FindInMap: [Of, !Ref 'AWS::Region', Names]}", 2),
        ("!ToJsonString {a: !Ref Policy, b: [1, true]}", '{"a":"Retain","b":[1,true]}'),
        ("!ToJsonString [!Ref T]", '["arn:aws:sns:us-east-1:111111111111:{{T@us-east-1}}"]'),
        ("!FindInMap [Of, !Sub '${AWS::Region}', Size]", "small"),
        ("!FindInMap [Of, nowhere, Size, {DefaultValue: none}]", "none"),
        ("!FindInMap [Of, us-east-1, Colour, {DefaultValue: !Ref Policy}]", "Retain"),
        ("!FindInMap [Of, us-east-1, Size, {DefaultValue: none}]", "small"),
    ],
)
def test_a_function_of_the_language_extensions_is_worked_out(value: str, expected: Any) -> None:
    assert entry(value) == expected


def test_what_only_aws_knows_stays_a_function_in_a_folded_stack_with_its_transform() -> None:
    text = "\nResources:\n  T: {Type: AWS::SNS::Topic}\n  H: {Type: X::Y::Z, Properties: {V: !ToJsonString [!Ref T]}}\n"
    folded = fold(template_of(text), side()).value
    assert folded["Resources"]["H"]["Properties"]["V"] == {"Fn::ToJsonString": [{"Ref": "T"}]}
    assert folded["Transform"] == "AWS::LanguageExtensions"


TOPIC = "\nResources:\n  T: {Type: AWS::SNS::Topic}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  Fn::ForEach::L: [N, [a]]\n", "Fn::ForEach::L takes an identifier, a collection and a mapping"),
        ("  Fn::ForEach::L: [N, [a, b], {X: {Type: A::B::C}}]\n", "the key 'X' is made twice"),
        ("  Fn::ForEach::L: [N, [a], {T: {Type: A::B::C}}]\n", "the key 'T' is made twice"),
        ("  Fn::ForEach::L: [N, !Ref T, {'X${N}': {Type: A::B::C}}]\n", "'T' is neither a parameter nor a resource"),
        ("  Fn::ForEach::L: [N, !Ref Policy, {'X${N}': {Type: A::B::C}}]\n", "no list of texts that is known"),
        ("  H: {Type: X::Y::Z, Properties: {V: !Length abc}}\n", "Fn::Length takes a list"),
        ("  H: {Type: X::Y::Z, Properties: {V: !FindInMap [Of, a, b, none]}}\n", "a mapping of DefaultValue"),
        ("  H: {Type: X::Y::Z, Properties: {V: !FindInMap [Of, a, b]}}\n", "finds no 'a'"),
    ],
)
def test_what_the_transform_refuses_is_refused_in_one_line_with_its_place(text: str, message: str) -> None:
    with pytest.raises(CannotTell) as refusal:
        fold(template_of(f"{TOPIC}{text}"), side())
    assert message in str(refusal.value)
    assert str(refusal.value).startswith("t.yaml:")


@pytest.mark.parametrize("name", ["Fn::ForEach::L", "Fn::Length", "Fn::ToJsonString"])
def test_without_the_transform_its_functions_name_it(name: str) -> None:
    value = "[N, [a], {'X${N}': {Type: A::B::C}}]" if "Each" in name else "{Type: A::B::C, Properties: {V: {%s: [1]}}}"
    key = name if "Each" in name else "H"
    text = f"{TOPIC}  {key}: {value % name if '%' in value else value}\n"
    with pytest.raises(CannotTell, match=f"{name} needs the transform AWS::LanguageExtensions"):
        fold(template_of(text, head=""), side())


def test_another_macro_is_refused_by_name() -> None:
    with pytest.raises(CannotTell, match=r"t.yaml:1:12: the template needs the macro My-Macro, which is not run here"):
        fold(template_of(TOPIC, head="Transform: [My-Macro]"), side())


SERVERLESS = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13, Timeout: 10}
Parameters: {Stage: {Type: String, Default: dev}}
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Metadata: {stackproof: {ignore: [{rule: r, reason: why}]}}
    Properties:
      CodeUri: src/
      Handler: app.handler
      Events:
        Get: {Type: Api, Properties: {Path: /, Method: get}}
  Table: {Type: AWS::Serverless::SimpleTable}
Outputs:
  Role: {Value: !GetAtt OrdersRole.Arn}
  Url: {Value: !Ref ServerlessRestApi}
"""


def test_serverless_resources_become_plain_ones() -> None:
    stack = resolve(template_of(SERVERLESS, head=""), side("eu-central-1"))
    kinds = {resource["Type"] for resource in stack.resources.values()}
    assert kinds >= {"AWS::Lambda::Function", "AWS::IAM::Role", "AWS::ApiGateway::RestApi", "AWS::DynamoDB::Table"}
    assert not any(kind.startswith("AWS::Serverless") for kind in kinds)
    assert stack.resources["Orders"]["Properties"]["Timeout"] == 10
    assert "eu-central-1" in str(stack.value["Outputs"]["Url"]["Value"])


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (("Resources", "Orders", "Properties", "Handler"), "app.handler"),
        (("Resources", "OrdersRole"), "{"),
        (("Resources", "Table", "Properties"), "{Type: AWS::Serverless::SimpleTable}"),
    ],
)
def test_what_is_made_of_a_serverless_resource_stands_at_it(path: tuple[str, ...], written: str) -> None:
    template = template_of(SERVERLESS, head="")
    place = resolve(template, side()).place(path)
    lines = template.text.split("\n")
    at = {"OrdersRole": "Type: AWS::Serverless::Function"}.get(path[1], written)
    assert lines[place.line - 1][place.column - 1 :].startswith(at)


def test_the_translator_refuses_in_its_words_at_the_resource() -> None:
    with pytest.raises(CannotTell, match=r"t.yaml:8:5: AWS::Serverless: Resource with id \[Orders\] is invalid"):
        resolve(template_of(SERVERLESS.replace("CodeUri: src/", "CodeUri: [1]"), head=""), side())


def test_loops_are_written_out_before_serverless_resources_are_made() -> None:
    text = """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Resources:
  Fn::ForEach::Functions:
    - N
    - [A, B]
    - Function${N}:
        Type: AWS::Serverless::Function
        Properties: {InlineCode: "x = 1", Handler: index.x, Runtime: python3.13, Timeout: !Length [1, 2]}
"""
    made = resolve(template_of(text, head=""), side()).resources
    assert sorted(made) == ["FunctionA", "FunctionARole", "FunctionB", "FunctionBRole"]
    assert made["FunctionA"]["Properties"]["Timeout"] == 2


def test_globals_without_their_transform_are_refused() -> None:
    with pytest.raises(CannotTell, match="Globals is a section of templates with"):
        fold(template_of(f"{TOPIC}Globals: {{Function: {{Timeout: 1}}}}\n", head=""), side())


def test_scenarios_of_which_a_loop_makes_the_same_share_one_template() -> None:
    template = template_of(TOPICS)
    stacks = [fold(template, side(region)) for region in ("us-east-1", "eu-central-1")]
    assert stacks[0].template is stacks[1].template


def test_a_condition_chooses_the_collection_of_a_loop() -> None:
    text = """
Conditions:
  Some: !Not [!Equals [!Join ["", !Ref Names], ""]]
Resources:
  Kept: {Type: AWS::SNS::Topic}
  Fn::ForEach::Topics:
    - Name
    - !If [Some, !Ref Names, []]
    - Topic&{Name}: {Type: AWS::SNS::Topic}
"""
    assert list(resources(text, side(Names="x,y"))) == ["Kept", "Topicx", "Topicy"]
    assert list(resources(text, side(Names=""))) == ["Kept"]
