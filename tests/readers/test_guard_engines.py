"""Guard's own program and every engine that is installed say the same of every case of every rule in Guard.

Compared are whole blocks: the name and status of each, and of each failure its path, message, fix and replacement. The
program is of cfn-guard 3.1.1, cfn-guard-rs is built on 3.0.1, guardpycfn on its own parser of the same language.
"""

import functools
import json
import platform
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import resolved
from stackproof.rules import guard_engine, guard_report, rule_files
from stackproof.rules.cases import patched
from stackproof.rules.guard import Block, Failure
from stackproof.rules.rule_files import Rule
from stackproof.template import loader

ROOT = Path(__file__).parents[2]
HOLDER = "cdklabs.cdk_validator_cfnguard"
FOLDERS = {"linux": "ubuntu", "darwin": "macos"}
PROCESSORS = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
TEMPLATE = loader.load(str(ROOT / "lib/TapStack.json"))
PAIR = scenario.load(str(ROOT / "rules/scenarios.yaml"))[0]
RULES = [rule for rule in rule_files.discover(str(ROOT / "rules")) if rule.is_guard]
KEY = re.compile(r"(.*: )Resources is (\w+)(, .*)")
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
    """Return what an engine says of a document, read of its long report."""
    return guard_report.read(engine.run(document, rule.text, True), document)


@functools.cache
def blocks_of_engine(engine: guard_engine.Engine, rule: Rule) -> dict[str, tuple[Block, ...]]:
    return {name: blocks(engine, rule, text) for name, text in documents(rule).items()}


@each_rule
def test_the_engines_say_the_same(rule: Rule) -> None:
    engines = guard_engine.installed()
    if len(engines) < 2:
        pytest.skip(f"only {engines[0].name} is installed here")
    first, second = (blocks_of_engine(engine, rule) for engine in engines)
    assert first == second


@each_rule
def test_what_is_compared_passes_and_fails(rule: Rule) -> None:
    found = blocks_of_engine(guard_engine.engine(), rule).values()
    statuses = {block.status for blocks in found for block in blocks}
    places = [failure.path for blocks in found for block in blocks for failure in block.failures]
    assert statuses >= {"PASS", "FAIL"} and all(places)


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
def test_the_program_says_what_the_engine_says(rule: Rule, program: Path, tmp_path: Path) -> None:
    files = {name: tmp_path / f"{number}.json" for number, name in enumerate(documents(rule))}
    for name, text in documents(rule).items():
        files[name].write_text(text)
    command = [str(program), "validate", "--print-json", "-S", "none", "-o", "json", "-r", rule.path, "-d"]
    command += [str(file) for file in files.values()]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    reports = {report["container"]["FileCheck"]["name"]: report for report in trees(run.stdout)}
    reported = {name: guard_report.read(reports[str(files[name])], text) for name, text in documents(rule).items()}
    assert {name: at_keys(found) for name, found in reported.items()} == blocks_of_engine(guard_engine.engine(), rule)


def at_keys(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return blocks with a failed key of a mapping placed as cfn-guard 3.0.1 places it: at what it is the key of.

    This is the one difference: for a key that a rule captures (`Resources[ name | … ]`), 3.1.1 reports the mapping.
    """
    return tuple(block._replace(failures=tuple(at_key(failure) for failure in block.failures)) for block in blocks)


def at_key(failure: Failure) -> Failure:
    match = KEY.fullmatch(failure.message) if failure.path == ("Resources",) else None
    if not match:
        return failure
    before, key, after = match.groups()
    return failure._replace(path=("Resources", key), message=f"{before}{key}{after}")


def trees(printed: str) -> Iterator[dict[str, Any]]:
    """Yield the trees of records, the long reports, among the JSON objects that the program prints in a row."""
    decoder, at = json.JSONDecoder(), printed.find("{")
    while at >= 0:
        read, end = decoder.raw_decode(printed, at)
        if "container" in read:
            yield read
        at = printed.find("{", end)
