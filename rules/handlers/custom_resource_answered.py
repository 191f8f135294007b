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
from collections.abc import Iterator, Sequence
from functools import cache

from stackproof.api import Deployment, Finding, Findings
from stackproof.code.boto3_calls import read
from stackproof.code.custom_resources import custom_resources
from stackproof.code.inline import Inline, for_each_function, inline_functions, parsed, words

APPLIES_TO = ("AWS::CloudFormation::CustomResource", "Custom::")
SENDING = ("urlopen", "request", "send_response")
HELPERS = ("CfnResource", "CfnProvider")
"""Classes of helper libraries (crhelper, cfn-custom-resource) whose objects answer when they are called."""
NAMED = ("ResponseURL", "StackId", "RequestId", "LogicalResourceId", "PUT", "SUCCESS", "FAILED", "Delete")
MADE = ("PhysicalResourceId", "Status", "Reason")
ALL = ("Exception", "BaseException")
Fault = tuple[int, str, str]


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        answering = {custom.function for custom in custom_resources(stack)}
        functions = [function for function in inline_functions(stack) if function.logical in answering]
        yield from for_each_function(functions, of_function)


def of_function(function: Inline) -> Iterator[Finding]:
    function.tree()
    for line, message, fix in faults(function.text, function.handler):
        yield function.finding(line, f"{function.logical} {message}", fix)


@cache
def faults(text: str, handler: str) -> tuple[Fault, ...]:
    if "cfnresponse" in text:  # AWS's own module, which has the words
        return tuple(ways(text, handler))
    if helpers(text):
        return tuple(ways(text, handler))
    constants = {node.value for node in ast.walk(parsed(text)) if isinstance(node, ast.Constant)}
    needless = set() if constants & {"Create", "Update"} else {"Delete"}  # who looks at no kind answers each alike
    needless |= {"PUT"} if puts(text) else set()
    missing = [word for word in NAMED if word not in constants | needless]
    missing += [word for word in MADE if word not in words(text)[1]]
    unanswered = [(1, f"answers CloudFormation without {word}", f"name {word!r} in the answer") for word in missing]
    return (*unanswered, *ways(text, handler))


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
