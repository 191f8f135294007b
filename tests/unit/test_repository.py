"""The repository keeps its own house rules: commands said once, folders with a reason, no machine's paths."""

import ast
import configparser
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from stackproof.cli import main
from stackproof.gate import choice, configuration
from stackproof.rules import rule_files

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COMMANDS = [block.strip() for block in re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)]


def files() -> list[str]:
    """Return the files that git has, also where the repository belongs to someone else than runs the tests."""
    command = ["git", "-c", "safe.directory=*", "ls-files"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_each_of_the_first_two_commands_is_one_line_that_does_its_own_set_up() -> None:
    assert [command.count("\n") for command in COMMANDS[:2]] == [0, 0]
    assert [command.split(" && ")[0] for command in COMMANDS[:2]] == ["python3 -m venv --without-pip .venv"] * 2


def test_continuous_integration_runs_the_test_command_of_the_readme() -> None:
    assert (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()[-1] == COMMANDS[1]


def test_continuous_integration_can_be_started() -> None:
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_the_failure_in_the_readme_is_what_check_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = re.search(r"^```console\n\$ sed 's/(.+)/(.+)/' (\S+) > (\S+)\n\$ \S+ (.+)\n([^`]+)", README, re.MULTILINE)
    assert shown
    written, misspelt, template, copy, arguments, output = shown.groups()
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    (tmp_path / copy).write_text((ROOT / template).read_text(encoding="utf-8").replace(written, misspelt))
    monkeypatch.chdir(tmp_path)
    assert main.main([*arguments.split(), "--no-lint"]) == 1
    printed = without_places(capsys.readouterr().out).splitlines()
    assert [line for line in without_places(output).splitlines() if line not in printed] == []


def without_places(report: str) -> str:
    """Blank lines and columns, which move with every edit of the template."""
    return re.sub(r":\d+:\d+:", ":", report)


@pytest.mark.parametrize("name", files())
def test_a_file_names_no_folder_of_the_machine_it_was_written_on(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"(?<![\w.}*])/(?:home|root|Users|work|opt)/[\w.]+", text) == []


def test_every_top_level_folder_has_a_reason_in_contributing() -> None:
    folders = {name.split("/")[0] for name in files() if "/" in name}
    assert {folder for folder in folders if f"`{folder}/`" not in CONTRIBUTING} == set()


def test_every_environment_of_tox_says_what_it_is_for_and_does_something() -> None:
    text = (ROOT / "tox.ini").read_text(encoding="utf-8")
    sections = re.findall(r"^\[testenv:.*?\]\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    assert sections
    assert [section for section in sections if not re.match(r"description = .*^commands =", section, re.M | re.S)] == []


def test_every_environment_of_tox_that_runs_pytest_has_what_the_tests_conftest_imports() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    conftest = ast.parse((ROOT / "tests/conftest.py").read_text(encoding="utf-8"))
    imported = {node.module for node in conftest.body if isinstance(node, ast.ImportFrom) and node.module}
    imported |= {name.name for node in conftest.body if isinstance(node, ast.Import) for name in node.names}
    wanted = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    running = {name: tox[name] for name in tox.sections() if "pytest " in tox[name].get("commands", "")}
    assert len(running) > 4
    installed = {
        name: {re.split(r"[^\w-]", line)[0] for extra in section["extras"].split(",") for line in extras[extra.strip()]}
        for name, section in running.items()
    }
    assert {name: missing for name, has in installed.items() if (missing := wanted - has)} == {}


def test_every_rule_is_run_here_and_must_apply_and_any_finding_fails() -> None:
    project = configuration.read(str(ROOT / "pyproject.toml"))
    chosen = choice.made(rule_files.discover(str(ROOT / "rules")), project)
    assert {rule.name for rule in chosen.rules} == chosen.required
    assert (chosen.ignored, project.fail_on, project.suppressed) == (frozenset(), "info", {})


def test_every_rule_names_its_pack() -> None:
    assert [rule.path for rule in rule_files.discover(str(ROOT / "rules")) if rule.pack == "own"] == []
