"""Which names others may have created: all but the stacks' own and their misspellings, where a project lists none."""

from dataclasses import replace

import pytest
from stacks import resource, stack

from stackproof.evaluation.deployment import Deployment
from stackproof.topology.elsewhere import others_create

TABLE = {
    "Table": resource("DynamoDB::Table", TableName="orders-prod-2024"),
    "Topic": resource("SNS::Topic", TopicName="events-eu"),
}


@pytest.fixture(scope="module")
def deployment() -> Deployment:
    return Deployment("only", stack(TABLE), stack(TABLE, region="eu-central-1"), None)


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("payments", True),
        ("orders-prod-2025", True),
        ("orders-prod-2024", False),
        ("order-prod-2024", False),
        ("orders-prdo-2024", False),
        ("arn:aws:dynamodb:eu-central-1:111111111111:table/orders-prod-2024/*", False),
        ("orders-prod-2024-us-east-1", False),
        ("arn:aws:s3:::archive/*", True),
        ("arn:aws:sns:us-east-1:111111111111:event-eu", False),
        ("arn:aws:sns:us-east-1:111111111111:payments", True),
        ("arn:aws:dynamodb:us-east-1:111111111111:global-table/orders-prod-2024", True),
        ("arn:aws:dynamodb:us-east-1:111111111111:table/orders-*", True),
    ],
)
def test_a_name_is_of_others_unless_it_is_nearly_the_stacks_own(
    deployment: Deployment, name: str, others: bool
) -> None:
    assert others_create(deployment, name) is others


def test_a_project_that_lists_what_is_external_has_said_that_all_else_is_its_own(deployment: Deployment) -> None:
    listed = replace(deployment, external=("shared-*",))
    assert [others_create(listed, name) for name in ("payments", "shared-topic")] == [False, True]
