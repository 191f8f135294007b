"""Guard at work in a process beside this one: what rules in Guard say is known when it is asked for.

Guard takes a third of a run of the gate and holds the interpreter's lock, so a thread would not help. The process is
forked, where that can be done and there is a second processor; elsewhere, and for little work, nothing changes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context, parent_process
from typing import NamedTuple

from stackproof.foundation.finding import CannotTell
from stackproof.rules import guard
from stackproof.rules.guard import Ahead, Block, GuardFile

WORTH = 500_000
"""Letters of documents from which on a process of its own is worth the 30 ms that it costs."""


class Question(NamedTuple):
    """A rule file and a document that it is put to."""

    file: GuardFile
    document: str


Answers = list[tuple[Block, ...] | None]
_asked: Sequence[Question] = ()


def _answers() -> Answers:
    """Answer all questions, in the forked process; None where Guard cannot tell: it is asked again, and says so."""
    found: Answers = []
    for question in _asked:
        try:
            found.append(guard.answer(*question))
        except CannotTell:
            found.append(None)
    return found


@contextmanager
def asked_ahead(questions: Sequence[Question]) -> Iterator[None]:
    """Let Guard work on questions while the body runs; `guard.evaluate` waits for it when it is asked."""
    global _asked  # noqa: PLW0603 - the forked process finds here what it would cost to send
    if not worth_it(questions):
        yield
        return
    _asked = questions
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        future = pool.submit(_answers)
        guard.expect(Ahead(cache(lambda: _known(questions, future))))
        try:
            yield
        finally:
            guard.expect(None)
            _asked = ()


def _known(questions: Sequence[Question], future: Future[Answers]) -> dict[tuple[GuardFile, str], tuple[Block, ...]]:
    answers = zip(questions, future.result(), strict=True)
    return {(answer.file, answer.document): blocks for answer, blocks in answers if blocks is not None}


def worth_it(questions: Sequence[Question]) -> bool:
    """Tell whether a process of its own can be made, and gains time."""
    alone = not sys.platform.startswith("linux") or parent_process() is not None
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return not alone and processors > 1 and sum(len(question.document) for question in questions) > WORTH
