"""Tasks shared with a process beside this one, until none is left: it begins with the last, this one with the first.

Rules hold the interpreter's lock, those in Guard too, so a thread would not help. The process is forked, which costs
10 ms and needs nothing to be sent to it; each process takes a task when it has done one, so that both end together.
`multiprocessing` does the same with 20 modules, which every check would wait for.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import NoReturn, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def shared(tasks: Sequence[Task], work: Callable[[Task], Result]) -> list[Result]:
    """Return the result of each task, in their order; the other process's must be such as can be pickled.

    What the other process takes and does not do, because it ends or the task raises, is done here.
    """
    left = _Left(len(tasks))
    here, there = os.pipe()
    process = os.fork()
    if not process:
        _beside(tasks, work, left, there)
    os.close(there)
    try:
        with os.fdopen(here, "rb") as answer:
            found = {at: work(tasks[at]) for at in left.taken()}
            with suppress(Exception):  # it has ended before its end, or gives what cannot be read
                found |= {len(tasks) - 1 - at: result for at, result in pickle.load(answer).items()}
    except BaseException:
        os.kill(process, signal.SIGKILL)
        raise
    finally:
        os.waitpid(process, 0)
        left.close()
    return [found[at] if at in found else work(task) for at, task in enumerate(tasks)]


def _beside(tasks: Sequence[Task], work: Callable[[Task], Result], left: _Left, there: int) -> NoReturn:
    """Work in the forked process, and end it: give results by the task's number, counted from the end."""
    # This process only saves time: what goes wrong in it goes wrong in the other one again, which says so.
    try:
        found = {}
        with suppress(BaseException):
            for at in left.taken():
                found[at] = work(tasks[len(tasks) - 1 - at])
        text = pickle.dumps(found, pickle.HIGHEST_PROTOCOL)
        with os.fdopen(there, "wb") as answer:
            answer.write(text)
    finally:
        os._exit(0)  # and writes nothing that was held back when it began: the other one does


class _Left:
    """How many tasks nobody has taken, as bytes in a pipe: who reads one takes a task."""

    def __init__(self, count: int) -> None:
        self.reading, writing = os.pipe()
        os.write(writing, bytes(count))  # a pipe holds 4,096 bytes at least
        os.close(writing)

    def taken(self) -> Iterator[int]:
        """Give the numbers of the tasks that this process takes: as many from 0 on as it comes to."""
        number = 0
        while os.read(self.reading, 1):
            yield number
            number += 1

    def close(self) -> None:
        os.close(self.reading)


def can_fork() -> bool:
    """Tell whether a process can be made beside this one, and there is a processor for it."""
    pools = sys.modules.get("multiprocessing")  # loaded in a process of a pool, which has others beside it
    if not sys.platform.startswith("linux") or (pools and pools.parent_process()) or threading.active_count() > 1:
        return False
    return len(os.sched_getaffinity(0)) > 1
