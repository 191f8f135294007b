"""Work shared among processes, and done by one where the machine lets it make no others."""

import errno
import os
from typing import Any

import pytest

from stackproof.foundation import pool


def process_of(number: int) -> tuple[int, int]:
    return number, os.getpid()


def no_semaphore(*_: Any) -> None:
    """What Linux answers where `/dev/shm` may not be written."""
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def no_fork(method: str) -> None:
    """What multiprocessing answers on Windows."""
    raise ValueError(f"cannot find context for {method!r}")


def test_work_is_done_by_other_processes_in_its_order() -> None:
    results = [*pool.map_in_processes(process_of, range(4), 2, "fork")]
    assert [number for number, _ in results] == [0, 1, 2, 3]
    assert os.getpid() not in {process for _, process in results}


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("_multiprocessing.SemLock", no_semaphore), ("stackproof.foundation.pool.get_context", no_fork)],
    ids=["no semaphore", "no fork"],
)
def test_where_no_other_process_can_be_had_this_one_does_the_work(
    name: str, refusal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name, refusal)
    assert [*pool.map_in_processes(process_of, range(3), 2, "fork")] == [(number, os.getpid()) for number in range(3)]
