"""Comparisons in a state machine that never come out otherwise: with texts no service answers, of counts nobody raises.

An answer is followed where an expression reads it itself, and through a variable that states assign from answers and
constants alone; all else may be any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any, NamedTuple

from stackproof.code.jsonata_states import result_values
from stackproof.code.state_machines import JSONATA, State, StateMachine, all_states, literal
from stackproof.topology.texts import texts

READ = re.compile(r"\s*\$states\.result((?:\.[A-Za-z_]\w*)+)\s*")
QUOTE = r"""'[^'\\]*'|"[^"\\]*\""""
WHAT = r"\$states\.result(?:\.[A-Za-z_]\w*)+|\$[A-Za-z_]\w*(?![\w.(\[])"
COMPARED = re.compile(rf"(?P<what>{WHAT})\s*!?=\s*(?P<one>{QUOTE})(?!\s*&)")
TURNED = re.compile(rf"(?<!&)(?<!& )(?P<one>{QUOTE})\s*!?=\s*(?P<what>{WHAT})")
LISTED = re.compile(rf"(?P<what>{WHAT})\s+in\s+\[(?P<one>\s*(?:{QUOTE})(?:\s*,\s*(?:{QUOTE}))*\s*)\]")


BOUND = re.compile(r"\$([A-Za-z_]\w*)\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)(?!\s*[-+*/%.\w])")
SIGNS: Mapping[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


class Strange(NamedTuple):
    """A text that an answer is compared with, where, what the answer is, and the texts that it can be."""

    path: tuple[str | int, ...]
    what: str
    value: str
    known: tuple[str, ...]


def strange_values(machine: StateMachine) -> Iterator[Strange]:
    """Give the texts that answers are compared with, and that none of them is."""
    known = _known(machine)
    for state in all_states(machine):
        own = {key: value for key, value in state.value.items() if key not in ("Branches", "ItemProcessor", "Iterator")}
        for path, text in texts(own) if state.language == "JSONata" else ():
            found = JSONATA.fullmatch(text)
            for what, value in _comparisons(found[1]) if found else ():
                read = READ.fullmatch(what)
                values = _answers(state, read[1]) if read else known.get(what.removeprefix("$"), ())
                if values and value not in values:
                    yield Strange((*state.path, *path), what, value, values)


class FixedComparison(NamedTuple):
    """A comparison of a variable that no state counts on: where, its text, and what it always comes to."""

    path: tuple[str | int, ...]
    text: str
    outcome: bool


def fixed_comparisons(machine: StateMachine) -> Iterator[FixedComparison]:
    """Give the comparisons in conditions that come to the same each time, since states assign but constant numbers."""
    numbers: dict[str, set[float]] = {}
    others = set()
    for state in all_states(machine):
        for name, value, _ in _assigned(state):
            if isinstance(value, int | float) and not isinstance(value, bool):
                numbers.setdefault(name, set()).add(value)
            else:
                others.add(name)
    for state in all_states(machine):
        branches = state.value.get("Choices") if state.language == "JSONata" else None
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            condition = JSONATA.fullmatch(str(branch.get("Condition", ""))) if isinstance(branch, Mapping) else None
            for found in BOUND.finditer(condition[1]) if condition else ():
                values = numbers.get(found[1], set()) if found[1] not in others else set()
                outcomes = {SIGNS[found[2]](value, float(found[3])) for value in values}
                if len(outcomes) == 1:
                    path = (*state.path, "Choices", index, "Condition")
                    yield FixedComparison(path, found[0], outcomes.pop())


@lru_cache(maxsize=1024)
def _comparisons(expression: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (found["what"], quoted[1:-1])
        for pattern in (COMPARED, TURNED, LISTED)
        for found in pattern.finditer(expression)
        for quoted in re.findall(QUOTE, found["one"])
    )


def _answers(state: State, read: str) -> tuple[str, ...]:
    return result_values(state, tuple(read.strip(".").split(".")))


def _known(machine: StateMachine) -> Mapping[str, tuple[str, ...]]:
    """Return the texts that each variable can be, of those that are nothing but answers and constants."""
    found: dict[str, tuple[str, ...]] = {}
    open_ended = set()
    for state in all_states(machine):
        for name, value, of_result in _assigned(state):
            read = READ.fullmatch(value[2:-2]) if isinstance(value, str) and JSONATA.fullmatch(value) else None
            constant = literal(value, state.language)
            values = _answers(state, read[1]) if read and of_result else ()
            values = values or ((constant,) if isinstance(constant, str) and not read else ())
            open_ended |= set() if values else {name}
            found[name] = (*found.get(name, ()), *values)
    return {name: values for name, values in found.items() if name not in open_ended and len(values) > 1}


def _assigned(state: State) -> Iterator[tuple[str, Any, bool]]:
    """Give what a state assigns, and whether the answer of its task can be read there."""
    rules = [rule for key in ("Choices", "Catch") for rule in state.value.get(key) or () if isinstance(rule, Mapping)]
    for holder in (state.value, *rules):
        assigned = holder.get("Assign")
        for name, value in assigned.items() if isinstance(assigned, Mapping) else ():
            yield str(name), value, holder is state.value
