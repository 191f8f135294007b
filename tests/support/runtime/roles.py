"""Which IAM action, on which resources and in which context, each call needs; calls that are not listed are denied.

Source: Service Authorization Reference, "Actions, resources, and condition keys for" Amazon DynamoDB, AWS Systems
Manager, Amazon S3, Amazon CloudWatch; CloudWatch User Guide, "Using condition keys to limit access to CloudWatch
namespaces".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stackproof.evaluation.stack import Stack
from stackproof.iam.need import arn
from stackproof.iam.simulation import Context, Policy, Request, decide

Parameters = Mapping[str, Any]


class DeniedError(Exception):
    """A call that the caller's role does not allow."""


@dataclass(frozen=True)
class Role:
    """A role of a stack, as the caller of services."""

    stack: Stack
    logical: str
    policies: tuple[Policy, ...]

    def check(self, action: str, resource: str, context: Context | None = None) -> None:
        """Raise DeniedError unless the role allows an action on a resource, an ARN or "*"."""
        decision = decide(self.policies, Request(action, resource, context or {}))
        if decision != "allowed":
            raise DeniedError(f"{self.logical} is {decision} {action} on {resource}")

    def check_call(self, service: str, operation: str, parameters: Parameters) -> None:
        needs = CALLS.get((service, operation))
        if needs is None:
            raise DeniedError(f"{self.logical} calls {service} {operation}, which is not known here")
        for request in needs(self.stack, parameters):
            self.check(*request)


def _batch_write(stack: Stack, parameters: Parameters) -> Iterator[Request]:
    for table in parameters["RequestItems"]:
        yield Request("dynamodb:BatchWriteItem", arn(stack, "dynamodb", f"table/{table}"))


def _put_item(stack: Stack, parameters: Parameters) -> Iterator[Request]:
    yield Request("dynamodb:PutItem", arn(stack, "dynamodb", f"table/{parameters['TableName']}"))


def _get_parameter(stack: Stack, parameters: Parameters) -> Iterator[Request]:
    if parameters.get("WithDecryption"):
        raise DeniedError("a parameter with decryption needs a key, which is not known here")
    yield Request("ssm:GetParameter", arn(stack, "ssm", f"parameter/{parameters['Name'].removeprefix('/')}"))


def _put_object(stack: Stack, parameters: Parameters) -> Iterator[Request]:
    bucket = f"arn:{stack.scenario.partition.name}:s3:::{parameters['Bucket']}"
    yield Request("s3:PutObject", f"{bucket}/{parameters['Key']}")


def _put_metric_data(stack: Stack, parameters: Parameters) -> Iterator[Request]:  # noqa: ARG001 - one shape for all
    yield Request("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": parameters["Namespace"]})


def _get_metric_data(stack: Stack, parameters: Parameters) -> Iterator[Request]:  # noqa: ARG001 - one shape for all
    yield Request("cloudwatch:GetMetricData", "*")


CALLS: Mapping[tuple[str, str], Callable[[Stack, Parameters], Iterator[Request]]] = {
    ("dynamodb", "BatchWriteItem"): _batch_write,
    ("dynamodb", "PutItem"): _put_item,
    ("s3", "PutObject"): _put_object,
    ("ssm", "GetParameter"): _get_parameter,
    ("cloudwatch", "GetMetricData"): _get_metric_data,
    ("cloudwatch", "PutMetricData"): _put_metric_data,
}
