"""The variables that JSONata expressions of a state machine use, and those that its states assign.

Only names are read, not the language: what stands in quotes or in backticks, and what an expression binds by itself
(`$x := ...`, the parameters of a function), is left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from stackproof.code.state_machines import JSONATA, State, StateMachine, all_states
from stackproof.topology.texts import texts

QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|/\*.*?\*/""", re.DOTALL)
NAME = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
BOUND = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)\s*:=")
PARAMETERS = re.compile(r"(?:function|λ)\s*\(([^)]*)\)")
LIBRARY = """
abs append assert average base64decode base64encode boolean ceil contains count decodeUrl decodeUrlComponent distinct
each encodeUrl encodeUrlComponent error exists filter floor formatBase formatInteger formatNumber fromMillis hash join
keys length lookup lowercase map match max merge millis min not now number pad parse parseInteger partition power random
range reduce replace reverse round shuffle sift single sort split spread sqrt states string substring substringAfter
substringBefore sum toMillis trim type uppercase uuid zip
"""
FUNCTIONS = frozenset(LIBRARY.split())
"""Names that need no state to assign them.

Source: JSONata documentation, "Function library"; Step Functions Developer Guide, "JSONata functions provided by Step
Functions", which takes $eval away, and "Reserved variable: $states".
"""


class Use(NamedTuple):
    """A variable in an expression, and its place in the definition."""

    name: str
    path: tuple[str | int, ...]


def unassigned(machine: StateMachine) -> Iterator[Use]:
    """Give the variables that expressions use and that no state assigns, each where it first stands."""
    assigned = {name for state in all_states(machine) for name in assignments(state)}
    met: set[str] = set()
    for state in all_states(machine):
        for use in uses(state) if state.language == "JSONata" else ():
            if use.name not in assigned and use.name not in met:
                met.add(use.name)
                yield use


def assignments(state: State) -> Iterator[str]:
    """Give the variables that a state assigns: after its work, on a branch, when it catches."""
    rules = [rule for key in ("Choices", "Catch") for rule in state.value.get(key, ()) if isinstance(rule, Mapping)]
    for holder in (state.value, *rules):
        assigned = holder.get("Assign")
        for name in assigned if isinstance(assigned, Mapping) else ():
            yield str(name).removesuffix(".$")


def uses(state: State, assigned: Collection[str] = ()) -> Iterator[Use]:
    """Give the variables that a state's own expressions use; those of states inside it are theirs.

    Of the names of functions those are variables that are `assigned` and that no brackets follow.
    """
    taken = frozenset(assigned) & FUNCTIONS
    own: dict[str, Any] = {
        key: value for key, value in state.value.items() if key not in ("Branches", "ItemProcessor", "Iterator")
    }
    for path, text in texts(own):
        found = JSONATA.fullmatch(text)
        for name in variables(found[1], taken) if found else ():
            yield Use(name, (*state.path, *path))


def names(expression: str) -> list[str]:
    """Return the variables that an expression takes from outside."""
    return list(variables(expression))


@lru_cache(maxsize=1024)
def variables(expression: str, assigned: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the variables that an expression takes from outside, once for each text; see `uses`."""
    bare = QUOTED.sub("''", expression)
    bound = set(BOUND.findall(bare))
    for parameters in PARAMETERS.findall(bare):
        bound |= set(NAME.findall(parameters))
    functions = FUNCTIONS - assigned
    functions |= FUNCTIONS - set(re.findall(NAME.pattern + r"\b(?!\s*\()", bare))
    return tuple(name for name in dict.fromkeys(NAME.findall(bare)) if name not in bound | functions)
