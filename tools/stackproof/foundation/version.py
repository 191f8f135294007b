"""Which release of this package runs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def release(distribution: str = "stackproof") -> str:
    """Return the version of an installed distribution, "0" of one that runs from its source alone."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "0"
