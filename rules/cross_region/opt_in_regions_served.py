"""Whatever regions the parameters accept, SNS is let in as whom it comes: an opt-in region has a principal of its own.

Beyond a region SNS delivers as sns.REGION.amazonaws.com where the receiver's region or else the topic's is an opt-in
region, and as sns.amazonaws.com else. A template whose conditions tell such regions apart holds a list of them, which
has to be right for each region, not only for those of a scenario; one that names neither such a region nor such a
principal is not meant for them. For a region that needs no opting in the guide names
no principal of its own, so that no policy has to let one in.
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html
pack: resilience
severity: error
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from stackproof.api import Deployment, Document, Finding
from stackproof.aws.regions import is_opt_in
from stackproof.iam.statements import statements
from stackproof.monitoring.delivery import messages, subscriptions, undelivered_because
from stackproof.proof.elsewhere import elsewhere

APPLIES_TO = ("AWS::SNS::Subscription",)
OF_REGION = re.compile(r"sns\.([a-z0-9-]+)\.amazonaws\.com")
TELLS_APART = re.compile(r"""\bsns\.(\$\{|["']|[a-z]{2}-)""")
"""How a principal of a region is written: of one, of the region that a reference gives, of the parts of a join."""
REGION = re.compile(r"\b[a-z]{2}(?:-[a-z]+)+-\d\b")
_FOUND: WeakKeyDictionary[Document, tuple[Finding, ...]] = WeakKeyDictionary()
"""What is found in other regions than those of the first scenario: those of another come to the same."""


def check(deployment: Deployment) -> Iterator[Finding]:
    template = deployment.source.template
    if template is not deployment.target.template or not crosses(deployment):
        return
    yield from of_principals(deployment)
    if not TELLS_APART.search(template.text) and not any(map(is_opt_in, REGION.findall(template.text))):
        return
    if template not in _FOUND:
        _FOUND[template] = tuple(found for other in elsewhere(deployment, is_opt_in) for found in of_regions(other))
    yield from _FOUND[template]


def crosses(deployment: Deployment) -> bool:
    """Tell whether a topic of one side has a subscriber on the other."""
    regions = {stack.scenario.region for stack in deployment.stacks}
    asked = (
        {
            arn.split(":")[3]
            for arn in (subscription.topic, str(subscription.properties.get("Endpoint")))
            if arn.count(":") >= 5
        }
        for stack in deployment.stacks
        for subscription in subscriptions(stack)
    )
    return any(regions <= regions_asked for regions_asked in asked)


def of_regions(deployment: Deployment) -> Iterator[Finding]:
    source, target = (stack.scenario.region for stack in deployment.stacks)
    where = f"with the regions {source} and {target}"
    for stack in deployment.stacks:
        for message in messages(stack):
            why = undelivered_because(deployment, message) if message.service.startswith("sns.") else ""
            if why:
                text = f"{where} {message.path[1]} does not reach {message.to}: {why}"
                yield stack.finding(message.path, text, "correct the condition that tells opt-in regions apart")
    yield from of_principals(deployment)


def of_principals(deployment: Deployment) -> Iterator[Finding]:
    """Find statements that let in a principal of a region that has none."""
    source, target = (stack.scenario.region for stack in deployment.stacks)
    for stack in deployment.stacks:
        for statement in statements(stack):
            for service in statement.services():
                found = OF_REGION.fullmatch(service)
                if found and not is_opt_in(found[1]):
                    where = f"with the regions {source} and {target}"
                    text = f"{where} {statement.owner} lets {service} in, and {found[1]} is no opt-in region"
                    yield stack.finding(statement.path, text, "correct the condition that tells opt-in regions apart")
