"""Promises written in Python: loaded from their file and run on every deployment."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import ModuleType
from typing import get_args

from stackproof.evaluation.deployment import Deployment
from stackproof.foundation.finding import CannotTell, Finding, Place, Side
from stackproof.rules.rule_files import Rule


class PythonRule:
    """A rule of Python: loaded once, then run on every deployment."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        module = self._load()
        applies_to = getattr(module, "APPLIES_TO", ("Resources",))
        self.applies_to: Sequence[str] = (applies_to,) if isinstance(applies_to, str) else tuple(applies_to)
        self.check: Callable[[Deployment], Iterator[Finding]] | None = getattr(module, "check", None)
        if not callable(self.check):
            raise CannotTell(
                f"rule {rule.name} has no check(deployment)", Place(rule.path, 1, 1), "see CONTRIBUTING.md, A rule"
            )

    def _load(self) -> ModuleType:
        name = re.sub(r"\W", "_", f"stackproof_rule_{self.rule.family}_{self.rule.name}")
        spec = importlib.util.spec_from_file_location(name, self.rule.path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            exec(compile(self.rule.text, self.rule.path, "exec"), module.__dict__)
        except SyntaxError as error:
            place = Place(self.rule.path, error.lineno or 1, error.offset or 1)
            raise CannotTell(f"rule {self.rule.name} does not compile: {error.msg}", place, "mend it") from None
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a rule that exits has not told either
            raise self.crashed(error) from error
        return module

    def applies(self, deployment: Deployment) -> bool:
        """Tell whether a deployment has anything of what the rule speaks of."""
        for stack in deployment.stacks:
            types = {resource["Type"] for resource in stack.resources.values()}
            if any(kind in types or kind in stack.template.value for kind in self.applies_to):
                return True
        return False

    def run(self, deployment: Deployment) -> list[Finding]:
        """Return the findings; raise CannotTell, naming the rule's line, if the rule crashes."""
        assert self.check is not None
        try:
            return [self.named(finding) for finding in self.check(deployment)]
        except (CannotTell, KeyboardInterrupt):
            raise
        except BaseException as error:  # a rule that exits has not told either
            raise self.crashed(error, f" on {deployment.name}") from error

    def named(self, found: object) -> Finding:
        """Return what a rule gave as a finding of its own; raise TypeError if it is none."""
        if not isinstance(found, Finding) or not _sound(found):
            raise TypeError(f"it gives {found!r:.80}, which is no finding")
        return replace(found, rule=self.rule.name)

    def crashed(self, error: BaseException, where: str = "") -> CannotTell:
        line, trace = 1, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.rule.path:
                line = trace.tb_lineno
            trace = trace.tb_next
        return CannotTell(
            f"rule {self.rule.name} crashed{where}: {type(error).__name__}: {' '.join(str(error).split())}",
            Place(self.rule.path, line, 1),
            "mend the rule",
        )


def _sound(found: Finding) -> bool:
    place, texts = found.place, (found.scenario, found.message, found.fix)
    return (
        isinstance(place, Place)
        and isinstance(place.line, int)
        and isinstance(place.column, int)
        and all(isinstance(text, str) for text in (place.path, *texts))
        and found.side in get_args(Side)
        and isinstance(found.at, tuple)
    )
