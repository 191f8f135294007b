"""What state machines need of their roles, read from definitions of any shape."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from stacks import ACCOUNT, arn, ref, resource, stack

from stackproof.aws import sdk_services
from stackproof.aws.botocore_files import clients
from stackproof.aws.data import facts
from stackproof.aws.iam_actions import action
from stackproof.evaluation.stack import Stack
from stackproof.iam.need import Need, UnknownNeed
from stackproof.iam.needs import needs_of
from stackproof.iam.service_needs import uses
from stackproof.iam.workflow_needs import of_workflows

HERE = f"us-east-1:{ACCOUNT}"
ROLE = resource("IAM::Role", RoleName="r")
SDK, OPTIMISED = "arn:aws:states:::aws-sdk:", "arn:aws:states:::"
RULE = ("events:DescribeRule", "events:PutRule", "events:PutTargets")


def task(called: str, **keys: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": called, "End": True, **keys}


def definition(state: Mapping[str, Any], language: str = "JSONata") -> dict[str, Any]:
    return {"QueryLanguage": language, "StartAt": "Do", "States": {"Do": state}}


def machine(state: Mapping[str, Any], language: str = "JSONata", **properties: Any) -> Stack:
    stated = {"StateMachineName": "m", "RoleArn": arn("Role"), **properties}
    if not {"DefinitionString", "DefinitionS3Location"} & properties.keys():
        stated["Definition"] = definition(state, language)
    return stack({"Role": ROLE, "Machine": resource("StepFunctions::StateMachine", **stated)})


def shown(made: Stack) -> list[str]:
    return [f"{need.action} {need.resource}" for need in of_workflows(made) if isinstance(need, Need)]


def unknown(made: Stack) -> str:
    (why,) = [need.why.message for need in of_workflows(made) if isinstance(need, UnknownNeed)]
    return why


def managed(rule: str) -> list[str]:
    return [f"{name} arn:aws:events:{HERE}:rule/{rule}" for name in RULE]


CALLS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a function by its ARN": (
        task("arn:aws:lambda:us-east-1:111111111111:function:f"),
        ["lambda:InvokeFunction arn:aws:lambda:us-east-1:111111111111:function:f"],
    ),
    "an activity": (task("arn:aws:states:us-east-1:111111111111:activity:a"), []),
    "a function": (
        task(f"{OPTIMISED}lambda:invoke", Arguments={"FunctionName": "f"}),
        [f"lambda:InvokeFunction arn:aws:lambda:{HERE}:function:f"],
    ),
    "a function that answers later": (
        task(f"{OPTIMISED}lambda:invoke.waitForTaskToken", Arguments={"FunctionName": "f"}),
        [f"lambda:InvokeFunction arn:aws:lambda:{HERE}:function:f"],
    ),
    "a topic": (
        task(f"{OPTIMISED}sns:publish", Arguments={"TopicArn": f"arn:aws:sns:{HERE}:t"}),
        [f"sns:Publish arn:aws:sns:{HERE}:t"],
    ),
    "a queue by its URL": (
        task(f"{OPTIMISED}sqs:sendMessage", Arguments={"QueueUrl": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/q"}),
        [f"sqs:SendMessage arn:aws:sqs:{HERE}:q"],
    ),
    "a table": (
        task(f"{OPTIMISED}dynamodb:putItem", Arguments={"TableName": "t"}),
        [f"dynamodb:PutItem arn:aws:dynamodb:{HERE}:table/t"],
    ),
    "two event buses": (
        task(f"{OPTIMISED}events:putEvents", Arguments={"Entries": [{"EventBusName": "own"}, {"Source": "s"}]}),
        [f"events:PutEvents arn:aws:events:{HERE}:event-bus/{name}" for name in ("own", "default")],
    ),
    "another state machine, to its end": (
        task(f"{OPTIMISED}states:startExecution.sync:2",
             Arguments={"StateMachineArn": f"arn:aws:states:{HERE}:stateMachine:other"}),
        [*managed("StepFunctionsGetEventsForStepFunctionsExecutionRule"),
         f"states:StartExecution arn:aws:states:{HERE}:stateMachine:other",
         f"states:DescribeExecution arn:aws:states:{HERE}:execution:other:*",
         f"states:StopExecution arn:aws:states:{HERE}:execution:other:*"],
    ),
    "a batch job to its end": (
        task(f"{OPTIMISED}batch:submitJob.sync", Arguments={"JobDefinition": "d", "JobQueue": "q", "JobName": "j"}),
        [*managed("StepFunctionsGetEventsForBatchJobsRule"),
         f"batch:SubmitJob arn:aws:batch:{HERE}:job-definition/d", f"batch:SubmitJob arn:aws:batch:{HERE}:job-queue/q",
         "batch:DescribeJobs *", f"batch:TerminateJob arn:aws:batch:{HERE}:job/*"],
    ),
    "a job of Glue to its end, which has no managed rule": (
        task(f"{OPTIMISED}glue:startJobRun.sync", Arguments={"JobName": "j"}),
        [f"glue:{name} arn:aws:glue:{HERE}:job/j"
         for name in ("StartJobRun", "BatchStopJobRun", "GetJobRun", "GetJobRuns")],
    ),
    "an object through the SDK": (
        task(f"{SDK}s3:getObject", Arguments={"Bucket": "b", "Key": "k"}), ["s3:GetObject arn:aws:s3:::b/k"],
    ),
    "an operation with an action of another name": (
        task(f"{SDK}s3:listObjectsV2", Arguments={"Bucket": "b"}), ["s3:ListBucket arn:aws:s3:::b"],
    ),
    "a service with a prefix of another name": (
        task(f"{SDK}sfn:startExecution", Arguments={"StateMachineArn": f"arn:aws:states:{HERE}:stateMachine:o"}),
        [f"states:StartExecution arn:aws:states:{HERE}:stateMachine:o"],
    ),
    "an action without a resource": (task(f"{SDK}ec2:describeInstances", Arguments={}), ["ec2:DescribeInstances *"]),
    "a resource named as its ARN says": (
        task(f"{SDK}glue:getJob", Arguments={"JobName": "j"}), [f"glue:GetJob arn:aws:glue:{HERE}:job/j"],
    ),
    "a call with another role's rights": (
        task(f"{SDK}s3:getObject", Arguments={}, Credentials={"RoleArn": "arn:aws:iam::222222222222:role/theirs"}),
        ["sts:AssumeRole arn:aws:iam::222222222222:role/theirs"],
    ),
    "an index of a table": (
        task(f"{SDK}dynamodb:query", Arguments={"TableName": "t", "IndexName": "i"}),
        [f"dynamodb:Query arn:aws:dynamodb:{HERE}:table/t/index/i"],
    ),
    "a role that is handed on": (
        task(f"{SDK}lambda:updateFunctionConfiguration",
             Arguments={"FunctionName": "f", "Role": "arn:aws:iam::111111111111:role/other"}),
        [f"lambda:UpdateFunctionConfiguration arn:aws:lambda:{HERE}:function:f",
         "iam:PassRole arn:aws:iam::111111111111:role/other"],
    ),
    "a constant of JSONata": (
        task(f"{OPTIMISED}lambda:invoke", Arguments={"FunctionName": "{% 'f' %}"}),
        [f"lambda:InvokeFunction arn:aws:lambda:{HERE}:function:f"],
    ),
    "a name that only a run tells": (
        task(f"{OPTIMISED}lambda:invoke", Arguments={"FunctionName": "{% $states.input.name %}"}),
        [f"lambda:InvokeFunction arn:aws:lambda:{HERE}:function:*"],
    ),
    "a branch of a parallel state": (
        {"Type": "Parallel", "End": True, "Branches": [definition(task(f"{SDK}s3:listBuckets"))]},
        ["s3:ListAllMyBuckets *"],
    ),
    "the items of a map, each an execution": (
        {"Type": "Map", "End": True,
         "ItemReader": {"Resource": f"{OPTIMISED}s3:getObject", "Arguments": {"Bucket": "b", "Key": "k.csv"}},
         "ResultWriter": {"Resource": f"{OPTIMISED}s3:putObject", "Arguments": {"Bucket": "b", "Prefix": "out"}},
         "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **definition(task(f"{SDK}s3:listBuckets"))}},
        [f"states:StartExecution arn:aws:states:{HERE}:stateMachine:m",
         f"states:DescribeExecution arn:aws:states:{HERE}:execution:m:*",
         f"states:StopExecution arn:aws:states:{HERE}:execution:m:*",
         "s3:GetObject arn:aws:s3:::b/k.csv",
         *(f"s3:{name} arn:aws:s3:::b/out/*"
           for name in ("AbortMultipartUpload", "GetObject", "ListMultipartUploadParts", "PutObject")),
         "s3:ListAllMyBuckets *"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_task_needs_what_its_call_takes(name: str) -> None:
    state, needs = CALLS[name]
    assert shown(machine(state)) == needs


UNKNOWN: dict[str, tuple[dict[str, Any], str]] = {
    "no integration": (task("arn:aws:sns:us-east-1:111111111111:t"), "is no integration of Step Functions"),
    "an optimised one without a row": (task(f"{OPTIMISED}eks:call"), "what eks:call needs is not known"),
    "an end that cannot be awaited": (task(f"{OPTIMISED}sqs:sendMessage.sync", Arguments={"QueueUrl": "q"}),
                                      "what sqs:sendMessage.sync needs is not known"),
    "a service by boto3's name": (task(f"{SDK}stepfunctions:startExecution"), "no service is known as 'stepfunctions'"),
    "a misspelt operation": (task(f"{SDK}s3:getObjekt"), "no action of IAM is known for aws-sdk:s3:getObjekt"),
    "a parameter left out": (task(f"{OPTIMISED}lambda:invoke", Arguments={}), "Do does not say FunctionName"),
    "a resource whose parameter is not known": (task(f"{SDK}backup:startBackupJob"), "is called on is not known"),
    "a role that only a run tells": (
        task(f"{SDK}s3:getObject", Credentials={"RoleArn": "{% $role %}"}), "only a run tells which role it assumes"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_a_task_calls_may_be_unknown_of_its_role_alone(name: str) -> None:
    state, why = UNKNOWN[name]
    made = machine(state)
    assert (why in unknown(made), [len(needs_of(made)["Role"].unknown)]) == (True, [1])


def test_a_definition_as_text_is_read_with_its_substitutions() -> None:
    text = json.dumps(definition(task("${Call}", Parameters={"TableName.$": "$.t"}), "JSONPath")).replace(
        "true", "${End}"
    )
    made = machine({}, DefinitionString=text,
                   DefinitionSubstitutions={"Call": f"{OPTIMISED}dynamodb:getItem", "End": True})  # fmt: skip
    assert shown(made) == [f"dynamodb:GetItem arn:aws:dynamodb:{HERE}:table/*"]


def test_a_definition_elsewhere_is_unknown() -> None:
    made = machine({}, DefinitionS3Location={"Bucket": "b", "Key": "k"})
    assert "it is not in the template" in unknown(made)


def test_a_name_that_only_a_run_tells_is_what_the_role_allows_of_it() -> None:
    allows = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": f"arn:aws:lambda:{HERE}:function:one"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allows]}}
    state = task(f"{OPTIMISED}lambda:invoke", Arguments={"FunctionName": "{% $f %}"})
    properties = {"StateMachineName": "m", "RoleArn": arn("Role"), "Definition": definition(state)}
    role = resource("IAM::Role", RoleName="r", Policies=[policy])
    made = stack({"Role": role, "Machine": resource("StepFunctions::StateMachine", **properties)})
    assert shown(made) == [f"lambda:InvokeFunction arn:aws:lambda:{HERE}:function:one"]


def test_logs_traces_and_keys_of_a_state_machine() -> None:
    made = machine(
        {"Type": "Succeed"},
        LoggingConfiguration={"Level": "ERROR", "Destinations": [{}]},
        TracingConfiguration={"Enabled": True},
        EncryptionConfiguration={"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": f"arn:aws:kms:{HERE}:key/k"},
    )
    assert {text.partition(":")[0]: shown(made).count(text) for text in shown(made)} == {"logs": 1, "xray": 1, "kms": 1}


def test_a_task_passes_the_roles_of_its_task_definition() -> None:
    state = task(f"{OPTIMISED}ecs:runTask", Arguments={"TaskDefinition": ref("Tasks"), "Cluster": "c"})
    properties = {"StateMachineName": "m", "RoleArn": arn("Role"), "Definition": definition(state)}
    made = stack({
        "Role": ROLE,
        "Own": resource("IAM::Role", RoleName="own"),
        "Tasks": resource("ECS::TaskDefinition", Family="f", TaskRoleArn=arn("Own")),
        "Machine": resource("StepFunctions::StateMachine", **properties),
    })  # fmt: skip
    (passes,) = [need for need in of_workflows(made) if isinstance(need, Need) and need.action == "iam:PassRole"]
    assert (passes.resource, passes.context) == (
        f"arn:aws:iam::{ACCOUNT}:role/own", {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    )  # fmt: skip


def test_a_role_that_is_passed_is_used_by_the_service_it_goes_to() -> None:
    state = task(f"{SDK}s3control:createJob", Arguments={"RoleArn": "${Job}", "Operation": {"LambdaInvoke": {}}})
    properties = {"StateMachineName": "m", "RoleArn": arn("Role"), "Definition": definition(state),
             "DefinitionSubstitutions": {"Job": arn("Job")}}  # fmt: skip
    made = stack({
        "Role": ROLE,
        "Job": resource("IAM::Role", RoleName="job"),
        "Machine": resource("StepFunctions::StateMachine", **properties),
    })  # fmt: skip
    assert {role: [use.service for use in users] for role, users in uses(made).items()} == {
        "Role": ["states.amazonaws.com"], "Job": ["batchoperations.s3.amazonaws.com"]
    }  # fmt: skip
    assert [len(needs_of(made)[role].unknown) for role in ("Role", "Job")] == [0, 1]


def test_every_service_of_the_table_is_one_of_boto3_and_of_iam() -> None:
    rows = facts("sdk_services", "client")
    assert [name for name, client in rows.items() if client not in clients() or not sdk_services.prefix(name)] == []


def test_every_action_of_the_integrations_is_one_of_iam() -> None:
    named = [facts("state_integrations", fact) for fact in ("actions", "sync")]
    assert [name for rows in named for row in rows.values() for name in row if action(name) is None] == []
