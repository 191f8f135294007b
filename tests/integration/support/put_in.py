"""What the emulator's CloudFormation drops of a resource, by type: put in by the service's API as the template says.

Each takes what is resolved of a resource, in CloudFormation's names, and says it in the API's. A setting is looked at
before and after: what was there already was not dropped, and what is not there afterwards was not put in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deployed import Stack

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """A property that is dropped: how to look at it, how to put it in. Both are told the resource's properties."""

    kind: str
    name: str
    look: Callable[[Stack, Properties], Any]
    put: Callable[[Stack, Properties], object]
    by_itself: bool = False

    def stated(self, properties: Properties) -> bool:
        """Tell whether a resource, or a replica of it, has the property."""
        return any(self.name in message for message in (properties, *properties.get("Replicas", ())))


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a value with members renamed, at any depth."""
    if isinstance(value, dict):
        return {names.get(key, key): renamed(item, names) for key, item in value.items()}
    return [renamed(item, names) for item in value] if isinstance(value, list) else value


def bucket_setting(
    name: str, api: str, argument: str, convert: Callable[[Any], Any] = lambda value: value, *, by_itself: bool = False
) -> Setting:
    """Return a setting of buckets; what the emulator gives every bucket `by_itself` is taken away first."""

    def look(stack: Stack, properties: Properties) -> Any:
        answer = getattr(stack.client("s3"), f"get_{api}")(Bucket=properties["BucketName"])
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    def put(stack: Stack, properties: Properties) -> None:
        if by_itself:
            getattr(stack.client("s3"), f"delete_{api}")(Bucket=properties["BucketName"])
        getattr(stack.client("s3"), f"put_{api}")(
            Bucket=properties["BucketName"], **{argument: convert(properties[name])}
        )

    return Setting("AWS::S3::Bucket", name, look, put, by_itself)


LIFECYCLE = {"Id": "ID", "TransitionInDays": "Days", "ExpirationInDays": "Days"}


def lifecycle(value: Any) -> Any:
    rules = []
    for rule in value["Rules"]:
        old = renamed(rule.get("NoncurrentVersionTransitions", []), {"TransitionInDays": "NoncurrentDays"})
        made = {"Filter": {"Prefix": rule.get("Prefix", "")}, **renamed(rule, LIFECYCLE)}
        rules.append({**made, **({"NoncurrentVersionTransitions": old} if old else {})})
    return {"Rules": rules}


def put_encryption(stack: Stack, properties: Properties) -> None:
    kept = properties["StreamEncryption"]
    stack.client("kinesis").start_stream_encryption(StreamName=properties["Name"], **kept)


def topic(stack: Stack, properties: Properties) -> str:
    return f"arn:{stack.partition}:sns:{stack.region}:{stack.account}:{properties['TopicName']}"


def put_topic_key(stack: Stack, properties: Properties) -> None:
    stack.client("sns").set_topic_attributes(
        TopicArn=topic(stack, properties), AttributeName="KmsMasterKeyId", AttributeValue=properties["KmsMasterKeyId"]
    )


def elsewhere(stack: Stack, properties: Properties) -> Any:
    """Return the SNS of the region that a subscription's topic is in."""
    return stack.session.client("sns", region_name=properties["Region"])


GLOBAL = "AWS::DynamoDB::GlobalTable"


def table(
    name: str,
    look: Callable[[Any, str], Any],
    put: Callable[[Any, str, Any], object],
    *kinds: str,
) -> list[Setting]:
    """Return a setting of tables, which a global table has for each replica."""

    def looked(stack: Stack, properties: Properties) -> Any:
        return [look(client, properties["TableName"]) for client, _ in replicas(stack, properties, name)]

    def done(stack: Stack, properties: Properties) -> None:
        for client, value in replicas(stack, properties, name):
            put(client, properties["TableName"], value)

    return [Setting(kind, name, looked, done) for kind in kinds or ("AWS::DynamoDB::Table", GLOBAL)]


def replicas(stack: Stack, properties: Properties, name: str) -> list[tuple[Any, Any]]:
    """Return for each region of a table what calls DynamoDB there, and what the template says of a property."""
    listed = properties.get("Replicas", [{"Region": stack.region}])
    regions = {replica["Region"]: replica.get(name, properties.get(name)) for replica in listed}
    return [(stack.session.client("dynamodb", region_name=region), value) for region, value in regions.items()]


def described(member: str) -> Callable[[Any, str], Any]:
    return lambda client, name: client.describe_table(TableName=name)["Table"].get(member)


def updated(member: str, convert: Callable[[Any], Any] = lambda value: value) -> Callable[[Any, str, Any], object]:
    return lambda client, name, value: client.update_table(TableName=name, **{member: convert(value)})


def put_replicas(stack: Stack, properties: Properties) -> None:
    """Add the replicas in the other regions."""
    wanted = [replica["Region"] for replica in properties["Replicas"] if replica["Region"] != stack.region]
    updates = [{"Create": {"RegionName": region}} for region in wanted]
    stack.client("dynamodb").update_table(TableName=properties["TableName"], ReplicaUpdates=updates)


def put_tags(client: Any, name: str, tags: Any) -> None:
    client.tag_resource(ResourceArn=client.describe_table(TableName=name)["Table"]["TableArn"], Tags=tags)


def table_tags(client: Any, name: str) -> Any:
    arn = client.describe_table(TableName=name)["Table"]["TableArn"]
    return client.list_tags_of_resource(ResourceArn=arn)["Tags"]


def function(name: str) -> Setting:
    """Return a setting of functions."""

    def look(stack: Stack, properties: Properties) -> Any:
        return stack.client("lambda").get_function_configuration(FunctionName=properties["FunctionName"]).get(name)

    def put(stack: Stack, properties: Properties) -> None:
        stack.client("lambda").update_function_configuration(
            FunctionName=properties["FunctionName"], **{name: properties[name]}
        )

    return Setting("AWS::Lambda::Function", name, look, put)


SETTINGS: list[Setting] = [
    bucket_setting(
        "BucketEncryption", "bucket_encryption", "ServerSideEncryptionConfiguration",
        lambda value: {"Rules": renamed(
            value["ServerSideEncryptionConfiguration"],
            {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"},
        )},
        by_itself=True,
    ),
    bucket_setting("OwnershipControls", "bucket_ownership_controls", "OwnershipControls", by_itself=True),
    bucket_setting("LifecycleConfiguration", "bucket_lifecycle_configuration", "LifecycleConfiguration", lifecycle),
    bucket_setting(
        "ReplicationConfiguration", "bucket_replication", "ReplicationConfiguration",
        lambda value: renamed(value, {"Id": "ID"}),
    ),
    bucket_setting("Tags", "bucket_tagging", "Tagging", lambda value: {"TagSet": value}),
    Setting(
        "AWS::Kinesis::Stream", "StreamEncryption",
        lambda stack, properties: stack.client("kinesis").describe_stream_summary(StreamName=properties["Name"])[
            "StreamDescriptionSummary"].get("EncryptionType"),
        put_encryption,
    ),
    Setting(
        "AWS::SNS::Topic", "KmsMasterKeyId",
        lambda stack, properties: stack.client("sns").get_topic_attributes(TopicArn=topic(stack, properties))[
            "Attributes"].get("KmsMasterKeyId"),
        put_topic_key,
    ),
    Setting(
        "AWS::SNS::Subscription", "Region",
        lambda stack, properties: elsewhere(stack, properties).list_subscriptions_by_topic(
            TopicArn=properties["TopicArn"])["Subscriptions"],
        lambda stack, properties: elsewhere(stack, properties).subscribe(
            TopicArn=properties["TopicArn"], Protocol=properties["Protocol"], Endpoint=properties["Endpoint"]),
    ),
    Setting(
        "AWS::DynamoDB::GlobalTable", "Replicas",
        lambda stack, properties: described("Replicas")(stack.client("dynamodb"), properties["TableName"]),
        put_replicas,
    ),
    *table(
        "PointInTimeRecoverySpecification",
        lambda client, name: client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"][
            "PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        lambda client, name, value: client.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification=value),
    ),
    *table(
        "DeletionProtectionEnabled",
        described("DeletionProtectionEnabled"), updated("DeletionProtectionEnabled"), GLOBAL,
    ),
    *table(
        "SSESpecification", described("SSEDescription"),
        updated("SSESpecification", lambda value: renamed(value, {"SSEEnabled": "Enabled"})),
    ),
    *table(
        "TimeToLiveSpecification",
        lambda client, name: client.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
        lambda client, name, value: client.update_time_to_live(TableName=name, TimeToLiveSpecification=value),
    ),
    *table("Tags", table_tags, put_tags, GLOBAL),
    function("VpcConfig"),
    function("DeadLetterConfig"),
]  # fmt: skip
"""In this order: a replica has to be there before anything is said of it."""
