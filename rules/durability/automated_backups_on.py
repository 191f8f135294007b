"""Every database keeps automated backups, and one that has a replica has to.

A retention of 0 days switches them off: the database cannot be restored to a point in time, and RDS makes no replica of
it, in this region or the other. Replicas themselves may go without, and so may what AWS Backup copies.
Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.Enabling.html
Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html
Source: https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-snapshots.html
Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, properties_path, resource_of

APPLIES_TO = ("Resources",)
KEPT = {
    "AWS::RDS::DBInstance": "BackupRetentionPeriod",
    "AWS::RDS::DBCluster": "BackupRetentionPeriod",
    "AWS::Neptune::DBCluster": "BackupRetentionPeriod",
    "AWS::DocDB::DBCluster": "BackupRetentionPeriod",
    "AWS::Redshift::Cluster": "AutomatedSnapshotRetentionPeriod",
    "AWS::ElastiCache::ReplicationGroup": "SnapshotRetentionLimit",
    "AWS::MemoryDB::Cluster": "SnapshotRetentionLimit",
}
"""By type the property that says for how many days automated backups are kept."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for kind, key in KEPT.items():
            for logical, properties in stack.of_type(kind):
                if str(properties.get(key, "")) == "0":
                    replicas = [*replicas_of(deployment, stack, logical)] if kind.startswith("AWS::RDS") else []
                    message = f"{logical} keeps no automated backups"
                    if replicas:
                        message += f", and {', '.join(replicas)} is to be a replica of it"
                    elif depends_on_others(stack, properties):
                        continue
                    yield stack.finding(properties_path(logical, key), message, f"set {key} to 1 or more")


def depends_on_others(stack: Stack, properties: Mapping[str, Any]) -> bool:
    """Tell whether a database is a replica or of a cluster, or AWS Backup may copy it."""
    of_another = ("SourceDBInstanceIdentifier", "SourceDBClusterIdentifier", "DBClusterIdentifier")
    return any(key in properties for key in of_another) or any(stack.of_type("AWS::Backup::BackupSelection"))


def replicas_of(deployment: Deployment, stack: Stack, logical: str) -> Iterator[str]:
    for other in deployment.stacks:
        for replica, properties in other.of_type("AWS::RDS::DBInstance"):
            source = properties.get("SourceDBInstanceIdentifier")
            if source and logical == resource_of(stack, last(stack, str(source)), "AWS::RDS::DBInstance"):
                yield f"{replica} in {other.scenario.region}"


def last(stack: Stack, source: str) -> str:
    """Return the identifier in an ARN of a database of a stack's region; of another region's nothing is found."""
    beginning = f"arn:{stack.scenario.partition.name}:rds:{stack.scenario.region}:{stack.scenario.account}:db:"
    return source.removeprefix(beginning)
