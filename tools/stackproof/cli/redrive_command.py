"""The command that puts parked records back into their stream."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from stackproof.deploy.failure_objects import PREFIXES
from stackproof.deploy.redrive import Redriver, Tally, place_of
from stackproof.deploy.runner import Job
from stackproof.foundation.finding import CannotTell, Side
from stackproof.topology.dependencies import with_ids

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def redrive(options: argparse.Namespace, doing: Job, stacks: dict[Side, str], say: Callable[[str], None]) -> int:
    """Redrive one side or both; return 0 if nothing is left, 1 if something is."""
    begin = since(options)
    left = 0
    for stack in with_ids(doing.template, doing.plan.pair).stacks:
        side = stack.scenario.side
        if options.side in (None, side):
            place = place_of(doing.cloud, stack, stacks[side])
            prefixes = options.prefix or PREFIXES
            tally = Redriver(doing.cloud, doing.screen, place, begin, options.dry_run, prefixes).run()
            left += len(tally.left)
            for line in lines(tally, place.title, dry=options.dry_run):
                say(line)
    return 1 if left else 0


def since(options: argparse.Namespace) -> datetime | None:
    """Return from when on objects are put back, None for all; raise CannotTell for what is no moment."""
    return moment(options.since, datetime.now(UTC)) if options.since else None


def lines(tally: Tally, title: str, *, dry: bool) -> list[str]:
    """Return what became of a side's objects, a line for each reason and for each object that is left."""
    done = "would be put back" if dry else "put back"
    elsewhere = f", {tally.elsewhere} objects of another stream left where they are" if tally.elsewhere else ""
    head = f"{title}: {tally.records} records of {tally.objects} objects {done}{elsewhere}"
    reasons = [f"  {count} records: {reason}" for reason, count in tally.reasons.most_common()]
    return [head, *reasons, *(f"  left: {line}" for line in tally.left)]


def moment(text: str, now: datetime) -> datetime:
    """Return a moment that is written as a date, a date and a time (of UTC if it does not say), or 6h, 2d ago."""
    ago = re.fullmatch(r"([0-9]{1,6})([mhd])", text)
    if ago:
        return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        message = f"--since {text!r} is no moment"
        raise CannotTell(message, fix="write 2026-01-31, 2026-01-31T12:00 or how long ago, such as 6h or 2d") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
