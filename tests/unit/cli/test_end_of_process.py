"""A process of the command line ends at once, and leaves nothing undone that another would do at its end."""

import os
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
ENVIRONMENT["PYTHONPATH"] = str(Path(__file__).parents[3] / "tools")


def command(code: str) -> list[str]:
    """Return the command of a process that runs code, which ends by `leave`."""
    return [sys.executable, "-c", f"import atexit, sys, threading, time\nfrom stackproof.__main__ import leave\n{code}"]


def ended(code: str) -> tuple[int, str, str]:
    """Run code that ends by `leave`; return the exit code and what is written."""
    run = subprocess.run(command(code), env=ENVIRONMENT, capture_output=True, text=True, check=False)
    return run.returncode, run.stdout, run.stderr


def test_output_that_is_held_back_is_written_and_the_exit_code_is_given() -> None:
    assert ended("sys.stdout.write('held back'); leave(3)") == (3, "held back", "")


def test_what_is_registered_for_the_end_is_done() -> None:
    assert ended("atexit.register(print, 'tidied'); leave(0)") == (0, "tidied\n", "")


def test_threads_are_waited_for() -> None:
    code = "threading.Thread(target=lambda: (time.sleep(0.1), print('late'))).start(); leave(1)"
    assert ended(code) == (1, "late\n", "")


def test_output_that_nobody_reads_ends_2_without_a_word() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    code = "sys.stdout.write('unread'); leave(0)"
    run = subprocess.run(command(code), env=ENVIRONMENT, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (run.returncode, run.stderr) == (2, b"")


def test_what_is_held_is_not_freed_piece_by_piece() -> None:
    assert ended("class Held:\n    def __del__(self): print('freed')\nheld = Held(); leave(0)") == (0, "", "")
