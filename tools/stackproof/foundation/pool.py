"""Several processes that share work; this process alone where the machine lets it make none.

A pool needs semaphores. Where there is no `/dev/shm`, or it may not be written, there are none: some containers and
chroots are like this. Windows has semaphores, and no fork.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Literal, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_in_processes(
    function: Callable[[Item], Result], items: Iterable[Item], count: int, start: Literal["fork", "spawn"]
) -> Iterator[Result]:
    """Give the function's result for each item, in their order, worked out by `count` processes."""
    try:
        pool = ProcessPoolExecutor(count, get_context(start))
    except (OSError, NotImplementedError, ValueError):  # the last: there is no fork
        yield from map(function, items)
        return
    with pool:
        yield from pool.map(function, items)
