"""The texts of a stack, and the ARNs and names that stand in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from stackproof.evaluation.resource import once_of_alike
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised
from stackproof.foundation.placeholders import WHOLE

HIDDEN = "\ue000-\uf8ff"
"""Letters of Unicode's private use: one stands for each token while a text is cut, so that none is cut in two."""
ARN = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:[0-9]*:[^\s\"',\\)]+")
MANY = 16_384
"""Texts of which it is remembered what stands in them: stacks have most of theirs in common."""
WORD = re.compile(rf"[\w./@{HIDDEN}-]+")


def texts(value: Any, path: Path = ()) -> list[tuple[Path, str]]:
    """Return every text below a value, with its path."""
    found: list[tuple[Path, str]] = []
    _collect(value, path, found)
    return found


@memoised
def texts_of(stack: Stack) -> tuple[tuple[Path, str], ...]:
    """Return every text of a stack's resources and outputs, with its path."""
    found: list[tuple[Path, str]] = []
    for logical, resource in stack.resources.items():
        found += texts_of_resource(resource, logical)
    return (*found, *texts(stack.value.get("Outputs", {}), ("Outputs",)))


@once_of_alike
def texts_of_resource(resource: Mapping[str, Any], logical: str) -> tuple[tuple[Path, str], ...]:
    """Return every text of a resource, with its path in the stack."""
    return tuple(texts(resource, ("Resources", logical)))


def _collect(value: Any, path: Path, found: list[tuple[Path, str]]) -> None:
    if isinstance(value, str):
        found.append((path, value))
    elif isinstance(value, dict):
        for key, item in value.items():
            _collect(item, (*path, key), found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _collect(item, (*path, index), found)


def arns_in(text: str) -> tuple[str, ...]:
    """Return the ARNs in a text, with their tokens whole."""
    return _arns_in(text) if "arn:" in text else ()


@lru_cache(MANY)
def _arns_in(text: str) -> tuple[str, ...]:
    hidden, tokens = _hide(text)
    return tuple(_shown(arn, tokens) for arn in ARN.findall(hidden))


@lru_cache(MANY)
def words_in(text: str) -> tuple[tuple[str, str], ...]:
    """Return the words of a text outside its ARNs: each with its tokens whole, and as it is written, without tokens."""
    hidden, tokens = _hide(text)
    found = WORD.findall(ARN.sub(" ", hidden))
    return tuple((_shown(word, tokens), re.sub(f"[{HIDDEN}]", "", word) if tokens else word) for word in found)


def _hide(text: str) -> tuple[str, list[str]]:
    tokens = WHOLE.findall(text) if "{{" in text else []
    numbers = iter(range(len(tokens)))
    return (WHOLE.sub(lambda _: chr(0xE000 + next(numbers)), text) if tokens else text), tokens


def _shown(text: str, tokens: list[str]) -> str:
    return re.sub(f"[{HIDDEN}]", lambda found: tokens[ord(found[0]) - 0xE000], text) if tokens else text


def of_functions(text: str) -> bool:
    """Tell whether a part of a text is imported, made by a function of what only AWS knows, or a dynamic reference."""
    return "{{" in text and any(token[2:].startswith(("Fn::", "resolve:")) for token in WHOLE.findall(text))
