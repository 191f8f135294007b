"""Promises written in Python: loaded from their file and run on every deployment."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import ModuleType

from stackproof.deployment import Deployment
from stackproof.finding import CannotTell, Finding, Place
from stackproof.rules import Rule


class PythonRule:
    """A rule of Python: loaded once, then run on every deployment."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        module = self._load()
        self.applies_to: Sequence[str] = getattr(module, "APPLIES_TO", ())
        self.check: Callable[[Deployment], Iterator[Finding]] | None = getattr(module, "check", None)
        if not callable(self.check) or not self.applies_to:
            raise CannotTell(
                "a rule of Python needs APPLIES_TO and check(deployment)", Place(rule.path, 1, 1), "see rules/README.md"
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
        except Exception as error:
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
            return [replace(finding, rule=self.rule.name) for finding in self.check(deployment)]
        except CannotTell:
            raise
        except Exception as error:
            raise self.crashed(error, f" on {deployment.name}") from error

    def crashed(self, error: Exception, where: str = "") -> CannotTell:
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
