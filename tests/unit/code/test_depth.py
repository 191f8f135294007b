"""Code that is too deep to analyse is an error of its function alone, and never a crash."""

import pytest
from stacks import resource, stack, verdict

from stackproof.code.inline import inline_functions
from stackproof.foundation.finding import CannotTell

HANDLER = "\ndef handler(event, context):\n    return event\n"
DEEP = {
    "a sum of many terms": "x = 1" + " + 1" * 5000,
    "a sum that Python parses": "x = 1" + " + 1" * 300,
    "signs": "x = " + "-" * 5000 + "1",
    "lambdas": "x = " + "lambda: " * 3000 + "1",
    "brackets": "x = " + "[" * 150 + "]" * 150,
    "attributes": "x = HANDLER" + ".a" * 3000,
    "calls": "x = print" + "()" * 3000,
    "branches": "if HANDLER: pass" + "\nelif HANDLER: pass" * 3000,
}
CHAIN = "import boto3\ndef f0(): return 'b'\n" + "\n".join(f"def f{n + 1}(): return f{n}()" for n in range(400))
CHAIN += "\ndef handler(event, context):\n    boto3.client('s3').get_object(Bucket=f400(), Key='k')\n"
RULES = ("code_sound", "environment_read", "handler_defined", "code_in_time", "permissions_exact")


def function(text: str, name: str = "f") -> dict[str, object]:
    properties = {
        "FunctionName": name,
        "Handler": "index.handler",
        "Runtime": "python3.12",
        "Role": {"Fn::GetAtt": ["R", "Arn"]},
    }
    return resource("Lambda::Function", Code={"ZipFile": text}, **properties)


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_a_code_that_is_too_deep_has_no_tree_and_says_so(text: str) -> None:
    (inline,) = inline_functions(stack({"R": resource("IAM::Role"), "F": function(text + HANDLER)}))
    with pytest.raises(CannotTell, match="the code of F is too deep to analyse"):
        inline.tree()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("code", ["a sum of many terms", "a sum that Python parses"])
def test_a_rule_says_of_one_function_that_it_is_too_deep_and_checks_the_other(rule: str, code: str) -> None:
    other = function("import os\nNO = os.environ['NO']\ndef entry(event, context):\n    return missing\n", "g")
    outcome = verdict(rule, {"R": resource("IAM::Role"), "F": function(DEEP[code] + HANDLER), "G": other})
    assert outcome.errors
    assert all("the code of F is too deep to analyse" in error.message for error in outcome.errors)
    if rule in ("code_sound", "environment_read", "handler_defined"):
        assert any("G" in finding.message for finding in outcome.findings)


def test_names_that_lead_to_each_other_in_too_many_steps_are_too_deep() -> None:
    outcome = verdict("permissions_exact", {"R": resource("IAM::Role"), "F": function(CHAIN)})
    assert ["its names lead to each other in too many steps" in error.message for error in outcome.errors] == [True]


@pytest.mark.parametrize(
    "text", ["x = 1" + " + 1" * 90, "x = " + "-" * 90 + "1", "if HANDLER: pass" + "\nelif HANDLER: pass" * 90]
)
def test_code_of_ninety_levels_is_analysed(text: str) -> None:
    outcome = verdict("code_sound", {"R": resource("IAM::Role"), "F": function(f"HANDLER = 1\n{text}{HANDLER}")})
    assert (outcome.errors, outcome.findings) == ((), ())
