"""Who reads which stream or queue."""

import pytest
from stacks import ACCOUNT, arn, ref, resource, stack

from stackproof.topology.event_sources import consumers, function_of


def test_a_mapping_joins_a_source_and_a_function_of_the_stack() -> None:
    mapping = resource("Lambda::EventSourceMapping", EventSourceArn=arn("S"), FunctionName=ref("F"))
    item = stack(
        {"S": resource("Kinesis::Stream", Name="s"), "F": resource("Lambda::Function", Timeout=9), "M": mapping}
    )
    (found,) = consumers(item, "AWS::Kinesis::Stream")
    assert (found.mapping, found.source, found.function, found.timeout(item)) == ("M", "S", "F", 9)
    assert list(consumers(item, "AWS::SQS::Queue")) == []


def test_the_stream_of_a_table_is_read_like_any_other() -> None:
    stream = {"Fn::GetAtt": ["T", "StreamArn"]}
    mapping = resource("Lambda::EventSourceMapping", EventSourceArn=stream, FunctionName=ref("F"))
    item = stack({"T": resource("DynamoDB::Table"), "F": resource("Lambda::Function"), "M": mapping})
    assert [found.source for found in consumers(item, "AWS::DynamoDB::Table")] == ["T"]


def test_a_source_of_another_stack_is_left_out() -> None:
    mapping = resource("Lambda::EventSourceMapping", EventSourceArn="arn:aws:sqs:::q", FunctionName=ref("F"))
    assert list(consumers(stack({"F": resource("Lambda::Function"), "M": mapping}), "AWS::SQS::Queue")) == []


WHOLE = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"


@pytest.mark.parametrize(
    ("name", "found"), [("f", "F"), (WHOLE, "F"), (f"{WHOLE}:live", "F"), ("g", None), (None, None)]
)
def test_a_function_is_found_by_name_arn_and_alias(name: object, found: str | None) -> None:
    assert function_of(stack({"F": resource("Lambda::Function", FunctionName="f")}), name) == found
