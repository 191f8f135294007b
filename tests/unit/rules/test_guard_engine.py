"""The engine that rules in Guard are run by: the one that is installed, and what is said where none is."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from stackproof.foundation.finding import CannotTell
from stackproof.rules import guard_engine
from stackproof.rules.guard_engine import Engine

DOCUMENT = '{"Resources": {}}'
each_engine = pytest.mark.parametrize("engine", guard_engine.installed(), ids=lambda engine: engine.name)


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Let some libraries not be there."""

    def remove(*names: str) -> None:
        for name in names:
            monkeypatch.setitem(sys.modules, name, None)
        guard_engine.installed.cache_clear()

    yield remove
    guard_engine.installed.cache_clear()


def test_without_cfn_guard_rs_guardpycfn_is_taken(without: Any) -> None:
    pytest.importorskip("guardpycfn", reason="only one engine is installed here")
    without("cfn_guard_rs", "cfn_guard_rs.cfn_guard_rs")
    assert guard_engine.engine().name == "guardpycfn"


def test_without_both_it_is_said_what_to_do(without: Any) -> None:
    without("cfn_guard_rs", "cfn_guard_rs.cfn_guard_rs", "guardpycfn")
    with pytest.raises(CannotTell, match=r"no Guard engine is installed.*--no-guard"):
        guard_engine.engine()


@each_engine
@pytest.mark.parametrize("rules", ["", "# only words\n", "let a = 1\n"])
def test_a_file_without_rules_has_an_empty_report(engine: Engine, rules: str) -> None:
    assert not (engine.run(DOCUMENT, rules, True) or {}).get("children")


@each_engine
def test_a_file_that_does_not_parse_raises_guards_words(engine: Engine) -> None:
    with pytest.raises(ValueError, match="at line 1 at column"):
        engine.run(DOCUMENT, "rule r { Resources exits }", True)
