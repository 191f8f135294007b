"""What inline code sends to queues, topics and event buses, as far as its text and its environment say."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from stackproof.code.boto3_calls import Call, read
from stackproof.code.inline import Inline, TooDeep, inline_functions
from stackproof.code.resolution import Resolver
from stackproof.code.values import Display, Known, Unknown, Values
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.memo import memoised
from stackproof.iam.need import role_of

SENDING = {
    ("sqs", "send_message"): ("QueueUrl", ""),
    ("sqs", "send_message_batch"): ("QueueUrl", "Entries"),
    ("sns", "publish"): ("TopicArn", ""),
    ("sns", "publish_batch"): ("TopicArn", "PublishBatchRequestEntries"),
    ("events", "put_events"): ("EventBusName", "Entries"),
}
"""Of each call that sends the parameter with its receiver, and that with a list of what is sent."""
Fields = Mapping[str, Values]


class Sent(NamedTuple):
    """What one call sends once: `to` is the receiver as the call names it, None where that is not known.

    `fields` are the parameters of the call, or of one entry of its list, by name; None where they are not known.
    """

    function: Inline
    call: Call
    to: str | None
    fields: Fields | None

    def text(self, name: str) -> str | None:
        """Return the text of a field, "" where it is not given, None where it is not known."""
        if self.fields is None:
            return None
        if name not in self.fields:
            return ""
        return _text(self.function, self.call, self.fields[name])

    def attributes(self) -> Mapping[str, tuple[str, str | None]] | None:
        """Return the message attributes by name, each with its type and its value; None where they are not known."""
        if self.fields is None:
            return None
        found: dict[str, tuple[str, str | None]] = {}
        for name, value in (_members(self.call, self.fields.get("MessageAttributes", ())) or {}).items():
            inner = _members(self.call, value)
            if inner is None:
                return None
            kind = _text(self.function, self.call, inner.get("DataType", ()))
            string_value = inner.get("StringValue")
            found[name] = (kind or "", _text(self.function, self.call, string_value) if string_value else None)
        return found if found or "MessageAttributes" not in self.fields else None

    def body(self) -> frozenset[str] | None:
        """Return the fields at the top of a message of JSON, None where they are not known."""
        for value in (self.fields or {}).get("Message", ()):
            node = value.node if isinstance(value, Unknown) else None
            if isinstance(node, ast.Call) and len(node.args) == 1 and getattr(node.func, "attr", "") == "dumps":
                found = _members(self.call, self.call.code.of(node.args[0]))
                return None if found is None else frozenset(found)
        return None


@memoised
def sent_by_code(stack: Stack) -> tuple[Sent, ...]:
    """Return what the inline code of a stack sends; what is not known of it is None."""
    return tuple(sent for function in inline_functions(stack) for sent in _of_function(function))


def _of_function(function: Inline) -> Iterator[Sent]:
    try:
        function.tree()
        found = read(function.text, function.handler)
    except (CannotTell, TooDeep, RecursionError):  # other rules say so
        return
    for call in found.calls:
        named = SENDING.get((call.client.service, call.operation))
        if named is None:
            continue
        receiver, many = named
        for fields in _entries(call, many) if many else [_arguments(call)]:
            holder = fields if call.operation == "put_events" else _arguments(call)
            receivers = holder.get(receiver) if holder is not None else None
            if call.operation == "put_events" and holder is not None and receiver not in holder:
                yield Sent(function, call, "default", fields)
            else:
                yield Sent(function, call, _text(function, call, receivers) if receivers else None, fields)


def _arguments(call: Call) -> Fields | None:
    fixed = dict(call.fixed)
    arguments = _members(call, None)
    return None if arguments is None else {**fixed, **arguments}


def _entries(call: Call, name: str) -> Iterator[Fields | None]:
    for value in call.argument(name) or ():
        members = call.code.elements(value)
        for written in members or ():
            yield _members(call, call.code.of(*written))
        if not members:
            yield None


def _members(call: Call, values: Values | None) -> dict[str, Values] | None:
    """Return the values of a mapping by their keys, a call's own for None; None where some are unknown."""
    if values is None:
        scope = call.code.names.scopes[id(call.node)]
        values = (Display(ast.Call(call.node.func, [], call.node.keywords), scope),)
    found: dict[str, Values] = {}
    for value in values:
        entries = call.code.entries(value) if isinstance(value, Display) else None
        if entries is None:
            return None
        for names, written in entries:
            if any(not isinstance(name, Known) for name in names):
                return None
            for name_read in names:
                found[str(getattr(name_read, "value", ""))] = call.code.of(*written)
    return found


def _text(function: Inline, call: Call, values: Values) -> str | None:
    try:
        found = Resolver(function, call.code).texts(values, call.line, "the text")
    except CannotTell:
        return None
    return found[0] if len(found) == 1 else None


@memoised
def unknown_publishers(stack: Stack) -> frozenset[str]:
    """Return the roles of a stack by which something may send that is not read: of code that is not inline Python."""
    read_by = {
        role_of(stack, function.properties.get("Role")) for function in inline_functions(stack) if _is_read(function)
    }
    users = {
        role_of(stack, properties.get("Role"))
        for logical, properties in stack.of_type("AWS::Lambda::Function")
        if logical not in {function.logical for function in inline_functions(stack) if _is_read(function)}
    }
    return frozenset(role for role, _ in stack.of_type("AWS::IAM::Role") if role not in read_by or role in users)


def _is_read(function: Inline) -> bool:
    try:
        function.tree()
        return not read(function.text, function.handler).doubts
    except (CannotTell, TooDeep, RecursionError):
        return False
