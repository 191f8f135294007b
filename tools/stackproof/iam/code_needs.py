"""What the code of a stack's functions needs of their roles: each call of boto3 as actions on ARNs."""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.aws.iam_actions import Action, action, is_service
from stackproof.code.boto3_calls import Call, read
from stackproof.code.inline import Inline, inline_functions
from stackproof.code.resolution import Resolver
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.values import properties_path
from stackproof.iam.need import Need, UnknownNeed, of_role, role_of

PREFIXES = {
    # Services whose actions have another prefix than boto3's name of their client.
    # Source: Service Authorization Reference, "service prefix" of each service.
    "cognito-idp": "cognito-idp",
    "dynamodbstreams": "dynamodb",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "iot-data": "iot",
    "opensearch": "es",
    "sesv2": "ses",
    "stepfunctions": "states",
}
ACTIONS = {
    # Operations that are allowed by actions of other names.
    # Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations"; Boto3 documentation, S3,
    # "upload_file", "download_file"; Service Authorization Reference: Amazon DynamoDB, AWS Lambda, Amazon SQS, SNS.
    "dynamodb:batch_execute_statement": (),
    "dynamodb:execute_statement": (),
    "dynamodb:transact_get_items": (),
    "dynamodb:transact_write_items": (),
    "lambda:invoke": ("InvokeFunction",),
    "lambda:invoke_async": ("InvokeFunction",),
    "s3:complete_multipart_upload": ("PutObject",),
    "s3:copy": (),
    "s3:copy_object": (),
    "s3:create_multipart_upload": ("PutObject",),
    "s3:delete_objects": ("DeleteObject",),
    "s3:download_file": ("GetObject",),
    "s3:download_fileobj": ("GetObject",),
    "s3:head_bucket": ("ListBucket",),
    "s3:head_object": ("GetObject",),
    "s3:list_buckets": ("ListAllMyBuckets",),
    "s3:list_multipart_uploads": ("ListBucketMultipartUploads",),
    "s3:list_object_versions": ("ListBucketVersions",),
    "s3:list_objects": ("ListBucket",),
    "s3:list_objects_v2": ("ListBucket",),
    "s3:upload_file": ("PutObject",),
    "s3:upload_fileobj": ("PutObject",),
    "s3:upload_part": ("PutObject",),
    "sns:publish_batch": ("Publish",),
    "sqs:change_message_visibility_batch": ("ChangeMessageVisibility",),
    "sqs:delete_message_batch": ("DeleteMessage",),
    "sqs:send_message_batch": ("SendMessage",),
}
RESOURCES = {
    # The parameter that names the resource of an operation, and the ARN that the name stands for, after
    # "arn:partition:". Source: Service Authorization Reference, "Resource types defined by ..." of each service.
    "dynamodb": (("TableName", "dynamodb:{region}:{account}:table/{name}"),),
    "events": (("EventBusName", "events:{region}:{account}:event-bus/{name}"),),
    "firehose": (("DeliveryStreamName", "firehose:{region}:{account}:deliverystream/{name}"),),
    "kinesis": (
        ("StreamName", "kinesis:{region}:{account}:stream/{name}"),
        ("StreamARN", "{name}"),
    ),
    "kms": (("KeyId", "kms:{region}:{account}:key/{name}"),),
    "lambda": (("FunctionName", "lambda:{region}:{account}:function:{name}"),),
    "s3": (("Bucket", "s3:::{name}"),),
    "secretsmanager": (("SecretId", "secretsmanager:{region}:{account}:secret:{name}-??????"),),
    "sns": (("TopicArn", "{name}"),),
    "sqs": (("QueueUrl", "sqs:{region}:{account}:{name}"),),
    "ssm": (("Name", "ssm:{region}:{account}:parameter/{name}"),),
    "states": (("stateMachineArn", "{name}"),),
}


def of_code(stack: Stack) -> Iterator[Need | UnknownNeed]:
    """Give what the inline code of a stack needs; where it is not understood, the error has the line."""
    inline = {function.logical: function for function in inline_functions(stack)}
    for logical, properties in stack.of_type("AWS::Lambda::Function"):
        role = role_of(stack, properties.get("Role"))
        if role and logical in inline:
            yield from of_role(role, _of_function(inline[logical], role))
        elif role:
            message = f"what {logical} does is not known: its code is not in the template"
            fix = "write the code inline, as Code.ZipFile"
            yield UnknownNeed(role, stack.cannot_tell(properties_path(logical, "Code"), message, fix))


def _of_function(function: Inline, role: str) -> Iterator[Need]:
    function.tree()
    reading = read(function.text, str(function.properties.get("Handler", "")).rpartition(".")[2])
    for doubt, line in reading.doubts:
        raise CannotTell(
            f"in the code of {function.logical}, {doubt}",
            function.place(line),
            "call methods of boto3 clients made with the service's name",
        )
    for call in reading.calls:
        settled = Resolver(function, reading.code)
        for one in actions_of(function, call):
            context = {}
            namespace = call.argument("Namespace")
            if one.name == "cloudwatch:putmetricdata":
                context = {
                    "cloudwatch:namespace": settled.texts(namespace or (), call.line, "the metric's namespace")[0]
                }
            for resource in _resources(settled, call, one):
                yield Need(
                    role,
                    spelt(one.name, call),
                    _widest(resource),
                    f"{call.operation} of {function.logical}",
                    function.path,
                    resource,
                    context=context,
                    function=function,
                    line=call.line,
                )


def spelt(name: str, call: Call) -> str:
    """Return an action in the letters that AWS writes it in, as far as the method's name tells them."""
    service, _, verb = name.partition(":")
    camel = "".join(word[:1].upper() + word[1:] for word in call.operation.split("_"))
    known = (camel, *ACTIONS.get(f"{service}:{call.operation}", ()))
    return f"{service}:{next((one for one in known if one.lower() == verb), verb)}"


def actions_of(function: Inline, call: Call) -> list[Action]:
    """Return the actions of IAM that allow a call."""
    service = PREFIXES.get(call.client.service, call.client.service)
    verbs = ACTIONS.get(f"{service}:{call.operation}", (call.operation.replace("_", ""),))
    found = [one for one in (action(f"{service}:{verb}") for verb in verbs) if one]
    if not is_service(service) or not found:
        raise CannotTell(
            f"no action is known for {call.client.service}.{call.operation} in the code of {function.logical}",
            function.place(call.line),
            "correct the name of the method, or add its actions to ACTIONS in iam/code_needs.py",
        )
    return found


def _resources(settled: Resolver, call: Call, wanted: Action) -> Iterator[str]:
    """Give the ARNs that a call acts on, for one of its actions."""
    if not wanted.kinds:
        yield "*"
        return
    service = wanted.name.partition(":")[0]
    stack = settled.function.stack
    what = f"which resource {call.client.service}.{call.operation} is called on"
    names, form = _named(settled, call, service, what)
    region = settled.texts(call.client.region, call.line, "the client's region") if call.client.region else ()
    for one in names:
        fields = {"region": stack.scenario.region, "account": stack.scenario.account, "name": _bare(service, one)}
        for place in region or (fields["region"],):
            full = form.format(**{**fields, "region": place})
            known = one if one.startswith("arn:") else f"arn:{stack.scenario.partition.name}:{full}"
            yield from _parts(settled, call, wanted, known)


def _named(settled: Resolver, call: Call, service: str, what: str) -> tuple[list[str], str]:
    if service == "dynamodb" and call.operation in ("batch_write_item", "batch_get_item"):
        items = call.argument("RequestItems")
        if items:
            return settled.keys(items, call.line, what), RESOURCES[service][0][1]
    for parameter, form in RESOURCES.get(service, ()):
        values = call.argument(parameter)
        if values is None:
            raise settled.lost(call.line, what)
        if values:
            return settled.texts(values, call.line, what), form
    raise settled.lost(call.line, what)


def _bare(service: str, name: str) -> str:
    """Return a name as it stands in an ARN: of a queue's URL its end, of a parameter's path without its slash."""
    if service == "sqs":
        return name.rpartition("/")[2]
    return name.lstrip("/") if service == "ssm" else name


def _widest(resource: str) -> str:
    """Return the most that may be allowed where only a part of an object's key is known: all keys that begin alike."""
    return resource[: resource.index("*") + 1] if ":s3:::" in resource and "*" in resource else resource


def _parts(settled: Resolver, call: Call, wanted: Action, known: str) -> Iterator[str]:
    """Give a resource, or the part of it that an action acts on: a table's index, a bucket's object."""
    if wanted.name.startswith("s3:") and not wanted.knows(known):
        yield from (f"{known}/{name}" for name in settled.patterns(call.argument("Key") or ()))
    elif wanted.name.startswith("dynamodb:") and call.argument("IndexName"):
        for index in settled.texts(call.argument("IndexName") or (), call.line, "the index"):
            yield f"{known}/index/{index}"
    else:
        yield known
