"""The rules and the harness on a template that has nothing in common with lib/TapStack.json but two regions."""

from pathlib import Path

import pytest

from stackproof.evaluation import scenario
from stackproof.gate.gate import prove
from stackproof.gate.outcome import Outcome
from stackproof.rules import rule_files
from stackproof.template import loader

FOLDER = Path(__file__).parents[1] / "second"
TEXT = (FOLDER / "orders.yaml").read_text()
PAIRS = scenario.load(str(FOLDER / "scenarios.yaml"))
LEAST = 40
RIGHT = ("core", "security")
"""A template of others need not have what the packs of resilience and of this house ask for."""


def proven(text: str) -> Outcome:
    """Put every rule of the repository to the template."""
    return prove(loader.parse(text, "orders.yaml"), PAIRS, rule_files.discover("rules"), ())


def test_no_rule_about_what_works_or_is_secure_fails_and_most_apply() -> None:
    outcome = proven(TEXT)
    assert [finding for finding in outcome.findings if finding.pack in RIGHT] == []
    assert outcome.errors == ()
    assert sum(verdict.applies for verdict in outcome.verdicts) >= LEAST


BROKEN = {
    "stores_encrypted": (
        "SSESpecification: {SSEEnabled: true}",
        "SSESpecification: {SSEEnabled: !If [IsMain, true, false]}",
    ),
    "deletion_protected": ("DeletionProtectionEnabled: true", "DeletionProtectionEnabled: !If [IsMain, true, false]"),
    "keys_rotate": ("EnableKeyRotation: true", "EnableKeyRotation: false"),
    "no_wildcard_action": ("Action: dynamodb:BatchWriteItem", "Action: dynamodb:*"),
    "permissions_exact": ("Action: kms:Decrypt", "Action: [kms:Decrypt, kms:Encrypt]"),
    "environment_read": ("Variables: {TABLE: !Ref OrderTable}", "Variables: {TABLE: !Ref OrderTable, UNREAD: x}"),
    "code_sound": ("record['messageId']", "rekord['messageId']"),
    "topics_require_tls": ('aws:SecureTransport: "false"', 'aws:SecureTransport: "true"'),
    "messages_arrive": ("Principal: {Service: cloudwatch.amazonaws.com}", "Principal: {Service: events.amazonaws.com}"),
    "names_by_convention": ("FunctionName: !Sub order-writer-${Stage}-${AWS::Region}", "FunctionName: order-writer"),
    "alarm_metrics_exist": ("ApproximateAgeOfOldestMessage", "ApproximateAgeOfOldestMesage"),
    "regions_refused": ("!Equals [!Ref AWS::Region, eu-west-1]]", "!Not [!Equals [!Ref AWS::Region, eu-west-2]]]"),
    "tables_keyed": ("KeySchema: [{AttributeName: id,", "KeySchema: [{AttributeName: key,"),
    "items_keyed": (
        "AttributeDefinitions: [{AttributeName: id, AttributeType: S}]\n      KeySchema: [{AttributeName: id,",
        "AttributeDefinitions: [{AttributeName: key, AttributeType: S}]\n      KeySchema: [{AttributeName: key,",
    ),
    "keys_aliased": ("TargetKeyId: !Ref QueueKey", "TargetKeyId: !Ref LateTopicKey"),
    "keys_manageable": ("Action: kms:*", "Action: [kms:Decrypt, kms:GenerateDataKey]"),
    "alarms_complete": ("      EvaluationPeriods: 5\n", ""),
    "alarms_sensitive": ("Statistic: Maximum", "Statistic: Minimum"),
    "changes_told": ("tableName: [!Ref OrderTable]", "tableName: [orders]"),
    "event_rules_complete": ("      Targets: [{Id: Topic, Arn: !Ref LateTopic}]\n", ""),
    "outputs_as_named": ("Value: !Ref OrderQueue}", "Value: !GetAtt OrderQueue.Arn}"),
    "outputs_described": ("Description: Takes the orders, ", ""),
    "declarations_used": ("Parameters:\n", "Parameters:\n  Unused: {Type: String, Default: x}\n"),
    "scenario_coverage": (
        "QueueUrl: {",
        "Never: {Value: !If [IsMain, a, b], Condition: IsMain, Description: x}\n  QueueUrl: {",
    ),
}


@pytest.mark.parametrize(("rule", "edit"), BROKEN.items(), ids=BROKEN)
def test_a_promise_that_is_broken_there_is_found(rule: str, edit: tuple[str, str]) -> None:
    assert edit[0] in TEXT
    assert rule in {finding.rule for finding in proven(TEXT.replace(*edit)).findings}
