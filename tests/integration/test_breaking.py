"""Every test of a feature is seen to fail: what it looks at is broken through the service's own API."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from botocore.exceptions import ClientError
from deployed import Stack, Stacks

# By name: the tests of a feature are modules of no package.
test_backup: Any = import_module("test_backup")
test_configuration: Any = import_module("test_configuration")
test_messages: Any = import_module("test_messages")
test_network: Any = import_module("test_network")
test_storage: Any = import_module("test_storage")
test_stream: Any = import_module("test_stream")
test_tables: Any = import_module("test_tables")
test_tracker: Any = import_module("test_tracker")
test_watching: Any = import_module("test_watching")
pytestmark = pytest.mark.emulator_only
Break = Callable[[Stack], object]
OPEN = json.dumps({"Version": "2012-10-17", "Statement": []})


def s3(action: str, **arguments: Any) -> Break:
    return lambda stack: getattr(stack.client("s3"), action)(Bucket=stack.bucket, **arguments)


def table(output: str, **arguments: Any) -> Break:
    return lambda stack: stack.client("dynamodb").update_table(TableName=stack[output], **arguments)


def mapped(**arguments: Any) -> Break:
    def broken(stack: Stack) -> object:
        uuid = test_stream.mapping(stack)["UUID"]
        return stack.client("lambda").update_event_source_mapping(UUID=uuid, **arguments)

    return broken


def forgetful(stack: Stack) -> None:
    name = stack["MarketDataStreamName"]
    stack.client("kinesis").decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=24)


def topic_policy(stack: Stack) -> None:
    arn = stack["MigrationTopicArn"]
    stack.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=OPEN)


def queue(**attributes: str) -> Break:
    return lambda stack: stack.client("sqs").set_queue_attributes(
        QueueUrl=stack["MigrationEventQueueUrl"], Attributes=attributes
    )


def unsubscribed(stack: Stack) -> None:
    sns = stack.client("sns")
    for subscription in sns.list_subscriptions_by_topic(TopicArn=stack["MigrationTopicArn"])["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])


def untargeted(name: str) -> Break:
    def broken(stack: Stack) -> None:
        events, rule = stack.client("events"), f"{name}-{stack.suffix}-{stack.region}"
        targets = [target["Id"] for target in events.list_targets_by_rule(Rule=rule)["Targets"]]
        events.remove_targets(Rule=rule, Ids=targets)

    return broken


def lost_letters(stack: Stack) -> None:
    """Give each target of each rule no dead-letter queue."""
    events = stack.client("events")
    for name in test_messages.rules(stack):
        targets = events.list_targets_by_rule(Rule=name)["Targets"]
        bare = [{key: target[key] for key in ("Id", "Arn")} for target in targets]
        events.put_targets(Rule=name, Targets=bare)


def unscheduled(stack: Stack) -> None:
    name = f"trading-canary-{stack.suffix}-{stack.region}"
    stack.client("scheduler").delete_schedule(Name=name)


def alarmless(stack: Stack) -> None:
    names = [metric_alarm["AlarmName"] for metric_alarm in stack.client("cloudwatch").describe_alarms()["MetricAlarms"]]
    stack.client("cloudwatch").delete_alarms(AlarmNames=names)
    stack.__dict__.pop("alarms", None)


def blank_dashboard(stack: Stack) -> None:
    name = stack["DashboardURL"].rpartition("name=")[2]
    stack.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')


def logless(stack: Stack) -> None:
    group = f"/aws/lambda/{stack['AnalyticsFunctionArn'].rpartition(':')[2]}"
    stack.client("logs").delete_retention_policy(logGroupName=group)


def unrotated(of: Callable[[Stack], str]) -> Break:
    return lambda stack: stack.client("kms").disable_key_rotation(KeyId=of(stack))


def messages_key(stack: Stack) -> str:
    return str(test_messages.queue(stack)["KmsMasterKeyId"])


def vault_key(stack: Stack) -> str:
    return str(test_backup.vault(stack)["EncryptionKeyArn"])


def planless(stack: Stack) -> None:
    plan, body = test_backup.plan(stack)
    rule = {
        "RuleName": "other",
        "TargetBackupVaultName": body["Rules"][0]["TargetBackupVaultName"],
        "ScheduleExpression": "cron(0 3 ? * SUN *)",
        "StartWindowMinutes": 480,
        "CompletionWindowMinutes": 120,
        "Lifecycle": {"DeleteAfterDays": 1},
        "CopyActions": [{"DestinationBackupVaultArn": stack["BackupVaultArn"], "Lifecycle": {"DeleteAfterDays": 1}}],
    }
    changed = {"BackupPlanName": "other", "Rules": [rule]}
    stack.client("backup").update_backup_plan(BackupPlanId=plan, BackupPlan=changed)


def configured(value: str) -> Break:
    return lambda stack: stack.client("ssm").put_parameter(
        Name=stack["ConfigParameterName"], Value=value, Type="String", Overwrite=True
    )


def function(output: str, **arguments: Any) -> Break:
    return lambda stack: stack.client("lambda").update_function_configuration(FunctionName=stack[output], **arguments)


def coded(output: str) -> Break:
    """Let a function do nothing."""

    def broken(stack: Stack) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr("index.py", "def handler(event, context):\n  return {}\n")
        stack.client("lambda").update_function_code(FunctionName=stack[output], ZipFile=packed.getvalue())

    return broken


def widened(stack: Stack) -> None:
    asked = {"StackName": stack.name, "LogicalResourceId": "MigrationTrackerRole"}
    found = stack.client("cloudformation").describe_stack_resource(**asked)["StackResourceDetail"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    name = found["PhysicalResourceId"]
    stack.client("iam").put_role_policy(RoleName=name, PolicyName="wide", PolicyDocument=policy)


def public(stack: Stack) -> None:
    stack.client("ec2").modify_subnet_attribute(SubnetId=stack["PublicSubnet1Id"], MapPublicIpOnLaunch={"Value": True})


def unrouted(stack: Stack) -> None:
    table_id = stack.route_table("PublicSubnet1Id")["RouteTableId"]
    stack.client("ec2").delete_route(RouteTableId=table_id, DestinationCidrBlock="0.0.0.0/0")


def ingress(stack: Stack) -> None:
    stack.client("ec2").authorize_security_group_ingress(
        GroupId=stack["LambdaSecurityGroupId"], IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )


def endpointless(stack: Stack) -> None:
    ec2 = stack.client("ec2")
    where = [{"Name": "vpc-id", "Values": [stack["VPCId"]]}]
    found = ec2.describe_vpc_endpoints(Filters=where)["VpcEndpoints"]
    ec2.delete_vpc_endpoints(VpcEndpointIds=[item["VpcEndpointId"] for item in found])


def unencrypted(stack: Stack) -> None:
    kept = {"StreamName": stack["MarketDataStreamName"], "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
    stack.client("kinesis").stop_stream_encryption(**kept)


def topic_key(stack: Stack) -> None:
    arn = stack["MigrationTopicArn"]
    stack.client("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns"
    )


def forgotten(output: str) -> Break:
    """Turn point-in-time recovery of a table off."""
    return lambda stack: stack.client("dynamodb").update_continuous_backups(
        TableName=stack[output], PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )


def everlasting(stack: Stack) -> None:
    kept = {"AttributeName": "ExpiresAt", "Enabled": False}
    stack.client("dynamodb").update_time_to_live(TableName=stack.table, TimeToLiveSpecification=kept)


def natless(stack: Stack) -> None:
    ec2 = stack.client("ec2")
    gateway = test_network.default(stack, "PrivateSubnet1Id")["NatGatewayId"]
    ec2.delete_nat_gateway(NatGatewayId=gateway)


def apart(stack: Stack) -> None:
    stack.client("ec2").delete_vpc_peering_connection(VpcPeeringConnectionId=stack["VPCPeeringConnectionId"])


def unpeered(stack: Stack) -> None:
    table_id = stack.route_table("PrivateSubnet1Id")["RouteTableId"]
    routes = stack.route_table("PrivateSubnet1Id")["Routes"]
    (to,) = [route["DestinationCidrBlock"] for route in routes if route.get("VpcPeeringConnectionId")]
    stack.client("ec2").delete_route(RouteTableId=table_id, DestinationCidrBlock=to)


def another_alarm(stack: Stack) -> None:
    route53, check = stack.client("route53"), stack["HealthCheckId"]
    route53.update_health_check(HealthCheckId=check, AlarmIdentifier={"Region": stack.region, "Name": "another"})


def replicated_elsewhere(stack: Stack) -> None:
    s3 = stack.client("s3")
    kept = s3.get_bucket_replication(Bucket=stack.bucket)["ReplicationConfiguration"]
    kept["Rules"][0]["Destination"]["Bucket"] = "arn:aws:s3:::another"
    s3.put_bucket_replication(Bucket=stack.bucket, ReplicationConfiguration=kept)


def unselected(stack: Stack) -> None:
    backup, (plan, _) = stack.client("backup"), test_backup.plan(stack)
    for item in backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]:
        backup.delete_backup_selection(BackupPlanId=plan, SelectionId=item["SelectionId"])


def untagged(stack: Stack) -> None:
    stack.client("s3").delete_bucket_tagging(Bucket=stack.bucket)


def untracked(stack: Stack) -> None:
    test_tracker.removed(stack, f"migration-{stack.suffix}-{stack.region}")


def of_source(breaking: Break) -> Callable[[Stacks], object]:
    return lambda stacks: breaking(stacks.source)


def of_target(breaking: Break) -> Callable[[Stacks], object]:
    return lambda stacks: breaking(stacks.target)


ANALYTICS, STATE = test_tables.TABLES
# What is broken, in which order, and the tests that must notice. Each leaves what the next ones look at as it was.
BROKEN: list[tuple[Break, Callable[..., None], tuple[Any, ...]]] = [
    (
        s3("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"}),
        test_storage.test_the_bucket_keeps_versions,
        (),
    ),
    (s3("delete_public_access_block"), test_storage.test_the_bucket_blocks_public_access, ()),
    (s3("delete_bucket_ownership_controls"), test_storage.test_the_bucket_s_owner_owns_its_objects, ()),
    (
        s3("put_bucket_notification_configuration", NotificationConfiguration={}),
        test_storage.test_the_bucket_tells_eventbridge,
        (),
    ),
    (s3("delete_bucket_lifecycle"), test_storage.test_the_bucket_s_objects_move_to_cheaper_classes, ()),
    (s3("delete_bucket_lifecycle"), test_storage.test_the_bucket_forgets_old_versions_and_abandoned_uploads, ()),
    (
        untagged,
        test_configuration.test_a_resource_says_which_environment_and_region_it_is_of,
        ("TradingDataBucketArn",),
    ),
    (unencrypted, test_stream.test_the_stream_is_encrypted, ()),
    (forgotten(STATE), test_tables.test_a_table_can_be_restored_to_any_point_in_time, (STATE,)),
    (forgotten(ANALYTICS), test_tables.test_a_table_can_be_restored_to_any_point_in_time, (ANALYTICS,)),
    (
        table(ANALYTICS, DeletionProtectionEnabled=False),
        test_tables.test_the_analytics_table_is_protected_from_deletion,
        (),
    ),
    (table(STATE, SSESpecification={"Enabled": False}), test_tables.test_a_table_is_encrypted_by_kms, (STATE,)),
    (natless, test_network.test_a_private_subnet_leads_to_a_nat_gateway, ("PrivateSubnet1Id",)),
    (unpeered, test_network.test_each_side_routes_to_the_other_by_the_peering, ("stacks",)),
    (
        function("AnalyticsFunctionArn", VpcConfig={"SubnetIds": [], "SecurityGroupIds": []}),
        test_network.test_the_analytics_function_runs_in_the_private_subnets,
        (),
    ),
    (another_alarm, test_watching.test_the_health_check_follows_the_alarm, ()),
    (s3("delete_bucket_policy"), test_storage.test_the_bucket_refuses_requests_without_tls, ()),
    (table(STATE, DeletionProtectionEnabled=False), test_tables.test_the_state_table_is_protected_from_deletion, ()),
    (
        table(
            STATE, BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
        ),
        test_tables.test_a_table_is_paid_by_request,
        (STATE,),
    ),
    (mapped(BatchSize=7), test_stream.test_the_mapping_is_set_as_promised, ("BatchSize", 100)),
    (mapped(Enabled=False), test_stream.test_the_mapping_is_set_as_promised, ("State", "Enabled")),
    (mapped(DestinationConfig={"OnFailure": {}}), test_stream.test_what_fails_goes_to_the_bucket, ()),
    (forgetful, test_stream.test_the_stream_keeps_a_week, ()),
    (topic_policy, test_messages.test_the_topic_takes_alarms_and_events_only, ()),
    (topic_policy, test_messages.test_the_topic_refuses_what_comes_without_tls, ()),
    (unsubscribed, test_messages.test_the_own_queue_hears_the_topic, ()),
    (lost_letters, test_messages.test_what_an_event_rule_cannot_deliver_is_kept, ()),
    (
        function("MigrationTrackerFunctionArn", DeadLetterConfig={"TargetArn": ""}),
        test_messages.test_what_the_tracker_cannot_take_is_kept,
        (),
    ),
    (unscheduled, test_stream.test_a_canary_is_sent_each_minute_to_the_own_stream, ()),
    (untargeted("migration-workflow"), test_messages.test_events_are_led_to_the_topic, ("migration-workflow",)),
    (untargeted("migration-progress"), test_messages.test_steps_are_led_to_the_tracker, ()),
    (unrotated(messages_key), test_messages.test_the_key_of_the_messages_is_rotated, ()),
    (topic_key, test_messages.test_the_topic_shares_the_queue_s_key, ()),
    (queue(KmsMasterKeyId="alias/aws/sqs"), test_messages.test_the_queue_has_a_key_of_its_own, ()),
    (unrotated(vault_key), test_backup.test_the_vault_is_encrypted_by_a_key_that_is_rotated, ()),
    (blank_dashboard, test_watching.test_the_dashboard_shows_both_regions, ("stacks",)),
    (blank_dashboard, test_watching.test_the_dashboard_s_metrics_are_of_what_the_stacks_made, ("stacks",)),
    (blank_dashboard, test_watching.test_the_dashboard_s_query_reads_the_function_s_log, ()),
    (logless, test_watching.test_logs_are_kept_for_thirty_days, ("AnalyticsFunctionArn",)),
    (alarmless, test_watching.test_an_alarm_tells_the_topic, ("trading-platform-health",)),
    (alarmless, test_watching.test_an_alarm_watches_the_function, ("Stored",)),
    (configured("{}"), test_configuration.test_the_parameter_names_what_the_function_needs, ()),
    (
        function("AnalyticsFunctionArn", Environment={"Variables": {}}),
        test_configuration.test_the_analytics_function_knows_the_parameter,
        (),
    ),
    (public, test_network.test_no_subnet_hands_out_public_addresses, ()),
    (unrouted, test_network.test_a_public_subnet_leads_to_the_internet_gateway, ("PublicSubnet1Id",)),
    (ingress, test_network.test_functions_may_only_call_https, ()),
    (endpointless, test_network.test_parameters_are_read_inside_from_both_zones, ()),
    (endpointless, test_network.test_private_traffic_to_the_stores_stays_inside, ("s3",)),
    (untracked, test_tracker.test_the_custom_resource_recorded_the_deployment, ()),
    (untracked, test_tracker.test_the_custom_resource_s_details_name_the_stack, ()),
    (coded("MigrationTrackerFunctionArn"), test_tracker.test_a_step_told_by_invocation_is_recorded, ()),
    (coded("MigrationTrackerFunctionArn"), test_tracker.test_a_step_told_by_an_event_is_recorded, ("stacks",)),
    (coded("MigrationTrackerFunctionArn"), test_tracker.test_a_step_that_is_none_is_refused_and_not_recorded, (101,)),
]


OF_SOURCE: list[tuple[Callable[[Stacks], object], Callable[..., None], tuple[str, ...]]] = [
    (
        of_source(untargeted("migration-forward")),
        test_messages.test_the_source_s_events_of_the_migration_are_forwarded_to_the_target,
        ("source", "target"),
    ),
    (of_source(unselected), test_backup.test_bucket_and_tables_are_backed_up, ("source",)),
    (of_source(everlasting), test_tables.test_the_rows_of_the_canary_expire, ("source",)),
    (of_source(apart), test_network.test_the_peering_is_active, ("source", "target")),
    (of_source(planless), test_backup.test_backups_are_taken_daily_and_kept_for_thirty_days, ("source",)),
    (of_source(planless), test_backup.test_backups_have_time_to_start_and_to_finish, ("source",)),
    (of_source(planless), test_backup.test_backups_are_copied_to_the_target_s_vault, ("source", "target")),
    (of_source(alarmless), test_watching.test_replication_that_failed_is_alarmed, ("source", "target")),
    (
        of_source(replicated_elsewhere),
        test_storage.test_replication_leads_to_the_target_s_bucket,
        ("source", "target"),
    ),
    (of_source(s3("delete_bucket_replication")), test_storage.test_replication_is_timed_and_measured, ("source",)),
    (of_source(s3("delete_bucket_replication")), test_storage.test_replication_takes_deletions_along, ("source",)),
    (
        of_source(s3("delete_bucket_replication")),
        test_storage.test_an_object_of_the_source_arrives_in_the_target,
        ("stacks", "source", "target"),
    ),
    (
        of_source(coded("AnalyticsFunctionArn")),
        test_stream.test_a_record_becomes_an_item_here_and_in_the_other_region,
        ("source", "stacks"),
    ),
    (
        of_target(widened),
        test_configuration.test_a_role_is_allowed_what_the_template_says,
        ("stacks", "=target", "=MigrationTrackerRole"),
    ),
    (of_target(unsubscribed), test_messages.test_the_source_s_queue_hears_the_target_s_topic, ("source", "target")),
    (of_target(unsubscribed), test_messages.test_an_alarm_reaches_the_queue_of_the_source, ("stacks", "=target")),
]

Case = tuple[Callable[[Stacks], object], Callable[..., None], tuple[Any, ...]]
ALL: list[Case] = [
    *((of_target(breaking), test, ("target", *arguments)) for breaking, test, arguments in BROKEN),
    *OF_SOURCE,
]
IDS = [f"{index}-{test.__name__}" for index, (_, test, _) in enumerate(ALL)]
NOTICED = (AssertionError, ClientError, LookupError, StopIteration, ValueError)


def run(test: Callable[..., None], items: tuple[Any, ...], stacks: Stacks) -> None:
    """Run a test on given stacks; what it is given names them, or is `=` and the value itself."""
    known: dict[object, object] = {"stacks": stacks, "source": stacks.source, "target": stacks.target}
    arguments = [known[item] if isinstance(item, str) and item in known else item for item in items]
    test(*(argument.removeprefix("=") if isinstance(argument, str) else argument for argument in arguments))


@pytest.fixture(scope="module")
def whole(broken: Stacks) -> set[str]:
    """The tests that pass before anything is broken."""
    passed = set()
    for name, (_, test, arguments) in zip(IDS, ALL, strict=True):
        try:
            run(test, arguments, broken)
        except NOTICED:
            continue
        passed.add(name)
    return passed


@pytest.mark.parametrize("name", IDS)
def test_a_test_passes_and_once_its_feature_is_broken_fails(broken: Stacks, whole: set[str], name: str) -> None:
    breaking, test, arguments = ALL[IDS.index(name)]
    assert name in whole
    breaking(broken)
    with pytest.raises(NOTICED):
        run(test, arguments, replace(broken, patience=4))
