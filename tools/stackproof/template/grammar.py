"""Which functions may stand where in a template: one row a function, what each of its arguments may hold.

Source: CloudFormation Template Reference, "Intrinsic function reference" and "Rule-specific intrinsic functions", on
the page of each function the list "Supported functions". Where cfn-lint (data/schemas/other/functions), which
CloudFormation's own people write, lets a function stand that the page leaves out, it may stand here too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Names = frozenset[str]


def _names(text: str) -> Names:
    return frozenset(name if name in ("Ref", "Condition") else f"Fn::{name}" for name in text.split())


NOTHING: Names = frozenset()
TRUTHS = _names("And Equals Not Or Condition")
"""What may stand where a condition is wanted."""
RULE_TRUTHS = TRUTHS | _names("Contains EachMemberEquals EachMemberIn")
PLACED_IN_CONDITIONS = TRUTHS | _names("FindInMap Join Ref Select Split Sub")
PLACED_IN_RULES = PLACED_IN_CONDITIONS | RULE_TRUTHS | _names("RefAll ValueOf ValueOfAll")
PLACED_IN_RESOURCES = _names(
    "Base64 Cidr FindInMap GetAZs GetAtt GetStackOutput If ImportValue Join Ref Select Split Sub"
)
NEED_TRANSFORM = ("Fn::ForEach", "Fn::Length", "Fn::ToJsonString", "Fn::Transform")

OUTPUT_PARTS = _names("Base64 FindInMap GetAtt If ImportValue Join Ref Select Sub")
"""What may stand in the arguments of Fn::GetStackOutput."""
_TEXTS = OUTPUT_PARTS | _names("GetStackOutput")
_LISTS = _names("Cidr FindInMap GetAZs GetAtt If Ref Split")
_BLOCKS = _names("FindInMap GetAtt If ImportValue Ref Select Sub")
_KEYS = _names("FindInMap Ref")
_COMPARED = _names("FindInMap Join Ref Select Split Sub") | TRUTHS
_ASSERTED = _names("Ref RefAll ValueOf ValueOfAll")


class Slot(NamedTuple):
    """One argument: what it is called, which functions may stand in it, and which in the list that it may be.

    An argument without functions is literal text. `items` is None where no literal list or mapping may stand.
    """

    what: str
    functions: Names = NOTHING
    items: Names | None = None


class Signature(NamedTuple):
    """The arguments of a function: one bare one, or a list of `least` to `most`; the last slot stands for the rest."""

    slots: tuple[Slot, ...]
    least: int
    most: int
    bare: bool = False


def _bare(slot: Slot) -> Signature:
    return Signature((slot,), 1, 1, bare=True)


def _listed(*slots: Slot) -> Signature:
    return Signature(slots, len(slots), len(slots))


_TRUTH = Slot("a condition", RULE_TRUTHS)
_MEMBERS = Slot("the list", _ASSERTED, _names("Ref"))

SIGNATURES: Mapping[str, Signature] = {
    "Ref": _bare(Slot("the name")),
    "Condition": _bare(Slot("the name")),
    "Fn::And": Signature((_TRUTH,), 2, 10),
    "Fn::Base64": _bare(Slot("the text", _TEXTS)),
    "Fn::Cidr": _listed(Slot("the block", _BLOCKS), Slot("the count", _BLOCKS), Slot("the bits", _BLOCKS)),
    "Fn::Contains": _listed(_MEMBERS, Slot("the value", _ASSERTED)),
    "Fn::EachMemberEquals": _listed(_MEMBERS, Slot("the value", _ASSERTED)),
    "Fn::EachMemberIn": _listed(_MEMBERS, _MEMBERS),
    "Fn::Equals": _listed(Slot("a value", _COMPARED, _COMPARED), Slot("a value", _COMPARED, _COMPARED)),
    "Fn::FindInMap": _listed(Slot("the mapping", _KEYS), Slot("the first key", _KEYS), Slot("the second key", _KEYS)),
    "Fn::GetAZs": _bare(Slot("the region", _names("GetAtt If Join Ref Select Sub"))),
    "Fn::GetAtt": _listed(Slot("the resource"), Slot("the attribute", _names("Ref"))),
    "Fn::GetStackOutput": _bare(Slot("the mapping of StackName, OutputName, Region and RoleArn", NOTHING, NOTHING)),
    "Fn::If": _listed(
        Slot("the condition's name"),
        Slot("the value if true", PLACED_IN_RESOURCES, PLACED_IN_RESOURCES),
        Slot("the value if false", PLACED_IN_RESOURCES, PLACED_IN_RESOURCES),
    ),
    "Fn::ImportValue": _bare(Slot("the name", _names("Base64 FindInMap If Join Ref Select Split Sub"))),
    "Fn::Join": _listed(Slot("the delimiter"), Slot("the list", _LISTS | _names("Select"), _TEXTS)),
    "Fn::Not": Signature((_TRUTH,), 1, 1),
    "Fn::Or": Signature((_TRUTH,), 2, 10),
    "Fn::RefAll": _bare(Slot("the type")),
    "Fn::Select": _listed(Slot("the index", _KEYS), Slot("the list", _LISTS, _LISTS)),
    "Fn::Split": _listed(Slot("the delimiter"), Slot("the text", _TEXTS | _names("GetAZs"))),
    "Fn::Sub": _listed(Slot("the text"), Slot("the variables", NOTHING, _TEXTS | _names("GetAZs"))),
    "Fn::ValueOf": _listed(Slot("the parameter"), Slot("the attribute")),
    "Fn::ValueOfAll": _listed(Slot("the type"), Slot("the attribute")),
}

_TEXT_MADE = _names("Base64 FindInMap If ImportValue Join Ref Select Split Sub")
EXTENDED_SIGNATURES: Mapping[str, Signature] = {
    "Fn::FindInMap": _listed(
        Slot("the mapping", _TEXT_MADE), Slot("the first key", _TEXT_MADE), Slot("the second key", _TEXT_MADE)
    ),
    "Fn::Length": _bare(Slot("the list", _LISTS | _names("Select"), PLACED_IN_RESOURCES)),
    "Fn::ToJsonString": _bare(Slot("the value", PLACED_IN_RESOURCES, PLACED_IN_RESOURCES)),
}
"""What is otherwise with AWS::LanguageExtensions. Source: Template Reference, "AWS::LanguageExtensions transform"."""


def misplaced(name: str) -> tuple[str, str]:
    """Return what is wrong with a function that may not stand in its section, and the fix."""
    if name in PLACED_IN_CONDITIONS:
        return f"{name} is only allowed in Conditions and Rules", "name a condition and use Fn::If"
    if name in PLACED_IN_RULES:
        return f"{name} is only allowed in Rules", "move it"
    if name in PLACED_IN_RESOURCES:
        return f"{name} is only allowed in Resources and Outputs", "work with parameters and mappings"
    if name == "Fn::Transform":
        return "Fn::Transform calls a macro, which is not run here", "write its result out"
    if name.startswith(NEED_TRANSFORM):
        return f"{name} needs the transform AWS::LanguageExtensions", "add Transform: AWS::LanguageExtensions"
    return f"unknown function {name}", "use a function that CloudFormation has"
