"""Functions that would make more than any template holds: refused in one line, before it is made."""

import json
import time
import tracemalloc
from typing import Any

import pytest
from worlds import scenario

from stackproof.evaluation.stack import fold, resolve
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.template import loader


def template(value: Any) -> Document:
    """Return a template that has a value in one property, written without blanks."""
    resources = {"Other": {"Type": "AWS::EC2::VPC"}, "It": {"Type": "AWS::S3::Bucket", "Properties": {"It": value}}}
    return loader.parse(json.dumps({"Mappings": LIST, "Resources": resources}), "t.json")


SECONDS, BYTES = 1.0, 64_000_000
REPEATED = "${a}" * 1000
LIST = {"M": {"k": {"list": ["x" * 1000] * 250, "text": "y" * 250_000, "dots": "." * 150_000}}}


def found(key: str) -> dict[str, Any]:
    return {"Fn::FindInMap": ["M", "k", key]}


def nested(levels: int, inner: Any, wrap: Any) -> Any:
    for _ in range(levels):
        inner = wrap(inner)
    return inner


HUGE = {
    "Fn::Sub in Fn::Sub": nested(8, "x", lambda value: {"Fn::Sub": [REPEATED, {"a": value}]}),
    "Fn::Sub in Fn::Join": nested(
        8, "x", lambda value: {"Fn::Join": ["-", [{"Fn::Sub": [REPEATED, {"a": value}]}, "b"]]}
    ),
    "Fn::Sub of what only AWS knows": nested(8, {"Ref": "Other"}, lambda value: {"Fn::Sub": [REPEATED, {"a": value}]}),
    "Fn::Base64 in Fn::Sub": nested(8, "x", lambda value: {"Fn::Sub": [REPEATED, {"a": {"Fn::Base64": value}}]}),
    "Fn::Join of a mapping's list by long delimiters": {"Fn::Join": ["d" * 5000, found("list")]},
    "many lists of a mapping": [found("list") for _ in range(200)],
    "many texts of a mapping": [found("text") for _ in range(200)],
    "many joins of a mapping's list": [{"Fn::Join": ["", found("list")]} for _ in range(200)],
    "Fn::Split at every letter": {"Fn::Split": [".", found("dots")]},
    "many cuts of Fn::Cidr": [{"Fn::Cidr": ["10.0.0.0/8", 256, 8]} for _ in range(2000)],
}


KEPT = {"Fn::Sub of what only AWS knows"}
"""What a fold leaves as it was written: it is no longer than that."""
BOTH = [(name, work) for name in HUGE for work in (fold, resolve) if not (name in KEPT and work is fold)]


@pytest.mark.parametrize(("name", "work"), BOTH, ids=[f"{name}, {work.__name__}" for name, work in BOTH])
def test_what_would_be_huge_is_refused_soon_and_without_being_made(name: str, work: Any) -> None:
    read = template(HUGE[name])
    work(template("warm"), scenario())
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(CannotTell) as refusal:
            work(read, scenario())
    finally:
        taken, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert refusal.value.place is not None
    assert "\n" not in str(refusal.value)
    assert "fix: " in str(refusal.value)
    assert taken < 5 * SECONDS  # tracing makes it some five times slower
    assert peak < BYTES


def test_the_length_is_said_before_the_text_is_made() -> None:
    value = nested(2, "xx", lambda inner: {"Fn::Sub": [REPEATED, {"a": inner}]})
    with pytest.raises(CannotTell, match="the text of Fn::Sub would be 2,000,000 characters long, and 1,048,576 are"):
        resolve(template(value), scenario())


def test_a_text_as_long_as_a_template_may_be_is_made() -> None:
    value = nested(2, "x", lambda inner: {"Fn::Sub": [REPEATED, {"a": inner}]})
    assert len(resolve(template(value), scenario()).resources["It"]["Properties"]["It"]) == 1_000_000
