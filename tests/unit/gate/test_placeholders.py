"""What is found of a value that only stands for another is not decided, and no finding."""

from stackproof.evaluation import scenario
from stackproof.gate.gate import prove
from stackproof.rules import rule_files
from stackproof.template.loader import parse, parse_document

TEMPLATE = """
Parameters: {Name: {Type: String}}
Resources:
  Given: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Name}}
  Made: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "logs-${Name}"}}
"""
SCENARIOS = """
placeholders: [Name]
deployments:
  - {name: only, parameters: {Name: change-me}, source: {region: us-east-1}, target: {region: eu-central-1}}
"""


def test_a_name_that_is_a_placeholder_is_not_decided_and_one_that_is_made_of_it_is() -> None:
    rules = [rule for rule in rule_files.discover("rules") if rule.name == "names_apart"]
    pairs = scenario.pairs_in(parse_document(SCENARIOS, "s.yaml", text_only=True))
    outcome = prove(parse(TEMPLATE, "t.yaml"), pairs, rules, ())
    assert [finding.at[1] for finding in outcome.findings] == ["Made"]
    assert [error.message for error in outcome.errors] == [
        "names_apart is not decided: the value is a placeholder, that of Name"
    ]
