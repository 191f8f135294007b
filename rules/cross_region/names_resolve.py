"""Every name made from what all stacks of an environment are given is of something that one of the two stacks creates.

A resource that only one region has is known to the other by its name alone, put together from a parameter; so are the
things that dashboards, event patterns and settings of functions name. No Ref ties such a text to the resource: when one
is renamed, the other goes on naming what is not there.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ref.html
pack: resilience
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from stackproof.api import Deployment, Finding, Path, Stack, declarations
from stackproof.aws.references import FORMATS, Format
from stackproof.topology.elsewhere import others_create
from stackproof.topology.resource_index import created_names, stated_names
from stackproof.topology.texts import of_functions, texts_of, words_in

APPLIES_TO = ("Parameters",)
HOST = re.compile(r"//(?![\w.-]*\.amazonaws\.)")
"""What begins a host name that is none of AWS's."""
PATTERN = re.compile(r"\^|\$$|\[[^\]]+\][+*{]|\.[*+]|\(\?")
"""What stands in regular expressions, and in no name."""
DOMAIN = re.compile(r"([A-Za-z0-9_-]+\.)+[A-Za-z]{2,}\.?")


def check(deployment: Deployment) -> Iterator[Finding]:
    known = {text for stack in deployment.stacks for text in (*created_names(stack), *stated_names(stack))}
    for stack in deployment.stacks:
        words = tuple(distinguishing(stack))
        holds_word = re.compile("|".join(map(re.escape, words)) if words else r"(?!)").search
        there = deployment.other(stack).scenario.region
        for path, text in texts_of(stack):
            if holds_word(text) and text not in known:
                for word in names(text, words):
                    # A word that holds the other side's region is the concern of references_resolve.
                    if (
                        word not in known
                        and not own_name(stack, path)
                        and there not in word
                        and not others_create(deployment, word)
                    ):
                        message = f"{word!r} names something that neither stack creates"
                        yield stack.finding(path, message, "write the name as the stack that creates it does")


def own_name(stack: Stack, path: Path) -> bool:
    """Tell whether a text is the name that a resource gives itself, which not all its forms have: the Ref of an event
    rule begins with its bus."""
    if len(path) != 4 or path[0] != "Resources":
        return False
    return FORMATS.get(stack.resources[str(path[1])]["Type"], Format()).name == path[3]


def distinguishing(stack: Stack) -> Iterator[str]:
    """Give the values of the parameters without a default: what tells one environment from another.

    A number alone, such as a count, tells none apart; what is made from a domain is a host name, and no resource's.
    What `init` writes until somebody fills it in tells none apart, either.
    """
    for name, declared in declarations(stack.template).items():
        value = stack.evaluator.scope.parameters[name]
        if (
            declared.default is None
            and isinstance(value, str)
            and re.search("[A-Za-z]", value)
            and not DOMAIN.fullmatch(value)
            and "CHANGE-ME" not in value
        ):
            yield value


@lru_cache(4096)
def names(text: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in a text that hold a given value, after a hyphen, dot, underscore or slash.

    What a function makes of a value that only AWS knows, and a name with such a part, may be anything.
    """
    found = []
    for word, written in words_in(text) if not PATTERN.search(text) else ():
        for value in words:
            # What begins with a short value, as device does with dev, need not be made from it.
            end = r"($|[-_./])" if len(value) < 6 else ""
            alone = value not in written or written.strip("-_./") == value
            if (
                not alone
                and not HOST.match(written)
                and re.search(rf"(^|[-_./]){re.escape(value)}{end}", written)
                and not of_functions(word)
            ):
                found.append(word)
    return tuple(found)
