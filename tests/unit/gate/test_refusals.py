"""What a template has to refuse: a template that accepts it, or refuses it for another reason, is found out."""

from pathlib import Path

import pytest

from stackproof.foundation.finding import CannotTell
from stackproof.gate import refusals
from stackproof.template import loader

pytestmark = pytest.mark.usefixtures("small")
REFUSED = "refused: [{{name: capitals, because: {because}, region: us-east-1, parameters: {{Suffix: {suffix}}}}}]"


def messages(because: str, suffix: str) -> list[str]:
    Path("refused.yaml").write_text(REFUSED.format(because=because, suffix=suffix))
    return [found.message for found in refusals.check(loader.load("template.json"), refusals.load("refused.yaml"))]


def test_what_is_refused_as_it_should_be_is_no_finding() -> None:
    assert messages("Suffix", "ABC") == []


def test_what_is_accepted_is_a_finding() -> None:
    assert messages("Suffix", "abc") == ["capitals: Suffix has to refuse it, but it is accepted"]


def test_what_is_refused_for_another_reason_is_a_finding() -> None:
    (message,) = messages("Main", "ABC")
    assert message.startswith(
        "capitals: Main has to refuse it, but it is refused for another reason: Parameter 'Suffix'"
    )


@pytest.mark.parametrize("text", ["refused: x", "refused: [{name: x}]", "refused: [x]"])
def test_refusals_that_are_not_understood_are_an_error(text: str) -> None:
    Path("refused.yaml").write_text(text)
    with pytest.raises(CannotTell) as refusal:
        refusals.load("refused.yaml")
    assert refusal.value.place is not None


def test_a_file_without_refusals_has_none() -> None:
    assert refusals.load("scenarios.yaml") == ()


ACCEPTED = "accepted: [{{name: plain, region: us-east-1, parameters: {{Suffix: {suffix}}}}}]"


def unaccepted(suffix: str) -> list[tuple[str, str, tuple[str | int, ...]]]:
    Path("accepted.yaml").write_text(ACCEPTED.format(suffix=suffix))
    found = refusals.check(loader.load("template.json"), refusals.load("accepted.yaml"))
    return [(item.rule, item.message, item.at) for item in found]


def test_what_is_accepted_as_it_should_be_is_no_finding() -> None:
    assert unaccepted("abc") == []


def test_what_is_refused_and_should_not_be_is_a_finding_at_what_refuses_it() -> None:
    ((rule, message, at),) = unaccepted("ABC")
    assert (rule, at) == ("accepts_parameters", ("Parameters", "Suffix"))
    assert message.startswith("plain: it has to be accepted, but is refused: Parameter 'Suffix'")


@pytest.mark.parametrize(
    "text", ["accepted: x", "accepted: [{name: x}]", "accepted: [{name: x, because: y, region: z}]"]
)
def test_what_has_to_be_accepted_and_is_not_understood_is_an_error(text: str) -> None:
    Path("accepted.yaml").write_text(text)
    with pytest.raises(CannotTell, match="accepted"):
        refusals.load("accepted.yaml")
