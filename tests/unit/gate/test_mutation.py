"""Mutants of a small template: each value is changed, and what no rule notices survives."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from stackproof.cli import main
from stackproof.foundation.finding import CannotTell
from stackproof.gate import mutation
from stackproof.gate.mutants import Mutant, applied, mutants
from stackproof.gate.noticing import SURVIVED
from stackproof.template import loader

pytestmark = pytest.mark.usefixtures("small")
STATUS = "/Resources/Bucket/Properties/VersioningConfiguration/Status/Fn::If"


def gate() -> mutation.Gate:
    return mutation.load("template.json", ["rules"], "scenarios.yaml", "pyproject.toml", lint=False)


def results(state: str = "state.jsonl") -> dict[str, str]:
    return {run.mutant.name: run.by for _, run in mutation.run(gate(), Path(state), 2)}


def unnoticed(found: dict[str, str]) -> set[str]:
    return {name for name, by in found.items() if by == SURVIVED}


UNTOUCHED = {"/AWSTemplateFormatVersion", "/Parameters", "/Conditions", "/Resources", "/Outputs"}
"""Whole sections are left alone, and the two parts of a Fn::GetAtt, which is changed as one."""


def below(value: Any, pointer: str = "") -> Iterator[str]:
    """Give the pointer of every value of a template."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield f"{pointer}/{key}"
        yield from below(item, f"{pointer}/{key}")


def test_every_value_is_removed() -> None:
    template = loader.load("template.json")
    names = [mutant.name for mutant in mutants(template)]
    assert len(names) == len(set(names))
    removed = {name.removeprefix("remove ") for name in names if name.startswith("remove ")}
    parts = {f"/Outputs/BucketArn/Value/Fn::GetAtt/{index}" for index in (0, 1)}
    assert removed == set(below(template.value)) - UNTOUCHED - parts


CHANGES: dict[str, Any] = {
    f"choose another {STATUS}/2": "Suspended",
    f"empty {STATUS}/1": "",
    "point elsewhere /Outputs/BucketArn/Value/Fn::GetAtt": ["Topic", "Arn"],
    "point elsewhere /Conditions/IsSource/Fn::Equals/1/Ref": "Suffix",
    "misspell /Parameters/Suffix/AllowedPattern": "[a-xz]+",
}


@pytest.mark.parametrize(("name", "value"), CHANGES.items(), ids=CHANGES)
def test_a_value_is_changed_as_its_kind_allows(name: str, value: Any) -> None:
    (mutant,) = (mutant for mutant in mutants(loader.load("template.json")) if mutant.name == name)
    assert mutant.value == value


def test_a_mutant_is_the_template_but_for_one_value() -> None:
    original = loader.load("template.json")
    changed = [applied(original, mutant) for mutant in mutants(original)]
    assert all(item != original.value for item in changed)
    assert original.value == loader.load("template.json").value


def test_a_rule_that_notices_a_mutant_is_named_and_the_others_survive() -> None:
    found = results()
    assert found[f"choose another {STATUS}/2"] == "buckets_versioned"
    assert found["remove /Resources/Bucket/Properties/BucketName"] == "buckets_named"
    assert found["remove /Resources/Bucket"] == "cannot tell"
    assert found["misspell /Resources/Topic/Properties/TopicName/Fn::Sub"] == SURVIVED


def test_a_run_that_was_broken_off_goes_on_where_it_was() -> None:
    whole = results()
    lines = Path("state.jsonl").read_text().splitlines(keepends=True)
    Path("state.jsonl").write_text("".join(lines[:5]))
    assert unnoticed(results()) == unnoticed(whole)
    assert len(Path("state.jsonl").read_text().splitlines()) == len(lines)


def test_the_files_of_two_parts_joined_are_the_whole() -> None:
    for number in (1, 2):
        list(mutation.run(gate(), Path(f"{number}.jsonl"), 1, (number, 2)))
    joined = Path("1.jsonl").read_text() + Path("2.jsonl").read_text()
    Path("joined.jsonl").write_text(joined)
    assert unnoticed(results("joined.jsonl")) == unnoticed(results())
    assert Path("joined.jsonl").read_text() == joined


def test_what_an_earlier_run_noticed_is_not_tried_again() -> None:
    whole = results("earlier.jsonl")
    trusted = '"of other rules"\n["remove /Resources/Topic", "a_rule_of_then"]\n["remove /Resources/Bucket", ""]\n'
    Path("earlier.jsonl").write_text(trusted)
    again = {run.mutant.name: run.by for _, run in mutation.run(gate(), Path("s"), 2, earlier=Path("earlier.jsonl"))}
    assert again["remove /Resources/Topic"] == "a_rule_of_then"
    assert unnoticed(again) == unnoticed(whole) - {"remove /Resources/Topic"}


@pytest.mark.parametrize("text", [None, "{", "[1]"])
def test_earlier_results_that_are_none_are_refused(text: str | None) -> None:
    if text is not None:
        Path("earlier.jsonl").write_text(text)
    with pytest.raises(CannotTell, match=r"earlier\.jsonl holds no results of mutants"):
        list(mutation.run(gate(), Path("s"), 1, earlier=Path("earlier.jsonl")))


@pytest.mark.parametrize("named", ["", "Outputs/Other"])
@pytest.mark.parametrize("broken", [[], ["misspell /Resources/Topic/Properties/TopicName/Fn::Sub"]])
def test_cfn_lint_names_the_one_of_a_group_that_it_notices(
    broken: list[str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    linted: list[list[str]] = []

    def lint(_gate: mutation.Gate, changes: Sequence[Mutant]) -> list[mutation.Match]:
        linted.append([change.name for change in changes])
        return [mutation.Match("E3002", named or change.resource) for change in changes if change.name in broken]

    monkeypatch.setattr(mutation, "_linted", lint)
    loaded = mutation.load("template.json", ["rules"], "scenarios.yaml", "pyproject.toml", lint=True)
    monkeypatch.setattr(mutation, "_mapped", lambda item, _, work, numbers, __: here(item, work, numbers))
    found = {run.mutant.name: run.by for _, run in mutation.run(loaded, Path("state.jsonl"), 1)}
    assert [name for name, by in found.items() if by == "E3002"] == broken
    assert {name for name, by in found.items() if by in ("E3002", SURVIVED)} == set(chain(*linted))
    assert len(linted) < len(found)


def here(gate: mutation.Gate, work: Callable[[Any], Any], numbers: Sequence[Any]) -> Iterator[Any]:
    mutation._share(gate)
    return map(work, numbers)


@pytest.mark.parametrize("text", ["2", "0/2", "3/2", "a/b", "1/"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(CannotTell, match="is no part"):
        mutation.part_of(text)


def test_results_of_another_template_are_not_taken_over() -> None:
    Path("state.jsonl").write_text('"another"\n["remove /Resources/Bucket", ""]\n')
    assert results()["remove /Resources/Bucket"] == "cannot tell"


def test_a_template_that_does_not_pass_has_no_mutants() -> None:
    text = Path("template.json").read_text()
    Path("template.json").write_text(text.replace('"Enabled", "Enabled"', '"Enabled", "Suspended"'))
    with pytest.raises(CannotTell, match="does not pass: buckets_versioned"):
        gate()


def test_the_summary_counts_and_groups_the_survivors() -> None:
    trials = [run for _, run in mutation.run(gate(), Path("state.jsonl"), 2)]
    first, second, *lines = mutation.summary(trials).splitlines()
    survivors = sum(trial.by == SURVIVED for trial in trials)
    assert first.startswith(f"{len(trials) - survivors} of {len(trials)} mutants are noticed")
    assert second == "0 of them by cfn-lint alone, 0.0 %"
    assert sum(line.startswith("  ") for line in lines) == survivors


def test_the_command_ends_1_below_the_share_that_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["mutate", "template.json", "--rules", "rules", "--scenarios", "scenarios.yaml", "--no-lint"]
    assert main.main([*asked, "--least", "20"]) == 0
    assert main.main([*asked, "--least", "99"]) == 1
    assert "mutants are noticed" in capsys.readouterr().out
