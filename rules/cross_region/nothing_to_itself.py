"""Nothing replicates, copies, peers or delivers to itself.

What points back at its own side is refused at best; at worst it looks like a second copy and is none.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html
Source: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, as_list, as_mapping, properties_path, resources_by_name
from stackproof.topology.backups import backup_rules
from stackproof.topology.resource_index import forms

APPLIES_TO = ("Resources",)
FIX = "point it to the other side"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        ways = (*replications(stack), *copies(stack), *peerings(stack), *redrives(stack), *secrets(stack), *keys(stack))
        for path, what, to in ways:
            yield stack.finding(path, f"{path[1]} {what} {to}: to itself", FIX)


def replications(stack: Stack) -> Iterator[tuple[Path, str, str]]:
    for logical, properties in stack.of_type("AWS::S3::Bucket"):
        for index, rule in enumerate(properties.get("ReplicationConfiguration", {}).get("Rules", [])):
            bucket = rule.get("Destination", {}).get("Bucket")
            if bucket in forms(stack, logical):
                path = properties_path(logical, "ReplicationConfiguration", "Rules", index, "Destination")
                yield path, "replicates to", bucket


def copies(stack: Stack) -> Iterator[tuple[Path, str, str]]:
    vaults = resources_by_name(stack, "AWS::Backup::BackupVault")
    for rule in backup_rules(stack):
        own = vaults.get(str(rule.value.get("TargetBackupVault")))
        for path, copy in rule.copies():
            arn = copy.get("DestinationBackupVaultArn")
            if own and vaults.get(str(arn)) == own:
                yield path, "copies backups to", str(arn)


def peerings(stack: Stack) -> Iterator[tuple[Path, str, str]]:
    for logical, properties in stack.of_type("AWS::EC2::VPCPeeringConnection"):
        if properties.get("VpcId") == properties.get("PeerVpcId"):
            yield properties_path(logical, "PeerVpcId"), "peers its VPC with", "the same VPC"


def secrets(stack: Stack) -> Iterator[tuple[Path, str, str]]:
    """Give secrets that are replicated to where they are. Source: Secrets Manager API Reference, CreateSecret."""
    for logical, properties in stack.of_type("AWS::SecretsManager::Secret"):
        for index, replica in enumerate(as_list(properties.get("ReplicaRegions", []))):
            if as_mapping(replica).get("Region") == stack.scenario.region:
                path = properties_path(logical, "ReplicaRegions", index, "Region")
                yield path, "is replicated to", stack.scenario.region


def keys(stack: Stack) -> Iterator[tuple[Path, str, str]]:
    """Give keys whose primary is in their own region. Source: AWS KMS API Reference, ReplicateKey (ReplicaRegion)."""
    for logical, properties in stack.of_type("AWS::KMS::ReplicaKey"):
        primary = str(properties.get("PrimaryKeyArn"))
        if primary.startswith("arn:") and primary.split(":")[3:4] == [stack.scenario.region]:
            yield properties_path(logical, "PrimaryKeyArn"), "replicates a key of its own region,", primary


def redrives(stack: Stack) -> Iterator[tuple[Path, str, str]]:
    """Give queues that are their own dead letter queue, and functions that are their own destination."""
    for logical, properties in stack.of_type("AWS::SQS::Queue"):
        letters: Any = as_mapping(properties.get("RedrivePolicy")).get("deadLetterTargetArn")
        if letters in forms(stack, logical):
            yield properties_path(logical, "RedrivePolicy"), "gives failed messages to", str(letters)
    for logical, properties in stack.of_type("AWS::Lambda::EventSourceMapping"):
        source = properties.get("EventSourceArn")
        if source and source == properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"):
            yield properties_path(logical, "DestinationConfig"), "gives failed records to", str(source)
