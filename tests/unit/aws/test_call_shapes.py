"""The table of what is called often says what botocore's models say; what it lacks is read from them."""

import pytest

from stackproof.aws import call_shapes
from stackproof.aws.call_shapes import CallShape, call_shape, of_model, table

ROWS = [(client, method) for client, methods in table().items() for method in methods]


@pytest.mark.parametrize(("client", "method"), ROWS)
def test_a_row_has_nothing_that_the_model_lacks(client: str, method: str) -> None:
    row, model = table()[client][method], of_model(client, method)
    assert model is not None
    assert row.takes <= model.takes
    assert row.needs == model.needs
    assert row.gives <= model.gives


def test_what_a_row_lacks_is_looked_for_in_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    old = {"sqs": {"send_message": CallShape(frozenset({"QueueUrl"}), frozenset({"QueueUrl"}), frozenset())}}
    monkeypatch.setattr(call_shapes, "table", lambda: old)
    found = call_shape("sqs", "send_message", frozenset({"QueueUrl", "MessageBody"}), frozenset())
    assert found == of_model("sqs", "send_message") != old["sqs"]["send_message"]
    assert call_shape("sqs", "send_message", frozenset({"QueueUrl"}), frozenset()) == old["sqs"]["send_message"]


def test_a_token_that_boto3_makes_by_itself_is_not_needed() -> None:
    model = of_model("ec2", "run_scheduled_instances")
    assert model is not None
    assert "ClientToken" in model.takes - model.needs
    started = of_model("batch", "submit_job")
    assert started is not None
    assert started.needs == {"jobName", "jobQueue", "jobDefinition"}


@pytest.mark.parametrize(("client", "method"), [("dynamodb", "put_items"), ("nosuchservice", "get_item")])
def test_what_is_no_operation_has_no_shape(client: str, method: str) -> None:
    assert call_shape(client, method, frozenset(), frozenset()) is None
