"""The forms of files that parameter values come from."""

from pathlib import Path

import pytest

from stackproof.evaluation import parameter_files
from stackproof.evaluation.scenario import load
from stackproof.foundation.finding import CannotTell

LISTED = '[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "L", "ParameterValue": "x,y"}]'
INSTANCES = """
- Regions: [us-east-1]
  ParameterOverrides: [{ParameterKey: A, ParameterValue: 1}, {ParameterKey: L, ParameterValue: "x,y"}]
- Regions: [eu-central-1]
  ParameterOverrides: [{ParameterKey: A, ParameterValue: 2}]
"""
SAM = '[default.deploy.parameters]\nparameter_overrides = %s\n[prod.deploy.parameters]\nparameter_overrides = "A=9"\n'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cli.json", LISTED),
        ("pipeline.json", '{"Parameters": {"A": 1, "L": ["x", "y"]}, "Tags": {"T": "t"}}'),
        ("plain.yaml", "A: 1\nL: [x, y]\n"),
        ("overrides.json", f'{{"ParameterOverrides": {LISTED}}}'),
        ("instances.yaml", INSTANCES),
        ("samconfig.toml", SAM % '"A=1 L=\\"x,y\\""'),
        ("listed.toml", SAM % '["A=1", "L=x,y"]'),
        ("long.toml", SAM % '"ParameterKey=A,ParameterValue=1 ParameterKey=L,ParameterValue=x,y"'),
    ],
)
def test_every_form_gives_the_same_values(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found = parameter_files.read(str(path), "us-east-1")
    assert {key: value for key, (value, _) in found.items()} == {"A": "1", "L": "x,y"}


def test_an_environment_of_samconfig_is_named_behind_the_file(tmp_path: Path) -> None:
    path = tmp_path / "samconfig.toml"
    path.write_text(SAM % '"A=1"', encoding="utf-8")
    assert parameter_files.read(f"{path}#prod", "us-east-1")["A"][0] == "9"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", '[{"Key": "A"}]', "a.json:1:2: an entry has no ParameterKey and ParameterValue"),
        ("a.json", '"A"', "it holds no parameters"),
        ("a.json", '[{"ParameterKey": "A", "ParameterValue": {}}]', "neither text nor a list of texts"),
        ("a.json", f"[{LISTED[1:-1]}, {LISTED[1:-1]}]", "the parameter A is given twice"),
        ("a.toml", "[x]\n", "the environment default has no parameter_overrides"),
        ("a.toml", "x", "it is no TOML"),
        ("a.toml", SAM % '"A"', "a.toml:2:1: 'A' is no pair"),
    ],
)
def test_another_form_is_refused_with_its_place(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CannotTell) as refusal:
        parameter_files.read(str(path), "us-east-1")
    assert message in str(refusal.value)


def test_scenarios_take_files_and_what_they_say_themselves_counts_more(tmp_path: Path) -> None:
    (tmp_path / "both.json").write_text(LISTED, encoding="utf-8")
    (tmp_path / "target.json").write_text('{"Parameters": {"A": "3", "B": "4"}}', encoding="utf-8")
    scenarios = tmp_path / "scenarios.yaml"
    scenarios.write_text(
        "deployments:\n- name: n\n  parameter-files: both.json\n  parameters: {L: z}\n  source: {region: us-east-1}\n"
        "  target: {region: eu-central-1, parameter-files: [target.json], parameters: {B: 5}}\n",
        encoding="utf-8",
    )
    (pair,) = load(str(scenarios))
    assert dict(pair.source.parameters) == {"A": "1", "L": "z"}
    assert dict(pair.target.parameters) == {"A": "3", "L": "z", "B": "5"}
    assert Path(pair.target.places["A"].path).name == "target.json"


def test_a_file_that_is_not_there_is_refused_at_the_line_that_names_it(tmp_path: Path) -> None:
    scenarios = tmp_path / "scenarios.yaml"
    scenarios.write_text(
        "deployments:\n- name: n\n  parameter-files: no.json\n  source: {region: us-east-1}\n"
        "  target: {region: eu-central-1}\n",
        encoding="utf-8",
    )
    with pytest.raises(CannotTell, match=r"scenarios.yaml:3:20: there is neither .*no.json"):
        load(str(scenarios))
