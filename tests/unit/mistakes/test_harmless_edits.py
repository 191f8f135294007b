"""Edits of the template that do no harm, of every kind: no rule finds anything in it with all of them.

They are put into one template and judged in a few scenarios, which takes as long as one of them by itself; only where
something is found is each tried alone, to say which it is.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonpatch
import yaml

from stackproof.evaluation import scenario
from stackproof.evaluation.scenario import Pair
from stackproof.gate.gate import prove
from stackproof.rules import rule_files
from stackproof.rules.runner import AppliesToNothing
from stackproof.template import loader

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
EDITS: list[dict[str, Any]] = yaml.safe_load((HERE / "harmless/edits.yaml").read_text(encoding="utf-8"))
ORDER = ("Type", "Condition", "DependsOn", "Metadata", "DeletionPolicy", "UpdateReplacePolicy", "Properties")
JUDGED = ("foreign-account", "e-mail", "opt-in-both")
"""Scenarios that state no outputs, and that between them have every resource but the peering and the hosted zone's."""


def edited(edits: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of the template with some edits."""
    value = json.loads((ROOT / "lib/TapStack.json").read_text(encoding="utf-8"))
    for edit in edits:
        value = jsonpatch.apply_patch(value, edit.get("patch", []))
    value["Resources"] = {name: in_order(resource) for name, resource in value["Resources"].items()}
    text = json.dumps(value, indent=2)
    for old, new in (pair for edit in edits for pair in edit.get("rename", {}).items()):
        text = re.sub(rf"(?<![\w-]){old}(?![\w-])", new, text)
    rewrites = {edit["rewrite"] for edit in edits if "rewrite" in edit}
    if "reversed" in rewrites:
        text = json.dumps(json.loads(text, object_hook=turned), indent=2)
    return yaml.safe_dump(json.loads(text), sort_keys=False) if "yaml" in rewrites else text


def in_order(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource with its keys where this repository has them: a patch adds them at the end."""
    return {key: resource[key] for key in ORDER if key in resource}


def turned(value: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with its keys in the opposite order, unless that order is a convention."""
    return value if value.keys() & {"Type", "Resources"} else dict(reversed(value.items()))


def found(edits: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what the rules find in the template with some edits, and what they cannot check."""
    pairs = tuple(pair for pair in scenario.load(str(ROOT / "rules/scenarios.yaml")) if pair.name in JUDGED)
    pairs += tuple(pair for edit in edits if "scenario" in edit for pair in stated(edit["scenario"]))
    yaml_or_json = "yaml" if any(edit.get("rewrite") == "yaml" for edit in edits) else "json"
    template = loader.parse(edited(edits), f"TapStack.{yaml_or_json}")
    outcome = prove(template, pairs, rule_files.discover(str(ROOT / "rules")), ())
    errors = [str(error) for error in outcome.errors if not isinstance(error, AppliesToNothing)]
    messages = [
        f"{finding.rule}: {finding.message}" for finding in outcome.findings if finding.rule != "scenario_coverage"
    ]
    return sorted({*messages, *errors})


def stated(entry: Mapping[str, Any]) -> tuple[Pair, ...]:
    return scenario.pairs_in(loader.parse_document(yaml.safe_dump({"deployments": [entry]}), "s.yaml", text_only=True))


def test_edits_that_do_no_harm_are_quiet() -> None:
    together = found(EDITS)
    alone = {edit["name"]: messages for edit in EDITS if (messages := found([edit]))} if together else {}
    assert (together, alone) == ([], {})


def test_there_are_forty_of_them() -> None:
    assert len({edit["name"] for edit in EDITS}) == len(EDITS) >= 40
    assert all(edit.keys() - {"name"} <= {"patch", "rename", "rewrite", "scenario"} for edit in EDITS)
