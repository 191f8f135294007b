"""No id of what exists in one region alone is used by the stacks of both regions.

Networks, images, security groups and keys that are not multi-Region are in one region: where both stacks use the same
id that the template has, be it as a default, one of them names what is not there. A peering and a private hosted zone
name the other region's VPC, with its region. Ids that guides use as examples, or that a scenario hands over, stand for
one that is not filled in yet.
Source: of each type, its row in the table ids of stackproof.aws.data
Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resources.html
Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding
from stackproof.topology.made_ids import ids_in_both

APPLIES_TO = ("Resources",)


def check(deployment: Deployment) -> Iterator[Finding]:
    first, second = deployment.stacks
    region = first.scenario.region
    if region != second.scenario.region:
        for path, text in ids_in_both(first, second):
            message = f"{path[1]} uses {text}, which exists in one region, and {region} uses it as well"
            yield second.finding(path, message, "give each stack the id of its own region, by a parameter or a mapping")
