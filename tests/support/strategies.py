"""Parameters of the repository's template as Hypothesis invents them, from what the template itself declares."""

import re
from collections.abc import Mapping
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from worlds import product

from stackproof.aws.regions import partitions, zones
from stackproof.evaluation.parameter_values import bind
from stackproof.evaluation.scenario import Pair, Scenario
from stackproof.foundation.finding import CannotTell
from stackproof.template.parameters import Declaration, declarations

TEMPLATE = product()
DECLARED = declarations(TEMPLATE)
REGION_PARAMETERS = ("SourceRegion", "TargetRegion")
TOGETHER = (("HostedZoneId", "HostedZoneName"), ("DestinationAccountId", "DestinationBucketName"))
"""Parameters of which both are given or neither."""
PAIRED = [name for names in TOGETHER for name in names]
ACCOUNT = "444444444444"


def _has_zones(region: str) -> bool:
    try:
        return len(zones(region)) >= 2
    except CannotTell:
        return False


REGIONS = {partition.name: tuple(filter(_has_zones, sorted(partition.regions))) for partition in partitions()}
ALL_REGIONS = tuple(region for regions in REGIONS.values() for region in regions)
PARTITIONS = tuple(name for name, regions in REGIONS.items() if len(regions) > 1)


def fits(declaration: Declaration, value: str) -> bool:
    return broken(declaration, value) == []


def broken(declaration: Declaration, value: str) -> list[str]:
    """Return the constraints that a value breaks, worked out without the package's own check."""
    found = []
    if declaration.allowed and value not in declaration.allowed:
        found.append("AllowedValues")
    if declaration.pattern is not None and not re.fullmatch(declaration.pattern, value):
        found.append("AllowedPattern")
    if len(value) < declaration.limits.get("MinLength", 0):
        found.append("MinLength")
    if len(value) > declaration.limits.get("MaxLength", 4096):
        found.append("MaxLength")
    return found


def values(declaration: Declaration) -> st.SearchStrategy[str]:
    """Values that a parameter accepts."""
    if declaration.allowed:
        return st.sampled_from(declaration.allowed)
    if declaration.pattern is None:
        return st.text(max_size=40)
    return st.from_regex(str(declaration.pattern), fullmatch=True, alphabet=st.characters(codec="ascii")).filter(
        lambda value: fits(declaration, value)
    )


VALUES = {name: values(declaration) for name, declaration in DECLARED.items()}
FILLED = {name: value.filter(bool) if name in PAIRED else value for name, value in VALUES.items()}


def _texts(declaration: Declaration) -> st.SearchStrategy[str]:
    """Texts near to what a parameter accepts: valid ones repeated, cut, changed, and whatever else."""
    valid = VALUES[declaration.name]
    letters = st.characters(exclude_categories=["Cs"])
    return st.one_of(
        st.builds(lambda value, times: value * times, valid, st.integers(2, 30)),
        st.builds(lambda value, end: value[:end], valid, st.integers(0, 5)),
        st.builds(lambda value, at, letter: value[:at] + letter + value[at:], valid, st.integers(0, 20), letters),
        st.text(alphabet=letters, max_size=30),
    ).filter(lambda value: len(value.encode()) <= 4096)


TEXTS = {name: _texts(declaration) for name, declaration in DECLARED.items()}


@st.composite
def invalid(draw: st.DrawFn) -> tuple[str, str, str]:
    """A parameter, a value that breaks exactly one of its constraints, and that constraint."""
    breakable = [
        (declaration, constraint)
        for declaration in DECLARED.values()
        for constraint, is_set in {
            "AllowedValues": declaration.allowed,
            "AllowedPattern": declaration.pattern is not None,
            "MaxLength": "MaxLength" in declaration.limits,
            "MinLength": "MinLength" in declaration.limits,
        }.items()
        if is_set
    ]
    item, constraint = draw(st.sampled_from(breakable))
    value = draw(TEXTS[item.name])
    assume(broken(item, value) == [constraint])
    return item.name, value, constraint


@st.composite
def parameters(draw: st.DrawFn, source: str, target: str) -> dict[str, str]:
    """Parameters that the template and its rules accept in two regions."""
    value: dict[str, str] = {"SourceRegion": source, "TargetRegion": target}
    left_out = [name for names in TOGETHER if draw(st.booleans()) for name in names]
    for name in DECLARED:
        if name in left_out:
            value[name] = ""
        elif name not in REGION_PARAMETERS:
            value[name] = draw(FILLED[name])
    assume(value["SourceVpcCidr"] != value["TargetVpcCidr"])
    return value


@st.composite
def regions(draw: st.DrawFn, one_partition: bool = False) -> tuple[str, str]:
    """Two different regions that AWS has."""
    choice = REGIONS[draw(st.sampled_from(PARTITIONS))] if one_partition else ALL_REGIONS
    source, target = draw(st.lists(st.sampled_from(choice), min_size=2, max_size=2, unique=True))
    return source, target


@st.composite
def deployments(draw: st.DrawFn, one_partition: bool = False) -> Pair:
    """A source and a target stack that the template accepts."""
    source, target = draw(regions(one_partition))
    return pair(source, target, draw(parameters(source, target)))


def pair(source: str, target: str, parameters: Mapping[str, str]) -> Pair:
    return Pair(
        "invented",
        Scenario("invented", "source", source, ACCOUNT, "invented", parameters),
        Scenario("invented", "target", target, ACCOUNT, "invented", parameters),
    )


def scenarios() -> st.SearchStrategy[Scenario]:
    """One side of a deployment."""
    return st.builds(lambda both, source: both.source if source else both.target, deployments(), st.booleans())


def accepted(parameters: Mapping[str, Any]) -> str:
    """Return why the template's parameters refuse some values, "" if they do not."""
    try:
        bind(TEMPLATE, parameters)
    except CannotTell as error:
        return error.message
    return ""
