"""Rules written in Python: loaded from their file and run on every deployment."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, get_args

from stackproof.evaluation.deployment import Deployment
from stackproof.foundation.finding import CannotTell, Finding, Findings, Place, Side, Undecided
from stackproof.rules import settings
from stackproof.rules.compiled import compiled
from stackproof.rules.rule_files import Rule

if TYPE_CHECKING:
    from stackproof.changes.update import Update


class PythonRule:
    """A rule of Python: loaded once, then run on every deployment."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        module = self._load()
        applies_to = getattr(module, "APPLIES_TO", ("Resources",))
        self.applies_to: Sequence[str] = (applies_to,) if isinstance(applies_to, str) else tuple(applies_to)
        self.module = module
        self.check: Callable[..., Findings] | None = getattr(module, "check", None)
        if not callable(self.check):
            raise CannotTell(
                f"rule {rule.name} has no check(deployment)", Place(rule.path, 1, 1), "see CONTRIBUTING.md, A rule"
            )
        self.settings = settings.of_module(rule, module)

    def _load(self) -> ModuleType:
        name = re.sub(r"\W", "_", f"stackproof_rule_{self.rule.family}_{self.rule.name}")
        spec = importlib.util.spec_from_file_location(name, self.rule.path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            exec(compiled(self.rule.text, self.rule.path), module.__dict__)
        except SyntaxError as error:
            place = Place(self.rule.path, error.lineno or 1, error.offset or 1)
            raise CannotTell(
                f"rule {self.rule.name} does not compile: {error.msg}", place, "correct this line"
            ) from None
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a rule that exits has not told either
            raise self.crashed(error) from error
        return module

    def applies(self, deployment: Deployment | Update) -> bool:
        """Tell whether a deployment, or an update, has anything of what the rule speaks of."""
        for stack in deployment.stacks:
            types = {resource["Type"] for resource in stack.resources.values()}
            for kind in self.applies_to:
                if kind in types or kind in stack.template.value:
                    return True
                if kind.endswith("::") and any(
                    type_name.startswith(kind) for type_name in types
                ):  # Custom::, of any name
                    return True
        return False

    def run(self, deployment: Deployment | Update) -> list[Finding | CannotTell]:
        """Return what the rule yields: findings, and an error for each resource that it cannot check.

        A CannotTell that the rule raises ends this deployment and is the last error. Raises CannotTell, with
        the rule's line, if the rule crashes.
        """
        assert self.check is not None
        found: list[Finding | CannotTell] = []
        try:
            arguments: tuple[object, ...] = (deployment,) if self.settings is None else (deployment, self.settings)
            for yielded in self.check(*arguments):  # what comes before an error is kept
                found.append(self.named(yielded))
        except CannotTell as error:
            found.append(Undecided(error.message, error.place, error.fix))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a rule that exits has checked nothing either
            raise self.crashed(error, f" on {deployment.name}") from error
        return found

    def named(self, yielded: object) -> Finding | CannotTell:
        """Return a finding with the rule's name, or an error as it is; raise TypeError for anything else."""
        if isinstance(yielded, CannotTell) and _is_placed(yielded):
            return Undecided(yielded.message, yielded.place, yielded.fix)
        if not isinstance(yielded, Finding) or not _sound(yielded):
            raise TypeError(f"it gives {yielded!r:.80}, which is no finding")
        return replace(yielded, rule=self.rule.name, severity=self.rule.severity, pack=self.rule.pack)

    def crashed(self, error: BaseException, where: str = "") -> CannotTell:
        line, trace = 1, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.rule.path:
                line = trace.tb_lineno
            trace = trace.tb_next
        return CannotTell(
            f"rule {self.rule.name} crashed{where}: {type(error).__name__}: {' '.join(str(error).split())}",
            Place(self.rule.path, line, 1),
            "correct the rule at this line",
        )


def _is_placed(error: CannotTell) -> bool:
    texts = isinstance(error.message, str) and isinstance(error.fix, str)
    return texts and (error.place is None or isinstance(error.place, Place))


def _sound(found: Finding) -> bool:
    place, texts = found.place, (found.scenario, found.message, found.fix)
    return (
        isinstance(place, Place)
        and isinstance(place.line, int)
        and isinstance(place.column, int)
        and all(isinstance(text, str) for text in (place.path, *texts))
        and found.side in get_args(Side)
        and isinstance(found.at, tuple)
        and isinstance(found.replacement, str | bool | int | float | None)
    )
