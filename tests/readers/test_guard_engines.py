"""Guard's own program and every engine that is installed say the same of every case of every rule in Guard."""

import functools
import json
import platform
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import resolved
from stackproof.rules import guard_engine, guard_report, rule_files
from stackproof.rules.cases import patched
from stackproof.rules.guard import Block
from stackproof.rules.rule_files import Rule
from stackproof.template import loader

ROOT = Path(__file__).parents[2]
HOLDER = "cdklabs.cdk_validator_cfnguard"
FOLDERS = {"linux": "ubuntu", "darwin": "macos"}
PROCESSORS = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
TEMPLATE = loader.load(str(ROOT / "lib/TapStack.json"))
PAIR = scenario.load(str(ROOT / "rules/scenarios.yaml"))[0]
RULES = [rule for rule in rule_files.discover(str(ROOT / "rules")) if rule.is_guard]
each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])


@functools.cache
def documents(rule: Rule) -> dict[str, str]:
    """Return what a rule is put to, as JSON: the template and each case of the rule, both regions."""
    found = {}
    changed = {case.name: patched(TEMPLATE, case) for case in rule_files.cases(rule)}
    for name, text in {"the template": TEMPLATE, **changed}.items():
        deployment = resolved(text, PAIR)
        source, target = (stack.value for stack in deployment.stacks)
        if "on: pair" in rule.text:
            found[name] = json.dumps({"Source": source, "Target": target})
        else:
            found |= {f"{name}, source": json.dumps(source), f"{name}, target": json.dumps(target)}
    return found


def blocks(engine: guard_engine.Engine, rule: Rule, document: str) -> tuple[Block, ...]:
    return guard_report.read(engine.run(document, rule.text, True), document)


@each_rule
def test_the_engines_say_the_same(rule: Rule) -> None:
    engines = guard_engine.installed()
    if len(engines) < 2:
        pytest.skip(f"only {engines[0].name} is installed here")
    first, second = ({name: blocks(engine, rule, text) for name, text in documents(rule).items()} for engine in engines)
    assert first == second


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cfn-guard program of this platform, from the package that carries it."""
    spec = find_spec(HOLDER) if find_spec(HOLDER.split(".", maxsplit=1)[0]) else None
    folder, processor = FOLDERS.get(sys.platform), PROCESSORS.get(platform.machine().lower())
    if spec is None or spec.origin is None or not folder or not processor:
        pytest.skip("the cfn-guard program is not at hand: pip install --no-deps cdklabs-cdk-validator-cfnguard")
    (archive,) = (Path(spec.origin).parent / "_jsii").glob("*.tgz")
    name = f"package/bin/{folder}/{processor}/cfn-guard"
    target = tmp_path_factory.mktemp("guard")
    with tarfile.open(archive) as packed:
        packed.extract(name, target, filter="data")
    found = target / name
    found.chmod(0o755)
    return found


@each_rule
def test_the_program_says_of_each_rule_block_what_the_engine_says(rule: Rule, program: Path, tmp_path: Path) -> None:
    reported = {}
    for number, (name, text) in enumerate(documents(rule).items()):
        file = tmp_path / f"{number}.json"
        file.write_text(text)
        command = [
            str(program),
            "validate",
            "-r",
            rule.path,
            "-d",
            str(file),
            "--structured",
            "-o",
            "json",
            "-S",
            "none",
        ]
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        reported[name] = statuses(json.loads(run.stdout)[0])
    value = {name: blocks(guard_engine.engine(), rule, text) for name, text in documents(rule).items()}
    expected = {name: {block.name: block.status for block in found} for name, found in value.items()}
    assert reported == expected


def statuses(report: dict[str, Any]) -> dict[str, str]:
    failed = {item["Rule"]["name"]: "FAIL" for item in report["not_compliant"]}
    return {**failed, **dict.fromkeys(report["compliant"], "PASS"), **dict.fromkeys(report["not_applicable"], "SKIP")}
