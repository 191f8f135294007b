"""What a value of a template is made of: literal text, and what parameters and pseudo parameters give.

The functions are worked out as the evaluator does, with the values of parameters left open. Where a result depends on
more than text, the reader asks: NeedValue for the value of a parameter (a key of a mapping), NeedOutcome for that of a
condition (Fn::If, a resource that only some stacks have); `readings` answers with every value there is.
This module is one class, the reader, and its functions.
Source: CloudFormation Template Reference, "Intrinsic function reference", one page a function.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stackproof.automata.automaton import Undecided
from stackproof.aws.references import FORMATS
from stackproof.aws.regions import Partition
from stackproof.foundation.document import Document
from stackproof.template.parameters import declarations, text
from stackproof.template.section_check import functions
from stackproof.template.sub_text import pieces

FIELD = re.compile(r"\{(\w+)\}")
OPEN = ("AWS::Region", "AWS::AccountId", "AWS::StackName")
"""Pseudo parameters whose value differs from stack to stack."""
READINGS = 256

Operation = tuple[str, str, str | int]
"""What is done to a value: ("replace", character, text), ("piece", character, index), ("item", "", index) of a list, or
("joined", delimiter, "") of a list."""


class Part(NamedTuple):
    """A parameter's value, or what operations make of it, one after the other."""

    name: str
    operations: tuple[Operation, ...] = ()


Text = tuple[str | Part, ...]
"""Literal texts and parts in turn."""


class Cut(NamedTuple):
    """A text cut at a delimiter, where only its parts' values tell where."""

    text: Text
    delimiter: str


class Listed(NamedTuple):
    """The value of a parameter that is a list."""

    name: str


Values = list[Any] | Cut | Listed


class Unknown(Exception):  # noqa: N818 - it says what is the case
    """A value that only AWS knows, such as an id."""


class Absent(Exception):  # noqa: N818
    """A value that is not there: AWS::NoValue, or a resource that this stack does not have."""


class NeedValue(Exception):  # noqa: N818
    """The reading depends on the value of a parameter."""


class NeedOutcome(Exception):  # noqa: N818
    """The reading depends on the outcome of a condition."""


class Reading(NamedTuple):
    """One way to read a value: the text, and with which values and outcomes it comes about."""

    text: Text
    values: Mapping[str, str]
    outcomes: Mapping[str, bool]


def readings(
    template: Document,
    partition: Partition,
    node: Any,
    finite: Callable[[str], Sequence[str]],
    outcomes: Mapping[str, bool],
) -> Iterator[Reading]:
    """Give every reading of a node but those that only AWS knows; raise Unknown if there is no other, or Undecided.

    `finite` returns all values of a parameter, or raises Undecided, as this does where there are too many readings.
    """
    waiting: list[tuple[Mapping[str, str], Mapping[str, bool]]] = [({}, outcomes)]
    unknown: Unknown | None = None
    read = False
    for _ in range(READINGS):
        if not waiting:
            break
        values, known = waiting.pop()
        try:
            found = Reader(template, partition, values, known).text(node)
        except Absent:
            continue
        except Unknown as reason:
            unknown = reason
        except NeedValue as need:
            waiting += [({**values, str(need): value}, known) for value in finite(str(need))]
        except NeedOutcome as need:
            waiting += [(values, {**known, str(need): outcome}) for outcome in (False, True)]
        else:
            read = True
            yield Reading(found, values, known)
    if waiting:
        raise Undecided(f"it has more than {READINGS} readings")
    if unknown and not read:
        raise unknown


def joined(parts: Sequence[str | Part]) -> Text:
    """Return literals and parts as a text: neighbouring literals are one."""
    found: list[str | Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return tuple(found)


def substituted(piece: str | Part, name: str, value: str) -> str | Part:
    """Return a part with its parameter's value put in; other parts as they are."""
    if isinstance(piece, str) or piece.name != name:
        return piece
    for kind, char, more in piece.operations:
        items = [item.strip() for item in value.split(",")] if kind in ("item", "joined") else value.split(char)
        if kind in ("replace", "joined"):
            value = (str(more) if kind == "replace" else char).join(items)
        else:
            value = items[int(more)] if int(more) < len(items) else ""
    return value


class Reader:
    """Reads values of one template for one partition, with some parameters' values and conditions' outcomes known."""

    def __init__(
        self, template: Document, partition: Partition, values: Mapping[str, str], outcomes: Mapping[str, bool]
    ) -> None:
        self.template = template
        self.partition = partition
        self.known = values
        self.outcomes = outcomes
        self.called = functions(template).calls
        self.parameters = declarations(template)
        self.resources: Mapping[str, Any] = template.value["Resources"]
        self.open: list[tuple[str, str]] = []

    def text(self, node: Any) -> Text:
        """Return what a node that holds one text is made of; raise one of the module's exceptions, or Undecided."""
        if isinstance(node, str):
            if "{{resolve:" in node:
                raise Unknown(node)
            return (node,) if node else ()
        if isinstance(node, bool | int | float):
            return (text(node),)
        name = self.called.get(id(node))
        work = FUNCTIONS.get(name or "")
        if name is None or work is None:
            raise Undecided(f"{name} is not carried" if name else "a list or a mapping is no text")
        found = work(self, node[name])
        if not isinstance(found, tuple) or isinstance(found, Cut | Listed):
            raise Undecided(f"{name} gives a list")
        return found

    def literal(self, node: Any) -> str:
        """Return the text of a node, which must be known: ask for the value of a parameter in it."""
        found = self.text(node)
        for part in found:
            if isinstance(part, Part):
                raise NeedValue(part.name)
        return "".join(map(str, found))

    def values(self, node: Any) -> Values:
        """Return what a node that holds a list is made of: nodes, or a list whose length is not known."""
        if isinstance(node, list):
            return node
        name = self.called.get(id(node))
        work = FUNCTIONS.get(name or "")
        if work is None:
            raise Undecided(f"{name} is not carried")
        found = work(self, node[name])
        if not isinstance(found, list | Cut | Listed):
            raise Undecided(f"{name} gives no list")
        return found

    def items(self, nodes: list[Any]) -> list[Text]:
        """Return the texts of a list's nodes, those left out that are AWS::NoValue; texts stand for themselves."""
        found = []
        for node in nodes:
            try:
                found.append(node if isinstance(node, tuple) else self.text(node))
            except Absent:
                if self.called.get(id(node)) == "Fn::If" or node == {"Ref": "AWS::NoValue"}:
                    continue
                raise
        return found

    def variable(self, name: str) -> Any:
        """Return what a Ref to a parameter or a pseudo parameter gives."""
        if name in self.known:
            return joined([self.known[name]])
        fixed = {"AWS::Partition": self.partition.name, "AWS::URLSuffix": self.partition.suffix}
        if name in fixed:
            return (fixed[name],)
        if name == "AWS::NoValue":
            raise Absent(name)
        if name in OPEN:
            return (Part(name),)
        if name not in self.parameters:
            raise Unknown(name)
        parameter = self.parameters[name]
        if parameter.stored:
            raise Unknown(name)
        return Listed(name) if parameter.listed else (Part(name),)

    def reference(self, logical: str, attribute: str) -> Text:
        """Return what a reference to a resource gives; its condition holds where it is written."""
        resource = self.resources[logical]
        if (condition := resource.get("Condition")) is not None and not self.outcome(condition):
            raise Absent(logical)
        known = FORMATS.get(resource["Type"])
        if known is None or known.only_without in resource.get("Properties", {}):
            raise Unknown(logical)
        form = known.attributes.get(attribute, "") if attribute else known.ref
        if not form:
            raise Unknown(f"{logical}.{attribute}")
        found: list[str | Part] = []
        end = 0
        for field in FIELD.finditer(form):
            found += [form[end : field.start()], *self.field(logical, field[1], known.name)]
            end = field.end()
        return joined([*found, form[end:]])

    def field(self, logical: str, field: str, naming: str) -> Text:
        pseudo = {"partition": "AWS::Partition", "region": "AWS::Region", "account": "AWS::AccountId"}
        pseudo["suffix"] = "AWS::URLSuffix"
        if field in pseudo:
            return self.variable(pseudo[field])  # type: ignore[no-any-return]
        key = {"path": "Path", "name": naming}.get(field, field)
        properties = self.resources[logical].get("Properties", {})
        if field == "path" and key not in properties:
            return ("/",)
        if key not in properties or (logical, key) in self.open:
            raise Unknown(f"{logical}.{key}")
        self.open.append((logical, key))
        try:
            return self.text(properties[key])
        finally:
            self.open.pop()

    def outcome(self, condition: str) -> bool:
        if condition not in self.outcomes:
            raise NeedOutcome(condition)
        return self.outcomes[condition]


def _ref(reader: Reader, name: str) -> Any:
    return reader.reference(name, "") if name in reader.resources else reader.variable(name)


def _get_att(reader: Reader, argument: Any) -> Text:
    logical, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return reader.reference(logical, attribute if isinstance(attribute, str) else reader.literal(attribute))


def _if(reader: Reader, argument: Any) -> Any:
    chosen = argument[1] if reader.outcome(argument[0]) else argument[2]
    if isinstance(chosen, list) or reader.called.get(id(chosen)) in ("Fn::Split", "Ref", "Fn::If"):
        try:
            return reader.values(chosen)
        except Undecided:
            return reader.text(chosen)
    return reader.text(chosen)


def _sub(reader: Reader, argument: Any) -> Text:
    source, own = (argument, {}) if isinstance(argument, str) else argument
    found: list[str | Part] = []
    for piece in pieces(source):
        if isinstance(piece, str):
            if "{{resolve:" in piece:
                raise Unknown(piece)
            found.append(piece)
        elif piece.name in own:
            found += reader.text(own[piece.name])
        elif piece.attribute:
            found += reader.reference(piece.logical, piece.attribute)
        else:
            value = _ref(reader, piece.name)
            if isinstance(value, Listed):
                raise Undecided(f"Fn::Sub of the list {piece.name}")
            found += value
    return joined(found)


def _join(reader: Reader, argument: Any) -> Text:
    delimiter, items = argument
    values = reader.values(items)
    if isinstance(values, Listed):
        return (Part(values.name, (("joined", delimiter, ""),)),)
    if isinstance(values, Cut):
        if len(values.delimiter) != 1:
            raise Undecided(f"Fn::Split at {values.delimiter!r}, which is more than one character")
        step: Operation = ("replace", values.delimiter, delimiter)
        return joined(
            [
                piece.replace(values.delimiter, delimiter)
                if isinstance(piece, str)
                else piece._replace(operations=(*piece.operations, step))
                for piece in values.text
            ]
        )
    found: list[str | Part] = []
    for index, item in enumerate(reader.items(values)):
        found += [*([delimiter] if index else []), *item]
    return joined(found)


def _split(reader: Reader, argument: Any) -> Values:
    delimiter, source = argument
    found = reader.text(source)
    if all(isinstance(piece, str) for piece in found):
        return [joined([piece]) for piece in "".join(map(str, found)).split(delimiter)]
    return Cut(found, delimiter)


def _select(reader: Reader, argument: Any) -> Any:
    index = int(reader.literal(argument[0]))
    values = reader.values(argument[1])
    if isinstance(values, Listed):
        return (Part(values.name, (("item", "", index),)),)
    if isinstance(values, Cut):
        if len(values.delimiter) == 1 and len(values.text) == 1 and isinstance(part := values.text[0], Part):
            return (part._replace(operations=(*part.operations, ("piece", values.delimiter, index))),)
        raise Undecided("Fn::Split of a text of several parts")
    items = reader.items(values)
    if index >= len(items):
        raise Absent("an item beyond the list")
    return items[index]


def _find_in_map(reader: Reader, keys: Any) -> Any:
    found: Any = reader.template.value.get("Mappings", {})
    for argument in keys:
        key = reader.literal(argument)
        if not isinstance(found, Mapping) or key not in found:
            raise Absent(key)
        found = found[key]
    return [joined([text(item)]) for item in found] if isinstance(found, list) else joined([text(found)])


def _only_aws_knows(_reader: Reader, argument: Any) -> Text:
    raise Unknown(str(argument))


FUNCTIONS: Mapping[str, Callable[[Reader, Any], Any]] = {
    "Ref": _ref,
    "Fn::Cidr": _only_aws_knows,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _only_aws_knows,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _only_aws_knows,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
}
