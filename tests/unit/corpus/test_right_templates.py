"""Right templates of different services: what AWS would refuse, or would not work, is found in none of them."""

from pathlib import Path

import pytest

from stackproof.evaluation.scenario import Pair, command_line
from stackproof.gate.gate import prove
from stackproof.rules import rule_files
from stackproof.template.loader import load

RIGHT = sorted((Path(__file__).parent / "right_templates").glob("*.yaml"))
SHIPPED = tuple(one for one in rule_files.discover("rules") if one.pack in ("core", "security", "resilience"))
CORE = {one.name for one in SHIPPED if one.pack == "core"}


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_core_finds_nothing_in_a_right_template_and_every_rule_can_tell(path: Path) -> None:
    sides = (command_line(region, "111111111111", "stack", {}) for region in ("us-east-1", "eu-central-1"))
    outcome = prove(load(str(path)), (Pair("both", *sides),), SHIPPED, ())
    found = [f"{one.rule}: {one.message}" for one in outcome.findings if one.rule in CORE or one.severity == "error"]
    assert (found, [str(error) for error in outcome.errors]) == ([], [])
