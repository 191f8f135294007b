"""The intrinsic functions of CloudFormation, each worked out as far as what is known reaches.

What may stand in their arguments has been checked before.
Source: CloudFormation Template Reference, "Intrinsic function reference", one page a function.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from stackproof.aws.cidr import subnets
from stackproof.evaluation.evaluator import MOST_ITEMS, Evaluator, Function, is_function
from stackproof.evaluation.scope import NO_VALUE
from stackproof.foundation import placeholders
from stackproof.foundation.finding import CannotTell
from stackproof.template import sub_text
from stackproof.template.sub_text import pieces

VARIABLE = sub_text.VARIABLE


def ref(evaluator: Evaluator, node: Any, name: str) -> Any:
    return evaluator.ref(node, name)


def get_att(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    logical, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    name = attribute if isinstance(attribute, str) else evaluator.value(attribute)
    if not isinstance(name, str):
        raise evaluator.refuse(
            node, "the attribute of Fn::GetAtt may only be text or a Ref to a parameter", "write one of the two"
        )
    return evaluator.attribute(node, logical, name)


def choose(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    name, yes, no = argument
    holds = evaluator.conditions.holds(node, name)
    if holds is None:
        return evaluator.references.undecided(name, evaluator.value(yes), evaluator.value(no))
    evaluator.taken.add((id(node), holds))
    return evaluator.value(yes if holds else no)


def join(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    delimiter, items = argument
    values = evaluator.value(items)
    if is_function(values):
        return {"Fn::Join": [delimiter, values]}
    if placeholders.is_unknown(values):
        return placeholders.placeholder_of(f"Fn::Join {delimiter!r}", values)
    if not isinstance(values, list):
        raise evaluator.refuse(node, "Fn::Join takes a delimiter and a list of values", "give it a list")
    values = [evaluator.as_text(node, value, "an item of Fn::Join") for value in values]
    length = len(delimiter) * len(values) + sum([len(value) for value in values if type(value) is str])
    evaluator.bounded(node, "the text of Fn::Join", length)
    if all(isinstance(value, str) for value in values):
        return delimiter.join(values)
    return {"Fn::Join": [delimiter, values]}


def split(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    delimiter, source = argument
    if not delimiter:
        raise evaluator.refuse(node, "the delimiter of Fn::Split must be text", "write at least one character")
    value = evaluator.text(node, source, "the text of Fn::Split")
    if not isinstance(value, str):
        return {"Fn::Split": [delimiter, value]}
    if placeholders.is_unknown(value) and value in evaluator.scope.parameters.values():
        return placeholders.placeholder_of(f"Fn::Split {delimiter!r}", value)  # of a parameter that is stored elsewhere
    if value.startswith(placeholders.OPENING) and placeholders.is_unknown(value):
        message = f"Fn::Split cannot cut {value}: dynamic references are resolved after it"
        raise evaluator.refuse(node, message, "keep the parts apart")
    return _split(evaluator, node, value, delimiter)


def _split(evaluator: Evaluator, node: Any, value: str, delimiter: str) -> Any:
    evaluator.bounded(node, "the list of Fn::Split", value.count(delimiter) + 1, MOST_ITEMS, "items")
    found = placeholders.split(value, delimiter)
    if found is not None:
        return found
    return placeholders.placeholder_of(f"Fn::Split {delimiter!r}", value)


def select(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    index, items = argument
    position = evaluator.text(node, index, "the index of Fn::Select")
    if not isinstance(position, str) or not re.fullmatch("[0-9]{1,9}", position):
        raise evaluator.refuse(
            node, f"the index of Fn::Select must be a whole number from 0 on, not {position!r}", "give such a number"
        )
    values = [evaluator.value(item) for item in items] if isinstance(items, list) else evaluator.value(items)
    if is_function(values):
        return {"Fn::Select": [int(position), values]}
    if placeholders.is_unknown(values):
        return placeholders.placeholder_of(f"Fn::Select {position}", values)
    if not isinstance(values, list):
        raise evaluator.refuse(node, "Fn::Select takes an index and a list", "give it a list")
    if NO_VALUE in values:
        raise evaluator.refuse(node, "the list of Fn::Select cannot have null entries", "leave AWS::NoValue out")
    if int(position) >= len(values):
        which = f"index {position} of a list of {len(values)}, which the {_side(evaluator)} needs"
        message = f"Fn::Select cannot select nonexistent value at {which}"
        raise evaluator.refuse(
            node, message, f"write an index from 0 to {len(values) - 1}" if values else "give a list that is not empty"
        )
    return values[int(position)]


def _side(evaluator: Evaluator) -> str:
    """Say for which stack something is worked out."""
    scenario = evaluator.scope.scenario
    return f"{scenario.side} of {scenario.name} in {scenario.region}"


def find_in_map(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    found: Any = evaluator.scope.template.value.get("Mappings", {})
    met: list[str] = []
    for item in argument[:3]:
        key = evaluator.text(node, item, "a key of Fn::FindInMap")
        if len(argument) == 4 and isinstance(key, str) and not placeholders.holds_unknown(key) and key not in found:
            return evaluator.value(argument[3]["DefaultValue"])
        if not isinstance(key, str) or key not in found:
            where = f"the mapping {'.'.join(met)}" if met else "the mappings"
            message = f"Fn::FindInMap finds no {key!r} in {where}, which the {_side(evaluator)} needs"
            raise evaluator.refuse(node, message, "add the key")
        found = found[key]
        met.append(key)
    return found


def base_64(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    value = evaluator.text(node, argument, "the argument of Fn::Base64")
    if not isinstance(value, str):
        return {"Fn::Base64": value}
    if placeholders.holds_unknown(value):
        return placeholders.placeholder_of("Fn::Base64", value)
    evaluator.bounded(node, "the text of Fn::Base64", 4 * len(value) // 3)
    return base64.b64encode(value.encode()).decode()


def get_azs(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    region = evaluator.text(node, argument, "the region of Fn::GetAZs")
    try:
        return evaluator.references.zones(region or evaluator.scope.scenario.region)
    except CannotTell as error:
        raise evaluator.refuse(node, error.message, error.fix) from None


def import_value(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    with evaluator.without_resources("the name of Fn::ImportValue"):
        return evaluator.references.imported(evaluator.text(node, argument, "the name of Fn::ImportValue"))


def get_stack_output(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    parts = {key: evaluator.text(node, item, f"the {key} of Fn::GetStackOutput") for key, item in argument.items()}
    try:
        return evaluator.references.stack_output(parts)
    except CannotTell as error:
        raise (error if error.place else evaluator.refuse(node, error.message, error.fix)) from None


def cidr(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    arguments = [evaluator.text(node, item, "an argument of Fn::Cidr") for item in argument]
    figures = [
        int(figure) if isinstance(figure, str) and re.fullmatch("[0-9]{1,3}", figure) else figure
        for figure in arguments[1:]
    ]
    if not all(isinstance(item, str) for item in arguments):
        return {"Fn::Cidr": [arguments[0], *figures]}
    try:
        if not all(isinstance(figure, int) for figure in figures):
            raise ValueError("count and bits must be whole numbers")
        if not placeholders.is_unknown(arguments[0]):
            return subnets(arguments[0], *figures)
        widest = subnets("::/0", *figures)
        return [placeholders.placeholder_of(f"Fn::Cidr {number}", arguments[0]) for number in range(len(widest))]
    except ValueError as error:
        raise evaluator.refuse(
            node, f"Fn::Cidr cannot cut {arguments}: {error}", "write a block, how many of it, and the bits of each"
        ) from None


def sub(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    source, own = (argument, {}) if isinstance(argument, str) else argument
    variables = {name: evaluator.text(node, value, f"variable {name} of Fn::Sub") for name, value in own.items()}
    cut = pieces(source)
    found = [piece if type(piece) is str else _variable(evaluator, node, piece, variables) for piece in cut]
    evaluator.bounded(node, "the text of Fn::Sub", sum([len(part) for part in found if type(part) is str]))
    if all([type(part) is str for part in found]):
        return "".join(found)
    return _left(cut, found, variables)


def _variable(evaluator: Evaluator, node: Any, piece: Any, variables: Mapping[str, Any]) -> Any:
    """Return the text of a variable of a Fn::Sub, or the function that stands for it."""
    name, logical, attribute = piece
    if name in variables:
        return variables[name]
    value = evaluator.attribute(node, logical, attribute) if attribute else evaluator.ref(node, name)
    return value if type(value) is str else evaluator.as_text(node, value, f"variable {name} of Fn::Sub")


def _left(cut: Sequence[Any], found: list[Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is left of a Fn::Sub of which not every variable is known: a Fn::Sub of fewer.

    Known text that looks like a variable would be one there, so then it is a Fn::Join, which reads no text.
    """
    if any(isinstance(part, str) and "${" in part for part in found):
        return {"Fn::Join": ["", [part for part in found if part != ""]]}
    unknown = {piece.name for piece, part in zip(cut, found, strict=True) if not isinstance(part, str)}
    mapped = {name: value for name, value in variables.items() if name in unknown}
    text = "".join(
        part if isinstance(part, str) else f"${{{piece.name}}}" for piece, part in zip(cut, found, strict=True)
    )
    return {"Fn::Sub": [text, mapped] if mapped else text}


def length(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    """Source: CloudFormation Template Reference, "Fn::Length"."""
    value = evaluator.value(argument)
    if is_function(value):
        return {"Fn::Length": value}
    if placeholders.is_unknown(value):
        return placeholders.placeholder_of("Fn::Length", value)
    if not isinstance(value, list):
        raise evaluator.refuse(node, "Fn::Length takes a list", "give a list, or a Ref to a parameter of a list type")
    return len(value)


def to_json_string(evaluator: Evaluator, node: Any, argument: Any) -> Any:
    """Source: CloudFormation Template Reference, "Fn::ToJsonString"."""
    value = evaluator.value(argument)
    if not isinstance(value, dict | list):
        raise evaluator.refuse(node, "Fn::ToJsonString takes a mapping or a list", "write one")
    if _holds_function(value):
        return {"Fn::ToJsonString": value}
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _holds_function(value: Any) -> bool:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return is_function(value) or any(_holds_function(member) for member in members)


IN_RESOURCES: Mapping[str, Function] = {
    "Ref": ref,
    "Fn::Base64": base_64,
    "Fn::Cidr": cidr,
    "Fn::FindInMap": find_in_map,
    "Fn::GetAZs": get_azs,
    "Fn::GetAtt": get_att,
    "Fn::GetStackOutput": get_stack_output,
    "Fn::If": choose,
    "Fn::ImportValue": import_value,
    "Fn::Join": join,
    "Fn::Length": length,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::Sub": sub,
    "Fn::ToJsonString": to_json_string,
}
