"""The pages under docs/ do as they say: the rule of the first steps works, links lead somewhere, settings are real."""

import re
from pathlib import Path
from typing import Any

import corpus
import pytest
import yaml

from stackproof import editor
from stackproof.cli.main import main
from stackproof.evaluation import scenario
from stackproof.gate import configuration
from stackproof.rules import rule_files
from stackproof.rules.cases import run_case
from stackproof.template import loader

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
START = (ROOT / "docs/start.md").read_text(encoding="utf-8")


def block(language: str, holding: str) -> str:
    (found,) = [text for text in re.findall(rf"```{language}\n(.*?)```", START, re.DOTALL) if holding in text]
    return str(found)


def test_the_first_rule_of_a_beginner_says_what_its_cases_expect(tmp_path: Path) -> None:
    (tmp_path / "watching").mkdir()
    (tmp_path / "watching/buckets_report.guard").write_text(block("text", "rule buckets_report"))
    (tmp_path / "watching/buckets_report.cases.yaml").write_text(block("yaml", "expect: fail"))
    (rule,) = rule_files.discover(str(tmp_path))
    read, pairs = loader.load("lib/TapStack.json"), scenario.load("rules/scenarios.yaml")
    assert [run_case(read, pairs, rule, case) for case in rule_files.cases(rule)] == ["", ""]


def test_what_a_beginner_takes_out_is_there_and_promised() -> None:
    assert '"DeletionProtectionEnabled": true,' in Path("lib/TapStack.json").read_text(encoding="utf-8")
    assert "deletion_protected" in {rule.name for rule in rule_files.discover("rules")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_finding_that_is_shown_names_deployments_that_there_are(page: Path) -> None:
    names = {pair.name for pair in scenario.load("rules/scenarios.yaml")}
    shown = re.findall(r": \[([\w-]+), ([\w-]+) and \d+ more; ", page.read_text(encoding="utf-8"))
    assert {name for pair in shown for name in pair} - names == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)|src=\"([^\"]+)\"", text)
    inside = [item for pair in links for item in pair if item and "://" not in item]
    assert [item for item in inside if not (page.parent / item).exists()] == []


def test_the_sample_for_editors_configures_what_the_rule_takes() -> None:
    text = (ROOT / "docs/editor.md").read_text(encoding="utf-8")
    settings = re.findall(r"^    (\w+): (\S+)$", text, re.MULTILINE)
    assert dict(settings) == {
        name: definition["default"] for name, definition in editor.RuleFails().config_definition.items()
    }
    assert all(f"| {rule.id} |" in text for rule in (editor.RuleFails, editor.RulesCannotTell))


TRUST = (ROOT / "docs/trust.md").read_text(encoding="utf-8")


def files(folder: str) -> list[Any]:
    paths = sorted((ROOT / "tests/unit" / folder).glob("*.yaml"))
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]


def test_the_figures_of_trust_are_those_of_the_files() -> None:
    mistakes = [entry for file in files("mistakes") for entry in file]
    named = sum("names" in entry for entry in mistakes)
    cases = sum(len(file["cases"]) for file in files("cases"))
    figures = [named, len(mistakes) - named, cases, len({each.text for each in corpus.templates()})]
    stated = [int(figure.replace(",", "")) for figure in re.findall(r"(?:all|none) of (?:the )?([\d,]+)", TRUST)]
    assert stated == figures, "write these figures into docs/trust.md"


def blocks(language: str) -> list[Any]:
    found = [
        (page.name, text)
        for page in PAGES
        for text in re.findall(rf"^ *```{language}\n(.*?)^ *```$", page.read_text(encoding="utf-8"), re.M | re.S)
    ]
    assert found
    return [pytest.param(text, id=f"{page} {number}") for number, (page, text) in enumerate(found)]


@pytest.mark.parametrize("text", blocks("yaml"))
def test_a_block_of_yaml_is_yaml(text: str) -> None:
    assert isinstance(yaml.safe_load(text), dict | list)


@pytest.mark.parametrize("text", blocks("toml"))
def test_a_block_of_toml_is_a_configuration(text: str) -> None:
    assert configuration.in_text(text, "stackproof.toml").ignore


def test_the_folded_value_that_is_shown_is_what_fold_prints(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs/evaluator.md").read_text(encoding="utf-8")
    shown = re.search(r"^```console\n\$ stackproof (fold .+)\n([^`]+)```", page, re.M)
    assert shown
    assert main(shown[1].split()) == 0
    printed = re.sub(r"\s+", "", capsys.readouterr().out)
    assert [part for part in re.sub(r"\s+", "", shown[2]).split("…") if part.strip("{}[]") not in printed] == []
