"""What a shell needs to complete the command line."""

from __future__ import annotations

import argparse

import shtab

COMPLETED = {"TEMPLATE": shtab.FILE, "FILE": shtab.FILE, "DIR": shtab.DIRECTORY}


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return a script that, read by a shell, completes commands, options, files and folders."""
    _mark(parser)
    return str(shtab.complete(parser, shell))


def _mark(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                _mark(inner)
        elif action.metavar in COMPLETED:
            action.complete = COMPLETED[str(action.metavar)]  # type: ignore[attr-defined]
