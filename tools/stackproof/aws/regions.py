"""The regions, partitions and availability zones of AWS, as botocore and cfn-lint ship them."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from stackproof.foundation.finding import CannotTell


class Partition(NamedTuple):
    """A group of regions: `name` stands in ARNs, `suffix` is what AWS::URLSuffix gives."""

    name: str
    suffix: str
    regions: frozenset[str]


@cache
def partitions() -> tuple[Partition, ...]:
    """Return every partition. Source: botocore's data/partitions.json."""
    known = json.loads(shipped("botocore", "data/partitions.json"))
    return tuple(
        Partition(
            entry["id"],
            entry["outputs"]["dnsSuffix"],
            frozenset(name for name in entry["regions"] if not name.endswith("-global")),
        )
        for entry in known["partitions"]
    )


def partition_of(region: str) -> Partition:
    """Return the partition of a region; raise CannotTell for a region that AWS does not have."""
    for partition in partitions():
        if region in partition.regions:
            return partition
    raise CannotTell(f"{region!r} is no region of AWS", fix="give a region such as us-east-1")


@cache
def zones(region: str) -> tuple[str, ...]:
    """Return the availability zones of a region, in order.

    cfn-lint keeps them as one literal in its source; importing it for that would cost 0.4 s, so the
    literal is read from the text. Source: cfn-lint's helpers.py, AVAILABILITY_ZONES.
    """
    found = re.search(r"^AVAILABILITY_ZONES = (\{.*?^\})", shipped("cfnlint", "helpers.py"), re.M | re.S)
    table = ast.literal_eval(found.group(1)) if found else {}
    if region not in table:
        raise CannotTell(f"the availability zones of {region} are not known", fix="upgrade cfn-lint")
    return tuple(table[region])


def shipped(package: str, file: str) -> str:
    """Return the text of a file that a package ships, without importing the package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise CannotTell(f"{package} is not installed", fix=f"pip install {package}")
    return (Path(spec.origin).parent / file).read_text(encoding="utf-8")
