"""The stacks that the tests read: given ones, or both deployed to an emulator on this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import deployed
import emulator
import pytest
import reporting
from completing import Completed
from deployments import Deployment, deployment

from stackproof.deploy.runner import deploy

VARIABLES = ("STACKPROOF_SOURCE_STACK", "STACKPROOF_TARGET_STACK")
SUMMARY = pytest.StashKey[reporting.Summary]()
COMPLETED = pytest.StashKey[Completed]()
BEGUN = pytest.StashKey[float]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("stacks")
    group.addoption("--live", action="store_true", help="test given stacks, not an emulator")
    group.addoption("--outputs", default="stack-outputs.json", help="what `stackproof outputs` wrote")
    group.addoption("--read-only", action="store_true", help="leave out what writes, and say so")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SUMMARY] = reporting.Summary()
    config.stash[BEGUN] = time.monotonic()
    config.addinivalue_line("markers", "writes: writes marked records, and removes them")
    config.addinivalue_line("markers", "helped(**parameters): on the emulator it proves what was put in by API")
    config.addinivalue_line("markers", "emulator(why, **parameters): why it proves nothing there")
    config.addinivalue_line("markers", "emulator_only: about deploying, or about the tests: not for a run on AWS")
    if config.getoption("--live"):
        named_stacks(config)


def named_stacks(config: pytest.Config) -> deployed.Stacks:
    """Return the stacks that are given; end the run with one line if there are none."""
    path = Path(config.getoption("--outputs"))
    names = [os.environ.get(name, "") for name in VARIABLES]
    if all(names):
        return deployed.named(*names)
    if not path.is_file():
        message = f"no stacks are given: run `stackproof outputs`, or give --outputs FILE, or set {VARIABLES[0]} and"
        pytest.exit(f"{message} {VARIABLES[1]} to NAME@REGION", returncode=2)
    return deployed.read(path)


@pytest.fixture(scope="session")
def endpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the emulator; every AWS client of this process leads there, and no credentials of the user's are read."""
    request.config.stash[SUMMARY].emulated = f"{emulator.PROGRAM} {version(emulator.PROGRAM)}"
    with emulator.running(tmp_path_factory.mktemp("emulator")) as variables, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        yield variables["AWS_ENDPOINT_URL"]


@pytest.fixture(scope="session")
def stacks(request: pytest.FixtureRequest) -> deployed.Stacks:
    if request.config.getoption("--live"):
        return named_stacks(request.config)
    request.getfixturevalue("endpoint")
    summary = request.config.stash[SUMMARY]
    begun = time.monotonic()
    emulated = deployment(emulator.ACCOUNT)
    count = deploy(emulated.job)
    made, completed = emulated.read()
    summary.lines.append(f"{count} operations deployed both stacks in {time.monotonic() - begun:.1f} seconds")
    summary.lines += emulated.lost()
    summary.completed += completed.done
    request.config.stash[COMPLETED] = completed
    return made


@pytest.fixture(scope="session")
def completed(request: pytest.FixtureRequest, stacks: deployed.Stacks) -> Completed:
    """Give what was put in on the emulator."""
    del stacks
    return request.config.stash[COMPLETED]


@pytest.fixture(scope="session")
def broken(endpoint: str) -> deployed.Stacks:
    """Both stacks once more, in an account of their own, to be broken."""
    del endpoint
    emulated = deployment("555555555555", EnvironmentSuffix="broken")
    deploy(emulated.job)
    return emulated.read()[0]


@pytest.fixture(scope="session")
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Give what puts a line into the summary."""
    return request.config.stash[SUMMARY].lines.append


@pytest.fixture
def deploying(endpoint: str) -> Callable[..., Deployment]:
    """Give what deploys a template to an account where nothing is."""
    del endpoint
    return deployment


@pytest.fixture
def source(stacks: deployed.Stacks) -> deployed.Stack:
    return stacks.source


@pytest.fixture
def target(stacks: deployed.Stacks) -> deployed.Stack:
    return stacks.target


@pytest.fixture(params=["source", "target"])
def stack(request: pytest.FixtureRequest, stacks: deployed.Stacks) -> deployed.Stack:
    found: deployed.Stack = getattr(stacks, request.param)
    return found


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is about the emulator out of a run on AWS."""
    if config.getoption("--live"):
        about = [item for item in items if item.get_closest_marker("emulator_only")]
        config.hook.pytest_deselected(items=about)
        items[:] = [item for item in items if item not in about]


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.config.getoption("--read-only") and item.get_closest_marker("writes"):
        item.user_properties.append(("read only", True))
        pytest.skip("it writes")
    if not item.config.getoption("--live") and reporting.applying(item, "helped"):
        item.user_properties.append(("helped", True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    if not item.config.getoption("--live"):
        reporting.judged(item, call, report)
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    return reporting.status(report)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    reporting.summary(terminalreporter, config.stash[SUMMARY], time.monotonic() - config.stash[BEGUN])
