"""Code that sends several things at once looks at those that the reply says were not taken.

Such a call succeeds when a part of it fails: what a throttled stream, table, queue, topic or bus did not take is listed
in the reply, for the caller to send again. Code that names that list nowhere loses those records without a word, and
under load it loses most. Replies that the handler returns, or hands to code of others, are theirs to read; the batch
writer of a Table sends again by itself.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
Source: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
Source: https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
Source: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
pack: resilience
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache

from stackproof.api import Deployment, Finding, Findings
from stackproof.code.boto3_calls import Call, Reading, read
from stackproof.code.inline import Inline, for_each_python_function, parsed
from stackproof.code.values import Dotted, Reply, Routine

APPLIES_TO = ("AWS::Lambda::Function",)
FAILED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("dynamodb", "batch_get_item"): ("UnprocessedKeys",),
    ("dynamodb", "batch_write_item"): ("UnprocessedItems",),
    ("events", "put_events"): ("FailedEntryCount", "ErrorCode"),
    ("firehose", "put_record_batch"): ("FailedPutCount", "ErrorCode"),
    ("kinesis", "put_records"): ("FailedRecordCount", "ErrorCode"),
    ("sns", "publish_batch"): ("Failed",),
    ("sqs", "send_message_batch"): ("Failed",),
}
"""Of each method the members of the reply that tell what was not taken."""
SHOWING = ("print", "json.dumps", "len", "str", "repr")


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each_python_function(stack, of_function)


def of_function(function: Inline) -> Iterator[Finding]:
    for line, called, member in unread(function.text, function.handler):
        message = f"{function.logical} does not read {member} of the reply of {called}: what was not taken is lost"
        yield function.finding(line, message, f"send again what {member} tells of, or raise an error")


@cache
def unread(text: str, handler: str) -> tuple[tuple[int, str, str], ...]:
    """Return line, method and member of each call whose failures a code does not read."""
    reading = read(text, handler)
    calls = [call for call in reading.calls if is_batch(call)]
    if not calls:
        return ()
    found = []
    for call in calls:
        members = FAILED[call.client.service, call.operation]
        named = any(f"{quote}{member}{quote}" in text for member in members for quote in "'\"")
        if not named and not read_elsewhere(text, handler, call):
            found.append((call.line, f"{call.client.service}.{call.operation}", members[0]))
    return tuple(found)


def is_batch(call: Call) -> bool:
    """Tell whether a call sends several things, and by no method that sends again by itself."""
    func = call.node.func
    own = isinstance(func, ast.Attribute) and func.attr == call.operation
    return own and (call.client.service, call.operation) in FAILED


def read_elsewhere(text: str, handler: str, call: Call) -> bool:
    """Tell whether the handler returns the reply of a call, or keeps it in an object or hands it to code of others."""
    reading = read(text, handler)
    names = reading.code.names
    for node in ast.walk(parsed(text)):
        if not isinstance(node, ast.Name | ast.Call) or isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            continue
        if any(isinstance(value, Reply) and value.call is call.node for value in reading.code.of(node)):
            parent = names.parents.get(id(node))
            parent = names.parents.get(id(parent)) if isinstance(parent, ast.keyword) else parent
            match parent:
                case ast.Expr() | ast.AnnAssign() | ast.NamedExpr() | ast.Subscript() | ast.Attribute() | ast.Lambda():
                    pass
                case ast.Assign(targets=targets) if all(isinstance(target, ast.Name) for target in targets):
                    pass
                case ast.Call() if shows(reading, parent):
                    pass
                case ast.Return() if getattr(names.scopes[id(node)].node, "name", handler) != handler:
                    pass  # what calls that function is looked at as well
                case _:
                    return True
    return False


def shows(reading: Reading, node: ast.Call) -> bool:
    """Tell whether a call does nothing with what it is given but show it, or is one of the code's own functions."""
    return all(
        isinstance(value, Routine) or (isinstance(value, Dotted) and value.name in SHOWING)
        for value in reading.code.of(node.func)
    )
