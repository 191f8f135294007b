"""The workflows as programs of others read them: against their schemas, and for what makes them unsafe."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github/workflows/gate.yml"
GITLAB = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/ci.md").read_text(encoding="utf-8"), re.M | re.S)[0]
ENVIRONMENTS = set(
    re.findall(r"[\w.-]+", " ".join(re.findall(r"^\[testenv:(.*)\]$", (ROOT / "tox.ini").read_text(), re.M)))
)


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = Path(sys.executable).with_name(program)
    return subprocess.run([str(path), *arguments], capture_output=True, text=True, check=False)


def test_the_workflow_of_github_is_one() -> None:
    done = run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(WORKFLOW))
    assert done.returncode == 0, done.stdout


def test_the_pipeline_of_gitlab_is_one(tmp_path: Path) -> None:
    path = tmp_path / ".gitlab-ci.yml"
    path.write_text(GITLAB, encoding="utf-8")
    schema = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    done = run("check-jsonschema", *schema, str(path))
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing_even_where_it_is_strict() -> None:
    done = run("zizmor", "--offline", "--pedantic", str(WORKFLOW))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("text", [WORKFLOW.read_text(encoding="utf-8"), GITLAB], ids=["github", "gitlab"])
def test_every_environment_of_tox_that_is_run_is_there(text: str) -> None:
    (listed,) = re.findall(r"(?:environment|ENVIRONMENT): \[(.*)\]", text)
    named = {*listed.split(", "), *re.findall(r"tox run -e ([\w-]+)", text)}
    assert named - ENVIRONMENTS == set()
