"""Files as text. It imports no reader, so that a kept result is found without one."""

from __future__ import annotations

from pathlib import Path

from stackproof.foundation.finding import CannotTell, Place

UNSAVED: dict[Path, str] = {}
"""Texts that an editor has open, by resolved path: they are read in place of the files."""


def read_text(path: str) -> str:
    """Return the text of a file of UTF-8, or what an editor has of it; raise CannotTell, naming the file, without."""
    if UNSAVED and (text := UNSAVED.get(Path(path).resolve())) is not None:
        return text
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CannotTell(f"cannot read it: {error.strerror}", Place(path, 1, 1), "give a file that is there") from error
    except ValueError as error:
        raise CannotTell(f"not UTF-8 text: {error}", Place(path, 1, 1), "save it as UTF-8") from error
