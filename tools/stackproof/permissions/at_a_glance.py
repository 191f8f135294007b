"""Which actions a template's types need, as it is written: without its scenarios, so quick, and without ARNs.

What depends on what a resource names (roles that are passed, keys) may be needed or not. A template of JSON is read as
text alone: its places are not needed here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from stackproof.aws.arn import covers
from stackproof.aws.data import facts
from stackproof.aws.iam_actions import action, is_pattern, members
from stackproof.code.custom_resources import is_custom
from stackproof.foundation.finding import CannotTell, Place
from stackproof.permissions.execution_roles import STACK_SET
from stackproof.permissions.handlers import called, listed, prefix_of
from stackproof.permissions.required import LINK, ONLY_WHERE_NAMED, PASS
from stackproof.template import loader

BY_NAME = (PASS, LINK, "lambda:InvokeFunction", "sns:Publish")
"""What a template may need beside what its schemas list: roles passed and linked, tokens of custom resources."""
READS = ("ssm:GetParameters", "secretsmanager:GetSecretValue")
"""What parameters and dynamic references read."""


class Glance(NamedTuple):
    """What a template needs: actions with the types that need them, types that are not known, and in lower case all
    that it may need, names with wildcards too.

    Actions are as schemas write them; some of them IAM does not know.
    """

    needed: Mapping[str, tuple[str, ...]]
    possible: frozenset[str]
    unknown: tuple[str, ...]

    def lacking(self, granted: Collection[str]) -> list[str]:
        """Return the actions that are needed and not among those granted, which may have wildcards."""
        plain = {name.lower() for name in granted}
        patterns = [name for name in granted if is_pattern(name)]
        missing = [name for name in self.needed if name.lower() not in plain]
        missing = [name for name in missing if not any(covers(pattern, name, fold=True) for pattern in patterns)]
        return [known.spelling for name in missing if (known := action(name))]

    def kinds_of(self, name: str) -> tuple[str, ...]:
        """Return the types that need an action."""
        return next((kinds for needed, kinds in self.needed.items() if needed.lower() == name.lower()), ())

    def needless(self, granted: Iterable[str]) -> list[str]:
        """Return the actions granted that nothing needs, those that a name with wildcards stands for one by one."""
        patterns = [name for name in self.possible if is_pattern(name)]
        every = [spelt for name in granted for spelt in (_members(name) if is_pattern(name) else (name,))]
        extra = [name for name in every if name.lower() not in self.possible]
        return [name for name in extra if not any(covers(pattern, name, fold=True) for pattern in patterns)]


def _members(pattern: str) -> tuple[str, ...]:
    """Return the actions that a name stands for, itself if they are not of one service."""
    return tuple(known.spelling for known in members(pattern)) or (pattern,)


def glance(file: Path) -> Glance:
    """Return what a template needs; raise CannotTell for a file that is no template."""
    return _glance(str(file), file.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _glance(file: str, _: int) -> Glance:
    needed: dict[str, dict[str, None]] = {}
    possible = {*BY_NAME, *READS, *facts("permissions", "execution_role")[STACK_SET]}
    unknown: dict[str, None] = {}
    for resource in _resources(file).values():
        kind = str(resource.get("Type", ""))
        if listed(kind) is None:
            unknown[kind] = None
        elif not is_custom(kind):
            for name in called(kind, resource.get("Properties", {})):
                possible.add(name)
                service = name.partition(":")[0].lower()
                if not is_pattern(name) and (service == prefix_of(kind) or service not in ONLY_WHERE_NAMED):
                    needed.setdefault(name, {})[kind] = None
    always = {name: tuple(kinds) for name, kinds in needed.items() if name not in BY_NAME}
    return Glance(always, frozenset(map(str.lower, possible)), tuple(unknown))


def _resources(file: str) -> Mapping[str, Any]:
    if file.endswith(".json"):
        try:
            value = json.loads(Path(file).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CannotTell(f"it cannot be read: {error}", Place(file, 1, 1), "give a template") from None
    else:
        value = loader.load(file).value
    found = value.get("Resources") if isinstance(value, dict) else None
    if not isinstance(found, dict) or not all(isinstance(resource, dict) for resource in found.values()):
        raise CannotTell("it has no Resources", Place(file, 1, 1), "give a template")
    return found
