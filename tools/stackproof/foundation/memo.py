"""What is worked out of a value once, and kept as long as the value is."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

K = TypeVar("K")
P = ParamSpec("P")
V = TypeVar("V")


def memoised(work: Callable[Concatenate[K, P], V]) -> Callable[Concatenate[K, P], V]:
    """Let a function of a frozen value, and of more that can be hashed, work each result out once.

    Results are kept in the value itself and go with it: `functools.cache` would pile them up in a run over thousands
    of templates. They are shared: give tuples, not lists or iterators.
    """

    @wraps(work)
    def kept(value: K, /, *more: P.args, **named: P.kwargs) -> V:
        known: dict[Any, V] = value.__dict__.setdefault("_once", {})
        key = (kept, more, *named.items()) if named else (work, *more)
        try:
            return known[key]
        except KeyError:
            pass  # what is worked out now shall not say that it failed while this one was handled
        found = known[key] = work(value, *more, **named)
        return found

    return kept
