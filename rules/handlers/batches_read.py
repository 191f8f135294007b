"""The function of an event source mapping reads what such an event holds, and reports failures in the words of Lambda.

A misspelt field fails every batch; a misspelt word in the answer reads as success, and the records that failed are
never sent again.
Source: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-example.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Findings
from stackproof.code.inline import Inline, for_each_function, inline_functions, words
from stackproof.topology.event_sources import consumers

APPLIES_TO = ("AWS::Lambda::EventSourceMapping",)
FIELDS = {
    "AWS::Kinesis::Stream": (("Records", "kinesis", "data"), "sequenceNumber"),
    "AWS::DynamoDB::Table": (("Records", "dynamodb"), "SequenceNumber"),
    "AWS::DynamoDB::GlobalTable": (("Records", "dynamodb"), "SequenceNumber"),
    "AWS::SQS::Queue": (("Records",), "messageId"),
}
"""Of a source the fields of an event that code cannot do without, and what names a record in a report of failures."""
REPORT = ("batchItemFailures", "itemIdentifier")


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each_function(inline_functions(stack), of_function)


def of_function(function: Inline) -> Iterator[Finding]:
    stack = function.stack
    for consumer in consumers(stack, *FIELDS):
        if consumer.function != function.logical:
            continue
        function.tree()
        read, written = words(function.text)
        fields, named = FIELDS[stack.resources[consumer.source]["Type"]]
        reports = "ReportBatchItemFailures" in consumer.properties.get("FunctionResponseTypes", [])
        for field in (*fields, *((named,) if reports else ())):
            if field not in read:
                message = f"{consumer.function} never reads {field} of an event of {consumer.source}"
                yield function.finding(1, message, f"read it as {field!r}")
        for word in REPORT if reports else ():
            if word not in written:
                message = (
                    f"{consumer.function} answers {consumer.mapping} without {word}, so what failed is not sent again"
                )
                yield function.finding(1, message, f"return {', '.join(REPORT)}")
