"""What calls while it is created waits for the policies, permissions and resources that its call needs.

CloudFormation orders by references alone. A policy, a permission or a listener that is a resource of its own is named
by nobody, so it may come after what AWS checks at creation: an event source mapping reads under the function's
role, a bucket sends a test event to whom it notifies, a trail writes to its bucket, a deployment of an API copies its
methods. Such a stack fails every now and then, or always. A DependsOn gives the order; where the policy names the
caller by reference, that reference has to become a name or ARN that is written out.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html (the role is checked)
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-notificationconfiguration.html
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-config-configrule.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.api import Deployment, Finding, Stack, as_list
from stackproof.aws.arn import covers
from stackproof.code.custom_resources import is_custom
from stackproof.iam.need import role_of
from stackproof.iam.needs import needs_of
from stackproof.iam.statements import of_roles, statements
from stackproof.monitoring.delivery import subscriptions
from stackproof.topology.event_sources import function_of
from stackproof.topology.network import associations, routes
from stackproof.topology.resource_index import forms, resource_of, waits_for

APPLIES_TO = ("Resources",)
Properties = Mapping[str, Any]
ATTACHED = ("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy")
METHODS = "AWS::ApiGateway::Method"


class Needed(NamedTuple):
    """A resource that has to be there before the caller is created, and what the caller does with it."""

    logical: str
    why: str


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, resource in stack.resources.items():
            needs = of_custom if is_custom(resource["Type"]) else NEEDS.get(resource["Type"])
            properties = resource.get("Properties", {})
            found = list(needs(stack, logical, properties)) if needs and isinstance(properties, dict) else []
            waited = waits_for(stack, logical) if found else frozenset()
            for needed in dict.fromkeys(found):
                if needed.logical not in waited and needed.logical != logical:
                    yield finding(stack, logical, needed)


def finding(stack: Stack, logical: str, needed: Needed) -> Finding:
    message = f"{logical} may be created before {needed.logical}, {needed.why}"
    if logical in waits_for(stack, needed.logical):
        fix = f"write the name of {logical} out in {needed.logical}, and add DependsOn: {needed.logical} to {logical}"
    else:
        fix = f"add DependsOn: {needed.logical} to {logical}"
    return stack.finding(("Resources", logical), message, fix)


def policies_of(stack: Stack, role: str | None, *services: str) -> Iterator[Needed]:
    """Give the policies of a role that are resources of their own and allow something of a service."""
    if not role:
        return
    name = str(stack.evaluator.references.ref(role))
    if services and allowed_at_once(stack, role, *services):
        return
    for logical, properties in stack.of_type(*ATTACHED):
        if name in map(str, [*as_list(properties.get("Roles", [])), properties.get("RoleName")]):
            allowed = [
                action for statement in statements(stack) if statement.owner == logical for action in statement.actions
            ]
            if not services or any(action == "*" or action.split(":")[0].lower() in services for action in allowed):
                yield Needed(logical, f"which allows {role} what is tried at its creation")


def allowed_at_once(stack: Stack, role: str, *services: str) -> bool:
    """Tell whether the role itself allows all that is known to be needed of some services, without other resources."""
    own = [grant for grant in of_roles(stack).get(role, ()) if grant.effect == "Allow" and grant.owner == role]
    needed = [need for need in needs_of(stack)[role].known if need.action.split(":")[0].lower() in services]
    return bool(needed) and all(
        any(
            any(covers(action, need.action, fold=True) for action in grant.actions)
            and any(covers(resource, need.covers()) for resource in grant.resources)
            for grant in own
        )
        for need in needed
    )


def policy_on(stack: Stack, kind: str, name: str, value: Any) -> Iterator[Needed]:
    """Give the policies of a type that are put on what a value names."""
    of = {"AWS::S3::BucketPolicy": "AWS::S3::Bucket", "AWS::SQS::QueuePolicy": "AWS::SQS::Queue"}
    target = resource_of(stack, value, of.get(kind, "AWS::SNS::Topic"))
    for logical, properties in stack.of_type(kind) if target else ():
        allows = any(statement.owner == logical and statement.effect == "Allow" for statement in statements(stack))
        if allows and any(resource_of(stack, text) == target for text in as_list(properties.get(name, []))):
            yield Needed(logical, f"whose statements let it use {target}")


def permissions_on(stack: Stack, value: Any, principal: str) -> Iterator[Needed]:
    """Give the permissions of a service to call the function that a value names."""
    function = function_of(stack, value)
    for logical, properties in stack.of_type("AWS::Lambda::Permission") if function else ():
        called = function_of(stack, properties.get("FunctionName"))
        if called == function and str(properties.get("Principal", "")).startswith(principal):
            yield Needed(logical, f"which lets it call {function}")


def of_mapping(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    function = function_of(stack, properties.get("FunctionName"))
    service = str(properties.get("EventSourceArn")).split(":")[2:3]
    if function:
        yield from policies_of(
            stack, role(stack, stack.resources[function].get("Properties", {}).get("Role")), *service
        )


def role(stack: Stack, value: Any) -> str | None:
    return role_of(stack, value) if isinstance(value, str) else None


def of_function(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    services = ["ec2"] if properties.get("VpcConfig", {}).get("SubnetIds") else []
    services += ["sqs", "sns"] if properties.get("DeadLetterConfig") else []
    services += ["elasticfilesystem"] if properties.get("FileSystemConfigs") else []
    if services:
        yield from policies_of(stack, role(stack, properties.get("Role")), *services)


def of_destinations(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    function = function_of(stack, properties.get("FunctionName"))
    if function and properties.get("DestinationConfig"):
        of = role(stack, stack.resources[function].get("Properties", {}).get("Role"))
        yield from policies_of(stack, of, "sqs", "sns", "events", "lambda", "s3")


def of_state_machine(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    if properties.get("LoggingConfiguration", {}).get("Destinations"):
        yield from policies_of(stack, role(stack, properties.get("RoleArn")), "logs")


def by_role(*names: str) -> Any:
    """Return what a caller needs whose role, in one of some properties, is tried at its creation."""

    def needs(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
        for name in names:
            yield from policies_of(stack, role(stack, properties.get(name)))

    return needs


def of_stream(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    """Give the policies that Firehose tries at once: of its source and of domains, not of the buckets it writes to."""
    for name, configured in properties.items():
        if isinstance(configured, dict) and not name.endswith("S3DestinationConfiguration"):
            for key in ("RoleARN", "RoleArn"):
                yield from policies_of(stack, role(stack, configured.get(key)))


def of_bucket(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    configured = properties.get("NotificationConfiguration", {})
    for configuration in as_list(configured.get("QueueConfigurations", [])):
        yield from policy_on(stack, "AWS::SQS::QueuePolicy", "Queues", configuration.get("Queue"))
    for configuration in as_list(configured.get("TopicConfigurations", [])):
        yield from policy_on(stack, "AWS::SNS::TopicPolicy", "Topics", configuration.get("Topic"))
    for configuration in as_list(configured.get("LambdaConfigurations", [])):
        yield from permissions_on(stack, configuration.get("Function"), "s3.")


def of_trail(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    yield from policy_on(stack, "AWS::S3::BucketPolicy", "Bucket", properties.get("S3BucketName"))
    yield from policy_on(stack, "AWS::SNS::TopicPolicy", "Topics", properties.get("SnsTopicName"))
    yield from policies_of(stack, role(stack, properties.get("CloudWatchLogsRoleArn")))


def of_channel(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    yield from policy_on(stack, "AWS::S3::BucketPolicy", "Bucket", properties.get("S3BucketName"))
    yield from policy_on(stack, "AWS::SNS::TopicPolicy", "Topics", properties.get("SnsTopicARN"))


def of_config_rule(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    yield from permissions_on(stack, properties.get("Source", {}).get("SourceIdentifier"), "config.")
    for logical, _ in stack.of_type("AWS::Config::ConfigurationRecorder"):
        yield Needed(logical, "which has to record what the rule looks at")


def of_balancer(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    for attribute in as_list(properties.get("LoadBalancerAttributes", [])):
        if attribute.get("Key") in ("access_logs.s3.bucket", "connection_logs.s3.bucket"):
            yield from policy_on(stack, "AWS::S3::BucketPolicy", "Bucket", attribute.get("Value"))


def of_filter(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    yield from permissions_on(stack, properties.get("DestinationArn"), "logs.")
    yield from policies_of(stack, role(stack, properties.get("RoleArn")))


def of_rotation(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    """Source: Secrets Manager API Reference, RotateSecret: it calls the function at once."""
    yield from permissions_on(stack, properties.get("RotationLambdaARN"), "secretsmanager.")


def of_targets(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    for target in as_list(properties.get("Targets", [])) if properties.get("TargetType") == "lambda" else ():
        yield from permissions_on(stack, target.get("Id"), "elasticloadbalancing.")


def of_deployment(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    for logical, method in stack.of_type(METHODS):
        if method.get("RestApiId") == properties.get("RestApiId"):
            yield Needed(logical, "which is then no part of what is deployed")


def of_service(stack: Stack, logical: str, properties: Properties) -> Iterator[Needed]:
    """Give what ties the target groups of a service to a load balancer; nothing where it waits for one that does."""
    tying = [listener for listener, _ in tied(stack, properties)]
    if not waits_for(stack, logical).intersection(tying):
        yield from (Needed(listener, "which ties its target group to the load balancer") for listener in tying[:1])


def tied(stack: Stack, properties: Properties) -> Iterator[tuple[str, str]]:
    """Give the listeners and their rules that forward to a target group of a service, each with its type."""
    groups = [balancer.get("TargetGroupArn") for balancer in as_list(properties.get("LoadBalancers", []))]
    for kind, name in (
        ("AWS::ElasticLoadBalancingV2::Listener", "DefaultActions"),
        ("AWS::ElasticLoadBalancingV2::ListenerRule", "Actions"),
    ):
        for logical, listener in stack.of_type(kind):
            if any(group and group in targets(listener.get(name, [])) for group in groups):
                yield logical, kind


def targets(actions: Any) -> list[Any]:
    found = []
    for action in as_list(actions):
        found.append(action.get("TargetGroupArn"))
        found += [group.get("TargetGroupArn") for group in action.get("ForwardConfig", {}).get("TargetGroups", [])]
    return found


def of_signal(stack: Stack, logical: str, properties: Properties) -> Iterator[Needed]:
    """Give the way out of what has to signal that it runs, before CloudFormation goes on.

    Source: CloudFormation Template Reference, "CreationPolicy attribute"; "DependsOn attribute" (when it is required).
    """
    if not stack.resources[logical].get("CreationPolicy"):
        return
    stated = properties.get("VPCZoneIdentifier", properties.get("SubnetId", []))
    subnets = [resource_of(stack, subnet_name, "AWS::EC2::Subnet") for subnet_name in as_list(stated)]
    for association, subnet, table in associations(stack):
        if subnet in subnets:
            yield Needed(association, "which gives its subnet the way by which it signals")
            for route in routes(stack, table):
                if route.is_default:
                    yield Needed(route.logical, "which is the way by which it signals")


def of_custom(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    """Give by what a topic reaches the function that answers for a custom resource, and the log group of a function.

    Lambda makes the log group of a function that is called before it is there, and CloudFormation then cannot.
    Source: CloudFormation User Guide, "Amazon SNS-backed custom resources"; Lambda Developer Guide, "Sending Lambda
    function logs to CloudWatch Logs".
    """
    topic = str(properties.get("ServiceToken"))
    if function := function_of(stack, topic):
        groups = {f"/aws/lambda/{form}" for form in forms(stack, function)}
        for logical, group in stack.of_type("AWS::Logs::LogGroup"):
            if group.get("LogGroupName") in groups:
                yield Needed(logical, f"which Lambda makes itself once {function} is called")
    for subscription in subscriptions(stack) if ":sns:" in topic else ():
        if subscription.topic == topic and subscription.properties.get("Protocol") == "lambda":
            if stack.resources[subscription.logical]["Type"] == "AWS::SNS::Subscription":
                yield Needed(subscription.logical, "by which its request is heard")
            yield from permissions_on(stack, subscription.properties.get("Endpoint"), "sns.")


def of_mail(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    for action in as_list(properties.get("Rule", {}).get("Actions", [])):
        bucket = action.get("S3Action", {}).get("BucketName")
        yield from policy_on(stack, "AWS::S3::BucketPolicy", "Bucket", bucket)
        yield from permissions_on(stack, action.get("LambdaAction", {}).get("FunctionArn"), "ses.")


def of_logging(name: str) -> Any:
    """Return what a caller needs that writes to log groups, if a property says so: the policy of CloudWatch Logs."""

    def needs(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
        for logical, _ in stack.of_type("AWS::Logs::ResourcePolicy") if properties.get(name) else ():
            yield Needed(logical, "which lets it write its logs")

    return needs


SCALED = ("ServiceNamespace", "ResourceId", "ScalableDimension")


def of_scaling(stack: Stack, _logical: str, properties: Properties) -> Iterator[Needed]:
    """Give the target that a scaling policy names in words: it is refused where none is registered.

    Source: Application Auto Scaling API Reference, PutScalingPolicy (ObjectNotFoundException).
    """
    named = [properties.get(name) for name in SCALED]
    for logical, target in stack.of_type("AWS::ApplicationAutoScaling::ScalableTarget") if all(named) else ():
        if [target.get(name) for name in SCALED] == named:
            yield Needed(logical, "which registers what it scales")


NEEDS: Mapping[str, Any] = {
    "AWS::ApiGateway::Deployment": of_deployment,
    "AWS::ApplicationAutoScaling::ScalingPolicy": of_scaling,
    "AWS::AutoScaling::AutoScalingGroup": of_signal,
    "AWS::CloudTrail::Trail": of_trail,
    "AWS::Config::ConfigRule": of_config_rule,
    "AWS::Config::DeliveryChannel": of_channel,
    "AWS::EC2::Instance": of_signal,
    "AWS::ECS::Service": of_service,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": of_balancer,
    "AWS::ElasticLoadBalancingV2::TargetGroup": of_targets,
    "AWS::KinesisFirehose::DeliveryStream": of_stream,
    "AWS::Lambda::EventInvokeConfig": of_destinations,
    "AWS::Lambda::EventSourceMapping": of_mapping,
    "AWS::Lambda::Function": of_function,
    "AWS::Logs::SubscriptionFilter": of_filter,
    "AWS::OpenSearchService::Domain": of_logging("LogPublishingOptions"),
    "AWS::Pipes::Pipe": by_role("RoleArn"),
    "AWS::Route53::HostedZone": of_logging("QueryLoggingConfig"),
    "AWS::S3::Bucket": of_bucket,
    "AWS::SES::ReceiptRule": of_mail,
    "AWS::SecretsManager::RotationSchedule": of_rotation,
    "AWS::StepFunctions::StateMachine": of_state_machine,
    "AWS::Synthetics::Canary": by_role("ExecutionRoleArn"),
}
"""By type, what has to be there before a resource that calls, or is looked at, while it is created."""
