"""Definitions of state machines, as they are read and as they are sound."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from stacks import resource, stack

from stackproof.code.definition_check import faults
from stackproof.code.state_machines import StateMachine, all_states, state_machines, substituted_texts

END = {"Type": "Succeed"}
WAIT = {"Type": "Wait", "Seconds": 1, "Next": "End"}


def machine(definition: Any, key: str = "Definition", **properties: Any) -> StateMachine:
    (found,) = state_machines(
        stack({"Machine": resource("StepFunctions::StateMachine", **{key: definition}, **properties)})
    )
    return found


def of(language: str = "JSONPath", start: str = "Do", **states: Any) -> dict[str, Any]:
    return {"QueryLanguage": language, "StartAt": start, "States": states}


def faults_in(definition: Mapping[str, Any], **properties: Any) -> list[str]:
    return [fault.message for fault in faults(machine(definition, **properties))]


SOUND: dict[str, dict[str, Any]] = {
    "one state": of(Do=END),
    "a loop with a way out": of(Do={**WAIT, "Next": "If"}, End=END, If={
        "Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "End"}], "Default": "Do"}),
    "a choice between true and false": of(End=END, Do={"Type": "Choice", "Choices": [
        {"Variable": "$.x", "BooleanEquals": True, "Next": "End"},
        {"Variable": "$.x", "BooleanEquals": False, "Next": "End"}]}),
    "a state that only failures lead to": of(End=END, Do={
        "Type": "Task", "Resource": "r", "End": True, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "End"}]}),
    "branches and items, each with states of its own": of(
        Do={"Type": "Parallel", "Branches": [of(start="A", A=END), of(start="B", B=END)], "Next": "Each"},
        Each={"Type": "Map", "ItemProcessor": of(start="C", C=END), "End": True}),
    "a state in the other language": of(Do={
        "Type": "Task", "Resource": "r", "QueryLanguage": "JSONata", "Arguments": {}, "End": True}),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_wrong_with_a_sound_definition(name: str) -> None:
    assert faults_in(SOUND[name]) == []


FAULTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no states": ({"StartAt": "Do"}, ["it has no States"]),
    "no start": ({"States": {"Do": END}}, ["it does not say StartAt"]),
    "another start": (of(start="Begin", Do=END), ["StartAt is 'Begin', which is no state"]),
    "a state that is none": (of(Do="Wait"), ["the state 'Do' is no object"]),
    "a type that is none": (of(Do={"Type": "Sleep", "End": True}), ["Do has the Type 'Sleep'"]),
    "a way to nowhere": (of(Do=WAIT), ["Do leads to 'End', which is no state beside it"]),
    "a way into a branch": (
        of(Do={"Type": "Parallel", "Branches": [of(start="A", A=END)], "Next": "A"}),
        ["Do leads to 'A', which is no state beside it"],
    ),
    "no way on": (of(Do={"Type": "Pass"}), ["Do says neither Next nor End, or both"]),
    "both ways on": (of(Do={**WAIT, "End": True}, End=END), ["Do says neither Next nor End, or both"]),
    "an end that goes on": (of(Do={"Type": "Fail", "Next": "Do"}), ["Do is a Fail, which takes no Next"]),
    "a state without a way to it": (of(Do=END, Else=END), ["no state leads to Else"]),
    "no end": (
        of(Do={**WAIT, "Next": "Again"}, Again={**WAIT, "Next": "Do"}),
        ["from Do no state is reached that ends", "from Again no state is reached that ends"],
    ),
    "no end in a branch": (
        of(Do={"Type": "Parallel", "End": True, "Branches": [of(start="A", A={**WAIT, "Next": "A"})]}),
        ["from A no state is reached that ends"],
    ),
    "a choice that may not match": (
        of(Do={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "End"}]}, End=END),
        ["Do has no Default: where no condition holds, the execution fails with NoChoiceMatched"],
    ),
    "a choice of nothing": (of(Do={"Type": "Choice", "Default": "End"}, End=END), ["Do has no Choices"]),
    "a branch without a way": (
        of(Do={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True}], "Default": "End"}, End=END),
        ["a branch of Do has no Next"],
    ),
    "fields of JSONPath in JSONata": (
        of("JSONata", Do={"Type": "Pass", "ResultPath": "$.x", "End": True}),
        ["Do has ResultPath, which is of JSONPath"],
    ),
    "fields of JSONata in JSONPath": (
        of(Do={"Type": "Task", "Resource": "r", "Arguments": {}, "End": True}),
        ["Do has Arguments, which is of JSONata"],
    ),
    "a language that is none": (of("JMESPath", Do=END), ["QueryLanguage is 'JMESPath'"]),
    "a task that calls nothing": (of(Do={"Type": "Task", "End": True}), ["Do is a Task without a Resource"]),
    "a wait without a time": (of(Do={"Type": "Wait", "End": True}), ["Do does not say in one way how long it waits"]),
    "a parallel state of nothing": (of(Do={"Type": "Parallel", "End": True}), ["Do is a Parallel without Branches"]),
    "a retry of nothing": (
        of(Do={"Type": "Task", "Resource": "r", "End": True, "Retry": [{"MaxAttempts": 1}]}),
        ["a Retry of Do has no ErrorEquals"],
    ),
    "all errors beside another": (
        of(Do={"Type": "Task", "Resource": "r", "End": True, "Retry": [{"ErrorEquals": ["States.ALL", "x"]}]}),
        ["States.ALL of Do is not alone, or not last"],
    ),
    "a long name": (
        {"StartAt": "x" * 81, "States": {"x" * 81: END}},
        [f"the name {'x' * 81} has more than 80 letters"],
    ),
    "one name twice": (
        of(Do={"Type": "Parallel", "Branches": [of(Do=END)], "End": True}), ["two states are named 'Do'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_with_a_definition_is_told_once(name: str) -> None:
    definition, messages = FAULTS[name]
    assert faults_in(definition) == messages


def test_substitutions_are_given_and_used() -> None:
    shown = faults_in(of(Do={"Type": "Fail", "Cause": "${Why}"}), DefinitionSubstitutions={"Else": "x"})
    assert shown == [
        "the definition has ${Why}, which DefinitionSubstitutions does not give",
        "DefinitionSubstitutions gives Else, which the definition does not have",
    ]


def test_a_definition_is_read_with_its_substitutions() -> None:
    definition = of(Do={"Type": "Wait", "Seconds": 1, "Comment": "${Why} of ${Else}", "End": True})
    found = machine(definition, DefinitionSubstitutions={"Why": "sake", "Else": 1})
    assert [state.value["Comment"] for state in all_states(found)] == ["sake of 1"]


def test_a_text_is_read_with_its_substitutions_before_it_is_json() -> None:
    text = json.dumps(of(Do={**WAIT, "Next": "End"}, End=END)).replace('"Seconds": 1', '"Seconds": ${Long}')
    found = machine(text, "DefinitionString", DefinitionSubstitutions={"Long": 60})
    assert [state.value.get("Seconds") for state in all_states(found)] == [60, None]


@pytest.mark.parametrize(("text", "why"), [("{", "it is not JSON"), ("[]", "it is not a JSON object")])
def test_a_text_that_is_no_object_of_json_is_malformed(text: str, why: str) -> None:
    assert machine(text, "DefinitionString").malformed.startswith(why)


def test_a_part_of_an_object_has_a_place_and_one_of_a_text_has_none() -> None:
    inside, text = machine(of(Do=END)), machine(json.dumps(of(Do=END)), "DefinitionString")
    assert [inside.at("States", "Do")[-1], text.at("States", "Do")[-1]] == ["Do", "DefinitionString"]


def test_only_texts_that_substitutions_change_are_given_anew() -> None:
    definition = of(Do={"Type": "Fail", "Cause": "${Why}", "Error": "E"})
    made = stack({
        "Machine": resource(
            "StepFunctions::StateMachine", Definition=definition, DefinitionSubstitutions={"Why": "sake"})
    })  # fmt: skip
    assert [(path[-1], text) for path, text in substituted_texts(made)] == [("Cause", "sake")]
