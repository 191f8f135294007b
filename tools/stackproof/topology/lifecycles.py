"""The lifecycle rules of a bucket: which objects each takes, and after how many days it moves or deletes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.foundation.values import as_list

FOREVER = float("inf")


class LifecycleRule(NamedTuple):
    """An enabled rule: its place in the list (`at`), its name, the keys it is for ("" all), and the rule as it stands.

    `is_partial` where tags or sizes leave objects of these keys out.
    """

    at: int
    name: str
    prefix: str
    is_partial: bool
    value: Mapping[str, Any]

    @property
    def expires(self) -> float:
        """Return after how many days current versions are deleted, `FOREVER` if they are not."""
        return days(self.value.get("ExpirationInDays"))

    @property
    def moves(self) -> list[Mapping[str, Any]]:
        """Return the moves of current versions to other classes."""
        return [*self.value.get("Transitions", []), *as_list(self.value.get("Transition", []))]

    @property
    def old_moves(self) -> list[Mapping[str, Any]]:
        """Return the moves of versions that are current no more."""
        single = as_list(self.value.get("NoncurrentVersionTransition", []))
        return [*self.value.get("NoncurrentVersionTransitions", []), *single]

    def takes(self, prefix: str) -> bool:
        """Tell whether the rule is for every object whose key begins so."""
        return not self.is_partial and prefix.startswith(self.prefix)


def lifecycle_rules(properties: Mapping[str, Any]) -> Iterator[LifecycleRule]:
    """Give the enabled lifecycle rules of a bucket, of its properties."""
    for index, rule in enumerate((properties.get("LifecycleConfiguration") or {}).get("Rules", [])):
        if rule.get("Status") == "Enabled":
            partial = any(rule.get(name) for name in ("TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan"))
            yield LifecycleRule(index, str(rule.get("Id", index)), str(rule.get("Prefix", "")), partial, rule)


def days(value: Any) -> float:
    """Return a number of days, `FOREVER` for none and for what only AWS knows."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return FOREVER
