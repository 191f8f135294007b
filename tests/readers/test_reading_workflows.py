"""Workflows, the action and the image as programs of others read them: against schemas, and for what is unsafe."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github/workflows/gate.yml"
ACTION = ROOT / "action.yml"
EXAMPLE, GITLAB, *_ = re.findall(
    r"^```yaml\n(.*?)^```$", (ROOT / "docs/ci.md").read_text(encoding="utf-8"), re.M | re.S
)
ENVIRONMENTS = set(
    re.findall(r"[\w.-]+", " ".join(re.findall(r"^\[testenv:(.*)\]$", (ROOT / "tox.ini").read_text(), re.M)))
)


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = Path(sys.executable).with_name(program)
    return subprocess.run([str(path), *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The workflow that docs/ci.md shows, as a file where GitHub looks for one."""
    path = tmp_path / ".github/workflows/stackproof.yml"
    path.parent.mkdir(parents=True)
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


def test_the_workflows_of_github_are_such(example: Path) -> None:
    done = run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(WORKFLOW), str(example))
    assert done.returncode == 0, done.stdout


def test_the_action_of_github_is_one() -> None:
    done = run("check-jsonschema", "--builtin-schema", "vendor.github-actions", str(ACTION))
    assert done.returncode == 0, done.stdout


def test_the_example_gives_the_action_inputs_that_it_has() -> None:
    steps = yaml.safe_load(EXAMPLE)["jobs"]["stackproof"]["steps"]
    (inputs,) = [step["with"] for step in steps if "/stackproof@" in step["uses"]]
    assert inputs.keys() <= yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"].keys()


@pytest.mark.parametrize(("settings", "code", "named"), [("", 1, "sarif=found here.sarif\n"), ("[", 2, "")])
def test_the_action_checks_and_names_the_file_of_findings(small: Path, settings: str, code: int, named: str) -> None:
    path = small / "template.json"
    path.write_text(path.read_text().replace('"Enabled"] }', '"Suspended"] }'), encoding="utf-8")
    (small / "stackproof.toml").write_text(settings, encoding="utf-8")
    (small / "found here.sarif").write_text("of a run before", encoding="utf-8")
    (step,) = [step for step in yaml.safe_load(ACTION.read_text())["runs"]["steps"] if step.get("id") == "check"]
    inputs = {"TEMPLATE": path.name, "RULES": "rules", "SCENARIOS": "scenarios.yaml", "SARIF": "found here.sarif"}
    assert step["env"].keys() == {*inputs, "PYTHON"}
    (small / "output").touch()
    environment = {**os.environ, **inputs, "PYTHON": sys.executable, "RUNNER_TEMP": "", "GITHUB_OUTPUT": "output"}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", step["run"]], env=environment, check=False)
    assert (done.returncode, (small / "output").read_text()) == (code, named)
    assert (small / "found here.sarif").exists() == bool(named)


def test_hadolint_finds_nothing_in_the_image() -> None:
    done = run("hadolint", str(ROOT / "Dockerfile"))
    assert done.returncode == 0, done.stdout


def test_the_image_runs_as_a_user_and_is_built_of_no_more_than_the_package() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    users = [line for line in lines if line.startswith("USER")]
    copied = {word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1] if "--from" not in line}
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert users == ["USER 10001:10001"] and copied == sent


def test_the_pipeline_of_gitlab_is_one(tmp_path: Path) -> None:
    path = tmp_path / ".gitlab-ci.yml"
    path.write_text(GITLAB, encoding="utf-8")
    schema = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    done = run("check-jsonschema", *schema, str(path))
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing_even_where_it_is_strict(example: Path) -> None:
    done = run("zizmor", "--offline", "--pedantic", str(WORKFLOW), str(ACTION), str(example))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("text", [WORKFLOW.read_text(encoding="utf-8"), GITLAB], ids=["github", "gitlab"])
def test_every_environment_of_tox_that_is_run_is_there(text: str) -> None:
    (listed,) = re.findall(r"(?:environment|ENVIRONMENT): \[(.*)\]", text)
    named = {*listed.split(", "), *re.findall(r"tox run -e ([\w-]+)", text)}
    assert named - ENVIRONMENTS == set()
