"""What code and services need of a role, as actions on ARNs."""

from typing import Any

import pytest
from stacks import ACCOUNT, arn, ref, resource, stack

from stackproof.foundation.finding import CannotTell
from stackproof.iam.code_needs import of_code, prefix_of
from stackproof.iam.kms_needs import of_keys
from stackproof.iam.lambda_needs import of_functions, of_mappings
from stackproof.iam.need import Need, UnknownNeed
from stackproof.iam.needs import needs_of
from stackproof.iam.service_needs import of_services, uses

ROLE = resource("IAM::Role", RoleName="r")
TABLE = resource("DynamoDB::Table", TableName="trades")
HERE = f"us-east-1:{ACCOUNT}"


def function(code: str, **properties: Any) -> dict[str, Any]:
    fixed = {"FunctionName": "f", "Handler": "index.handler", "Runtime": "python3.12", "Role": arn("Role")}
    return resource("Lambda::Function", Code={"ZipFile": code}, **fixed, **properties)


def calling(call: str) -> str:
    return f"import boto3, json, os\ndef handler(event, context):\n    {call}"


def shown(needs: Any) -> list[str]:
    return [f"{need.action} {need.resource}" for need in needs]


def unknown(needs: Any) -> CannotTell:
    """Return why the needs of the role are not wholly known, the only reason."""
    (why,) = [need.why for need in needs if isinstance(need, UnknownNeed) and need.role == "Role"]
    return why


CODE = {
    "a table": (
        "boto3.client('dynamodb').put_item(TableName='t')",
        [f"dynamodb:PutItem arn:aws:dynamodb:{HERE}:table/t"],
    ),
    "an index": (
        "boto3.client('dynamodb').query(TableName='t', IndexName='i')",
        [f"dynamodb:Query arn:aws:dynamodb:{HERE}:table/t/index/i"],
    ),
    "tables of a batch": (
        "boto3.client('dynamodb').batch_write_item(RequestItems={'t': [], 'u': []})",
        [f"dynamodb:BatchWriteItem arn:aws:dynamodb:{HERE}:table/{name}" for name in "tu"],
    ),
    "another region": (
        "boto3.client('dynamodb', region_name='eu-west-1').put_item(TableName='t')",
        [f"dynamodb:PutItem arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t"],
    ),
    "objects": ("boto3.client('s3').put_object(Bucket='b', Key=event['k'])", ["s3:PutObject arn:aws:s3:::b/*"]),
    "objects whose keys begin alike": (
        "boto3.client('s3').put_object(Bucket='b', Key=f'parked/{event[0]}/{event[1]}.json')",
        ["s3:PutObject arn:aws:s3:::b/parked/*"],
    ),
    "one object": ("boto3.client('s3').head_object(Bucket='b', Key='k')", ["s3:GetObject arn:aws:s3:::b/k"]),
    "a bucket": ("boto3.client('s3').list_objects_v2(Bucket='b')", ["s3:ListBucket arn:aws:s3:::b"]),
    "a queue by its URL": (
        "boto3.client('sqs').send_message(QueueUrl='https://sqs.us-east-1.amazonaws.com/1/q')",
        [f"sqs:SendMessage arn:aws:sqs:{HERE}:q"],
    ),
    "a function": (
        "boto3.client('lambda').invoke(FunctionName='g')",
        [f"lambda:InvokeFunction arn:aws:lambda:{HERE}:function:g"],
    ),
    "an ARN": ("boto3.client('sns').publish(TopicArn='arn:aws:sns:a:1:t')", ["sns:Publish arn:aws:sns:a:1:t"]),
    "no resource": ("boto3.client('sts').get_caller_identity()", ["sts:GetCallerIdentity *"]),
    "the environment": (
        "boto3.client('dynamodb').put_item(TableName=os.environ['TABLE'])",
        [f"dynamodb:PutItem arn:aws:dynamodb:{HERE}:table/trades"],
    ),
    "the stack's configuration": (
        "boto3.client('dynamodb').put_item(TableName=json.loads(boto3.client('ssm').get_parameter(Name='/c')"
        "['Parameter']['Value'])['table'])",
        [f"dynamodb:PutItem arn:aws:dynamodb:{HERE}:table/trades", f"ssm:GetParameter arn:aws:ssm:{HERE}:parameter/c"],
    ),
}


@pytest.mark.parametrize(("call", "needs"), CODE.values(), ids=CODE)
def test_a_call_needs_its_action_on_the_resource_that_it_names(call: str, needs: list[str]) -> None:
    resources = {
        "Role": ROLE,
        "Table": TABLE,
        "Config": resource("SSM::Parameter", Name="/c", Value={"Fn::Sub": '{"table":"${Table}"}'}),
        "F": function(calling(call), Environment={"Variables": {"TABLE": ref("Table")}}),
    }
    assert sorted(shown(of_code(stack(resources)))) == sorted(needs)


UNTOLD = {
    "a name of the event": "boto3.client('dynamodb').put_item(TableName=event['table'])",
    "a variable that is not set": "boto3.client('dynamodb').put_item(TableName=os.environ['NO'])",
    "an operation that is not known": "boto3.client('dynamodb').put_items(TableName='t')",
    "a service that is not known": "boto3.client('dynamo').put_item(TableName='t')",
    "an operation of several actions": "boto3.client('dynamodb').transact_write_items(TransactItems=[])",
    "a parameter of nobody": "boto3.client('sns').publish("
    "TopicArn=boto3.client('ssm').get_parameter(Name='/n')['Parameter']['Value'])",
    "a service that is not written down": "boto3.client(event['service']).run()",
}


@pytest.mark.parametrize("call", UNTOLD.values(), ids=UNTOLD)
def test_a_call_that_is_not_understood_cannot_be_told_and_names_its_line(call: str) -> None:
    assert unknown(of_code(stack({"Role": ROLE, "F": function(calling(call))}))).place is not None


def test_code_of_another_language_cannot_be_told() -> None:
    other = function("exports.handler = () => 1")
    other["Properties"]["Runtime"] = "nodejs22.x"
    assert "nodejs22.x" in unknown(of_code(stack({"Role": ROLE, "F": other}))).message


def test_a_function_needs_its_log_and_the_group_itself_if_the_stack_has_none() -> None:
    group = f"arn:aws:logs:{HERE}:log-group:/aws/lambda/f:*"
    alone = shown(of_functions(stack({"Role": ROLE, "F": function("")})))
    assert alone == [f"logs:{name} {group}" for name in ("CreateLogStream", "PutLogEvents", "CreateLogGroup")]


def test_a_function_whose_log_group_the_stack_has_does_not_create_it() -> None:
    logs = resource("Logs::LogGroup", LogGroupName="/aws/lambda/f")
    needs = shown(of_functions(stack({"Role": ROLE, "Logs": logs, "F": function("")})))
    assert not any("CreateLogGroup" in need for need in needs)


def test_a_function_in_a_network_needs_interfaces_in_its_own_subnets() -> None:
    inside = function("", VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]})
    known = needs_of(stack({"Role": ROLE, "F": inside}))["Role"].known
    needs = [need for need in known if need.action == "ec2:CreateNetworkInterface"]
    assert [need.covers().rpartition(":")[2] for need in needs] == [
        "network-interface/*",
        "security-group/sg-1",
        "subnet/subnet-1",
    ]


def mapping(source: str, **properties: Any) -> list[Any]:
    made = resource("Lambda::EventSourceMapping", FunctionName=ref("F"), EventSourceArn=source, **properties)
    return list(of_mappings(stack({"Role": ROLE, "F": function(""), "M": made})))


def test_a_mapping_needs_to_read_its_source() -> None:
    assert {need.action for need in mapping(f"arn:aws:sqs:{HERE}:q")} == {
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    }


def test_a_mapping_of_a_source_that_is_not_known_cannot_be_told() -> None:
    assert "kafka" in unknown(mapping(f"arn:aws:kafka:{HERE}:cluster/c")).message


def test_a_mapping_needs_to_keep_what_failed() -> None:
    kept = {"OnFailure": {"Destination": "arn:aws:s3:::b"}}
    needs = shown(mapping(f"arn:aws:kinesis:{HERE}:stream/s", DestinationConfig=kept))
    assert needs[:2] == ["s3:PutObject arn:aws:s3:::b/aws/lambda/*", "s3:ListBucket arn:aws:s3:::b"]


KEY = resource("KMS::Key")
OPEN = f"arn:aws:kms:{HERE}:key/{{{{Key@us-east-1}}}}"
ENCRYPTED = {
    "by the key": ({"Key": KEY}, ref("Key"), [f"kms:Decrypt {OPEN}", f"kms:GenerateDataKey {OPEN}"]),
    "by the key's ARN": ({"Key": KEY}, arn("Key"), [f"kms:Decrypt {OPEN}", f"kms:GenerateDataKey {OPEN}"]),
    "by an alias": (
        {"Key": KEY, "Alias": resource("KMS::Alias", AliasName="alias/mine", TargetKeyId=ref("Key"))},
        "alias/mine",
        [f"kms:Decrypt {OPEN}", f"kms:GenerateDataKey {OPEN}"],
    ),
    "by a key of AWS": ({}, "alias/aws/sqs", []),
}


@pytest.mark.parametrize(("resources", "key", "needs"), ENCRYPTED.values(), ids=ENCRYPTED)
def test_what_is_encrypted_needs_its_key_too(resources: dict[str, Any], key: Any, needs: list[str]) -> None:
    queue = resource("SQS::Queue", QueueName="q", KmsMasterKeyId=key)
    item = stack({"Queue": queue, **resources})
    sending = Need("Role", "sqs:SendMessage", f"arn:aws:sqs:{HERE}:q", "it", ("Resources", "Queue"))
    assert shown(of_keys(item, [sending])) == needs


def test_an_alias_of_nobody_cannot_be_told() -> None:
    item = stack({"Queue": resource("SQS::Queue", QueueName="q", KmsMasterKeyId="alias/theirs")})
    sending = Need("Role", "sqs:SendMessage", f"arn:aws:sqs:{HERE}:q", "it", ("Resources", "Queue"))
    assert "alias/theirs" in unknown(of_keys(item, [sending])).message


def test_code_that_is_not_in_the_template_cannot_be_told() -> None:
    far = resource("Lambda::Function", Role=arn("Role"), Code={"S3Bucket": "b", "S3Key": "k"})
    assert "not in the template" in unknown(of_code(stack({"Role": ROLE, "F": far}))).message


def test_a_replication_needs_to_change_the_owner_only_if_it_does() -> None:
    rule = {
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Destination": {"Bucket": "arn:aws:s3:::d", "AccessControlTranslation": {"Owner": "Destination"}},
    }
    bucket = resource("S3::Bucket", BucketName="b", ReplicationConfiguration={"Role": arn("Role"), "Rules": [rule]})
    needs = shown(of_services(stack({"Role": ROLE, "B": bucket})))
    assert [need for need in needs if need.endswith("arn:aws:s3:::d/*")] == [
        "s3:ReplicateObject arn:aws:s3:::d/*",
        "s3:ReplicateTags arn:aws:s3:::d/*",
        "s3:ObjectOwnerOverrideToBucketOwner arn:aws:s3:::d/*",
    ]


def test_a_target_of_a_rule_needs_its_role_to_send() -> None:
    target = {"Id": "t", "Arn": f"arn:aws:kinesis:{HERE}:stream/s", "RoleArn": arn("Role")}
    rule = resource("Events::Rule", Targets=[target])
    assert shown(of_services(stack({"Role": ROLE, "Rule": rule}))) == [
        f"kinesis:PutRecord arn:aws:kinesis:{HERE}:stream/s"
    ]


def test_a_user_of_a_role_that_is_not_known_cannot_be_told() -> None:
    item = stack({"Role": ROLE, "It": resource("AppSync::DataSource", ServiceRoleArn=arn("Role"))})
    assert "what It needs of its role Role is not known" in unknown(of_services(item)).message


def test_a_role_knows_the_service_that_uses_it() -> None:
    used = uses(stack({"Role": ROLE, "F": function("")}))
    assert [use.service for use in used["Role"]] == ["lambda.amazonaws.com"]


HOLDERS = {
    "a parameter": resource("SSM::Parameter", Name="/x", Type="String", Value=arn("Role")),
    "a custom resource": resource("CloudFormation::CustomResource", ServiceToken=arn("F"), RoleArn=arn("Role")),
    "the environment of a function": resource(
        "Lambda::Function", Role=arn("Other"), Code={"ZipFile": ""}, Environment={"Variables": {"ROLE": arn("Role")}}
    ),
}


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_what_only_holds_the_arn_of_a_role_does_not_use_it(holder: dict[str, Any]) -> None:
    item = stack({"Role": ROLE, "Other": resource("IAM::Role", RoleName="o"), "F": function(""), "H": holder})
    assert [use.logical for use in uses(item)["Role"]] == ["F"]


def test_all_that_a_role_needs_comes_from_one_place_with_its_keys() -> None:
    queue = resource("SQS::Queue", QueueName="q", KmsMasterKeyId=ref("Key"))
    sending = calling("boto3.client('sqs').send_message(QueueUrl='https://sqs.us-east-1.amazonaws.com/1/q')")
    item = stack({"Role": ROLE, "Key": KEY, "Queue": queue, "F": function(sending)})
    known, why = needs_of(item)["Role"]
    assert {"sqs:SendMessage", "kms:Decrypt", "logs:PutLogEvents"} <= {need.action for need in known}
    assert why == ()


def test_what_is_not_known_of_one_role_leaves_the_needs_of_another_known() -> None:
    far = resource("Lambda::Function", FunctionName="g", Role=arn("Other"), Code={"S3Bucket": "b", "S3Key": "k"})
    putting = function(calling("boto3.client('dynamodb').put_item(TableName='t')"))
    item = stack({"Other": resource("IAM::Role", RoleName="o"), "G": far, "Role": ROLE, "F": putting})
    assert [why.message for why in needs_of(item)["Other"].unknown] == [
        "what G does is not known: its code is not in the template"
    ]
    assert needs_of(item)["Role"].unknown == ()
    assert "dynamodb:PutItem" in {need.action for need in needs_of(item)["Role"].known}


def test_what_is_known_of_a_role_is_kept_beside_what_is_not() -> None:
    code = calling("boto3.client('dynamodb').put_item(TableName='t')") + "\n    boto3.client('sns').publish()"
    known, why = needs_of(stack({"Role": ROLE, "F": function(code)}))["Role"]
    assert "dynamodb:PutItem" in {need.action for need in known}
    assert len(why) == 1


def test_of_a_key_that_is_partly_known_what_is_known_has_to_be_allowed() -> None:
    code = calling("boto3.client('s3').put_object(Bucket='b', Key=f'parked/{event[0]}/{event[1]}.json')")
    (need,) = of_code(stack({"Role": ROLE, "F": function(code)}))
    assert isinstance(need, Need)
    assert (need.resource, need.covers()) == ("arn:aws:s3:::b/parked/*", "arn:aws:s3:::b/parked/*/*.json")


CLIENTS = {
    "dynamodb": "dynamodb",  # its own name
    "cloudwatch": "cloudwatch",  # its own name, though it signs by another
    "stepfunctions": "states",  # what it signs by
    "sesv2": "ses",
    "elbv2": "elasticloadbalancing",
    "iot-data": "iot",  # a row
    "nothing": "nothing",
}


@pytest.mark.parametrize(("client", "prefix"), CLIENTS.items())
def test_the_actions_of_a_client_have_the_prefix_of_its_service(client: str, prefix: str) -> None:
    assert prefix_of(client) == prefix


WRONG = {
    "boto3.client('dynamodb').put_itme()": (
        "boto3's client of dynamodb has no method put_itme, which is called in the code of F",
        "write the name of the method as boto3 does",
    ),
    "boto3.client('dynamodb').transact_get_items()": (
        "no action is known for dynamodb.transact_get_items in the code of F",
        "add the actions that allow it to dynamodb in aws/data/services.yaml",
    ),
    "boto3.client('nothing').do()": (
        "no action is known for nothing.do in the code of F",
        "add the actions that allow it to nothing in aws/data/services.yaml",
    ),
}


@pytest.mark.parametrize("call", WRONG)
def test_a_method_that_boto3_does_not_have_is_told_from_one_whose_actions_are_not_known(call: str) -> None:
    why = unknown(of_code(stack({"Role": ROLE, "F": function(calling(call))})))
    assert (why.message, why.fix) == WRONG[call]
