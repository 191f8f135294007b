"""An emulator of AWS on this machine, and each side's template as it can take it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from step_mocks import configuration

from stackproof.deploy.change_set import Body
from stackproof.deploy.client import Cloud, Failed
from stackproof.deploy.template_upload import uploaded
from stackproof.evaluation.stack import Stack, fold
from stackproof.foundation.document import Document
from stackproof.plan.operations import Operation, Plan
from stackproof.template.body import INLINE_LIMIT, Upload
from stackproof.topology.required_names import ID_KINDS

ACCOUNT = "444444444444"
PROGRAM = "ministack"
STAND_IN = "0a1b2c3d4e5f60718"
UNKNOWN_ATTRIBUTES = (("AWS::EC2::VPC", "CidrBlock"),)
REFUSED_PROPERTIES = (("AWS::CloudWatch::Alarm", "Metrics"),)


def environment(port: int) -> dict[str, str]:
    """Return the variables by which boto3 calls the emulator, and nothing else."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "emulated",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


@contextmanager
def running(folder: Path, **more: str) -> Iterator[dict[str, str]]:
    """Run the emulator on a free port of the loopback device, `more` in its environment; give what leads there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    variables = environment(port)
    where = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "MINISTACK_HOST": "127.0.0.1"}
    where |= {"TMPDIR": str(folder), "STATE_DIR": str(folder)}  # else it keeps a key in /tmp, which may be another's
    path = os.pathsep.join([str(Path(sys.executable).parent), own.get("PATH", "")])
    mocks = folder / "step_mocks.json"
    mocks.write_text(json.dumps(configuration("migration-workflow-prod-2024-us-east-1")), encoding="utf-8")
    where |= {"SFN_MOCK_CONFIG": str(mocks), "SFN_WAIT_SCALE": "0"}  # nobody waits minutes for a job that is mocked
    log = (folder / "emulator.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", PROGRAM],
        env={**own, **variables, **where, **more, "PATH": path, "LOG_LEVEL": "WARNING"},
        cwd=folder, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        _await(process, f"{variables['AWS_ENDPOINT_URL']}/_ministack/health", folder)
        yield variables
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
        log.close()


def _await(process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the emulator did not start: {(folder / 'emulator.log').read_text()[-2000:]}")


@dataclass(frozen=True)
class Reduced:
    """What a side's template lost on its way to the emulator, by logical id."""

    refused: dict[str, str] = field(default_factory=dict)
    dependent: dict[str, str] = field(default_factory=dict)
    stand_ins: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reducer:
    """Works each side out for its region, and leaves out what the emulator says it cannot take.

    Its CloudFormation does not know AWS::Region in conditions; so it is given the folded stack, with the template's
    parameters and rules, which it checks.
    """

    cloud: Cloud
    template: Document
    plan: Plan
    lost: dict[str, Reduced] = field(default_factory=dict)
    made_before: dict[str, dict[str, str]] = field(default_factory=dict)
    """By side and logical id what stands for a resource that was made beforehand by the service's own API."""

    def body(self, operation: Operation, values: Mapping[str, str]) -> Body:
        """Return the template of an operation as it is sent: what is too large for a request through a bucket."""
        text = self.text(operation, values)
        if len(text.encode()) <= INLINE_LIMIT:
            return Body(text)
        scenario = operation.scenario
        bucket = f"templates-{scenario.account}"
        self.cloud.ask("s3", "us-east-1", "create_bucket", Bucket=bucket)
        sent = Upload(text, f"stackproof/{hashlib.sha256(text.encode()).hexdigest()}.json")
        return uploaded(self.cloud, "us-east-1", bucket, sent, scenario.account)

    def text(self, operation: Operation, values: Mapping[str, str]) -> str:
        stack = fold(self.template, replace(operation.scenario, parameters=values))
        text, lost = self.reduced(stack)
        before = self.lost.setdefault(operation.scenario.side, lost)
        before.refused.update(lost.refused)
        before.dependent.update(lost.dependent)
        before.stand_ins.update(lost.stand_ins)
        return text

    def reduced(self, stack: Stack) -> tuple[str, Reduced]:
        types = self.refused(stack)
        lost = Reduced({key: kind for key, resource in stack.resources.items() if (kind := _refused(resource, types))})
        made = self.made_before.get(stack.scenario.side, {})
        gone = set(lost.refused) - {*made}
        while more := {key for key, needs in stack.depends.items() if needs & gone and key not in gone}:
            gone |= more
            lost.dependent.update({key: stack.resources[key]["Type"] for key in more})
        value: dict[str, Any] = json.loads(json.dumps({**stack.value, "Resources": {}}))
        kept = {key: resource for key, resource in stack.resources.items() if key not in gone and key not in made}
        value["Resources"] = {key: known(stack, resource_kept, made) for key, resource_kept in kept.items()}
        value["Parameters"], value["Rules"] = self.template.value["Parameters"], self.template.value["Rules"]
        value["Outputs"] = known(stack, value["Outputs"], made)
        for name, output in stack.value["Outputs"].items():
            if missing := _named(output["Value"]) & gone:
                self._stand_in(value, lost, name, stack, missing)
        return json.dumps(value, separators=(",", ":")), lost

    def _stand_in(self, value: dict[str, Any], lost: Reduced, name: str, stack: Stack, missing: set[str]) -> None:
        """Let an output that another operation waits for tell a made-up id; leave others out."""
        waited = {output for operation in self.plan.operations for output in operation.learned.values()}
        kinds = {kind: prefix for prefix, kind in ID_KINDS.items()}
        kind = stack.resources[min(missing)]["Type"]
        if name in waited and kind in kinds:
            value["Outputs"][name]["Value"] = lost.stand_ins[name] = f"{kinds[kind]}-{STAND_IN}"
        else:
            del value["Outputs"][name]

    def refused(self, stack: Stack) -> set[str]:
        """Return the types that the emulator does not know, as it says itself."""
        resources = {key: {"Type": resource["Type"]} for key, resource in stack.resources.items()}
        try:
            text = json.dumps({"Resources": resources})
            self.cloud.call(stack.scenario.region, "validate_template", TemplateBody=text)
        except Failed as error:
            found = re.search(r"Unrecognized resource types: \[(.*?)\]", error.message)
            if not found:
                raise
            return set(found[1].split(", "))
        return set()


def _refused(resource: Mapping[str, Any], types: set[str]) -> str:
    """Return what of a resource the emulator refuses: its type, or one of its properties."""
    kind: str = resource["Type"]
    names = [name for of, name in REFUSED_PROPERTIES if of == kind and name in resource.get("Properties", {})]
    return kind if kind in types else f"{kind} with {', '.join(names)}" if names else ""


def known(stack: Stack, value: Any, made: Mapping[str, str]) -> Any:
    """Return a value with the attributes that the emulator does not know worked out, and the ids of what is made."""
    if isinstance(value, dict):
        if [*value] == ["Ref"] and value["Ref"] in made:
            return made[value["Ref"]]
        if [*value] == ["Fn::GetAtt"]:
            logical, attribute = value["Fn::GetAtt"]
            resource = stack.resources[logical]
            return resource["Properties"][attribute] if (resource["Type"], attribute) in UNKNOWN_ATTRIBUTES else value
        return {key: known(stack, item, made) for key, item in value.items()}
    return [known(stack, item, made) for item in value] if isinstance(value, list) else value


def _named(value: Any) -> set[str]:
    """Return the resources that a folded value refers to."""
    text = json.dumps(value)
    found = re.findall(r'"Ref": "(\w+)"|"Fn::GetAtt": \["(\w+)"|\$\{(\w+)', text)
    return {name for names in found for name in names if name}
