"""What kept results and mutants depend on: every file of the package, whichever package of it that stands in."""

import shutil
from datetime import date
from pathlib import Path

import pytest

import stackproof
from stackproof.cli import result_cache
from stackproof.evaluation import scenario
from stackproof.gate.mutation import Gate
from stackproof.template import loader

PACKAGE = Path(stackproof.__file__).parent
FILES = sorted(
    str(path.relative_to(PACKAGE))
    for path in PACKAGE.rglob("*")
    if path.suffix in (".py", ".yaml", ".json") and "__pycache__" not in path.parts
)
ONE_A_PACKAGE = sorted({Path(name).parent: name for name in FILES}.values())


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package that may be changed."""
    return Path(shutil.copytree(PACKAGE, tmp_path_factory.mktemp("tools") / "stackproof"))


@pytest.fixture
def copied(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stackproof, "__file__", str(copy / "__init__.py"))
    return copy


def of_results() -> str | None:
    return result_cache.key((), (), {"today": date(2026, 1, 1).isoformat()})


@pytest.mark.parametrize("name", FILES)
def test_a_change_of_any_file_of_the_package_is_another_key_of_results(name: str, copied: Path) -> None:
    before = of_results()
    with (copied / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert before is not None and of_results() not in (None, before)


@pytest.mark.parametrize("name", ONE_A_PACKAGE)
@pytest.mark.usefixtures("small")
def test_a_change_of_any_package_is_another_key_of_mutants(name: str, copied: Path) -> None:
    gate = Gate(loader.load("template.json"), scenario.load("scenarios.yaml"), (), (), False)
    before = gate.key
    with (copied / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert gate.key != before
