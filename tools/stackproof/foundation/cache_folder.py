"""The folder of the user's caches where results and compiled rules are kept."""

from __future__ import annotations

from pathlib import Path

import platformdirs


def folder() -> Path:
    """Return the folder; it need not be there yet."""
    return Path(platformdirs.user_cache_dir("stackproof", appauthor=False))
