"""What `stackproof changes` costs between two versions of the template, as a ratio to cfn-lint on one of them.

    .venv/bin/python benchmarks/changes.py [--runs N] [--against REV]

Each is a whole process, as a shell sees it, and they take turns, so that a machine that gets slower slows both. Medians
of the runs are compared: of the seconds of processors, which other work changes little, and of the clock.
`stackproof changes` works out both versions in every scenario and puts the rules about updates to them.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

TEMPLATE = "lib/TapStack.json"
REGIONS = ("us-east-1", "eu-central-1")
BROKEN_DOWN = {"changes": {2}, "cfn-lint": {1, 32}}
"""Exit codes that say that a command could not do its work."""


class Cost(NamedTuple):
    """Seconds by the clock, and of processors."""

    clock: float
    processor: float


def commands(revision: str) -> dict[str, list[str]]:
    run = [sys.executable, "-m"]
    return {
        "changes": [*run, "stackproof", "changes", "--against", revision],
        "cfn-lint": [str(Path(sys.executable).parent / "cfn-lint"), TEMPLATE, "--regions", *REGIONS],
    }


def cost(name: str, command: list[str]) -> Cost:
    """Run a command once; raise SystemExit where it breaks down, as its time would say nothing."""
    before, begun = os.times(), perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    clock, after = perf_counter() - begun, os.times()
    if done.returncode in BROKEN_DOWN[name]:
        raise SystemExit(f"{name} ended {done.returncode}: {done.stdout[-300:]}{done.stderr[-300:]}")
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(clock, processor)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--against", default="HEAD~20", metavar="REV")
    options = parser.parse_args()
    costs: dict[str, list[Cost]] = {name: [] for name in BROKEN_DOWN}
    for _ in range(options.runs):
        for name, command in commands(options.against).items():
            costs[name].append(cost(name, command))
    medians = {name: Cost(*(median(column) for column in zip(*runs, strict=True))) for name, runs in costs.items()}
    for name, middle in medians.items():
        print(f"{name:9} {middle.clock:6.2f} s by the clock {middle.processor:6.2f} s of processors")
    own, other = medians["changes"], medians["cfn-lint"]
    print(f"ratio     {own.clock / other.clock:6.2f}               {own.processor / other.processor:6.2f}")


if __name__ == "__main__":
    main()
