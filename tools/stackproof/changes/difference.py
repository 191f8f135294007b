"""Where two values differ: paths, with the value before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.foundation.finding import Path
from stackproof.foundation.values import is_true


class Difference(NamedTuple):
    """A path below what is compared, with its value before and after; None where there is none."""

    path: Path
    before: Any
    after: Any


def differences(
    before: Any, after: Any, is_unordered: Callable[[Path], bool] = lambda _: False, path: Path = ()
) -> Iterator[Difference]:
    """Give where two values differ, as deep as it goes; lists of different lengths differ as a whole.

    `is_unordered` tells of the path to a list whether its order says nothing. Numbers and truths written as texts are
    what they say, as CloudFormation reads them.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from differences(before.get(key), after.get(key), is_unordered, (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        if len(before) == len(after):
            if before != after and not (_same_items(before, after) and is_unordered(path)):
                for index, (old, new) in enumerate(zip(before, after, strict=True)):
                    yield from differences(old, new, is_unordered, (*path, index))
        else:
            yield Difference(path, before, after)
    elif not _same(before, after):
        yield Difference(path, before, after)


def _same(before: Any, after: Any) -> bool:
    if type(before) is type(after) or before is None or after is None:
        return bool(before == after)
    if isinstance(before, bool) or isinstance(after, bool):
        texts = {str(before).lower(), str(after).lower()}
        return texts <= {"true", "false"} and is_true(before) == is_true(after)
    return str(before) == str(after)


def _same_items(before: list[Any], after: list[Any]) -> bool:
    left = list(after)
    for item in before:
        if item not in left:
            return False
        left.remove(item)
    return True
