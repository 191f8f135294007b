"""Parameters that a template must reject before anything is created, or must accept, read from scenarios.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stackproof.evaluation.acceptance import refusal
from stackproof.evaluation.scenario import Reader, Scenario, command_line, found
from stackproof.foundation.document import Document
from stackproof.foundation.finding import Finding
from stackproof.template.loader import load_document

RULE, ACCEPTS = "refuses_parameters", "accepts_parameters"
REJECT, ACCEPT = {"name", "because", "region", "parameters"}, {"name", "region", "parameters"}
KEYS = {"must_reject": REJECT, "must_accept": ACCEPT, "refused": REJECT, "accepted": ACCEPT}
"""What an entry of each list has. `refused` and `accepted` are the old names of the first two lists."""


@dataclass(frozen=True)
class Refusal:
    """A stack that must not come to be, and the parameter or the rule of the template that has to refuse it.

    Where `because` is "", nothing must: the template has to accept it.
    """

    scenario: Scenario
    because: str


def load(path: str) -> tuple[Refusal, ...]:
    """Read `must_reject` and `must_accept` of a scenarios file, lists of what KEYS says; raise CannotTell if amiss."""
    return refusals_in(load_document(path, text_only=True))


def refusals_in(document: Document) -> tuple[Refusal, ...]:
    """Return the same of a scenarios file that has been read."""
    reader = Reader(document)
    return tuple(_entry(reader, kind, index) for kind in KEYS for index in range(len(_entries(reader, kind))))


def _entries(reader: Reader, kind: str) -> list[object]:
    entries = reader.at((kind,))
    if entries is None or entries == "":
        return []
    if not isinstance(entries, list):
        message = f"{kind} must be a list{found(entries)}"
        raise reader.refuse((kind,), message, f"write - {{{', '.join(sorted(KEYS[kind]))}}}")
    return entries


def _entry(reader: Reader, kind: str, index: int) -> Refusal:
    path = (kind, index)
    entry = reader.at(path)
    keys = ", ".join(sorted(KEYS[kind]))
    if not isinstance(entry, dict) or entry.keys() != KEYS[kind]:
        raise reader.refuse(
            path, f"an entry of {kind} has just the keys {keys}", f"write - {{{keys}}}, each with a value"
        )
    parameters = reader.parameters((*path, "parameters"))
    stack = command_line(reader.region((*path, "region")), "111111111111", "stack", parameters)
    because = reader.scalar((*path, "because"), entry["because"]) if "because" in entry else ""
    if "because" in entry and not because:
        fix = "name the parameter or the rule of the template that must reject it"
        raise reader.refuse((*path, "because"), f"because of an entry of {kind} is empty", fix)
    return Refusal(replace(stack, name=reader.name(path, f"an entry of {kind}")), because)


def check(template: Document, refusals: Sequence[Refusal]) -> Iterator[Finding]:
    """Give a finding for each that the template accepts, or refuses for another reason than it should."""
    for expected in refusals:
        if not expected.because:
            yield from _unaccepted(template, expected)
            continue
        section = "Parameters" if expected.because in template.value.get("Parameters", {}) else "Rules"
        path = (section, expected.because)
        named = f"Parameter '{expected.because}'" if section == "Parameters" else f"rule {expected.because} "
        reason = refusal(template, expected.scenario)
        if named not in reason:
            problem = f"is refused for another reason: {reason}" if reason else "is accepted"
            message = f"{expected.scenario.name}: {expected.because} has to refuse it, but it {problem}"
            fix = f"let {expected.because} refuse it"
            yield Finding(RULE, template.place(path), expected.scenario.name, "both", message, fix, path)


def _unaccepted(template: Document, refused: Refusal) -> Iterator[Finding]:
    """Give a finding if the template refuses what it has to accept, at the parameter or the rule that refuses it."""
    reason = refusal(template, refused.scenario)
    if reason:
        sections = (("Parameters", "Parameter '{}'"), ("Rules", "rule {} "))
        named = [
            (section, name)
            for section, words in sections
            for name in template.value.get(section, {})
            if words.format(name) in reason
        ]
        path = named[0] if named else ()
        message = f"{refused.scenario.name}: it has to be accepted, but is refused: {reason}"
        yield Finding(ACCEPTS, template.place(path), refused.scenario.name, "both", message, "let it through", path)
