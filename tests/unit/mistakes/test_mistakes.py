"""Realistic mistakes, a file a kind: each is named by the rule that it says, and its right twin is quiet.

An entry of a file in this folder:
  name:       what was done, as a reviewer would say it
  template:   a text of YAML or JSON; with
  edits:      pairs of texts, each put in place of the other wherever it stands in the template; or
  patch:      a JSON patch of lib/TapStack.json
  scenarios:  for a template, what rules/scenarios.yaml would hold; without, two regions and no parameters
  names:      the rules (one or a list) of which each has to find something; or
  quiet:      the rules that must not find anything, or `all` where no rule may
  says:       a regular expression that a message of each named rule matches (optional)
The rules of the entry alone are run, all of them for `all`. What they cannot check is as wrong as a mistake that
passes, unless `undecided` says that it is expected.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
import yaml

from stackproof.evaluation import scenario
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.gate.gate import prove
from stackproof.gate.outcome import Outcome
from stackproof.rules import rule_files
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import AppliesToNothing
from stackproof.template import loader

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
RULES = rule_files.discover(str(ROOT / "rules"))
KEYS = {"name", "template", "edits", "patch", "scenarios", "names", "quiet", "says", "undecided"}
TWO_REGIONS = """
deployments:
  - name: only
    source: {region: us-east-1}
    target: {region: eu-central-1}
"""


def entries() -> Iterator[Any]:
    for path in sorted(HERE.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield pytest.param(entry, id=f"{path.stem}: {entry['name']}")


@cache
def product() -> tuple[Document, tuple[Pair, ...]]:
    return loader.load(str(ROOT / "lib/TapStack.json")), scenario.load(str(ROOT / "rules/scenarios.yaml"))


def text_of(entry: dict[str, Any]) -> str:
    text = str(entry["template"])
    for before, after in entry.get("edits", ()):
        assert before in text
        text = text.replace(before, after)
    return text


def rules_of(entry: dict[str, Any]) -> tuple[Rule, ...]:
    names = listed(entry["names"] if "names" in entry else entry["quiet"])
    found = tuple(rule for rule in RULES if names == ["all"] or rule.name in names)
    assert {rule.name for rule in found} >= {*names} - {"all"}
    return found


def outcome_of(entry: dict[str, Any]) -> Outcome:
    rules = rules_of(entry)
    if "patch" in entry:
        text, pairs = product()
        changed = jsonpatch.apply_patch(text.value, entry["patch"])
        return prove(loader.parse(json.dumps(changed, indent=2), "TapStack.json"), pairs, rules, ())
    stated = loader.parse_document(entry.get("scenarios", TWO_REGIONS), "scenarios.yaml", text_only=True)
    return prove(loader.parse(text_of(entry), "template.yaml"), scenario.pairs_in(stated), rules, ())


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("entry", [*entries()])
def test_a_mistake_is_named_and_its_twin_is_quiet(entry: dict[str, Any]) -> None:
    assert entry.keys() <= KEYS
    assert ("names" in entry) != ("quiet" in entry)
    outcome = outcome_of(entry)
    errors = [str(error) for error in outcome.errors if not isinstance(error, AppliesToNothing)]
    assert not errors or entry.get("undecided", False), errors
    found = {
        f"{finding.rule}: {finding.message}" for finding in outcome.findings if finding.rule != "scenario_coverage"
    }
    if "quiet" in entry:
        shut = entry["quiet"]
        assert [item for item in found if shut == "all" or item.split(":")[0] in listed(shut)] == []
        return
    message = re.compile(entry.get("says", ""))
    named = {item.split(":")[0] for item in found if message.search(item)}
    assert set(listed(entry["names"])) - named == set(), sorted(found)


@pytest.mark.parametrize("path", sorted(HERE.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_kind_has_six_mistakes_and_two_twins(path: Path) -> None:
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert sum("names" in item for item in read) >= 6
    assert sum("quiet" in item for item in read) >= 2
