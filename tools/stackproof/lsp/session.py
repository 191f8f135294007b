"""The checks of one project in a process that stays: a quick one at each edit, the whole one behind it.

The quick check puts the rules to the first scenario, both of its regions; all that was imported, read and compiled once
is there already. The whole check runs in a process of its own, forked from this one, so that the next edit is not
kept waiting and ends it. Without fork (Windows) it runs here.
"""

from __future__ import annotations

import gc
import os
import signal
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, Pipe
from pathlib import Path as FilePath
from typing import Never

from stackproof.evaluation.deployment import Deployment
from stackproof.foundation.files import UNSAVED
from stackproof.foundation.finding import CannotTell, Place
from stackproof.gate.gate import Inputs, check
from stackproof.gate.outcome import Outcome
from stackproof.lsp.diagnostics import Diagnostic, diagnostics
from stackproof.lsp.positions import Position, path_at
from stackproof.lsp.values import described, named_by

Found = Mapping[str, tuple[Diagnostic, ...]]
"""Diagnostics by the path of their file."""


class Session:
    """The checks of one project. `inputs` says anew at each check what is read: the configuration may have changed."""

    def __init__(self, inputs: Callable[[], Inputs]) -> None:
        self.inputs = inputs
        self.outcome: Outcome | None = None
        self.running: int | None = None
        """The process of the whole check."""

    def opened(self, path: str, text: str) -> None:
        """Let a text stand in the place of a file."""
        UNSAVED[FilePath(path).resolve()] = text

    def closed(self, path: str) -> None:
        UNSAVED.pop(FilePath(path).resolve(), None)

    def concerns(self, path: str) -> bool:
        """Tell whether a file is one that the checks read."""
        inputs = self._inputs()
        if isinstance(inputs, CannotTell):
            return True
        files = [inputs.project, *(file for member in inputs.members for file in member[:2])]
        read = [FilePath(file).resolve() for file in files]
        path_read = FilePath(path).resolve()
        return path_read in read or any(FilePath(folder).resolve() in path_read.parents for folder in inputs.folders)

    def quick(self) -> Found:
        """Return what the rules find in the first scenario."""
        return self._checked(lint=False, first_only=True)

    def whole(self, *, lint: bool) -> Found:
        """Return what is found in all scenarios, with `lint` by cfn-lint too."""
        return self._checked(lint=lint, first_only=False)

    def _inputs(self) -> Inputs | CannotTell:
        try:
            return self.inputs()
        except CannotTell as error:
            return error

    def _checked(self, *, lint: bool, first_only: bool) -> Found:
        inputs = self._inputs()
        if isinstance(inputs, CannotTell):
            place = inputs.place or Place("pyproject.toml", 1, 1)
            text = FilePath(place.path).read_text(encoding="utf-8") if FilePath(place.path).is_file() else ""
            return diagnostics(Outcome(place.path, errors=(inputs,), texts={place.path: text}))
        gc.disable()  # what a check makes lives until its end
        try:
            outcome = check(replace(inputs, first_only=first_only), lint=lint)
        finally:
            gc.enable()
        if outcome.deployments or self.outcome is None:
            self.outcome = outcome
        return diagnostics(outcome)

    def start_whole(self, *, lint: bool) -> Connection | None:
        """Begin the whole check in a process of its own; return where its result can be received, None without fork.

        Not by multiprocessing: its child closes standard input, whose lock the thread holds that reads the editor's
        messages.
        """
        self.stop()
        if not hasattr(os, "fork"):
            return None
        receiving, sending = Pipe(duplex=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of that thread, none of whose locks the child needs
            self.running = os.fork()
        if self.running == 0:
            self._send_whole(sending, lint)
        sending.close()
        return receiving

    def _send_whole(self, sending: Connection, lint: bool) -> Never:
        """Send the result of the whole check, and end this process, which has sent nothing if the check crashed."""
        try:
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, 0)
            os.dup2(nothing, 1)  # what the protocol is spoken on is the parent's
            sending.send(self.whole(lint=lint))
            sending.close()
        finally:
            os._exit(0)

    def stop(self) -> None:
        """End the whole check that is under way."""
        if self.running is not None:
            with suppress(ProcessLookupError):
                os.kill(self.running, signal.SIGKILL)
            os.waitpid(self.running, 0)
            self.running = None

    def hover(self, path: str, at: Position) -> str:
        """Return Markdown on the value at a position: what it becomes in each region; "" where there is nothing."""
        deployment = self._deployment(path)
        return described(deployment, path_at(deployment.source.template, at)) if deployment else ""

    def definitions(self, path: str, at: Position) -> tuple[Place, ...]:
        """Return where the resources stand that the value at a position names, those of the other region first."""
        deployment = self._deployment(path)
        return tuple(named_by(deployment, path_at(deployment.source.template, at))) if deployment else ()

    def _deployment(self, path: str) -> Deployment | None:
        """Return the first deployment whose template is a file, as the last check worked it out."""
        for deployment in self.outcome.deployments if self.outcome else ():
            if FilePath(deployment.source.template.path).resolve() == FilePath(path).resolve():
                return deployment
        return None
