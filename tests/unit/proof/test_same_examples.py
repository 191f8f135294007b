"""The values shown for what conditions come to are the same in each run, whatever order sets have in it."""

import os
import subprocess
import sys
from pathlib import Path

import stackproof

CODE = """
from stackproof.evaluation.scenario import command_line
from stackproof.proof.branches import reaching
from stackproof.template import loader
template = loader.load("lib/TapStack.json")
partition = command_line("us-east-1", "111111111111", "stack", {}).partition
for name in template.value["Conditions"]:
    print([reaching(template, partition, ((name, outcome),)) for outcome in (True, False)])
"""


def shown(seed: int) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(Path(stackproof.__file__).parents[1])}
    return subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_examples_do_not_depend_on_the_seed_of_hashes() -> None:
    assert len({shown(seed) for seed in range(2, 5)}) == 1
