"""Metrics that code prints in CloudWatch's embedded metric format: lines of its log that CloudWatch makes metrics of.

Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format": the whole line is one JSON object; its
`_aws` lists namespaces, sets of dimensions and metrics; the values of both are members of the object itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from stackproof.code.boto3_calls import Reading
from stackproof.code.inline import Inline
from stackproof.code.members import Entry
from stackproof.code.resolution import Resolver
from stackproof.code.values import Dotted, HandlerInput, Known, Method, Unknown, Value, Values
from stackproof.foundation.finding import CannotTell

Put = tuple[str, str, Mapping[str, frozenset[str]]]
"""Namespace, name and dimensions of a metric that code puts; of a dimension the values, none if any is possible."""


def embedded(function: Inline, reading: Reading) -> Iterator[Put]:
    """Give the metrics of the lines that a code prints; raise CannotTell, with the line, for what is not understood."""
    resolver = Resolver(function, reading.code)
    for node in reading.printed:
        for value in reading.code.of(node):
            for document in _as_json(reading, value):
                entries = reading.code.entries(document)
                if entries is not None and any(Known("_aws") in names for names, _ in entries):
                    yield from _of_document(resolver, entries, node.lineno)


def _as_json(reading: Reading, value: Value) -> Values:
    """Return what is made a text of JSON, if a value is the result of json.dumps."""
    made = value.node if isinstance(value, Unknown) else None
    if isinstance(made, ast.Call) and made.args and Dotted("json.dumps") in reading.code.of(made.func):
        return reading.code.of(made.args[0])
    return ()


def _of_document(resolver: Resolver, root: list[Entry], line: int) -> Iterator[Put]:
    for about in _members(resolver, root, "_aws"):
        for directive in _items(resolver, resolver.code.part(about, "CloudWatchMetrics"), line, "the metrics"):
            parts = {
                name: tuple(resolver.code.part(directive, name)) for name in ("Namespace", "Dimensions", "Metrics")
            }
            namespaces = resolver.texts(parts["Namespace"], line, "the metrics' namespace")
            for metric in _items(resolver, parts["Metrics"], line, "the metrics"):
                names = resolver.texts(tuple(resolver.code.part(metric, "Name")), line, "the metric's name")
                for dimensions in _dimension_sets(resolver, root, parts["Dimensions"], line):
                    for name in names:
                        # A metric, or a dimension, without a value in the line makes CloudWatch take nothing of it.
                        if all(_members(resolver, root, member) for member in (name, *dimensions)):
                            yield from ((namespace, name, dimensions) for namespace in namespaces)


def _dimension_sets(
    resolver: Resolver, root: list[Entry], dimensions: Values, line: int
) -> Iterator[Mapping[str, frozenset[str]]]:
    if not dimensions:
        yield {}
    for member in _items(resolver, dimensions, line, "the metrics' dimensions"):
        members = _items(resolver, (member,), line, "a dimension")
        names = resolver.texts(members, line, "a dimension's name") if members else []
        yield {name: _texts(resolver, _members(resolver, root, name), line) for name in names}


def _items(resolver: Resolver, values: Iterator[Value] | Values, line: int, what: str) -> Values:
    """Return the members of lists; raise CannotTell where they are not written out."""
    found: list[Value] = []
    for value in values:
        elements = resolver.code.elements(value)
        if elements is None:
            raise resolver.lost(line, what)
        found += [member for element in elements for member in resolver.code.of(*element)]
    return tuple(found)


def _members(resolver: Resolver, root: list[Entry], name: str) -> Values:
    return tuple(value for names, written in root if Known(name) in names for value in resolver.code.of(*written))


def _texts(resolver: Resolver, values: Values, line: int) -> frozenset[str]:
    function = resolver.function
    if values and all(isinstance(value, Method) and _names_itself(value) for value in values):
        return frozenset((str(function.stack.evaluator.references.ref(function.logical)),))
    try:
        return frozenset(resolver.texts(values, line, "a dimension's value"))
    except CannotTell:
        return frozenset()


def _names_itself(value: Method) -> bool:
    """Tell whether a value is the function's own name, which Lambda tells the handler: context.function_name."""
    return value.name == "function_name" and isinstance(value.owner, HandlerInput)
