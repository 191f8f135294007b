"""The code of rules is compiled once; what is kept is used for the same text, path and Python only."""

import builtins
from pathlib import Path
from typing import Any

import pytest

from stackproof.rules.compiled import compiled


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are compiled, as they are."""
    texts: list[str] = []
    compile_ = builtins.compile

    def counted(text: Any, *more: Any) -> Any:
        texts.append(text)
        return compile_(text, *more)

    monkeypatch.setattr("stackproof.rules.compiled.compile", counted, raising=False)
    return texts


def value(text: str, path: str = "rule.py") -> object:
    names: dict[str, object] = {}
    exec(compiled(text, path), names)
    return names["x"]


def test_the_same_text_is_compiled_once(compilations: list[str]) -> None:
    assert [value("x = 1"), value("x = 1")] == [1, 1]
    assert compilations == ["x = 1"]


def test_another_text_of_the_same_length_is_compiled_anew(compilations: list[str]) -> None:
    assert [value("x = 1"), value("x = 2"), value("x = 1")] == [1, 2, 1]
    assert len(compilations) == 3


def test_another_file_has_its_own_name_in_its_code(compilations: list[str]) -> None:
    assert [compiled("x = 1", path).co_filename for path in ("a.py", "b.py", "a.py")] == ["a.py", "b.py", "a.py"]
    assert len(compilations) == 2


@pytest.mark.parametrize("damage", [b"", b"x", lambda kept: kept[:-1], lambda kept: kept[:-1] + b"?"])
def test_what_is_damaged_is_compiled_anew(damage: Any, own_cache: Path, compilations: list[str]) -> None:
    value("x = 1")
    (file,) = (own_cache / "rules").iterdir()
    file.write_bytes(damage(file.read_bytes()) if callable(damage) else damage)
    assert value("x = 1") == 1
    assert len(compilations) == 2


def test_a_folder_that_cannot_be_written_to_keeps_nothing(own_cache: Path) -> None:
    own_cache.write_text("a file where the folder should be")
    assert value("x = 1") == 1


def test_text_that_does_not_compile_says_so() -> None:
    with pytest.raises(SyntaxError):
        compiled("x =", "rule.py")
