"""Tasks shared with a process beside this one, until none is left: it begins with the last, this one with the first.

Rules hold the interpreter's lock, those in Guard too, so a thread would not help. The process is forked, which costs
10 ms and needs nothing to be sent to it; each process takes a task when it has done one, so that both end together.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def shared(tasks: Sequence[Task], work: Callable[[Task], Result]) -> list[Result]:
    """Return the result of each task, in their order; the other process's must be such as can be pickled.

    What the other process takes and does not do, because it ends or the task raises, is done here.
    """
    context = get_context("fork")
    left = _Left(len(tasks))
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_beside, args=(tasks, work, left, there))
    process.start()
    there.close()
    try:
        found = {at: work(tasks[at]) for at in left.taken()}
        with suppress(EOFError):  # it has ended
            found |= {len(tasks) - 1 - at: result for at, result in here.recv().items()}
    except BaseException:
        process.kill()
        raise
    finally:
        here.close()
        process.join()
        left.close()
    return [found[at] if at in found else work(task) for at, task in enumerate(tasks)]


def _beside(tasks: Sequence[Task], work: Callable[[Task], Result], left: _Left, answer: Connection) -> None:
    """Work in the forked process: give results by the task's number, counted from the end."""
    # This process only saves time: what goes wrong in it goes wrong in the other one again, which says so.
    found = {}
    with suppress(BaseException):
        for at in left.taken():
            found[at] = work(tasks[len(tasks) - 1 - at])
    with suppress(BaseException):
        answer.send(found)


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
    if not sys.platform.startswith("linux") or parent_process() is not None or threading.active_count() > 1:
        return False
    return len(os.sched_getaffinity(0)) > 1
