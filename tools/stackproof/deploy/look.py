"""One look at an account: what was looked for, and whether it is there, missing, or could not be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, ParamSpec

from stackproof.deploy.client import Cloud, Failed
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell

State = Literal["ready", "missing", "unknown"]
PREREQUISITES = "run stackproof deploy lib/Prerequisites.json"


@dataclass(frozen=True)
class Look:
    """What was looked for in a region ("" for all of them), what came of it, and the command that helps."""

    region: str
    what: str
    state: State
    detail: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Side:
    """One stack to be, resolved, in the account; `there` holds the physical ids that the stack has now, by type."""

    cloud: Cloud
    stack: Stack
    there: Mapping[str, frozenset[str]]

    @property
    def region(self) -> str:
        return self.stack.scenario.region

    @property
    def account(self) -> str:
        return self.stack.scenario.account

    def ask(self, service: str, action: str, /, **arguments: Any) -> Mapping[str, Any]:
        return self.cloud.ask(service, self.region, action, **arguments)

    def pages(self, service: str, action: str, key: str, /, **arguments: Any) -> Iterator[Any]:
        """Give the items of every page of an answer."""
        more: dict[str, str] = {}
        while True:
            page = self.ask(service, action, **arguments, **more)
            yield from page.get(key, ())
            if not page.get("NextToken"):
                return
            more = {"NextToken": page["NextToken"]}


P = ParamSpec("P")


def looked(region: str, what: str, action: str, look: Callable[P, Look], *args: P.args, **more: P.kwargs) -> Look:
    """Return what a look finds; where a call is denied or fails, that it could not look: that is no pass.

    `action` is what IAM has to allow the caller.
    """
    try:
        return look(*args, **more)
    except Failed as error:
        needs = f"needs {action}" if error.denied else error.message
        fix = f"allow the caller {action}" if error.denied else "correct what it says and run this again"
        return Look(region, what, "unknown", f"could not look: {needs}", fix)
    except CannotTell as error:
        return Look(region, what, "unknown", f"could not look: {error.message}", error.fix)
