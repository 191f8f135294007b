"""The order in which CloudFormation creates resources, from what refers to what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter


def circle(dependencies: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Return the ids of a circle of dependencies, the first one last again; nothing if there is none."""
    try:
        TopologicalSorter(dependencies).prepare()
    except CycleError as error:
        return tuple(reversed(error.args[1]))
    return ()


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
