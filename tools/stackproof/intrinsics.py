"""The intrinsic functions of CloudFormation, each worked out as far as what is known reaches.

Source: CloudFormation Template Reference, "Intrinsic function reference", one page a function.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from stackproof.evaluator import Evaluator, Function, is_function
from stackproof.network import cut

VARIABLE = re.compile(r"\$\{([^}]*)\}")


def ref(evaluator: Evaluator, node: Any, given: Any) -> Any:
    return evaluator.ref(node, given)


def get_att(evaluator: Evaluator, node: Any, given: Any) -> Any:
    parts = given.split(".", 1) if isinstance(given, str) else given
    if not isinstance(parts, list) or len(parts) != 2 or not isinstance(parts[0], str):
        raise evaluator.refuse(node, "Fn::GetAtt takes a resource and an attribute", "write both")
    name = evaluator.text(node, parts[1], "the attribute of Fn::GetAtt")
    if not isinstance(name, str):
        raise evaluator.refuse(node, "the attribute of Fn::GetAtt may only be text or a Ref to a parameter")
    return evaluator.attribute(node, parts[0], name)


def choose(evaluator: Evaluator, node: Any, given: Any) -> Any:
    name, yes, no = evaluator.arguments(node, "Fn::If", given, 3)
    holds = evaluator.conditions.holds(node, name)
    evaluator.taken.add((id(node), holds))
    return evaluator.value(yes if holds else no)


def join(evaluator: Evaluator, node: Any, given: Any) -> Any:
    delimiter, items = evaluator.arguments(node, "Fn::Join", given, 2)
    if not isinstance(delimiter, str):
        raise evaluator.refuse(node, "the delimiter of Fn::Join must be text")
    values = evaluator.value(items)
    if is_function(values):
        return {"Fn::Join": [delimiter, values]}
    if not isinstance(values, list):
        raise evaluator.refuse(node, "Fn::Join takes a delimiter and a list of values")
    values = [evaluator.as_text(node, value, "an item of Fn::Join") for value in values]
    if all(isinstance(value, str) for value in values):
        return delimiter.join(values)
    return {"Fn::Join": [delimiter, values]}


def split(evaluator: Evaluator, node: Any, given: Any) -> Any:
    delimiter, source = evaluator.arguments(node, "Fn::Split", given, 2)
    if not isinstance(delimiter, str) or not delimiter:
        raise evaluator.refuse(node, "the delimiter of Fn::Split must be text")
    value = evaluator.text(node, source, "the source of Fn::Split")
    return value.split(delimiter) if isinstance(value, str) else {"Fn::Split": [delimiter, value]}


def select(evaluator: Evaluator, node: Any, given: Any) -> Any:
    index, items = evaluator.arguments(node, "Fn::Select", given, 2)
    position = evaluator.text(node, index, "the index of Fn::Select")
    if not isinstance(position, str) or not re.fullmatch("[0-9]{1,9}", position):
        raise evaluator.refuse(node, f"the index of Fn::Select must be a whole number from 0 on, not {position!r}")
    values = evaluator.value(items)
    if is_function(values):
        return {"Fn::Select": [int(position), values]}
    if not isinstance(values, list):
        raise evaluator.refuse(node, "Fn::Select takes an index and a list")
    if int(position) >= len(values):
        raise evaluator.refuse(node, f"Fn::Select wants item {position} of a list of {len(values)}", "mend the index")
    return values[int(position)]


def find_in_map(evaluator: Evaluator, node: Any, given: Any) -> Any:
    found: Any = evaluator.scope.template.value.get("Mappings", {})
    for argument in evaluator.arguments(node, "Fn::FindInMap", given, 3):
        key = evaluator.text(node, argument, "a key of Fn::FindInMap")
        if not isinstance(found, dict) or not isinstance(key, str) or key not in found:
            raise evaluator.refuse(node, f"Fn::FindInMap finds no {key!r} in the mappings", "add the key")
        found = found[key]
    return found


def base_64(evaluator: Evaluator, node: Any, given: Any) -> Any:
    value = evaluator.text(node, given, "the argument of Fn::Base64")
    return base64.b64encode(value.encode()).decode() if isinstance(value, str) else {"Fn::Base64": value}


def get_azs(evaluator: Evaluator, node: Any, given: Any) -> Any:
    region = evaluator.text(node, given, "the region of Fn::GetAZs")
    return evaluator.references.zones(region or evaluator.scope.scenario.region)


def import_value(evaluator: Evaluator, node: Any, given: Any) -> Any:
    return evaluator.references.imported(evaluator.text(node, given, "the name of Fn::ImportValue"))


def cidr(evaluator: Evaluator, node: Any, given: Any) -> Any:
    arguments = [
        evaluator.text(node, one, "an argument of Fn::Cidr") for one in evaluator.arguments(node, "Fn::Cidr", given, 3)
    ]
    if not all(isinstance(one, str) for one in arguments):
        return {"Fn::Cidr": [int(one) if isinstance(one, str) and one.isdecimal() else one for one in arguments]}
    try:
        return cut(arguments[0], int(arguments[1]), int(arguments[2]))
    except ValueError as error:
        raise evaluator.refuse(node, f"Fn::Cidr cannot cut {arguments}: {error}", "mend its arguments") from None


def sub(evaluator: Evaluator, node: Any, given: Any) -> Any:
    source, own = given if isinstance(given, list) and len(given) == 2 else (given, {})
    if not isinstance(source, str) or not isinstance(own, dict):
        raise evaluator.refuse(node, "Fn::Sub takes a text, or a list of a text and a mapping")
    variables = {name: evaluator.text(node, value, f"variable {name} of Fn::Sub") for name, value in own.items()}
    pieces: list[str | tuple[str, Any]] = []
    end = 0
    for match in VARIABLE.finditer(source):
        value = _variable(evaluator, node, match[1], variables)
        pieces += [source[end : match.start()], value if isinstance(value, str) else (match[1], value)]
        end = match.end()
    pieces.append(source[end:])
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(map(str, pieces))
    return _left(pieces, variables)


def _variable(evaluator: Evaluator, node: Any, name: str, variables: Mapping[str, Any]) -> Any:
    """Return the text of one `${name}` of a Fn::Sub, or the function that stands for it."""
    if name.startswith("!"):
        return f"${{{name[1:]}}}"
    if name in variables:
        return variables[name]
    logical, dot, attribute = name.partition(".")
    if dot and name not in evaluator.scope.names:
        value = evaluator.attribute(node, logical, attribute)
    else:
        value = evaluator.ref(node, name)
    return evaluator.as_text(node, value, f"variable {name} of Fn::Sub")


def _left(pieces: list[str | tuple[str, Any]], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Fn::Sub that is left where not every piece is known; known text keeps its `${` literal."""
    out, run = "", ""
    for piece in [*pieces, ("", None)]:
        if isinstance(piece, str):
            run += piece
            continue
        out += run.replace("${", "${!") + (f"${{{piece[0]}}}" if piece[0] else "")
        run = ""
    named = {piece[0] for piece in pieces if not isinstance(piece, str)}
    mapped = {name: value for name, value in variables.items() if name in named}
    return {"Fn::Sub": [out, mapped] if mapped else out}


IN_RESOURCES: Mapping[str, Function] = {
    "Ref": ref,
    "Fn::Base64": base_64,
    "Fn::Cidr": cidr,
    "Fn::FindInMap": find_in_map,
    "Fn::GetAZs": get_azs,
    "Fn::GetAtt": get_att,
    "Fn::If": choose,
    "Fn::ImportValue": import_value,
    "Fn::Join": join,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::Sub": sub,
}
