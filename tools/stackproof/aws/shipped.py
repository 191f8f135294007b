"""Files that other packages ship, read without importing the package; what to say when they are laid out anew."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from stackproof.foundation.finding import CannotTell


@cache
def folder(package: str) -> Path:
    """Return the folder of an installed package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise CannotTell(f"{package} is not installed", fix=f"pip install {package}")
    return Path(spec.origin).parent


def shipped(package: str, file: str) -> str:
    """Return the text of a file that a package ships; raise OSError where it ships none of that name."""
    return (folder(package) / file).read_text(encoding="utf-8")


def misplaced(distribution: str, what: str, tried: str) -> CannotTell:
    """Return the error for a release that keeps something elsewhere; `tried` is a release that this one can read."""
    from importlib.metadata import PackageNotFoundError, version  # 10 ms, which only this error needs

    try:
        release = f"{distribution} {version(distribution)}"
    except PackageNotFoundError:
        release = distribution
    return CannotTell(f"{release}: {what} are not where expected", fix=f"pip install {distribution}=={tried}")
