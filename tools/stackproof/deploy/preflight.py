"""A look at an account, in both regions, before anything is created: what a deployment needs and does not make itself.

What is looked for follows from the types of the resolved stacks; nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stackproof.aws.regions import partition_of
from stackproof.deploy.client import Cloud, Failed
from stackproof.deploy.look import PREREQUISITES, Look, Side, looked
from stackproof.deploy.look_at_names import of_names
from stackproof.deploy.look_at_quotas import of_quotas
from stackproof.deploy.look_at_services import of_backup, of_destinations, of_trail
from stackproof.deploy.runner import Job
from stackproof.deploy.template_upload import Sender
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Side as SideName
from stackproof.plan.stackset import StackSet
from stackproof.template.body import fits_inline
from stackproof.topology.dependencies import with_ids

ENABLED = ("opted-in", "opt-in-not-required")


def preflight(
    job: Job, sender: Sender, chosen: StackSet | None = None, stacks: Mapping[SideName, str] | None = None
) -> Iterator[Look]:
    """Give the looks at an account, one after the other. `chosen` if a StackSet deploys; `stacks` are the names or ids
    of its instances by side, "" where there is none."""
    both = with_ids(job.template, job.plan.pair)
    disabled = set()
    for stack in both.stacks:
        region = stack.scenario.region
        look = looked(region, "region", "ec2:DescribeRegions", _region, job.cloud, region)
        disabled |= {region} if look.state == "missing" else set()
        yield look
    for stack in both.stacks:
        if stack.scenario.region not in disabled:  # each call there would fail for that alone
            name = (stacks or {}).get(stack.scenario.side, stack.scenario.stack)
            yield from _of_stack(job.cloud, stack, both.stacks, name)
    for role in (chosen.administration, chosen.execution) if chosen else ():
        yield looked("", f"role {role}", "iam:GetRole", _role, job.cloud, job.plan.first.region, role)
    if not fits_inline(job.template):
        yield looked("", "bucket for templates", "cloudformation:DescribeStacks", _bucket, sender)


def exit_code(looks: Sequence[Look]) -> int:
    """Return 0 if all is there, 1 if something is missing, 2 if something could not be seen."""
    states = {look.state for look in looks}
    return 2 if "unknown" in states else 1 if "missing" in states else 0


def _of_stack(cloud: Cloud, stack: Stack, both: Sequence[Stack], name: str) -> Iterator[Look]:
    region = stack.scenario.region
    there: dict[str, frozenset[str]] = {}

    def resources() -> Look:
        there.update(_resources(cloud, region, name))
        return Look(region, what, "ready", "it is there" if there else "it is to be created")

    what = f"stack {stack.scenario.stack}"
    yield looked(region, what, "cloudformation:ListStackResources", resources)
    side = Side(cloud, stack, there)
    yield from of_names(side)
    yield from of_quotas(side)
    yield from of_backup(side, both)
    yield from of_trail(side)
    yield from of_destinations(side, both)


def _resources(cloud: Cloud, region: str, name: str) -> dict[str, frozenset[str]]:
    """Return the physical ids of a stack's resources by type, nothing if there is no stack."""
    found: dict[str, set[str]] = {}
    more: dict[str, str] = {}
    while name:
        try:
            page = cloud.call(region, "list_stack_resources", StackName=name, **more)
        except Failed as error:
            if "does not exist" in error.message:
                break
            raise
        for summary in page["StackResourceSummaries"]:
            if summary["ResourceStatus"] not in ("DELETE_COMPLETE", "DELETE_SKIPPED"):
                found.setdefault(summary["ResourceType"], set()).add(summary.get("PhysicalResourceId", ""))
        if not page.get("NextToken"):
            break
        more = {"NextToken": page["NextToken"]}
    return {kind: frozenset(ids) for kind, ids in found.items()}


def _region(cloud: Cloud, region: str) -> Look:
    """Ask a region that no account can switch off whether another one is switched on.

    Source: Amazon EC2 API Reference, "DescribeRegions"; Account Management Reference, "Enable or disable AWS Regions".
    """
    asked = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
    home = asked.get(partition_of(region).name, region)
    found = cloud.ask("ec2", home, "describe_regions", AllRegions=True, RegionNames=[region])["Regions"]
    status = found[0]["OptInStatus"] if found else "not there"
    if status in ENABLED:
        return Look(region, "region", "ready", "enabled")
    return Look(region, "region", "missing", f"it is {status}", f"aws account enable-region --region-name {region}")


def _role(cloud: Cloud, near: str, role: str) -> Look:
    try:
        cloud.ask("iam", near, "get_role", RoleName=role)
    except Failed as error:
        if error.code == "NoSuchEntity":
            fix = f"{PREREQUISITES}, or name another with --administration-role and --execution-role"
            return Look("", f"role {role}", "missing", "there is none", fix)
        raise
    return Look("", f"role {role}", "ready", "it is there")


def _bucket(sender: Sender) -> Look:
    found = sender.found()
    if found:
        return Look("", "bucket for templates", "ready", ", ".join(dict.fromkeys(found.values())))
    fix = f"{PREREQUISITES}, or give --s3-bucket NAME"
    return Look("", "bucket for templates", "missing", "no stack tells of one, and the template needs it", fix)
