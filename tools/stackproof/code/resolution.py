"""What a value of a code comes to in one stack: its environment, and the configuration parameters that it reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

from stackproof.code.inline import Inline
from stackproof.code.interpreter import Interpreter
from stackproof.code.values import Display, Joined, Known, Parsed, Part, Reply, Value, Values, Variable, part_of
from stackproof.foundation.finding import CannotTell
from stackproof.topology.resource_index import resource_of

MANY = 100


class Resolver:
    """The values of one function of a stack."""

    def __init__(self, function: Inline, code: Interpreter) -> None:
        self.function = function
        self.code = code

    def texts(self, values: Values, line: int, what: str) -> list[str]:
        """Return the texts that an argument may be; raise CannotTell, naming the line, where only running tells."""
        found = [text for value in values for text in self.plain(value, line, what)]
        wrong = [text for text in found if not isinstance(text, str)]
        if not found or wrong or len(found) > MANY:
            raise self.lost(line, what)
        return list(dict.fromkeys(found))

    def patterns(self, values: Values) -> list[str]:
        """Return the texts that an argument may be, with `*` for what only running the code would tell."""
        found = [pattern for value in values for pattern in self._patterns_of(value)]
        return list(dict.fromkeys(found)) if 0 < len(found) <= MANY else ["*"]

    def _patterns_of(self, value: Value) -> list[str]:
        if isinstance(value, Joined):
            parts = [self.patterns(part) for part in value.parts]
            if prod(len(part) for part in parts) > MANY:
                return ["*"]
            return [re.sub(r"\*+", "*", "".join(pieces)) for pieces in product(*parts)]
        try:
            return self.texts((value,), 1, "the text")
        except CannotTell:
            return ["*"]

    def lost(self, line: int, what: str) -> CannotTell:
        return CannotTell(
            f"cannot tell {what} in the code of {self.function.logical}",
            self.function.place(line),
            "take it from a literal, the environment, or a configuration parameter of the stack",
        )

    def plain(self, value: Value, line: int, what: str) -> Iterator[Any]:
        """Give the plain values that a value may come to."""
        match value:
            case Known():
                yield value.value
            case Variable():
                yield from self._variable(value, line, what)
            case Joined():
                parts = [self.texts(part, line, what) for part in value.parts]
                yield from ("".join(pieces) for pieces in product(*parts))
            case Parsed():
                for text in self.plain(value.base, line, what):
                    try:
                        yield json.loads(text)
                    except (TypeError, ValueError):
                        raise self.lost(line, what) from None
            case Part():
                reply = part_of(value, "Parameter", "Value")
                if isinstance(reply, Reply):
                    yield from self._parameter(reply, line, what)
                    return
                for base in self.plain(value.base, line, what):
                    try:
                        yield base[value.key]
                    except (KeyError, IndexError, TypeError):
                        raise self.lost(line, f"{what} (it has no {value.key!r})") from None
            case _:
                raise self.lost(line, what)

    def _variable(self, value: Variable, line: int, what: str) -> Iterator[Any]:
        environment = self.function.environment
        if value.name in environment:
            yield environment[value.name]
        elif value.name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            yield self.function.stack.scenario.region
        elif value.name == "AWS_LAMBDA_FUNCTION_NAME":
            yield self.function.stack.evaluator.references.ref(self.function.logical)
        elif value.default:
            yield from (text for default in value.default for text in self.plain(default, line, what))
        else:
            raise self.lost(line, f"{what} (the environment has no {value.name})")

    def _parameter(self, reply: Reply, line: int, what: str) -> Iterator[Any]:
        """Give the value of the configuration parameter that a call of get_parameter reads."""
        names = [keyword.value for keyword in reply.call.keywords if keyword.arg == "Name"]
        if (reply.client.service, reply.method) != ("ssm", "get_parameter") or not names:
            raise self.lost(line, what)
        stack = self.function.stack
        for name in self.texts(self.code.of(names[0], reply.scope), line, what):
            logical = resource_of(stack, name, "AWS::SSM::Parameter")
            if logical is None:
                raise self.lost(line, f"{what} (the stack has no parameter {name})")
            yield stack.resources[logical].get("Properties", {})["Value"]

    def keys(self, values: Values, line: int, what: str) -> list[str]:
        """Return the keys that a mapping may have."""
        found: list[str] = []
        for value in values:
            entries = self.code.entries(value) if isinstance(value, Display) else None
            if entries is None:
                raise self.lost(line, what)
            for names, _ in entries:
                found += self.texts(names, line, what)
        return found
