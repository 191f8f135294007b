"""Right templates of different services: what AWS would refuse, or would not work, is found in none of them.

They are checked as by a user whose configuration does not say what is external. What cannot be known of them, as the
code of a function that lies in a bucket, is a note.
"""

from functools import cache
from pathlib import Path

import pytest

from stackproof.evaluation.scenario import Pair, command_line
from stackproof.foundation.finding import Undecided
from stackproof.gate.gate import judged
from stackproof.gate.outcome import Outcome
from stackproof.gate.work import work_out
from stackproof.rules import rule_files
from stackproof.template.loader import load

RIGHT = sorted((Path(__file__).parent / "right_templates").glob("*.yaml"))
SHIPPED = tuple(item for item in rule_files.discover("rules") if item.pack in ("core", "security", "resilience"))
CORE = {row.name for row in SHIPPED if row.pack == "core"}


@cache
def checked(path: Path) -> Outcome:
    sides = (command_line(region, "111111111111", "stack", {}) for region in ("us-east-1", "eu-central-1"))
    return judged(work_out(load(str(path)), (Pair("both", *sides),)), SHIPPED, (), external=None)


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_core_finds_nothing_in_a_right_template_and_every_rule_can_tell(path: Path) -> None:
    outcome = checked(path)
    found = [
        f"{finding.rule}: {finding.message}"
        for finding in outcome.findings
        if finding.rule in CORE or finding.severity == "error"
    ]
    untold = [str(error) for error in outcome.errors if not isinstance(error, Undecided)]
    assert (found, untold) == ([], [])


PRACTICE = {
    "alarms_notify", "backups_reach_other_region", "buckets_require_tls", "buckets_versioned", "deletion_protected",
    "point_in_time_recovery", "public_access_blocked", "stores_retained", "subnets_in_two_zones", "tasks_recover",
    "topics_require_tls",
}  # fmt: skip
"""What these templates leave out, each for one reason: they show one service, and nobody keeps data in them. Every
message of these rules says so truly: no policy demands TLS, no lifecycle ends old versions, nothing retains a store,
no vault of the other region has copies, an alarm has no action, both subnets stand in one zone, no task retries."""


def test_what_warns_of_right_templates_is_practice_that_they_leave_out() -> None:
    warned = set()
    for path in RIGHT:
        warned |= {finding.rule for finding in checked(path).findings if finding.severity == "warning"}
    assert warned <= PRACTICE


def test_there_are_twenty() -> None:
    assert len(RIGHT) >= 20
