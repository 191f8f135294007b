"""No update changes how a store is encrypted where that cannot be done in place.

Volumes, file systems, databases, caches and vaults are encrypted, or not, from their creation on, by the key that
they were created with: another setting replaces them by an empty one, or is refused. Data moves by a copy of a
snapshot. What else AWS refuses to change in place, such as the region of a subscription, is named as well.
Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html#Overview.Encryption.Limitations
Source: https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html
Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/encryption-at-rest.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html
pack: core
on: update
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Finding
from stackproof.aws.updates import fact, holds_data
from stackproof.changes.update import Update

APPLIES_TO = ("Resources",)
ENCRYPTION = re.compile("encrypt|kms|sse", re.I)


def check(update: Update) -> Iterator[Finding]:
    for side, change in update.changes:
        if change.action in ("create", "delete", "retain", "snapshot", "retype"):
            continue
        for changed in change.properties:
            refused = [why for path, why in fact(change.kind).get("refused", {}).items() if changed.is_at(path)]
            if refused and not changed.because:
                message = f"{change.logical}: {changed.name} changes, but {refused[0]}"
                then = "copy the data" if ENCRYPTION.search(changed.name) else "remove this one"
                yield side.finding(change, message, f"create a second one with it, and {then}", *changed.path)
            elif changed.effect == "replaces" and holds_data(change.kind) and ENCRYPTION.search(changed.name):
                because = f" with {changed.because}" if changed.because else ""
                how = f"which no {change.kind} takes: a new, empty one comes"
                message = f"{change.logical}: {changed.name} changes{because}, {how}"
                yield side.finding(change, message, "create a second one with it, and copy the data", *changed.path[:2])
