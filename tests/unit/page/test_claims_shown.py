"""The table of claims: whose it is, what became of its rules, and what a wrong row is."""

import pytest

from stackproof.foundation.finding import CannotTell
from stackproof.page.claims import claims

TEXT = """# Claims

| claim | made true by | held by | proved by | limits |
| --- | --- | --- | --- | --- |
| objects replicate | `DataBucket`, `CopyRole` | `buckets_replicate`, `copied` | `test_it_arrives` | within 15 minutes |

| another | table |
"""
TEMPLATE = {"Resources": {"DataBucket": {"Type": "AWS::S3::Bucket"}}}


def test_a_claim_says_what_became_of_each_rule_that_holds_it() -> None:
    (claim,) = claims(TEXT, TEMPLATE, {"buckets_replicate": "fails"})
    assert claim.rules == (("buckets_replicate", "fails"), ("copied", "not run"))
    assert (claim.resources, claim.limits) == (("DataBucket", "CopyRole"), "within 15 minutes")


@pytest.mark.parametrize("template", [{}, {"Resources": {"OtherBucket": {"Type": "AWS::S3::Bucket"}}}])
def test_claims_of_another_template_are_not_shown(template: dict[str, object]) -> None:
    assert claims(TEXT, template, {}) == []


def test_a_row_that_has_not_the_cells_of_the_heading_cannot_be_told() -> None:
    with pytest.raises(CannotTell, match=r"docs/claims.md:5:1: a claim has 4 cells, and the heading of its table 5"):
        claims(TEXT.replace(" | within 15 minutes", ""), TEMPLATE, {})
