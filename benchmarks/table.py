"""The gate beside cfn-lint, checkov and cloudformation-validate, on the template and on 480 resources: medians.

    python3 -m venv --without-pip .bench && python3 -m pip --python .bench install -q checkov cloudformation-validate
    .venv/bin/python benchmarks/table.py [--runs N] [--resources N]

Each is a whole process, as a shell sees it, and they take turns, so that a machine that gets slower slows all of them.
The other two have an environment of their own, as checkov asks for one boto3 exactly; what is in neither is said to be
absent. checkov and cloudformation-validate read the template once, as it is written; cfn-lint reads it in two regions;
the gate works it out for every scenario, both sides. It cannot tell all of the enlarged template, whose copies may have
one name; that is a result. Peak memory is that of a command with the processes that it starts. What follows an edit is
measured in processes that stay, as `warm.py` does.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from compiled import keep_compiled_modules
from enlarged import enlarged
from warm import SERVER, VERDICT, WATCH, of_server, of_watch

TEMPLATE = "lib/TapStack.json"
REGIONS = ("us-east-1", "eu-central-1")
OTHERS = ".bench"
VERSION = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
VALIDATE = (
    "import sys; from cloudformation_validate import CompositeEngine; "
    "print(len(CompositeEngine().validate_template(sys.argv[1]).diagnostics), 'diagnostics')"
)
"""Its distribution on PyPI is a library without a command."""
BASE = "cfn-lint"


class Subject(NamedTuple):
    """A command, the distribution and the Python that have it, and the exit codes that say that it broke down."""

    name: str
    distribution: str
    python: str
    command: tuple[str, ...]
    broken_down: frozenset[int]


class Cost(NamedTuple):
    """What a run took: seconds by the clock and of processors, MiB at the peak."""

    clock: float
    processor: float
    memory: float


def subjects(template: str) -> list[Subject]:
    own, other = sys.executable, str(Path(OTHERS, "bin/python").absolute())
    lint = (str(Path(own).with_name("cfn-lint")), "--regions", *REGIONS, "--template", template)
    check = (own, "-m", "stackproof", "check", template)
    fold = (own, "-m", "stackproof", "fold", template, "--region", REGIONS[0], "--parameter", "EnvironmentSuffix=dev")
    checkov = (str(Path(other).with_name("checkov")), "-f", template, "--framework", "cloudformation")
    two = frozenset({2})
    return [
        Subject(BASE, "cfn-lint", own, lint, frozenset({1})),
        Subject("gate, cold", "stackproof", own, (*check, "--no-cache"), two),
        Subject("gate, unchanged", "stackproof", own, check, two),
        Subject("gate, own work only", "stackproof", own, (*check, "--no-cache", "--no-lint"), two),
        Subject("fold, one stack", "stackproof", own, fold, two),
        Subject("checkov", "checkov", other, (*checkov, "--compact", "--quiet", "--skip-download"), two),
        Subject("cloudformation-validate", "cloudformation-validate", other, (other, "-c", VALIDATE, template), two),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="of each; default: 5")
    parser.add_argument("--resources", type=int, default=480, metavar="N", help="of the large template; default: 480")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        keep_compiled_modules()
        os.environ["XDG_CACHE_HOME"] = folder  # so that nobody's kept results are used or changed
        large = Path(folder, "large.json")
        large.write_text(json.dumps(enlarged(json.loads(Path(TEMPLATE).read_text()), options.resources), indent=2))
        for template in (TEMPLATE, str(large)):
            show(template, measured(subjects(template), options.runs), options.runs)


def measured(each: list[Subject], runs: int) -> dict[Subject, list[Cost]]:
    """Run those that are installed by turns: once to fill the caches of files and results, then so that it counts."""
    there = [subject for subject in each if installed(subject)]
    for subject in there:
        cost(subject)
    costs: dict[Subject, list[Cost]] = {subject: [] for subject in each}
    for _ in range(runs):
        for subject in there:
            costs[subject].append(cost(subject))
    return costs


def installed(subject: Subject) -> str:
    """Return its version, "" where it is absent."""
    return _version(subject.python, subject.distribution)


@cache
def _version(python: str, distribution: str) -> str:
    try:
        run = subprocess.run([python, "-c", VERSION, distribution], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return run.stdout.strip()


def cost(subject: Subject) -> Cost:
    """Run a command in a process that has no other children, whose resources are then the command's."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_cost, (subject,))


def _cost(subject: Subject) -> Cost:
    start = perf_counter()
    run = subprocess.run(subject.command, capture_output=True, text=True, check=False)
    clock, used = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode in subject.broken_down and VERDICT not in run.stdout + run.stderr:
        raise RuntimeError(f"{subject.name} ended with {run.returncode}: {(run.stderr or run.stdout).strip()[-2000:]}")
    return Cost(clock, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def show(template: str, costs: dict[Subject, list[Cost]], edited: int) -> None:
    count = len(json.loads(Path(template).read_text(encoding="utf-8"))["Resources"])
    runs, load = max(map(len, costs.values())), os.getloadavg()[0]
    print(f"{count} resources: {runs} runs of each, by turns; {os.cpu_count()} processors, load {load:.1f}")
    print(f"{'':36}{'median':>8}{'least':>8}{'most':>8}{'ratio':>7}{'processor':>11}{'peak':>9}")
    base = median(spent.clock for spent in next(iter(costs.values())))
    for subject, each in costs.items():
        named = f"{subject.name} {installed(subject)}" if subject.name == subject.distribution else subject.name
        if not each:
            print(f"{named:36}  absent: {subject.distribution} is not installed for {subject.python}")
            continue
        clocks = [run.clock for run in each]
        middle, processor = median(clocks), median(run.processor for run in each)
        peak = max(run.memory for run in each)
        spread = f"{middle:7.2f}s{min(clocks):7.2f}s{max(clocks):7.2f}s"
        print(f"{named:36}{spread}{middle / base:7.2f}{processor:10.2f}s{peak:6.0f} MiB")
    for name, measure in {WATCH: of_watch, **({SERVER: of_server} if template == TEMPLATE else {})}.items():
        clocks = measure(Path(template), edited)
        if clocks:
            print(f"{name:36}{median(clocks):7.2f}s{min(clocks):7.2f}s{max(clocks):7.2f}s{median(clocks) / base:7.2f}")
        else:
            print(f"{name:36}  absent: pygls is not installed for {sys.executable}")
    print()


if __name__ == "__main__":
    main()
