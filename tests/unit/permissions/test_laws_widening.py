"""Laws of widening: what is widened covers what it replaces, and policies allow what is needed at every width."""

from hypothesis import given
from hypothesis import strategies as st

from stackproof.aws.arn import covers
from stackproof.permissions.documents import policies
from stackproof.permissions.required import Reason, Required
from stackproof.permissions.widening import Width, joined, widest


def need(action: str, resource: str) -> Required:
    return Required(action, resource, (), Reason("T", "AWS::DynamoDB::Table", "create"))


def table(name: str, region: str) -> str:
    return f"arn:aws:dynamodb:{region}:111111111111:table/{name}"


NAMES = st.text("ab-/*", min_size=1, max_size=6)
ARNS = st.builds(table, NAMES, st.sampled_from(["us-east-1", "eu-west-1"]))


@given(st.lists(ARNS, min_size=1, max_size=5))
def test_what_is_widened_covers_all_that_it_replaces(arns: list[str]) -> None:
    for wide in (joined(arns), widest(arns)):
        assert all(any(covers(item, arn) for item in wide) for arn in arns)


@given(
    st.lists(
        st.builds(need, st.sampled_from(["dynamodb:CreateTable", "dynamodb:DeleteTable"]), ARNS), min_size=1, max_size=8
    )
)
def test_policies_allow_all_that_is_needed(wanted: list[Required]) -> None:
    for width in Width:
        statements = [item for document in policies(wanted, width).documents for item in document]
        for item in wanted:
            assert any(
                item.action in each.actions and any(covers(arn, item.resource) for arn in each.resources)
                for each in statements
            )
