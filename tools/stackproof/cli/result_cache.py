"""Results that are kept from one run to the next, by a hash of everything that they depend on."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import stackproof
from stackproof.foundation import cache_folder

CONFIGURED = (".cfnlintrc", ".cfnlintrc.yaml", ".cfnlintrc.yml")
ELSEWHERE = re.compile(rb"^\s*(append_rules|custom_rules|override_spec|registry_schemas)\s*:", re.M)
"""What lets a configuration of cfn-lint refer to other files, on which a result then depends too."""
OWN_RULES = re.compile(
    rb"^\s*append_rules\s*:\s*(\[\s*stackproof\.editor\s*\]|-\s*stackproof\.editor(?!\s*\n\s*-))", re.M
)
DAY = 24 * 60 * 60


class Kept(NamedTuple):
    """A kept result: its exit code, and its reports by format."""

    exit: int
    reports: Mapping[str, str]


class Damaged(Exception):  # noqa: N818 - it says what happened
    """What was kept is not what was written; the message names the file."""


def key(files: tuple[str, ...], trees: tuple[str, ...], settings: Mapping[str, object]) -> str | None:
    """Return the hash of what a result depends on; None where that cannot be told.

    That is: the files, everything below the trees, what was given beside them, cfn-lint's configuration, this package,
    every package installed beside it, and Python.
    """
    hashed = hashlib.sha256(json.dumps([settings, files, trees, sys.version, *_installed()]).encode())
    try:
        inside = [file for tree in (str(Path(stackproof.__file__).parent), *trees) for file in _below(Path(tree))]
        for path in (*map(Path, files), *inside):
            _add(hashed, path, path.read_bytes() if path.is_file() else b"")
        for path in [Path(base, name) for base in (Path.home(), Path()) for name in CONFIGURED]:
            text = path.read_bytes() if path.is_file() else b""
            if ELSEWHERE.search(OWN_RULES.sub(b"", text)):
                return None
            _add(hashed, path, text)
    except (OSError, RuntimeError):
        return None
    return hashed.hexdigest()


def _add(hashed: hashlib._Hash, path: Path, text: bytes) -> None:
    hashed.update(f"{path}\0{len(text)}\0".encode("utf-8", "surrogateescape"))
    hashed.update(text)


def _below(tree: Path) -> Iterator[Path]:
    return (path for path in sorted(tree.rglob("*")) if "__pycache__" not in path.parts and path.is_file())


def _installed() -> list[str]:
    """Return the names of what says which versions of which packages are installed."""
    found = []
    for entry in dict.fromkeys(sys.path):
        with suppress(OSError):
            found += [child.name for child in Path(entry).iterdir() if child.suffix in (".dist-info", ".egg-info")]
    return sorted(found)


def load(name: str) -> Kept | None:
    """Return what is kept under a hash, None if nothing is; raise Damaged for what cannot have been written so."""
    path = cache_folder.folder() / f"{name}.json"
    try:
        text = path.read_bytes()
    except OSError:
        return None
    checksum, _, body = text.partition(b"\n")
    try:
        if hashlib.sha256(body).hexdigest().encode() != checksum:
            raise ValueError
        value = json.loads(body)
        return Kept(int(value["exit"]), dict(value["reports"]))
    except (ValueError, KeyError, TypeError):
        raise Damaged(f"what was kept in {path} is damaged, and left out") from None


def store(name: str, kept: Kept) -> None:
    """Keep a result, and drop those of other days; a folder that cannot be written to keeps nothing."""
    body = json.dumps({"exit": kept.exit, "reports": dict(kept.reports)}).encode()
    home = cache_folder.folder()
    draft = home / f".{name}.{os.getpid()}"
    with suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        draft.replace(home / f"{name}.json")
        for path in home.iterdir():
            if path.stat().st_mtime < time.time() - DAY:
                path.unlink()
