"""What a call through the SDK is given, held to the model of its operation."""

from typing import Any

import pytest

from stackproof.code.call_arguments import misfits
from stackproof.code.jsonata_variables import names

JOB: dict[str, Any] = {
    "AccountId": "111111111111",
    "Operation": {"S3ReplicateObject": {}},
    "Report": {"Enabled": False},
    "Priority": 1,
    "RoleArn": "arn:aws:iam::111111111111:role/backfill",
}

FITS: dict[str, tuple[str, str, Any, str]] = {
    "all that is needed, the token left to the SDK": ("s3control", "createJob", JOB, "JSONata"),
    "a part that a run works out": ("s3control", "createJob", {**JOB, "Report": "{% $report %}"}, "JSONata"),
    "all of it worked out": ("s3control", "createJob", "{% $states.input %}", "JSONata"),
    "a parameter from a path": ("dynamodb", "getItem", {"TableName.$": "$.t", "Key": {"id.$": "$.key"}}, "JSONPath"),
    "lists of objects": ("cloudwatch", "putMetricData", {
        "Namespace": "n", "MetricData": [{"MetricName": "m", "Unit": "Count"}]}, "JSONPath"),
    "another case of letters": ("sqs", "sendMessage", {"QueueURL": "u", "MessageBody": "b"}, "JSONPath"),
    "an operation that is not known": ("s3control", "createJobs", {"X": 1}, "JSONPath"),
    "a value that only AWS knows": (
        "cloudwatch", "putMetricData", {"Namespace": "n", "MetricData": "{{P@us-east-1}}"}, "JSONPath"),
}  # fmt: skip


@pytest.mark.parametrize("name", FITS)
def test_what_an_operation_takes_fits(name: str) -> None:
    assert list(misfits(*FITS[name])) == []


MISFITS: dict[str, tuple[str, str, Any, str, str]] = {
    "a parameter too many": ("s3control", "describeJob", {
        "AccountId": "111111111111", "JobId": "job-1", "Id": "job-1"}, "JSONata",
                             "DescribeJob takes no Id"),
    "a parameter too few": ("s3control", "describeJob", {"AccountId": "111111111111"}, "JSONata",
                            "DescribeJob lacks JobId, which it needs"),
    "a part too many, in a list": ("cloudwatch", "putMetricData", {
        "Namespace": "n", "MetricData": [{"MetricName": "m", "Units": "Count"}]}, "JSONPath",
        "MetricData takes no Units"),
    "a part too few, by a path": ("dynamodb", "getItem", {"TableName.$": "$.t"}, "JSONPath",
                                  "GetItem lacks Key, which it needs"),
    "a value that is not allowed": ("dynamodb", "getItem", {
        "TableName": "t", "Key": {}, "ReturnConsumedCapacity": "SOME"}, "JSONata",
        "ReturnConsumedCapacity of GetItem is 'SOME'"),
    "an object where a list is taken": ("cloudwatch", "putMetricData", {"Namespace": "n", "MetricData": {}}, "JSONata",
                                        "MetricData of PutMetricData is no list"),
    "a text of another form": ("s3control", "describeJob", {"AccountId": "1", "JobId": "job-1"}, "JSONata",
                               "AccountId of DescribeJob is '1', and has to match ^\\d{12}$"),
    "a text that is too short": ("s3control", "describeJob", {"AccountId": "111111111111", "JobId": "j"}, "JSONata",
                                 "JobId of DescribeJob is 'j', and has 5 to 36 characters"),
    "a number beyond its range": ("s3control", "createJob", {**JOB, "Priority": -1}, "JSONata",
                                  "Priority of CreateJob is -1, and is from 0 to 2147483647"),
    "a path in JSONata": ("s3control", "describeJob", {
        "AccountId": "111111111111", "JobId": "job-1", "JobId.$": "$.j"}, "JSONata",
                          "DescribeJob takes no JobId.$"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISFITS)
def test_what_an_operation_does_not_take_is_told(name: str) -> None:
    *call, message = MISFITS[name]
    assert [misfit.message for misfit in misfits(*call)] == [message]


@pytest.mark.parametrize(
    ("expression", "free"),
    [
        ("$one + $count($two)", ["one", "two"]),
        ("$states.input.three", []),
        ("'$quoted' & \"$too\" & `$name`", []),
        ("($own := 1; $own + $other)", ["other"]),
        ("$map($list, function($v, $i) { $v + $i })", ["list"]),
        ("$eval('1')", ["eval"]),
    ],
)
def test_an_expression_takes_its_free_variables_from_outside(expression: str, free: list[str]) -> None:
    assert names(expression) == free
