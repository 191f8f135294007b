"""Conditions of statements, for a request of which not all is known."""

import pytest

from stackproof.iam.conditions import holds

KNOWN = {
    "aws:SecureTransport": "true",
    "aws:SourceVpce": None,
    "aws:SourceAccount": "111111111111",
    "aws:TagKeys": ("Environment", "Region"),
    "aws:SourceIp": "10.0.0.0/16",
    "aws:SourceArn": "arn:aws:s3:::trades",
    "s3:max-keys": "10",
    "kms:ViaService": "s3.{{Fn::ImportValue region@us-east-1}}.amazonaws.com",
}


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Bool": {"AWS:SECURETRANSPORT": True}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, None),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, False),
        ({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"Null": {"aws:SourceVpce": "true"}}, True),
        ({"Null": {"aws:SourceVpce": "false"}}, False),
        ({"Null": {"aws:SourceAccount": "false"}}, True),
        ({"StringNotEquals": {"aws:SourceAccount": ["222222222222", "111111111111"]}}, False),
        ({"StringEquals": {"aws:SourceAccount": ["222222222222", "111111111111"]}}, True),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": "Region"}}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "Region"}}, False),
        ({"ForAllValues:StringEquals": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"ForAnyValue:StringEquals": {"aws:SourceVpce": "vpce-1"}}, False),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:tra*"}}, True),
        ({"ArnNotLike": {"aws:SourceArn": "arn:aws:s3:*:*:*"}}, False),
        ({"NumericLessThanEquals": {"s3:max-keys": 10}}, True),
        ({"NumericGreaterThan": {"s3:max-keys": "many"}}, None),
        ({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, None),
        ({"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}, None),
        ({"DateLessThan": {"aws:SourceAccount": "2026-01-01"}}, None),
        ({"StringEquals": {"aws:SourceAccount": "2", "aws:PrincipalOrgID": "o-1"}}, False),
    ],
    ids=str,
)
def test_conditions_hold_or_not_or_cannot_be_told(conditions: dict[str, dict[str, object]], expected: bool) -> None:
    assert holds(conditions, KNOWN) is expected
