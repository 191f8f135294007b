"""The function of a custom resource answers every request, whatever happens, in the words of CloudFormation.

CloudFormation waits for the answer until its timeout, and a resource that it gets none for can be neither created nor
deleted. Each way through the code that takes the request has to pass the sending; what may fail before it stands in a
`try` that catches all; an answer holds five fields, and a sixth, the reason, if it failed.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html
pack: core
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial

from stackproof.api import Deployment, Finding, Findings, Path, Stack, properties_path, resource_of
from stackproof.code.boto3_calls import read
from stackproof.code.custom_resources import Custom, custom_resources, is_custom
from stackproof.code.inline import Inline, for_each_function, inline_functions, parsed, words
from stackproof.code.values import Display, Known
from stackproof.topology.texts import texts_of

APPLIES_TO = ("AWS::CloudFormation::CustomResource", "Custom::")
SENDING = ("urlopen", "request", "send_response")
HELPERS = ("CfnResource", "CfnProvider")
"""Classes of helper libraries (crhelper, cfn-custom-resource) whose objects answer when they are called."""
NAMED = ("ResponseURL", "StackId", "RequestId", "LogicalResourceId", "PUT", "SUCCESS", "FAILED", "Delete")
MADE = ("PhysicalResourceId", "Status", "Reason")
KINDS, STATES = ("Create", "Update", "Delete"), ("SUCCESS", "FAILED")
PHYSICAL = "PhysicalResourceId"
EACH_TIME = ("aws_request_id", "uuid4", "uuid1")
ALL = ("Exception", "BaseException")
Fault = tuple[int, str, str]


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        answering = {custom.function for custom in custom_resources(stack)}
        functions = [function for function in inline_functions(stack) if function.logical in answering]
        yield from for_each_function(functions, of_function)
        for custom in custom_resources(stack):
            asked = attributes_asked(stack, custom.logical)
            for function in [each for each in functions if each.logical == custom.function and asked]:
                yield from for_each_function([function], partial(of_attributes, custom=custom, asked=asked))
        yield from of_tokens(stack)


def of_function(function: Inline) -> Iterator[Finding]:
    function.tree()
    for line, message, fix in faults(function.text, function.handler):
        yield function.finding(line, f"{function.logical} {message}", fix)


def attributes_asked(stack: Stack, logical: str) -> Mapping[str, Path]:
    """Return the attributes of a custom resource that the stack takes, each with the place of one that does."""
    form = re.compile(rf"\{{\{{{logical}\.([\w.]+)@")
    return {name: path for path, text in texts_of(stack) if "{{" in text for name in form.findall(text)}


def of_attributes(function: Inline, custom: Custom, asked: Mapping[str, Path]) -> Iterator[Finding]:
    """Find attributes that the stack takes of a custom resource and its function never gives."""
    data = data_given(function)
    for name, path in asked.items() if data is not None else ():
        if name not in (data or ()):
            message = (
                f"{path[1]} takes the attribute {name} of {custom.logical}, which {function.logical} does not give"
            )
            yield function.stack.finding(path, message, f"give {name} in Data, or take another attribute")


def data_given(function: Inline) -> frozenset[str] | None:
    """Return the names in the data of a function's answers, None where some are not known."""
    function.tree()
    code = read(function.text, function.handler).code
    found: list[ast.expr] = []
    for node in ast.walk(parsed(function.text)):
        match node:
            case ast.Call(args=[_, _, _, data, *_]) if is_sending(node):
                found.append(data)
            case ast.Dict():
                keyed = zip(node.keys, node.values, strict=True)
                found += [data for key, data in keyed if isinstance(key, ast.Constant) and key.value == "Data"]
    names: set[str] = set()
    for data in found:
        for value in code.of(data):
            entries = code.entries(value) if isinstance(value, Display) else None
            if entries is None or any(not isinstance(key, Known) for keys, _ in entries for key in keys):
                return None
            names |= {str(key.value) for keys, _ in entries for key in keys if isinstance(key, Known)}
    return frozenset(names) if found else None


def of_tokens(stack: Stack) -> Iterator[Finding]:
    """Find service tokens that are the name of a function or a topic, and not its ARN."""
    for logical, resource in stack.resources.items():
        token = str(resource.get("Properties", {}).get("ServiceToken", "")) if is_custom(resource["Type"]) else ""
        named = resource_of(stack, token, "AWS::Lambda::Function", "AWS::SNS::Topic") if token else None
        if named and not token.startswith("arn:"):
            message = f"{logical} has {token} as ServiceToken, which is the name of {named} and not its ARN"
            path = properties_path(logical, "ServiceToken")
            yield stack.finding(path, message, "write Fn::GetAtt of the function's Arn, or Ref of the topic")


@cache
def faults(text: str, handler: str) -> tuple[Fault, ...]:
    wrong = [*misspelt(text), *renamed(text)]
    if "cfnresponse" in text:  # AWS's own module, which has the words
        return (*wrong, *ways(text, handler))
    if helpers(text):
        return tuple(ways(text, handler))
    constants = {node.value for node in ast.walk(parsed(text)) if isinstance(node, ast.Constant)}
    needless = ({"PUT"} if puts(text) else set()) | (set() if parts_kinds(text) else {"Delete"})
    missing = [word for word in NAMED if word not in constants | needless]
    missing += [word for word in MADE if word not in words(text)[1]]
    unanswered = [(1, f"answers CloudFormation without {word}", f"name {word!r} in the answer") for word in missing]
    return (*unanswered, *wrong, *ways(text, handler))


def parts_kinds(text: str) -> bool:
    """Tell whether a code does one thing for some kinds of requests and another for all else."""
    return any(
        isinstance(node, ast.If) and node.orelse and (names(node.test, "Create") or names(node.test, "Update"))
        for node in ast.walk(parsed(text))
    )


def misspelt(text: str) -> Iterator[Fault]:
    """Give the words that a code takes for kinds of requests or states of answers and that are none."""
    for node in ast.walk(parsed(text)):
        match node:
            case ast.Compare(left=ast.Subscript(slice=ast.Constant(value="RequestType")), comparators=[other]):
                found = [other] if isinstance(other, ast.Constant) else list(getattr(other, "elts", []))
                for word in [each.value for each in found if isinstance(each, ast.Constant)]:
                    if word not in KINDS:
                        yield node.lineno, f"compares RequestType with {word!r}", f"write one of {', '.join(KINDS)}"
            case ast.Call(args=[_, _, _, ast.Attribute(attr=word) | ast.Constant(value=word), *_]) if (
                is_sending(node) and word in STATES
            ):
                yield node.lineno, f"answers {word} as its data", "give the status third, and the data behind it"
            case ast.Call(args=[_, _, ast.Constant(value=str(word)), *_]) if is_sending(node) and word not in STATES:
                yield node.lineno, f"answers {word!r}", f"write one of {' and '.join(STATES)}"


def renamed(text: str) -> Iterator[Fault]:
    """Give the answers that have a new physical id each time: CloudFormation then replaces the resource.

    It asks the function to delete the one of the old id. Source: CloudFormation User Guide, "Custom resource response
    objects", PhysicalResourceId.
    """
    kept = [node for node in ast.walk(parsed(text)) if isinstance(node, ast.Constant) and node.value == PHYSICAL]
    for node in ast.walk(parsed(text)):
        match node:
            case ast.Dict():
                keyed = zip(node.keys, node.values, strict=True)
                values = [value for key, value in keyed if isinstance(key, ast.Constant) and key.value == PHYSICAL]
                once = len(kept) == 1
            case ast.Call(args=[_, _, _, _, value, *_]) if is_sending(node):
                values, once = [value], not kept
            case _:
                continue
        for value in values if once else ():
            if any(isinstance(part, ast.Attribute) and part.attr in EACH_TIME for part in ast.walk(value)):
                message = "gives a new PhysicalResourceId with each answer, so that each update replaces the resource"
                yield value.lineno, message, "give back event['PhysicalResourceId'] where there is one"


def ways(text: str, handler: str) -> Iterator[Fault]:
    """Give the ways through the function that takes a request which do not come by the sending."""
    functions = {node.name: node for node in ast.walk(parsed(text)) if isinstance(node, ast.FunctionDef)}
    own = helpers(text) | imported(text)
    senders = reaching(functions, {name for name, function in functions.items() if sends_in(function, own)})
    takers = [functions[name] for name in functions if name in senders and names(functions[name], "RequestType")]
    entry = handler.rpartition(".")[2]
    if not takers and entry in senders:  # it answers each kind of request alike
        takers = [functions[entry]]
    if not takers:
        yield 1, "sends no answer to CloudFormation", "send one for every request"
    work = reaching(functions, {name for name, function in functions.items() if calls_aws(function, text, handler)})
    for taker in [candidate for candidate in takers if names(candidate, "ResourceProperties")] or takers[:1]:
        left, lines = Walk(senders | own).through(taker.body, frozenset({False}))
        for line in [*lines, *([taker.body[-1].lineno] if False in left else [])]:
            yield line, f"may end {taker.name} in line {line} of its code without an answer", "send one on every way"
        direct = frozenset() if helpers(text) else called_in(taker, text, handler)
        for line in unguarded(taker, work - senders, direct):
            yield line, f"may fail in line {line} of its code before it answers", "catch every Exception, and answer"


def reaching(functions: dict[str, ast.FunctionDef], found: set[str]) -> set[str]:
    """Return the functions that call one of some functions, at any remove, and those."""
    while more := {name for name, function in functions.items() if name not in found and called(function) & found}:
        found = found | more
    return found


def called(node: ast.AST) -> set[str]:
    return {call.func.id for call in ast.walk(node) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}


def names(node: ast.AST, word: str) -> bool:
    return any(isinstance(constant, ast.Constant) and constant.value == word for constant in ast.walk(node))


def calls_aws(function: ast.FunctionDef, text: str, handler: str) -> bool:
    last = function.end_lineno or function.lineno
    return any(function.lineno <= call.line <= last for call in read(text, handler).calls)


def is_sending(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="put")):
            return owner in ("requests", "httpx", "http", "session")
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in SENDING or (name in ("send", "SendResponse") and "cfnresponse" in ast.dump(node))
    return False


def sends_in(function: ast.FunctionDef, own: set[str]) -> bool:
    return any(map(is_sending, ast.walk(function))) or bool(called(function) & own)


def helpers(text: str) -> set[str]:
    """Return the names of objects that a library makes to answer: they do when they are called with a request."""
    found = set()
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            made = node.value.func
            name = made.attr if isinstance(made, ast.Attribute) else made.id if isinstance(made, ast.Name) else ""
            if name in HELPERS:
                found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def imported(text: str) -> set[str]:
    """Return the names that the sending function of AWS's own module is imported by."""
    from_module = [node for node in ast.walk(parsed(text)) if isinstance(node, ast.ImportFrom)]
    found = [alias for node in from_module if node.module == "cfnresponse" for alias in node.names]
    return {alias.asname or alias.name for alias in found if alias.name == "send"}


def puts(text: str) -> bool:
    """Tell whether a code may send by a method of that name, as requests and httpx have, and so names no verb."""
    return any(isinstance(node, ast.Attribute) and node.attr == "put" for node in ast.walk(parsed(text)))


def called_in(taker: ast.FunctionDef, text: str, handler: str) -> frozenset[int]:
    """Return the lines in which a function calls AWS itself."""
    last = taker.end_lineno or taker.lineno
    return frozenset(call.line for call in read(text, handler).calls if taker.lineno <= call.line <= last)


def unguarded(taker: ast.FunctionDef, work: set[str], calls: frozenset[int]) -> Iterator[int]:
    """Give the lines that do the work of a request outside of a `try` that catches everything, or answers after it."""
    tries = [
        statement
        for statement in ast.walk(taker)
        if isinstance(statement, ast.Try) and (catches_all(statement) or ends_sending(statement))
    ]
    inside = {id(node) for attempt in tries for part in attempt.body for node in ast.walk(part)}
    for node in ast.walk(taker):
        if not isinstance(node, ast.expr) or id(node) in inside:
            continue
        reads = is_member_of_properties(node)
        at_aws = isinstance(node, ast.Call) and node.lineno in calls and isinstance(node.func, ast.Attribute)
        if reads or at_aws or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in work):
            yield node.lineno


def catches_all(node: ast.Try) -> bool:
    return any(
        handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id in ALL)
        for handler in node.handlers
    )


def is_member_of_properties(node: ast.expr) -> bool:
    """Tell whether an expression takes a property out of the request: it fails where that is not sent."""
    match node:
        case ast.Subscript(value=ast.Subscript(slice=ast.Constant(value="ResourceProperties"))):
            return True
    return False


def ends_sending(node: ast.Try) -> bool:
    return any(is_sending(inner) for part in node.finalbody for inner in ast.walk(part))


class Walk:
    """A walk along every way through statements; a state says whether the answer has been sent."""

    def __init__(self, senders: set[str]) -> None:
        self.senders = senders

    def sends(self, node: ast.AST) -> bool:
        return bool(called(node) & self.senders) or any(map(is_sending, ast.walk(node)))

    def through(self, body: Sequence[ast.stmt], states: frozenset[bool]) -> tuple[frozenset[bool], list[int]]:
        """Return the states behind some statements, and the lines that return without an answer."""
        lines: list[int] = []
        for statement in body:
            states, more = self.step(statement, states)
            lines += more
        return states, lines

    def step(self, statement: ast.stmt, states: frozenset[bool]) -> tuple[frozenset[bool], list[int]]:
        match statement:
            case ast.If():
                return self.either([statement.body, statement.orelse], states)
            case ast.For() | ast.While():
                return self.either([[*statement.body, *statement.orelse], []], states)
            case ast.With():
                return self.through(statement.body, states)
            case ast.Try():
                return self.tried(statement, states)
            case ast.Raise():
                return frozenset(), []
            case ast.Return():
                return frozenset(), [statement.lineno] if False in states and not self.sends(statement) else []
            case ast.FunctionDef():
                return states, []
        return (frozenset({True}) if states and self.sends(statement) else states), []

    def either(self, bodies: list[list[ast.stmt]], states: frozenset[bool]) -> tuple[frozenset[bool], list[int]]:
        ends = [self.through(body, states) for body in bodies]
        return frozenset().union(*(end for end, _ in ends)), [line for _, lines in ends for line in lines]

    def tried(self, statement: ast.Try, states: frozenset[bool]) -> tuple[frozenset[bool], list[int]]:
        if any(self.sends(part) for part in statement.finalbody):
            return frozenset({True}), []
        end, lines = self.through([*statement.body, *statement.orelse], states)
        caught, more = self.either([handler.body for handler in statement.handlers], states | end)
        return end | caught, lines + more
