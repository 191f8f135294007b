"""What scenarios.yaml says, and what it may not."""

from pathlib import Path

import pytest

from stackproof.evaluation.scenario import Pair, Stated, command_line, load
from stackproof.foundation.finding import CannotTell

SCENARIOS = "deployments: [{name: a, source: {region: us-east-1}, target: {region: eu-central-1}}]"


def read(tmp_path: Path, text: str) -> tuple[Pair, ...]:
    path = tmp_path / "scenarios.yaml"
    path.write_text(text, encoding="utf-8")
    return load(str(path))


def test_a_deployment_has_two_sides(tmp_path: Path) -> None:
    (pair,) = read(tmp_path, SCENARIOS)
    assert [(side.side, side.region, side.account, side.stack) for side in pair.sides] == [
        ("source", "us-east-1", "111111111111", "stack"),
        ("target", "eu-central-1", "111111111111", "stack"),
    ]


def test_a_side_takes_what_both_are_given_and_what_it_is_given_itself(tmp_path: Path) -> None:
    (pair,) = read(
        tmp_path,
        "account: '222222222222'\nstack: both\ndeployments:\n- name: a\n  parameters: {A: 1, B: yes, L: [x, y]}\n"
        "  source: {region: us-east-1, parameters: {A: 2}, stack: own, account: '333333333333'}\n"
        "  target: {region: eu-central-1, parameters: ''}\n",
    )
    assert (pair.source.parameters, pair.source.stack) == ({"A": "2", "B": "yes", "L": "x,y"}, "own")
    assert (pair.target.parameters, pair.target.stack) == ({"A": "1", "B": "yes", "L": "x,y"}, "both")
    assert (pair.source.account, pair.target.account) == ("333333333333", "222222222222")


def test_a_side_says_what_is_stated_of_its_stack(tmp_path: Path) -> None:
    (pair,) = read(
        tmp_path,
        "deployments:\n- name: a\n"
        "  source: {region: us-east-1, outputs: {O: x}, exports: {O: y}, conditions: {C: true}, keys: {T: [a, b]}}\n"
        "  target: {region: eu-central-1}\n",
    )
    assert pair.source.stated == Stated({"O": "x"}, {"O": "y"}, {"C": "true"}, {"T": "a,b"})
    assert pair.target.stated == Stated()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: b",
            "unknown key 'a'; fix: use one of accepted, account, deployments, must_accept, must_reject, ",
        ),
        ("[]", "must be a mapping"),
        ("deployments: []", "needs a list of deployments"),
        ("account: x\n" + SCENARIOS, "'x' is no account id"),
        ("deployments: [{source: {region: us-east-1}}]", "a deployment has no name"),
        ("deployments: [{name: a, source: {}}]", "the source of deployment 'a' has no region"),
        ("deployments: [{name: a, source: {region: mars-1}}]", "'mars-1' is no region of AWS"),
        ("deployments: [{name: a, target: {}}]", "deployment 'a' has no source; fix: add source: {region: R}"),
        ("deployments: [{name: a, parameters: [b]}]", "parameters must be a mapping"),
        (
            "deployments: [{name: a, parameters: {P: {b: c}}}]",
            "the value of P in parameters is neither text nor a list",
        ),
        ("deployments: [a]", "must be a mapping"),
        ("deployments: {name: a}", "needs a list of deployments"),
        ("deployments: [{name: ''}]", "a deployment has no name"),
        ("deployments: [{name: [a]}]", "name must be one text, not a list"),
        ("account: ['111111111111']\n" + SCENARIOS, "account must be one text, not a list"),
        ("deployments: [{name: a, parameters: {P: [{b: c}]}}]", "the value of P in parameters is neither text"),
        (
            SCENARIOS.replace("]", ", {name: a, source: {region: us-east-1}, target: {region: us-east-2}}]"),
            "two deployments",
        ),
    ],
    ids=lambda text: str(text)[:40],
)
def test_what_is_not_understood_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CannotTell) as error:
        read(tmp_path, text)
    assert message in str(error.value)
    assert error.value.place is not None


def test_a_command_gives_one_scenario() -> None:
    scenario = command_line("eu-west-1", "444444444444", "s", {"A": "b"})
    assert (scenario.region, scenario.partition.name, scenario.parameters) == ("eu-west-1", "aws", {"A": "b"})
    assert scenario.side == "source"


def test_a_command_s_account_has_twelve_digits() -> None:
    with pytest.raises(CannotTell, match="'12' is no account id"):
        command_line("eu-west-1", "12", "s", {})


def test_a_command_s_region_is_one_of_aws() -> None:
    with pytest.raises(CannotTell, match="'mars-1' is no region of AWS"):
        command_line("mars-1", "444444444444", "s", {})


def test_the_places_of_a_scenario_s_parameters_are_known(tmp_path: Path) -> None:
    text = (
        "deployments:\n- name: a\n  parameters: {A: 1, B: 2}\n  source: {region: us-east-1, parameters: {B: 3}}\n"
        "  target: {region: us-east-2}\n"
    )
    places = read(tmp_path, text)[0].source.places
    assert {name: (place.line, place.column) for name, place in places.items()} == {"A": (3, 19), "B": (4, 47)}


def test_what_is_refused_may_be_in_the_same_file(tmp_path: Path) -> None:
    assert len(read(tmp_path, f"{SCENARIOS}\nrefused: []")) == 1
