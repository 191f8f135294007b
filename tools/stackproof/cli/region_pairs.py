"""Scenarios that the command line gives: pairs of regions, and parameters of all their stacks."""

from __future__ import annotations

import json
from collections.abc import Sequence

from stackproof.foundation.finding import CannotTell


def on_command_line(regions: Sequence[str], parameters: Sequence[str]) -> str:
    """Return the text of a scenarios file for `SOURCE,TARGET` pairs and `KEY=VALUE` parameters; "" without pairs."""
    if not regions:
        if parameters:
            raise CannotTell("--parameter is given without --region", fix="give --region SOURCE,TARGET as well")
        return ""
    values = dict(map(parameter, parameters))
    return json.dumps({"deployments": [{**_sides(pair), "parameters": values} for pair in dict.fromkeys(regions)]})


def _sides(pair: str) -> dict[str, object]:
    source, comma, target = pair.partition(",")
    if not comma or not source or not target:
        raise CannotTell(f"--region {pair!r} is no pair of regions", fix="write --region SOURCE,TARGET")
    return {"name": f"{source} to {target}", "source": {"region": source}, "target": {"region": target}}


def parameter(pair: str, option: str = "--parameter") -> tuple[str, str]:
    """Return KEY and VALUE of `--parameter KEY=VALUE`."""
    name, equals, value = pair.partition("=")
    if not equals:
        raise CannotTell(f"{option} {pair!r} has no value", fix=f"write {option} KEY=VALUE")
    return name, value
