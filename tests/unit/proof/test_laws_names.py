"""Laws: accepted values never contradict a proof, and the counterexample of a weakened template makes a rule fail."""

import re
from functools import cache

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import PARTITIONS, REGIONS, parameters
from worlds import ROOT, document, product

from stackproof.automata import construction
from stackproof.automata.automaton import Automaton
from stackproof.aws.regions import Partition, partition_of
from stackproof.evaluation.acceptance import refusal
from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.stack import resolve
from stackproof.foundation.placeholders import holds_unknown
from stackproof.proof.accepted import language
from stackproof.proof.fitting import NO_CELLS, Fitting
from stackproof.proof.names import names
from stackproof.proof.texts import Text, Unknown, readings
from stackproof.rules.python_rules import PythonRule
from stackproof.rules.rule_files import discover
from stackproof.template.parameters import declarations

TEMPLATE = product()


@cache
def whole(partition: Partition, parts: Text) -> Automaton:
    """Return the automaton of a text, one for all examples."""
    return construction.concatenation(*Fitting(TEMPLATE, partition).parts(parts, NO_CELLS))


@given(st.data())
def test_law_accepted_values_form_texts_of_the_proved_language_that_fit(data: st.DataObject) -> None:
    partition = partition_of(REGIONS[data.draw(st.sampled_from(PARTITIONS))][0])
    source, target = data.draw(st.permutations(REGIONS[partition.name]).map(lambda some: some[:2]))
    value = data.draw(parameters(source, target))
    scenario = Scenario("law", "source", data.draw(st.sampled_from([source, target])), "1" * 12, "stack", value)
    assume(not refusal(TEMPLATE, scenario))
    stack = resolve(TEMPLATE, scenario)
    for item in names(TEMPLATE, partition).proved:
        if item.owner not in stack.value[str(item.path[0])] or "Fn::If" in item.path:
            continue
        text = stack.evaluator.value(item.node)
        if not isinstance(text, str) or holds_unknown(text):
            continue
        assert [demanded.says for demanded in item.demanded if demanded.fails(text)] == []
        outcomes = {name: holds for name, holds in stack.conditions.items() if holds is not None}
        known = [reading.text for reading in readings(TEMPLATE, partition, item.node, lambda _: [], outcomes)]
        assert any(whole(partition, parts).accepts(text) for parts in known)


@given(st.data())
def test_law_a_parameters_language_holds_what_it_accepts_and_nothing_else(data: st.DataObject) -> None:
    item = data.draw(
        st.sampled_from([declaration for declaration in declarations(TEMPLATE).values() if not declaration.allowed])
    )
    assume(item.pattern is not None and "Region" not in item.name)
    found = language(TEMPLATE, partition_of("us-east-1"), item.name).texts
    text = data.draw(st.one_of(st.from_regex(str(item.pattern), fullmatch=True), st.text(max_size=20)))
    least, most = item.limits.get("MinLength", 0), item.limits.get("MaxLength", 10**6)
    fits = re.fullmatch(str(item.pattern), text) is not None and least <= len(text) <= most
    assert found.accepts(text) == fits


BODIES = ["[a-z]", "[a-zA-Z]", "[a-z0-9-]", "[a-z.]", r"\w", r"[\w&&[^A-Z_]]", r"\p{Lower}", r"[\p{Alnum}-]", "[0-9.]"]
WEAK = st.builds(
    lambda first, body, least, more, last: f"{first}{body}{{{least},{least + more}}}{last}",
    st.sampled_from(["", "[a-z]", "^", "(dev|Prod)"]),
    st.sampled_from(BODIES),
    st.integers(0, 3),
    st.integers(0, 40),
    st.sampled_from(["", "[a-z0-9]", "$", "-?", "+"]),
)
HYPHENS = {"Fn::Join": ["_", {"Fn::Split": ["-", {"Fn::Sub": "restore-${Suffix}-${AWS::Region}"}]}]}
NAMED = {
    "AWS::S3::Bucket": {"BucketName": {"Fn::Sub": "data-${Suffix}-${AWS::Region}"}},
    "AWS::SQS::Queue": {"QueueName": {"Fn::Sub": "${Suffix}${Suffix}"}},
    "AWS::Lambda::Function": {"FunctionName": {"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "Suffix"}]}]}},
    "AWS::Backup::RestoreTestingPlan": {"RestoreTestingPlanName": HYPHENS},
}
SMALL = {"Resources": {kind.split("::")[1]: {"Type": kind, "Properties": named} for kind, named in NAMED.items()}}
RULES = [rule for rule in discover(str(ROOT / "rules")) if not rule.is_guard]


@pytest.fixture(scope="module")
def rule() -> PythonRule:
    return PythonRule(next(rule for rule in RULES if rule.name == "names_fit_all_values"))


@given(WEAK)
def test_law_the_counterexample_of_a_weakened_template_makes_a_rule_fail(rule: PythonRule, pattern: str) -> None:
    template = document({**SMALL, "Parameters": {"Suffix": {"Type": "String", "AllowedPattern": pattern}}})
    found = names(template, partition_of("us-east-1"))
    for counterexample in found.refuted:
        assert refusal(template, counterexample.scenario) == ""
        stack = resolve(template, counterexample.scenario)
        assert counterexample.demanded.fails(str(stack.evaluator.value(counterexample.of.node)))
    if found.refuted:
        stack = resolve(template, found.refuted[0].scenario)
        yielded = rule.run(Deployment("law", stack, stack))
        assert any("Suffix accepts" in str(getattr(each, "message", "")) for each in yielded)


def test_some_readings_are_unknown_to_all_but_aws() -> None:
    node = TEMPLATE.value["Outputs"]["VPCId"]["Value"]
    with pytest.raises(Unknown):
        list(readings(TEMPLATE, partition_of("us-east-1"), node, lambda _: [], {}))
