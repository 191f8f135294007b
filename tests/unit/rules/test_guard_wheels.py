"""Each Guard engine that pyproject.toml asks for has a wheel there; where one has a wheel, one is asked for."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.tags import Tag, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

PYTHONS = ((3, 11), (3, 12), (3, 13), (3, 14))
WHEELS = (  # all that PyPI had for CPython 3.11 and later in November 2026
    "cfn_guard_rs-0.3.3-cp311-cp311-macosx_10_9_x86_64.macosx_11_0_arm64.macosx_10_9_universal2.whl",
    "cfn_guard_rs-0.3.3-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
    "cfn_guard_rs-0.3.3-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "cfn_guard_rs-0.3.3-cp311-none-win_amd64.whl",
    "cfn_guard_rs-0.3.3-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
    "cfn_guard_rs-0.3.3-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "cfn_guard_rs-0.3.3-cp312-none-win_amd64.whl",
    "guardpycfn-0.1.0-cp39-abi3-macosx_11_0_arm64.whl",
    "guardpycfn-0.1.0-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "guardpycfn-0.1.0-cp39-abi3-win_amd64.whl",
)
ENGINES = {"cfn-guard-rs", "guardpycfn"}
DEPENDENCIES = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]["dependencies"]


class Machine(NamedTuple):
    """A kind of machine: what markers are told of it, and the platforms of wheels that it takes."""

    sys_platform: str
    machine: str
    platforms: tuple[str, ...]
    implementation: str = "CPython"


MACHINES = {
    "Linux x86-64": Machine("linux", "x86_64", ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64")),
    "Linux arm64": Machine("linux", "aarch64", ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64")),
    "Linux i686": Machine("linux", "i686", ("manylinux_2_17_i686",)),
    "Linux armv7l": Machine("linux", "armv7l", ("manylinux_2_31_armv7l", "manylinux_2_17_armv7l")),
    "Linux ppc64le": Machine("linux", "ppc64le", ("manylinux_2_17_ppc64le",)),
    "Linux s390x": Machine("linux", "s390x", ("manylinux_2_17_s390x",)),
    "macOS on Intel": Machine("darwin", "x86_64", tuple(mac_platforms((14, 0), "x86_64"))),
    "macOS on Apple silicon": Machine("darwin", "arm64", tuple(mac_platforms((14, 0), "arm64"))),
    "Windows x86-64": Machine("win32", "AMD64", ("win_amd64",)),
    "Windows arm64": Machine("win32", "ARM64", ("win_arm64",)),
    "PyPy on Linux x86-64": Machine("linux", "x86_64", (), "PyPy"),
}
ALPINE = Machine("linux", "x86_64", ("musllinux_1_2_x86_64",))
each_python = pytest.mark.parametrize("python", PYTHONS, ids=lambda python: ".".join(map(str, python)))
each_machine = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)


def asked_for(machine: Machine, python: tuple[int, int]) -> list[str]:
    version = ".".join(map(str, python))
    environment = {
        "implementation_name": machine.implementation.lower(),
        "platform_machine": machine.machine,
        "platform_python_implementation": machine.implementation,
        "python_full_version": f"{version}.0",
        "python_version": version,
        "sys_platform": machine.sys_platform,
    }
    wanted = (Requirement(text) for text in DEPENDENCIES)
    return [
        requirement.name
        for requirement in wanted
        if requirement.name in ENGINES and (not requirement.marker or requirement.marker.evaluate(environment))
    ]


def with_a_wheel(machine: Machine, python: tuple[int, int]) -> set[str]:
    taken = {*cpython_tags(python, platforms=machine.platforms)} if machine.platforms else set[Tag]()
    return {str(name) for name, _, _, tags in map(parse_wheel_filename, WHEELS) if any_of(tags, taken)}


def any_of(tags: Iterable[Tag], taken: set[Tag]) -> bool:
    return not taken.isdisjoint(tags)


@each_python
@each_machine
def test_an_engine_that_is_asked_for_has_a_wheel(machine: Machine, python: tuple[int, int]) -> None:
    assert set(asked_for(machine, python)) <= with_a_wheel(machine, python)


@each_python
@each_machine
def test_where_an_engine_has_a_wheel_exactly_one_is_asked_for(machine: Machine, python: tuple[int, int]) -> None:
    assert len(asked_for(machine, python)) == bool(with_a_wheel(machine, python))


@each_python
def test_alpine_has_no_wheel_and_markers_cannot_tell(python: tuple[int, int]) -> None:
    assert asked_for(ALPINE, python) and not with_a_wheel(ALPINE, python)
