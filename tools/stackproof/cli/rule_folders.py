"""Which folders of rules are read: those given, those configured, the project's own, or those that are shipped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import stackproof
from stackproof.gate.configuration import Configuration
from stackproof.gate.project import RULES

PACKAGE = Path(stackproof.__file__).parent
SHIPPED = PACKAGE / "rules_shipped", PACKAGE.parents[1] / RULES
"""Where the rules are that belong to this release: in an installed package, and in a checkout."""


def folders(project: Configuration, named: Sequence[str] | None) -> tuple[str, ...]:
    """Return the folders of rules; those of `extend-rules` come on top of all others."""
    first = tuple(named or project.texts("rules")) or ((RULES,) if _holds_rules(Path(RULES)) else (shipped(),))
    return tuple(dict.fromkeys((*first, *project.texts("extend-rules"))))


def shipped() -> str:
    """Return the folder of the rules that are installed with this package."""
    return str(next((folder for folder in SHIPPED if folder.is_dir()), SHIPPED[0]))


def _holds_rules(folder: Path) -> bool:
    """Tell whether a folder holds rules: files with cases beside them."""
    return folder.is_dir() and any(folder.rglob("*.cases.yaml"))
