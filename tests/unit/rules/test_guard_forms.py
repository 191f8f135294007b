"""Which rule files in Guard look at each resource by itself, and that they then pass for every part of a document."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest

from stackproof.rules.guard import GuardFile, Subject, evaluate, passing
from stackproof.rules.guard_forms import looks_at_each_resource

SELECTION = "let v = Resources.*[ Type == 'AWS::S3::Bucket' ]"
RULE = "rule r when %v !empty {\n  BODY\n}"
OF_EACH = RULE.replace("BODY", "%v {\n    Properties.N == 'x'\n  }")


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


RESOURCES = {
    "Good": bucket(A=[{"B": 1}], N="x"),
    "Bad": bucket(A=[{"B": 2}], N="y"),
    "Empty": bucket(A=[], N=""),
    "Bare": {"Type": "AWS::S3::Bucket"},
    "Queue": {"Type": "AWS::SQS::Queue"},
}
LETS = (
    SELECTION,
    f"{SELECTION}\nlet w = some %v.Properties.A[*]",
    f"{SELECTION}\nlet w = %v.Properties.A[*]",
    f"{SELECTION}\nlet w = %v[ Properties.N IN ['x', 'y'] ]",
    "let v = Resources.*[ Type == 'AWS::S3::Bucket' ].Properties.A",
    "let v = some Resources.*[ Type == 'AWS::S3::Bucket' ].Properties.A",
)
WRAPPED = (
    RULE,
    "rule r {\n  BODY\n}",
    "rule r when %v !empty {\n  when %w !empty {\n    BODY\n  }\n}",
)
BODIES = (
    "%v {\n Properties.N == 'x'\n }",
    "%v[ Properties.N exists ].Properties.N != 'y'",
    "%v[*].B == 1",
    "%w.B == 1",
    "%w {\n B == 1\n }",
    "%w.B == 1 or\n %v.Properties.N == 'x'",
    "%v.Properties.N exists",
    "%w {\n when B exists {\n some B == 1\n }\n }",
    "%v {\n Properties.A[*].B IN %w\n }",
)
TEXTS = ["\n".join((lets, wrapped.replace("BODY", body))) for lets, wrapped, body in product(LETS, WRAPPED, BODIES)]
KNOWN = [text for text in TEXTS if ("%w" in text) <= ("let w" in text)]


def statuses(text: str) -> dict[tuple[str, ...], str]:
    """Return what a file says of each choice of up to three resources."""
    file = GuardFile("promise", "rules/promise.guard", text)
    choices = [names for size in (1, 2, 3) for names in combinations(RESOURCES, size)]
    return {
        names: evaluate(file, Subject({"Resources": {name: RESOURCES[name] for name in names}}))[0].status
        for names in choices
    }


@pytest.mark.parametrize("text", [text for text in KNOWN if looks_at_each_resource(text)])
def test_what_passes_for_a_document_passes_for_every_part_of_it(text: str) -> None:
    found = statuses(text)
    for names in (names for names, status in found.items() if status != "FAIL"):
        parts = {found[part] for size in range(1, len(names)) for part in combinations(names, size)}
        assert "FAIL" not in parts
        assert found[names] == ("PASS" if "PASS" in {*parts, found[names]} else "SKIP")


@pytest.mark.parametrize(
    "text",
    [
        RULE.replace("BODY", "%v.Properties.N == 'x'").replace("when %v !empty ", ""),
        RULE.replace("BODY", "some %v.Properties.N == 'x'"),
        RULE.replace("BODY", "%v.Properties.N exists"),
        RULE.replace("BODY", "%v.Properties.N == 'x' or\n  %v.Properties.N == 'y'"),
        RULE.replace("BODY", "Outputs exists"),
        RULE.replace("BODY", "%v {\n    Properties.N IN %v.Properties.M\n  }"),
        RULE.replace("BODY", "%v {\n    Properties.N IN Resources.*.Properties.M\n  }"),
        f"let w = regex_replace(%v.Properties.N, 'a', 'b')\n{OF_EACH}",
        f"let w = %v.Properties.N\n{OF_EACH}",
        f"{OF_EACH}\nrule s when %v !empty {{\n  r\n}}",
        "rule s(one) {\n  %one == 'x'\n}\n" + RULE.replace("BODY", "%v {\n    s(Properties.N)\n  }"),
    ],
    ids=[
        "no-when", "some", "of-all", "alternatives", "another-section", "compared-with-each-other",
        "compared-with-resources", "a-function", "parts-of-all", "another-rule", "a-rule-with-parameters",
    ],
)  # fmt: skip
def test_what_asks_something_of_several_resources_is_put_to_each_stack(text: str) -> None:
    assert not looks_at_each_resource(f"{SELECTION}\n{text}")


def test_most_rules_of_this_repository_look_at_each_resource() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in Path("rules").rglob("*.guard")}
    others = {name for name, text in texts.items() if not looks_at_each_resource(text)}
    assert others == {"buckets_require_tls", "logs_kept", "topics_require_tls", "vpc_cidrs_separate"}


def test_alike_resources_of_several_stacks_are_put_to_guard_once() -> None:
    stacks = [Subject({"Resources": {"A": RESOURCES["Good"], "B": RESOURCES[name]}}) for name in ("Bad", "Good")]
    text = Subject.of_resources(stacks).text(GuardFile("promise", "rules/promise.guard", f"{SELECTION}\n{RULE}"))
    assert text.count('"Type"') == 2


@pytest.mark.parametrize(("name", "passed"), [("Good", ("PASS",)), ("Bad", ()), ("Queue", ("SKIP",))])
def test_blocks_are_given_where_none_fails(name: str, passed: tuple[str, ...]) -> None:
    file = GuardFile("promise", "rules/promise.guard", TEXTS[0])
    found = passing(file, Subject({"Resources": {name: RESOURCES[name]}}))
    assert tuple(block.status for block in found) == passed


def test_a_file_that_does_not_parse_passes_nothing() -> None:
    assert passing(GuardFile("promise", "rules/promise.guard", "rule r {"), Subject({"Resources": {}})) == ()
