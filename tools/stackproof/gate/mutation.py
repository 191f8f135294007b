"""How well the rules guard a template: every mutant put to the gate, the survivors listed."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, TextIO, TypeVar

import stackproof
from stackproof.evaluation import scenario
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.progress import Screen
from stackproof.gate import choice, configuration, refusals
from stackproof.gate.mutants import Mutant, changed, mutants
from stackproof.gate.noticing import SURVIVED, Bench
from stackproof.gate.refusals import Refusal
from stackproof.rules import rule_files
from stackproof.rules.rule_files import Rule
from stackproof.template import loader as templates

G = TypeVar("G")
R = TypeVar("R")
LINT_ID = re.compile("[EIW][0-9]{4}")
CHUNK = 16
"""How many neighbours a process takes at once: what noticed the one before is tried first."""
GROUP = 20
"""How many survivors cfn-lint is given in one template."""


@dataclass(frozen=True)
class Trial:
    """A mutant and what noticed it: a rule's name, "cannot tell", or "" if nothing did."""

    mutant: Mutant
    by: str


@dataclass(frozen=True, eq=False)
class Gate:
    """What mutants are put to; read once, then shared with every process. Rules that are `required` must apply."""

    template: Document
    pairs: tuple[Pair, ...]
    rules: tuple[Rule, ...]
    refused: tuple[Refusal, ...]
    lint: bool
    required: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """A hash of everything that a trial's result depends on."""
        inputs = (self.template.text, self.pairs, self.rules, self.refused, self.lint, sorted(self.required))
        hashed = hashlib.sha256(repr(inputs).encode())
        for file in sorted(Path(stackproof.__file__).parent.rglob("*")):
            if file.suffix in (".py", ".yaml", ".json"):  # modules, and the tables of facts that they read
                hashed.update(file.read_bytes())
        return hashed.hexdigest()

    @cached_property
    def bench(self) -> Bench:
        return Bench(self.template, self.pairs, self.rules, self.refused, self.required)

    @cached_property
    def mutants(self) -> list[Mutant]:
        return list(mutants(self.template))


def load(template_path: str, folders: Sequence[str], scenarios_path: str, project_path: str, *, lint: bool) -> Gate:
    """Read what the mutants are put to; raise CannotTell unless the unchanged template passes."""
    read = templates.load(template_path)
    chosen = choice.made(rule_files.discover(*folders), configuration.read(project_path))
    pairs, refused = scenario.load(scenarios_path), refusals.load(scenarios_path)
    rules = tuple(rule for rule in chosen.rules if not rule.on_update)  # a mutant is compared with nothing
    gate = Gate(read, pairs, rules, refused, lint, chosen.required)
    by = gate.bench.prepare() or next((match.rule for match in (_linted(gate, ()) if lint else ())), SURVIVED)
    if by != SURVIVED:
        raise CannotTell(f"the template itself does not pass: {by}", fix="run stackproof check first")
    return gate


class Match(NamedTuple):
    """What cfn-lint finds: the id of its rule, and the resource, or other member of a section, that it is about."""

    rule: str
    resource: str


def _linted(gate: Gate, changes: Sequence[Mutant]) -> list[Match]:
    """Return what cfn-lint finds in the template as written, with some changes in it."""
    from stackproof.lint.worker import Linter  # importing it takes 0.5 s, and only this needs it

    if not _linter:
        _linter.append(Linter())
    regions = sorted({side.region for pair in gate.pairs for side in pair.sides})
    value = reduce(changed, changes, gate.template.value)
    job = {"number": 0, "text": json.dumps(value), "path": gate.template.path, "regions": regions}
    linter = _linter[0]
    assert isinstance(linter, Linter)
    return [Match(str(match["rule"]), "/".join(map(str, match["path"][:2]))) for match in linter.run(job)]


_linter: list[object] = []
_shared: list[Gate] = []


def _share(gate: Gate) -> None:
    _shared[:] = [gate]


def _try(number: int) -> tuple[int, str]:
    gate = _shared[0]
    return number, gate.bench.noticed(gate.mutants[number])


def _lint(group: Sequence[int]) -> list[tuple[int, str]]:
    """Return what cfn-lint notices of some mutants, which change different resources.

    Where it finds nothing in all of them together, nothing is noticed of any. Else those whose resources it names are
    linted by themselves, or all where it names none of them, and then the others together.
    """
    gate = _shared[0]
    found = _linted(gate, [gate.mutants[number] for number in group])
    if not found or len(group) == 1:
        return [(number, found[0].rule if found else SURVIVED) for number in group]
    named = {match.resource for match in found}
    alone = [number for number in group if gate.mutants[number].resource in named] or list(group)
    others = [number for number in group if number not in alone]
    return [each for number in alone for each in _lint([number])] + (_lint(others) if others else [])


def _groups(gate: Gate, numbers: Sequence[int]) -> list[list[int]]:
    """Return some mutants in groups of which each changes a resource, or another part of a section, at most once."""
    groups: list[dict[str, int]] = []
    for number in numbers:
        resource = gate.mutants[number].resource
        room = next((group for group in groups if resource not in group and len(group) < GROUP), None)
        if room is None:
            groups.append({resource: number})
        else:
            room[resource] = number
    return [list(group.values()) for group in groups]


WHOLE = (1, 1)


def part_of(text: str) -> tuple[int, int]:
    """Read which part of the mutants is meant: 2/4 is the second of four."""
    number, slash, parts = text.partition("/")
    if not (slash and number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts)):
        raise CannotTell(f"{text!r} is no part", fix="write 1/4 for the first of four")
    return int(number), int(parts)


def run(
    gate: Gate, state: Path, workers: int | None = None, part: tuple[int, int] = WHOLE, *, earlier: Path | None = None
) -> Iterator[tuple[int, Trial]]:
    """Put a part of the mutants to the gate, on all cores; give (how many there are, trial) as they end.

    What no rule notices goes to cfn-lint at the end. Results are kept in `state`, a line each under the gate's key: a
    run that was broken off goes on where it was. What an `earlier` run noticed, of whatever key, is not tried again.
    """
    numbers = range(part[0] - 1, len(gate.mutants), part[1])
    known = _read(state, gate.key)
    noticed = {name: by for name, by in _earlier(earlier).items() if by} if earlier else {}
    found = {**noticed, **{name: by for name, by in known.items() if by is not None}}
    decided = [number for number in numbers if gate.mutants[number].name in found]
    for number in decided:
        yield len(numbers), Trial(gate.mutants[number], str(found[gate.mutants[number].name]))
    todo = [number for number in numbers if gate.mutants[number].name not in {**found, **known}]
    unlinted = [
        number for number in numbers if gate.mutants[number].name not in found and gate.mutants[number].name in known
    ]
    with state.open("a", encoding="utf-8") as file:
        for number, by in _mapped(gate, workers, _try, todo, CHUNK):
            waits = by == SURVIVED and gate.lint
            _write(file, gate.mutants[number], None if waits else by)
            if waits:
                unlinted.append(number)
            else:
                yield len(numbers), Trial(gate.mutants[number], by)
        for linted in _mapped(gate, workers, _lint, _groups(gate, sorted(unlinted)), 1):
            for number, by in linted:
                _write(file, gate.mutants[number], by)
                yield len(numbers), Trial(gate.mutants[number], by)


def _mapped(gate: Gate, workers: int | None, work: Callable[[G], R], groups: Sequence[G], chunk: int) -> Iterator[R]:
    """Do some work in processes that are forked with everything loaded, and give what comes as it comes."""
    if groups:
        context = multiprocessing.get_context("fork")
        with context.Pool(workers or os.cpu_count(), _share, (gate,)) as pool:
            yield from pool.imap_unordered(work, groups, chunk)


def _write(file: TextIO, mutant: Mutant, by: str | None) -> None:
    file.write(f"{json.dumps([mutant.name, by])}\n")
    file.flush()


def _read(state: Path, key: str) -> dict[str, str | None]:
    """Return the results kept for a gate, None where cfn-lint has not been asked yet.

    Begin anew, with the key, if they are another's or damaged. The files of several parts, one behind the other, are
    one.
    """
    try:
        if json.loads(state.read_text(encoding="utf-8").split("\n", 1)[0]) == key:
            return _results(state)
    except (OSError, ValueError):
        pass
    state.parent.mkdir(parents=True, exist_ok=True)
    state.write_text(f"{json.dumps(key)}\n", encoding="utf-8")
    return {}


def _earlier(file: Path) -> dict[str, str | None]:
    try:
        return _results(file)
    except (OSError, ValueError, IndexError) as error:
        raise CannotTell(f"{file} holds no results of mutants: {error}", fix="give the --state file of a run") from None


def _results(file: Path) -> dict[str, str | None]:
    """Return the results in a file: every line that is no key."""
    lines = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
    return {line[0]: line[1] for line in lines if isinstance(line, list)}


def collect(gate: Gate, trials: Iterator[tuple[int, Trial]], screen: Screen) -> list[Trial]:
    """Run to the end, with progress on a screen, and return the trials in the order of the template."""
    found: list[Trial] = []
    try:
        for count, trial in trials:
            if not found:
                screen.begin(f"{count} mutants", count, "mutant")
            found.append(trial)
            screen.advance()
    finally:
        screen.end()
    order = {mutant.name: number for number, mutant in enumerate(gate.mutants)}
    return sorted(found, key=lambda trial: order[trial.mutant.name])


def share(trials: Sequence[Trial]) -> float:
    """Return how many of a hundred mutants are noticed."""
    return 100 * sum(trial.by != SURVIVED for trial in trials) / max(len(trials), 1)


def summary(trials: Sequence[Trial]) -> str:
    """Return the figure, and the survivors under the resource that each belongs to."""
    survivors = [trial.mutant for trial in trials if trial.by == SURVIVED]
    linted = sum(LINT_ID.fullmatch(trial.by) is not None for trial in trials)
    lines = [
        f"{len(trials) - len(survivors)} of {len(trials)} mutants are noticed, {share(trials):.1f} %",
        f"{linted} of them by cfn-lint alone, {100 * linted / max(len(trials), 1):.1f} %",
    ]
    for resource, members in groupby(survivors, lambda mutant: mutant.resource):
        lines += [resource, *(f"  {mutant.name}" for mutant in members)]
    return "\n".join(lines)
