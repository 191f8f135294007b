"""Right templates of different services: what AWS would refuse, or would not work, is found in none of them."""

from pathlib import Path

import pytest

from stackproof.evaluation.scenario import Pair, command_line
from stackproof.gate.gate import prove
from stackproof.rules import rule_files
from stackproof.template.loader import load

RIGHT = sorted((Path(__file__).parent / "right_templates").glob("*.yaml"))
SHIPPED = tuple(item for item in rule_files.discover("rules") if item.pack in ("core", "security", "resilience"))
CORE = {row.name for row in SHIPPED if row.pack == "core"}


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_core_finds_nothing_in_a_right_template_and_every_rule_can_tell(path: Path) -> None:
    sides = (command_line(region, "111111111111", "stack", {}) for region in ("us-east-1", "eu-central-1"))
    outcome = prove(load(str(path)), (Pair("both", *sides),), SHIPPED, ())
    found = [
        f"{finding.rule}: {finding.message}"
        for finding in outcome.findings
        if finding.rule in CORE or finding.severity == "error"
    ]
    assert (found, [str(error) for error in outcome.errors]) == ([], [])
