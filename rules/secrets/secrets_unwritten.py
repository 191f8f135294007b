"""No password, token or key is written into the template, nor shown by it.

A template is read by whoever may read the repository, the stack or its events. A secret stands in AWS Secrets Manager
or Parameter Store and is named by a dynamic reference, or it comes in a parameter with NoEcho and without a default.
NoEcho hides a value from the stack's description alone: an output, or a parameter of Parameter Store, shows it again.
Found are literal values of what is named as a secret (a property, a variable of an environment, an assignment in code
or user data) and texts of the form that a service gives its keys and tokens, wherever they stand.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html#creds
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html (NoEcho)
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html (prefixes of access keys)
Source: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
pack: security
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from stackproof.api import Deployment, Document, Finding, Path, as_mapping, values_at

APPLIES_TO = ("Resources",)
FORMS: Mapping[str, re.Pattern[str]] = {
    "an access key of AWS": re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a token of GitHub": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})"),
    "a token of GitLab": re.compile(r"\bglpat-[\w-]{20,}"),
    "a token of Slack": re.compile(r"\bxox[abeoprs]-[\w-]{10,}|hooks\.slack\.com/services/T\w+/B\w+/\w{20,}"),
    "a key of Stripe": re.compile(r"\b[rs]k_live_[A-Za-z0-9]{16,}"),
    "a key of Google": re.compile(r"\bAIza[\w-]{35}"),
    "a token of npm": re.compile(r"\bnpm_[A-Za-z0-9]{36}"),
    "a key of SendGrid": re.compile(r"\bSG\.[\w-]{22}\.[\w-]{43}"),
    "a token of JSON": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "a password in an address": re.compile(
        r"\b[a-z][a-z0-9+.-]*://[^/\s:@'\"]*:(?![{$<%])[^/\s:@'\"]{3,}@(?=[\w\[{$])"
    ),
}
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
SECRET = ("password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "credential", "credentials")
SECRET_KEYS = ("api", "access", "private", "secret", "account", "auth")
"""What stands before `key` in the name of a secret; a hash key or an encryption key is none."""
NO_SECRET = ("service", "request", "client", "idempotency", "next", "continuation", "generate", "manage", "user")
"""What stands before `token`, `secret` or `password` in the name of what is none: ServiceToken, GenerateSecret …"""
NAMED = re.compile(r"arn:|[/$%<]|alias/|https?://|\{\{|ssm:|AWS::", re.I)
"""How a value begins that names a secret, or is worked out, and is none itself."""
PLAIN = ("", "true", "false", "*", "none", "null", "enabled", "disabled", "optional", "required")
ASSIGNED = re.compile(
    r"(?P<name>[\w-]+)[\"']?\s*(?:[:=]|=>)\s*[rbu]?[\"'](?P<quoted>[^\"'${<\s]{4,})[\"']"
    r"|(?:^|[\s;&])(?:export\s+)?(?P<variable>[A-Z][A-Z0-9_]*)=(?P<bare>[^\s\"'$`<{();]{4,})"
    r"|--(?P<option>[\w-]+)[ =](?P<given>[^\s\"'$`<{();-][^\s\"'$`<{();]{3,})",
    re.M,
)
SHOWING = {
    "AWS::Lambda::Function": ("Environment.Variables.*",),
    "AWS::ECS::TaskDefinition": ("ContainerDefinitions.*.Environment.*.Value",),
    "AWS::EC2::Instance": ("UserData",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData.UserData",),
}
FIX = "store it in AWS Secrets Manager, and write {{resolve:secretsmanager:NAME}} here"


def check(deployment: Deployment) -> Iterator[Finding]:
    seen: list[Document] = []
    for stack in deployment.stacks:
        if not any(stack.template is template for template in seen):  # both sides may have one template
            seen.append(stack.template)
            for path, message, fix in found(stack.template):
                yield deployment.finding(stack, path, message, fix)


@lru_cache(maxsize=4)
def found(document: Document) -> tuple[tuple[Path, str, str], ...]:
    """Return place, message and fix of each secret that a template as written holds or shows."""
    return tuple(of_template(document.value))


def of_template(template: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    hidden = {
        name
        for name, declaration in template.get("Parameters", {}).items()
        if str(declaration.get("NoEcho")).lower() == "true"
    }
    yield from of_parameters(template.get("Parameters", {}), hidden)
    for section in ("Metadata", "Mappings", "Resources", "Outputs"):
        for path, name, text in literals(template.get(section, {}), (section,)):
            message = of_literal(name, text)
            if message:
                yield path, message, FIX
    for name, output in template.get("Outputs", {}).items():
        for shown in shows(output.get("Value"), hidden) if isinstance(output, dict) else ():
            yield ("Outputs", name, "Value"), f"the output {name} shows {shown}", "remove the output"
    for logical, resource in template.get("Resources", {}).items():
        if isinstance(resource, dict):
            yield from of_environments(resource, ("Resources", logical, "Properties"), hidden)
            yield from of_references(resource.get("Properties"), ("Resources", logical, "Properties"))
        if isinstance(resource, dict) and resource.get("Type") == "AWS::SSM::Parameter":
            properties = resource.get("Properties", {})
            for shown in shows(properties.get("Value"), hidden) if isinstance(properties, dict) else ():
                message = f"{logical} stores {shown} as plain text"
                yield ("Resources", logical, "Properties", "Value"), message, "store it in AWS Secrets Manager"


def of_environments(resource: Mapping[str, Any], path: Path, hidden: set[str]) -> Iterator[tuple[Path, str, str]]:
    """Find what is hidden in the template and shown by what holds it: environments and user data.

    Source: Security Hub User Guide, "Amazon ECS controls", ECS.8; Lambda Developer Guide, "Working with Lambda
    environment variables"; Amazon EC2 User Guide, "Run commands when you launch an EC2 instance with user data input".
    """
    for dotted in SHOWING.get(str(resource.get("Type")), ()):
        for where, value in values_at(as_mapping(resource.get("Properties")), dotted):
            shown = [*shows(value, hidden)]
            shown += ["a secret"] if not shown and "{{resolve:ssm-secure:" in json.dumps(value) else []
            for what in shown:
                message = f"{path[1]} shows {what} in {'.'.join(str(key) for key in where)}"
                yield (*path, *where), message, "hand over the secret's name or ARN, and read it when it is needed"


def of_references(node: Any, path: Path) -> Iterator[tuple[Path, str, str]]:
    """Find secrets that are read from parameters which hold them as plain text."""
    for where, _, text in literals(node, path):
        for name in re.findall(r"\{\{resolve:ssm:([^:{}]+)", text) if "{{resolve:ssm:" in text else ():
            if is_secret(name):
                message = f"the parameter {name} of Parameter Store is read as plain text"
                yield where, message, "write resolve:ssm-secure or resolve:secretsmanager"


def of_parameters(declared: Mapping[str, Any], hidden: set[str]) -> Iterator[tuple[Path, str, str]]:
    for name, declaration in declared.items():
        default = str(declaration.get("Default", ""))
        if name in hidden:
            if default:
                message = f"the parameter {name} has NoEcho, but its default can be read in the template"
                yield ("Parameters", name, "Default"), message, "remove the default"
        elif takes_secret(name, declaration):
            message = f"the parameter {name} takes a secret, and shows it in the stack's description"
            yield ("Parameters", name), message, "add NoEcho: true"
        form = form_of(default)
        if form:
            yield ("Parameters", name, "Default"), f"the default of {name} holds {form}", "remove the default"


def takes_secret(name: str, declared: Mapping[str, Any]) -> bool:
    """Tell whether a parameter takes a secret itself, and not its name or one of a few words."""
    is_text = str(declared.get("Type")) == "String" and "AllowedValues" not in declared
    return is_text and is_secret(name) and not NAMED.match(str(declared.get("Default", "")))


def literals(node: Any, path: Path, name: str = "") -> Iterator[tuple[Path, str, str]]:
    """Give each text of a template with its path, and the name that it is a value of."""
    if isinstance(node, str):
        yield path, name, node
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from literals(item, (*path, index), name)
    elif isinstance(node, dict):
        named = next((node[key] for key in ("Name", "Key", "ParameterKey") if isinstance(node.get(key), str)), "")
        for key, item in node.items():
            if key in ("Ref", "Fn::GetAtt", "Fn::ImportValue", "Condition", "DependsOn", "Type", "NoEcho"):
                continue
            if key == "Fn::Join" and isinstance(item, list) and len(item) == 2 and isinstance(item[1], list):
                text = str(item[0]).join(part if isinstance(part, str) else "${}" for part in item[1])
                yield (*path, key), name, text
            elif key == "Fn::Sub":
                yield (*path, key), name, str(item[0] if isinstance(item, list) else item)
            elif key == "Fn::If" and isinstance(item, list):
                for index, side in enumerate(item[1:], 1):
                    yield from literals(side, (*path, key, index), name)
            elif key.startswith("Fn::"):
                yield from literals(item, (*path, key), name)
            else:
                yield from literals(item, (*path, key), named if key in ("Value", "ParameterValue") and named else key)


def of_literal(name: str, text: str) -> str:
    """Return what is wrong with a literal value of some name, "" if nothing is."""
    form = form_of(text)
    if form:
        return f"{name} holds {form} in plain text"
    if name == "SecretString":
        return f"{name} is written in plain text" if in_document(text) else ""
    if is_secret(name) and is_value(name, text):
        return f"{name} is written in plain text"
    if text.lstrip().startswith("{") and (member := member_of(text)):
        return f"{name} writes {member} in plain text"
    if "\n" in text or name in ("UserData", "ZipFile", "command", "commands", "Command"):
        for assigned in ASSIGNED.finditer(text):
            variable = assigned["name"] or assigned["variable"] or assigned["option"]
            value = assigned["quoted"] or assigned["bare"] or assigned["given"]
            if is_secret(variable) and is_value(variable, value):
                return f"{name} writes {variable} in plain text"
    return ""


def form_of(text: str) -> str:
    """Return what a text holds by its form, "" if it is of none; the documentation's examples are no keys."""
    for what, form in FORMS.items() if len(text) > 9 else ():
        match = form.search(text)
        if match and not match[0].endswith("EXAMPLE"):
            return what
    return ""


def is_secret(name: str) -> bool:
    """Tell whether a name is one of a secret: by its last words, as DB_PASSWORD_NAME is the name of one."""
    words = [word.lower() for word in WORDS.findall(name)]
    last, before = ("", "") if not words else (words[-1], words[-2] if len(words) > 1 else "")
    if last == "key":
        return before in SECRET_KEYS
    return last in SECRET and (before not in NO_SECRET or (before == "user" and last == "password") or (
        before == "client" and last == "secret"))  # fmt: skip


def is_value(name: str, text: str) -> bool:
    """Tell whether a text may be a secret, and does not name one or stand for one."""
    if text.lower() in PLAIN or NAMED.match(text) or len(text) < 3:
        return False
    if "${" in text and not re.sub(r"\$\{[^}]*\}", "", text).strip("-_/:. "):
        return False  # nothing but what is put in
    password = any(word in name.lower() for word in ("passw", "pwd", "passphrase"))
    return password or not (text.isdigit() or "/" in text or "${" in text or " " in text or "{{resolve" in text)


def in_document(text: str) -> bool:
    """Tell whether the text of a secret is written out: as it is, or a part of it with the name of a secret."""
    if text.lstrip().startswith("{"):
        return bool(member_of(text))
    return bool(text) and not NAMED.match(text) and "${" not in text


def member_of(text: str) -> str:
    """Return the first member of an object of JSON that is named as a secret and written out, "" if none is."""
    try:
        value = json.loads(text)
    except ValueError:
        return ""
    members = value.items() if isinstance(value, dict) else ()
    written = ((key, member) for key, member in members if isinstance(member, str) and "${" not in member)
    return next((key for key, member in written if is_secret(key) and is_value(key, member)), "")


def shows(value: Any, hidden: set[str]) -> Iterator[str]:
    """Give what a value shows that is hidden: parameters with NoEcho, secrets of Secrets Manager."""
    text = json.dumps(value)
    for name in sorted(hidden):
        if f'{{"Ref": "{name}"}}' in text or f"${{{name}}}" in text:
            yield f"the parameter {name}, which has NoEcho"
    if "{{resolve:secretsmanager:" in text or "{{resolve:ssm-secure:" in text:
        yield "a secret"
