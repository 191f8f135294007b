"""What the gate costs beside cfn-lint alone: medians and ratios, each measured by turns in one session.

    python benchmarks/gate.py [--runs N] [TEMPLATE]

Five commands take turns, so that a machine that gets slower slows all of them: cfn-lint alone in two regions, the
whole gate, the gate without cfn-lint (its own work), the gate where nothing has changed, and what only prints help.
Times are those of a whole process, as a shell sees them. The gate needs two processors that have nothing else to do:
where others are at work too, compare the processor times, which the machine's load changes little, and measure the
ratio again when it is quiet.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from compiled import keep_compiled_modules

REGIONS = ("us-east-1", "eu-central-1")
LEAST_RUNS = 5
ALONE, WHOLE, OWN, AGAIN, HELP = "cfn-lint alone", "whole gate", "own work only", "unchanged", "--help"
BROKEN_DOWN = {ALONE: {1}, WHOLE: {2}, OWN: {2}, AGAIN: {2}, HELP: {1, 2}}
"""Exit codes that are no result: cfn-lint's results are sums of 2, 4 and 8, the gate's 0 (kept) and 1 (broken)."""


def commands(template: str) -> dict[str, list[str]]:
    cfn_lint = str(Path(sys.executable).with_name("cfn-lint"))
    stackproof = [sys.executable, "-m", "stackproof"]
    gate = [*stackproof, "check", "--no-cache", template]
    return {
        ALONE: [cfn_lint, "--regions", *REGIONS, "--template", template],
        WHOLE: gate,
        OWN: [*gate, "--no-lint"],
        AGAIN: [*stackproof, "check", template],
        HELP: [*stackproof, "--help"],
    }


class Times(NamedTuple):
    """Seconds of a run: by the clock, and of processors, its children's included."""

    clock: float
    processor: float


def timed(name: str, command: list[str]) -> Times:
    """Run a command, quietly, and time it. A command that breaks down has no time."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    clock, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode in BROKEN_DOWN[name]:
        sys.exit(f"{name} ended with {run.returncode}: {(run.stderr or run.stdout).strip()}")
    return Times(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("template", nargs="?", default="lib/TapStack.json", metavar="TEMPLATE")
    parser.add_argument("--runs", type=int, default=7, metavar="N", help=f"of each command, at least {LEAST_RUNS}")
    options = parser.parse_args()
    each = commands(options.template)
    keep_compiled_modules()
    for name, command in each.items():
        timed(name, command)  # what counts has the caches of files and of compiled modules warm
    runs = max(options.runs, LEAST_RUNS)
    times: dict[str, list[Times]] = {name: [] for name in each}
    for _ in range(runs):
        for name, command in each.items():
            times[name].append(timed(name, command))
    show(options.template, times)


def show(template: str, times: dict[str, list[Times]]) -> None:
    runs, load = len(times[ALONE]), os.getloadavg()[0]
    print(f"{template}: {runs} runs of each, by turns; {os.cpu_count()} processors, load {load:.1f}")
    print(f"{'':16}{'median':>8}{'least':>8}{'most':>8}{'ratio':>8}{'processor':>11}")
    base = median(run.clock for run in times[ALONE])
    for name, each in times.items():
        clocks = [run.clock for run in each]
        middle, processor = median(clocks), median(run.processor for run in each)
        print(f"{name:16}{middle:7.2f}s{min(clocks):7.2f}s{max(clocks):7.2f}s{middle / base:8.2f}{processor:10.2f}s")


if __name__ == "__main__":
    main()
