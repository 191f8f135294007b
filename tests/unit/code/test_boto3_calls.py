"""What is read from a function's code: calls of AWS, variables, and what cannot be told."""

import ast

import pytest

from stackproof.code.boto3_calls import read
from stackproof.code.values import Known

CALLS = {
    "a client of a module": ("import boto3\ns3 = boto3.client('s3')\ns3.put_object(Bucket='b')", ["s3.put_object"]),
    "a client made where it is called": ("import boto3\nboto3.client('sns').publish(TopicArn='t')", ["sns.publish"]),
    "a client under another name": (
        "from boto3 import client as make\nsqs = make(service_name='sqs')\nsqs.send_message(QueueUrl='q')",
        ["sqs.send_message"],
    ),
    "a client of a session": (
        "import boto3\nsession = boto3.Session()\nsession.client('ssm').get_parameter(Name='n')",
        ["ssm.get_parameter"],
    ),
    "a client that a function returns": (
        "import boto3\ndef make():\n    return boto3.client('kms')\ndef handler(event, context):\n"
        "    make().decrypt(KeyId='k')",
        ["kms.decrypt"],
    ),
    "a client handed to a function": (
        "import boto3\ndef call(client):\n    client.publish(TopicArn='t')\n"
        "def handler(event, context):\n    call(boto3.client('sns'))",
        ["sns.publish"],
    ),
    "a method under a name": (
        "import boto3\nput = boto3.client('s3').put_object\nput(Bucket='b')",
        ["s3.put_object"],
    ),
    "a table of a resource": (
        "import boto3\ntable = boto3.resource('dynamodb').Table('t')\ntable.get_item(Key={})",
        ["dynamodb.get_item"],
    ),
    "a condition on a key": (
        "import boto3\nfrom boto3.dynamodb.conditions import Key\n"
        "boto3.resource('dynamodb').Table('t').query(KeyConditionExpression=Key('k').eq('v'))",
        ["dynamodb.query"],
    ),
    "a batch writer": (
        "import boto3\ntable = boto3.resource('dynamodb').Table('t')\n"
        "with table.batch_writer() as batch:\n    batch.put_item(Item={})",
        ["dynamodb.batch_write_item"],
    ),
    "a paginator": (
        "import boto3\npages = boto3.client('s3').get_paginator('list_objects_v2')\npages.paginate(Bucket='b')",
        ["s3.list_objects_v2"],
    ),
    "a function that nothing calls": ("import boto3\ns3 = boto3.client('s3')\ndef spare():\n    s3.list_buckets()", []),
}


@pytest.mark.parametrize(("code", "calls"), CALLS.values(), ids=CALLS)
def test_calls_of_boto3_are_found_however_the_client_comes(code: str, calls: list[str]) -> None:
    reading = read(code, "handler")
    assert [f"{call.client.service}.{call.operation}" for call in reading.calls] == calls
    assert reading.doubts == ()


DOUBTS = {
    "a service that is not written down": "import boto3, os\nboto3.client(os.environ['SERVICE']).run()",
    "a method that is not written down": "import boto3\ns3 = boto3.client('s3')\ngetattr(s3, 'put_' + 'object')()",
    "a client in a list": "import boto3\nclients = [boto3.client('s3')]\nclients[0].list_buckets()",
    "a client of an object": "import boto3\nclass A:\n    def __init__(self):\n        self.s3 = boto3.client('s3')",
    "a client handed to a stranger": "import boto3, other\nother.use(boto3.client('s3'))",
    "a session of a profile": "import boto3\nboto3.Session(profile_name='p').client('s3').list_buckets()",
    "a session of botocore": "import botocore.session\nbotocore.session.get_session()",
    "a waiter": "import boto3\nboto3.client('s3').get_waiter('bucket_exists').wait(Bucket='b')",
    "code that is put together": "exec('import boto3')",
    "the whole environment": "import os\nprint(dict(os.environ))",
}


@pytest.mark.parametrize("code", DOUBTS.values(), ids=DOUBTS)
def test_what_cannot_be_followed_is_a_doubt(code: str) -> None:
    assert read(code, "handler").doubts


VARIABLES = {
    "by index": ("import os\nos.environ['A']", ["A"]),
    "by get": ("import os\nos.environ.get('A', 'b')", ["A"]),
    "by getenv": ("from os import getenv\ngetenv('A')", ["A"]),
    "by another name of the environment": ("from os import environ as e\ne['A']", ["A"]),
    "by a name handed to a function": (
        "import os\ndef read(name):\n    return os.environ[name]\ndef handler(event, context):\n"
        "    return read('A'), read(name='B')",
        ["A", "B"],
    ),
    "not one that is set": ("import os\nos.environ['A'] = 'b'", []),
}


@pytest.mark.parametrize(("code", "names"), VARIABLES.values(), ids=VARIABLES)
def test_variables_of_the_environment_are_found(code: str, names: list[str]) -> None:
    assert sorted({variable.name for variable, _ in read(code, "handler").variables}) == names


ARGUMENTS = {
    "written down": ("s3.put_object(Bucket='b')", {"b"}),
    "of a mapping": ("given = {'Bucket': 'b'}\ns3.put_object(**given)", {"b"}),
    "put into a mapping later": ("given = {}\ngiven['Bucket'] = 'b'\ns3.put_object(**given)", {"b"}),
    "of two mappings": ("given = {'Key': 'k'} | {'Bucket': 'b'}\ns3.put_object(**given)", {"b"}),
    "one of two": ("s3.put_object(Bucket='b' if s3 else 'c')", {"b", "c"}),
    "by a tuple": ("bucket, key = 'b', 'k'\ns3.put_object(Bucket=bucket)", {"b"}),
    "of a loop": ("for bucket in ('b', 'c'):\n    s3.put_object(Bucket=bucket)", {"b", "c"}),
    "by a default": ("def put(bucket='b'):\n    s3.put_object(Bucket=bucket)\nput()", {"b"}),
}


@pytest.mark.parametrize(("code", "values"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_an_argument_is_worth_all_that_it_may_be_given(code: str, values: set[str]) -> None:
    (call,) = read(f"import boto3\ns3 = boto3.client('s3')\n{code}", "handler").calls
    assert {value.value for value in call.argument("Bucket") or () if isinstance(value, Known)} == values


def test_an_argument_by_an_unknown_mapping_cannot_be_told() -> None:
    code = "import boto3\ndef handler(event, context):\n    boto3.client('s3').put_object(**event)"
    (call,) = read(code, "handler").calls
    assert call.argument("Bucket") is None


def test_names_that_lead_round_in_a_circle_are_worth_nothing() -> None:
    code = "import boto3\na = b = 'x'\na = b\nb = a\nboto3.client('s3').put_object(Bucket=a)"
    (call,) = read(code, "handler").calls
    assert call.argument("Bucket") == (Known("x"),)


def test_code_that_does_not_compile_is_refused() -> None:
    with pytest.raises(SyntaxError):
        read("def handler(:", "handler")


def test_a_call_knows_its_line() -> None:
    (call,) = read("import boto3\n\nboto3.client('s3').list_buckets()", "handler").calls
    assert (call.line, isinstance(call.node, ast.Call)) == (3, True)
