"""`python -m stackproof`, and the command `stackproof`: the command line as a process of its own."""

import atexit
import gc
import os
import sys
import threading
from typing import NoReturn

FAILED = 2
"""The exit code where the output could not be written: see the command line's CANNOT_TELL."""


def start() -> NoReturn:
    """Run the command of this process, and end the process with its exit code."""
    gc.disable()  # what is imported lives until the end: to look for what does not takes 5 ms
    from stackproof.cli.main import main

    gc.freeze()
    gc.enable()
    leave(main())


def leave(code: int) -> NoReturn:
    """End the process as it is: to free all that a check has made, piece by piece, takes a twentieth of the check.

    What is to be done at the end is done, and output that is held back is written. Beside threads the process ends as
    any other, which waits for them.
    """
    if threading.active_count() > 1:
        sys.exit(code)
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # who reads the output has left
        code = FAILED
    os._exit(code)


if __name__ == "__main__":
    start()
