"""Compiled modules are kept between the runs that a benchmark times, as they are on a user's machine."""

import os


def keep_compiled_modules() -> None:
    """Let the commands that follow keep what they compile.

    pip compiles cfn-lint's modules when it installs them; of a checkout each run would, where the variable is set.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
