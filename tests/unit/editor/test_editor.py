"""The gate's findings as cfn-lint shows them in an editor."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from outcomes import broken

from stackproof import editor

pytestmark = pytest.mark.usefixtures("small")
TOOLS = Path(__file__).parents[3] / "tools"
CONFIGURED = """\
append_rules: [stackproof.editor]
configure_rules:
  E9700: {template: template.json, scenarios: scenarios.yaml}
"""


def found(path: str, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.delitem(sys.modules, editor.INSIDE, raising=False)
    rule = editor.RuleFails()
    rule.configure({"template": "template.json", "scenarios": "scenarios.yaml"})
    return list(rule.match(SimpleNamespace(filename=path)))


def test_cfn_lint_shows_a_broken_promise_on_its_line() -> None:
    broken()
    Path(".cfnlintrc").write_text(CONFIGURED)
    done = subprocess.run(
        [sys.executable, "-c", "from cfnlint.runner import main; main()", "--format", "json", "template.json"],
        env={**os.environ, "PYTHONPATH": str(TOOLS)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    (match,) = [item for item in json.loads(done.stdout) if item["Rule"]["Id"].startswith("E97")]
    start, last = match["Location"]["Start"], match["Location"]["End"]
    line = Path("template.json").read_text().splitlines()[start["LineNumber"] - 1]
    assert line[start["ColumnNumber"] - 1 : last["ColumnNumber"] - 1] == '"Suspended"'
    assert match["Message"].startswith("buckets_versioned [only; target]: ")


def test_what_cannot_be_told_is_a_finding_too(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("scenarios.yaml").write_text("deployments: []\n")
    (match,) = found("template.json", monkeypatch)
    assert match.rule.id == "E9701"
    assert match.message.startswith("scenarios.yaml:1:14: cannot tell: ")


def test_another_template_is_not_the_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    broken()
    assert found("other.json", monkeypatch) == []


def test_where_the_gate_runs_cfn_lint_itself_nothing_is_said_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    broken()
    assert len(found("template.json", monkeypatch)) == 1
    monkeypatch.setitem(sys.modules, editor.INSIDE, sys)
    rule = editor.RuleFails()
    rule.configure({"template": "template.json"})
    assert list(rule.match(SimpleNamespace(filename="template.json"))) == []
