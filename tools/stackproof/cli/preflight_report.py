"""The looks at an account as lines, and what becomes of a deployment by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from stackproof.deploy.client import Failed
from stackproof.deploy.look import Look
from stackproof.deploy.preflight import exit_code
from stackproof.foundation.finding import CannotTell

SKIP = "do what the lines above say, or give --skip-preflight"


def show(looks: Iterable[Look], say: Callable[[str], None], *, ready: bool = True) -> list[Look]:
    """Say each look as it comes, those that are `ready` too unless told not to; return them all."""
    seen = []
    for look in looks:
        seen.append(look)
        if ready or look.state != "ready":
            say(line(look))
    return seen


def line(look: Look) -> str:
    """Return a look as a line, and the command that helps as another."""
    fix = f"\n    fix: {look.fix}" if look.fix else ""
    return f"{look.state:8} {look.region or 'account':15} {look.what}: {look.detail}{fix}"


def counts(looks: list[Look]) -> str:
    missing, unknown = (sum(look.state == state for look in looks) for state in ("missing", "unknown"))
    verdict = ("the account is ready", "the account is not ready", "cannot tell")[exit_code(looks)]
    return f"{verdict}: {len(looks)} looks, {missing} missing, {unknown} could not be made"


def refuse_unready(looks: list[Look]) -> None:
    """Raise Failed where something is missing, CannotTell where something could not be seen."""
    code = exit_code(looks)
    if code:
        raise (Failed if code == 1 else CannotTell)(f"{counts(looks)}; nothing was touched", fix=SKIP)
