"""Resources of resolved stacks: those of one name that are alike are one, so that what follows from it is found once.

Of the resources of all scenarios' stacks two thirds are alike: most stacks differ in a few of them only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from stackproof.foundation.document import Document
from stackproof.foundation.memo import memoised

P = ParamSpec("P")
V = TypeVar("V")
Work = Callable[Concatenate[Mapping[str, Any], P], V]


class Resource(dict[str, Any]):
    """A resource of one or several stacks, which nobody changes; `text` is it in JSON.

    Unlike a plain dict it can hold what is memoised of it.
    """

    text: str


def shared(template: Document, logical: str, resource: dict[str, Any]) -> Resource:
    """Return the resource of a template that is the same as a resource just worked out."""
    known: dict[tuple[str, str], Resource] = vars(template).setdefault("_resources", {})
    text = json.dumps(resource)
    found = known.get((logical, text))
    if found is None:
        found = known[logical, text] = Resource(resource)
        found.text = text
    return found


def once_of_alike(work: Work[P, V]) -> Work[P, V]:
    """Let a function of a resource, and of more that can be hashed, work each result out once for all alike ones.

    A plain mapping can hold nothing that is memoised: of it the result is worked out each time.
    """
    memoising = memoised(work)

    @wraps(work)
    def kept(resource: Mapping[str, Any], /, *more: P.args, **named: P.kwargs) -> V:
        return (memoising if isinstance(resource, Resource) else work)(resource, *more, **named)

    return kept
