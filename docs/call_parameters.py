"""Writes what operations that code often calls take and give, as botocore's models have it, into the tables of facts.

    python docs/call_parameters.py

A model is unpacked in 1 to 30 ms, the table is read in one. What a code names and the table does not have is looked
for in the model, so that the table may be of another release of botocore. One client a line.
"""

import json
from collections.abc import Mapping

from stackproof.aws.call_shapes import TABLE, of_model

OFTEN: Mapping[str, str] = {
    "cloudwatch": "get_metric_data get_metric_statistics put_metric_data",
    "dynamodb": "batch_get_item batch_write_item delete_item get_item put_item query scan update_item",
    "events": "put_events",
    "firehose": "put_record put_record_batch",
    "kinesis": "put_record put_records",
    "lambda": "invoke",
    "s3": "copy_object delete_object delete_objects get_object head_object list_objects_v2 put_object",
    "secretsmanager": "get_secret_value",
    "sns": "publish publish_batch",
    "sqs": "delete_message get_queue_attributes receive_message send_message send_message_batch",
    "ssm": "get_parameter get_parameters get_parameters_by_path put_parameter",
    "stepfunctions": "send_task_failure send_task_success start_execution",
    "sts": "assume_role get_caller_identity",
}


def text() -> str:
    """Return the text of the table: by client and method the names of what is taken, what is needed, what is given."""
    lines = []
    for client, methods in OFTEN.items():
        shapes = {method: of_model(client, method) for method in methods.split()}
        row = {method: [sorted(names) for names in shape] for method, shape in shapes.items() if shape}
        lines.append(f"{json.dumps(client)}: {json.dumps(row, separators=(',', ':'))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TABLE.write_text(text(), encoding="utf-8")
