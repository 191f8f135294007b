"""Deployments that go wrong, on the emulator: what is seen of each, and how it goes on."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from deployments import TEMPLATE, Deployment

from stackproof.deploy.change_set import Body, Changer
from stackproof.deploy.client import Failed
from stackproof.deploy.runner import Unknown, change, deploy, destroy, parameters
from stackproof.deploy.stack_events import standing
from stackproof.deploy.template_upload import uploaded
from stackproof.foundation.document import Document
from stackproof.plan.operations import Operation
from stackproof.template import loader
from stackproof.template.body import Upload

pytestmark = pytest.mark.emulator_only
Deploying = Callable[..., Deployment]


def changed(**edits: Callable[[dict[str, Any]], None]) -> Document:
    """Return the template with resources edited."""
    value = json.loads(json.dumps(TEMPLATE.value))
    for logical, edit in edits.items():
        edit(value["Resources"][logical])
    return loader.parse(json.dumps(value, indent=1), "changed.json")


def fails(resource: dict[str, Any]) -> None:
    """Let the custom resource ask for a progress that the handler refuses."""
    resource["Properties"]["Progress"] = 101


def first(deployment: Deployment) -> Any:
    scenario = deployment.job.plan.first
    return standing(deployment.job.cloud, scenario.region, scenario.stack)


def test_a_handler_that_fails_rolls_back_and_its_reason_is_shown(deploying: Deploying) -> None:
    emulated = deploying("300000000001", changed(MigrationTrackerCustomResource=fails), EnvironmentSuffix="fails")
    with pytest.raises(Failed, match=r"ROLLBACK_COMPLETE: MigrationTrackerCustomResource .*not a number from 0 to 100"):
        deploy(emulated.job)


def test_after_a_failure_the_mended_template_is_deployed_by_running_it_again(deploying: Deploying) -> None:
    emulated = deploying("300000000002", changed(MigrationTrackerCustomResource=fails), EnvironmentSuffix="mended")
    with pytest.raises(Failed):
        deploy(emulated.job)
    again = deploying("300000000002", EnvironmentSuffix="mended")
    assert (deploy(again.job), "deleting what an earlier attempt left" in again.screen) == (3, True)


def test_run_again_nothing_changes(deploying: Deploying) -> None:
    emulated = deploying("300000000003", EnvironmentSuffix="again")
    assert (deploy(emulated.job), deploy(emulated.job)) == (3, 0)


def test_the_source_is_not_deployed_before_the_target(deploying: Deploying) -> None:
    emulated = deploying("300000000004", EnvironmentSuffix="order")
    with pytest.raises(Unknown, match=r"the target stack .* is not there, which deploy the source stack .* needs"):
        parameters(emulated.job, emulated.job.plan.operations[1], Changer(emulated.job.cloud, emulated.job.screen))


def test_what_was_interrupted_is_waited_for_and_continued(
    deploying: Deploying, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulated = deploying("300000000006", EnvironmentSuffix="interrupted")
    began: list[str] = []

    def interrupted(region: str, action: str, /, **arguments: Any) -> Mapping[str, Any]:
        answer = call(region, action, **arguments)
        if action == "execute_change_set":
            began.append(region)
            raise KeyboardInterrupt
        return answer

    call = emulated.job.cloud.call
    with monkeypatch.context() as patch:
        patch.setattr(type(emulated.job.cloud), "call", lambda _, *arguments, **more: interrupted(*arguments, **more))
        with pytest.raises(KeyboardInterrupt):
            deploy(emulated.job)
    again = deploying("300000000006", EnvironmentSuffix="interrupted")
    assert (deploy(again.job), began, first(again).good) == (2, ["eu-central-1"], True)


def test_a_dry_run_makes_no_stack(deploying: Deploying) -> None:
    emulated = deploying("300000000007", EnvironmentSuffix="dry")
    deploy(emulated.job, dry=True)
    assert (first(emulated), "cannot be shown before" in emulated.screen) == (None, True)


def test_a_template_over_the_inline_limit_is_refused_inline_and_taken_by_url(deploying: Deploying) -> None:
    emulated = deploying("300000000008", EnvironmentSuffix="large")
    emulated.job.cloud.clients["s3", "us-east-1"].create_bucket(Bucket="templates-of-a-large-one")

    def large(operation: Operation, values: Mapping[str, str]) -> str:
        value = json.loads(emulated.reducer.text(operation, values))
        return json.dumps({**value, "Metadata": {"Padding": "x" * 51_200}})

    operation = emulated.job.plan.operations[0]
    values = parameters(emulated.job, operation, changer := Changer(emulated.job.cloud, emulated.job.screen))
    whole = change(emulated.job, operation, values)
    text = large(operation, values)
    with pytest.raises(Failed, match="51200"):
        changer.apply(type(whole)(whole.scenario, Body(text), values, whole.capabilities, whole.resources))
    sent = Upload(text, "stackproof/large.json")
    body = uploaded(emulated.job.cloud, "us-east-1", "templates-of-a-large-one", sent, "300000000008")
    assert changer.apply(type(whole)(whole.scenario, body, values, whole.capabilities, whole.resources))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [({"SourceVpcCidr": "10.1.0.0/16"}, "must differ"), ({"EnvironmentSuffix": "-a-"}, "must match pattern")],
)
def test_what_the_template_refuses_never_reaches_aws(
    deploying: Deploying, parameters: dict[str, str], message: str
) -> None:
    with pytest.raises(Exception, match=message):
        deploying("300000000009", **parameters)


def test_destruction_leaves_what_is_retained_and_names_it(deploying: Deploying) -> None:
    emulated = deploying("300000000010", EnvironmentSuffix="destroyed")
    deploy(emulated.job)
    assert destroy(emulated.job) == 2
    bucket = "trading-data-destroyed-eu-central-1"
    emulated.job.cloud.clients["s3", "eu-central-1"].head_bucket(Bucket=bucket)
    assert f"left in the account: TradingDataBucket {bucket}" in emulated.screen


def test_what_is_retained_cannot_be_created_again_and_the_reason_is_found(deploying: Deploying) -> None:
    """CloudFormation says only that validation failed; what did is asked of it."""
    emulated = deploying("300000000011", EnvironmentSuffix="retained")
    deploy(emulated.job)
    destroy(emulated.job)
    with pytest.raises(Failed, match=r"TradingDataBucket .*trading-data-retained-eu-central-1.* already exists"):
        deploy(emulated.job)
