"""Declared parameters, and the types that cfn-lint knows."""

import cfnlint.helpers
import pytest
from worlds import BUCKET, document

from stackproof.template.parameters import Declaration, declarations, text

TYPES = sorted(cfnlint.helpers.VALID_PARAMETER_TYPES)


def declared(**properties: object) -> Declaration:
    return declarations(document({"Parameters": {"P": properties}, "Resources": {"B": BUCKET}}))["P"]


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_that_cfn_lint_knows_can_be_declared(kind: str) -> None:
    assert declared(Type=kind).type == kind


@pytest.mark.parametrize(
    ("kind", "inner", "listed", "stored"),
    [
        ("String", "String", False, False),
        ("CommaDelimitedList", "String", True, False),
        ("List<AWS::EC2::VPC::Id>", "AWS::EC2::VPC::Id", True, False),
        ("AWS::SSM::Parameter::Value<List<String>>", "AWS::SSM::Parameter::Name", False, True),
    ],
)
def test_a_type_says_what_a_value_is(kind: str, inner: str, listed: bool, stored: bool) -> None:
    found = declared(Type=kind)
    assert (found.kind, found.listed, found.stored) == (inner, listed, stored)


def test_a_declaration_is_read_with_its_constraints() -> None:
    found = declared(Type="String", MinLength="1", MaxLength=2, AllowedValues=[1, True], Default=1.5, NoEcho="True")
    assert found.limits == {"MinLength": 1, "MaxLength": 2}
    assert (found.allowed, found.default, found.secret) == (("1", "true"), "1.5", True)


def test_declarations_are_read_once() -> None:
    template = document({"Parameters": {"P": {"Type": "String"}}, "Resources": {"B": BUCKET}})
    assert declarations(template) is declarations(template)


@pytest.mark.parametrize(("value", "written"), [(True, "true"), (False, "false"), (1, "1"), (1.0, "1.0"), ("x", "x")])
def test_a_scalar_is_written_as_cloudformation_does(value: object, written: str) -> None:
    assert text(value) == written
