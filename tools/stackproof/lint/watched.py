"""A template, its resources and its regions as cfn-lint's checks get them: in wrappers that note what is looked at.

What is looked at in a way that no wrapper knows (the graph of a template, a list of all resources) is noted as more
than can be told. The names in the table of resources may be listed without a note: cfn-lint does so only to see whether
a name that a resource itself mentions, and so looks up, exists, and for modules, which no remembered template has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# The same for every template without conditions, transforms and modules (is_cdk_template is part of the key);
# get_valid_getatts holds a resource's attributes by its name, which is looked up, and noted, before.
CONSTANT = {
    "conditions",
    "get_object_without_conditions",
    "get_valid_getatts",
    "has_serverless_transform",
    "is_cdk_template",
    "transform_pre",
}


@dataclass(frozen=True)
class World:
    """A template's resources, as text; `rest` is what all of them depend on, None if nothing may be remembered.

    A type is given with the versions of its schema in the template's regions, all that follows from the regions for it.
    """

    cfn: Any = None
    texts: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    regions: tuple[str, ...] = ()
    rest: str | None = None


class Notes:
    """What checks looked at: texts and types of resources by name, the regions, or `more` than can be told."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.types: set[str] = set()
        self.regions = False
        self.more = False

    def seen_in(self, world: World) -> list[Any]:
        texts = [(name, world.texts.get(name)) for name in sorted(self.texts)]
        types = [(name, world.types.get(name)) for name in sorted(self.types)]
        return [*texts, *types, world.regions if self.regions else ()]

    def include(self, other: Notes) -> None:
        self.texts |= other.texts
        self.types |= other.types
        self.regions |= other.regions
        self.more |= other.more


def watching(validator: Any, notes: Notes) -> Any:
    """Return a validator that gives checks the template and its resources in wrappers that note what is asked."""
    cfn = validator.cfn.cfn if isinstance(validator.cfn, WatchedTemplate) else validator.cfn
    table = Watched(validator.context.resources, notes.types)
    regions = WatchedRegions(validator.context.regions, notes)
    context = validator.context.evolve(resources=table, regions=regions)
    return validator.evolve(cfn=WatchedTemplate(cfn, notes), context=context)


def _noting(base: type, name: str, mark: str) -> Any:
    """Return a base's method that sets a mark of the notes, too, of whatever it is called on."""
    method = getattr(base, name)

    def noted(self: Any, *arguments: Any) -> Any:
        setattr(self.notes, mark, True)
        return method(self, *arguments)

    return noted


class Watched(dict[str, Any]):
    """Resources by name; notes each name asked for. Whoever lists them has to be noted elsewhere."""

    def __init__(self, resources: Mapping[str, Any], asked: set[str]) -> None:
        super().__init__(resources)
        self.asked = asked

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


class WatchedRegions(list[str]):
    """The regions of a template; notes when they are looked at."""

    def __init__(self, regions: Sequence[str], notes: Notes) -> None:
        super().__init__(plain(regions))
        self.plain, self.notes = plain(regions), notes

    __iter__ = _noting(list, "__iter__", "regions")
    __len__ = _noting(list, "__len__", "regions")
    __getitem__ = _noting(list, "__getitem__", "regions")
    __contains__ = _noting(list, "__contains__", "regions")
    __reversed__ = _noting(list, "__reversed__", "regions")
    __eq__ = _noting(list, "__eq__", "regions")
    __ne__ = _noting(list, "__ne__", "regions")
    __add__ = _noting(list, "__add__", "regions")
    __mul__ = _noting(list, "__mul__", "regions")
    __repr__ = _noting(list, "__repr__", "regions")
    __hash__ = None
    copy = _noting(list, "copy", "regions")
    count = _noting(list, "count", "regions")
    index = _noting(list, "index", "regions")


def plain(regions: Sequence[str]) -> list[str]:
    """Return the regions that are watched, unwatched."""
    return regions.plain if isinstance(regions, WatchedRegions) else list(regions)


class WatchedTexts(Watched):
    """Resources with all their text; notes when they are listed, too."""

    def __init__(self, resources: Mapping[str, Any], notes: Notes) -> None:
        super().__init__(resources, notes.texts)
        self.notes = notes

    __iter__ = _noting(dict, "__iter__", "more")
    __len__ = _noting(dict, "__len__", "more")
    keys = _noting(dict, "keys", "more")
    items = _noting(dict, "items", "more")
    values = _noting(dict, "values", "more")


class WatchedTemplate:
    """cfn-lint's template; notes the resources asked for, and whatever else is."""

    def __init__(self, cfn: Any, notes: Notes) -> None:
        self.cfn, self.notes = cfn, notes

    @property
    def template(self) -> dict[str, Any]:
        return {"Resources": WatchedTexts(self.cfn.template["Resources"], self.notes)}

    def get_cfn_path(self, path: list[str], context: Any) -> Any:
        self.notes.more |= path[0] != "Resources"
        self.notes.texts.add(path[1])
        return self.cfn.get_cfn_path(path, context)

    def is_resource_available(self, path: list[str], resource: str) -> Any:
        self.notes.more |= path[0] != "Resources"
        self.notes.texts |= {path[1], resource}
        return self.cfn.is_resource_available(path, resource)

    def __getattr__(self, name: str) -> Any:
        self.notes.more |= name not in CONSTANT
        return getattr(self.cfn, name)
