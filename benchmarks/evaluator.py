"""What fold and resolve cost: milliseconds, and ratios to `json.loads` of the same text.

    python benchmarks/evaluator.py [--runs N] [TEMPLATE]

Measured on the template and on generated ones of 60, 120, 240 and 480 resources, whose cost must grow as their size
does. Each figure is the least of its runs: what the machine does besides only ever adds. `json.loads` takes turns with
the rest, so that the ratios hold on a slower or busier machine as well.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from stackproof.evaluation.scenario import Scenario, load
from stackproof.evaluation.stack import fold, resolve
from stackproof.foundation.document import Document
from stackproof.template import loader

SIZES = (60, 120, 240, 480)
MOST_FOLD, MOST_RESOLVE = 1.0, 5.0
"""Milliseconds that one scenario of the template may take."""
MOST_GROWTH = 1.5
"""How much dearer a resource of the largest template may be than one of the smallest."""


class Cost(NamedTuple):
    """Milliseconds of the least of many runs."""

    loads: float
    parse: float
    fold: float
    resolve: float


def measured(document: Document, scenario: Scenario, runs: int) -> Cost:
    steps: list[Callable[[], Any]] = [
        lambda: json.loads(document.text),
        lambda: loader.parse(document.text, document.path),
        lambda: fold(document, scenario),
        lambda: resolve(document, scenario),
    ]
    least = [float("inf")] * len(steps)
    for _ in range(runs):
        for number, step in enumerate(steps):
            began = time.perf_counter()
            step()
            least[number] = min(least[number], (time.perf_counter() - began) * 1000)
    return Cost(*least)


def generated(resources: int) -> Document:
    """Return a template of so many resources: each group of four refers to itself and to the one before."""
    made: dict[str, Any] = {}
    for number in range(resources // 4):
        before = {"Fn::GetAtt": [f"Role{number - 1}", "Arn"]} if number else {"Ref": "AWS::NoValue"}
        made |= {
            f"Bucket{number}": {
                "Type": "AWS::S3::Bucket",
                "Properties": {
                    "BucketName": {"Fn::Sub": f"data-{number}-${{Suffix}}-${{AWS::Region}}"},
                    "VersioningConfiguration": {"Fn::If": ["Here", {"Status": "Enabled"}, {"Ref": "AWS::NoValue"}]},
                    "Tags": [{"Key": "Environment", "Value": {"Ref": "Suffix"}}],
                },
            },
            f"Queue{number}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"queue-{number}"}},
            f"Role{number}": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]},
                    "Policies": [{"Resource": [{"Fn::Sub": f"${{Bucket{number}.Arn}}/*"}, before]}],
                },
            },
            f"Parameter{number}": {
                "Type": "AWS::SSM::Parameter",
                "DependsOn": f"Role{number}",
                "Properties": {
                    "Name": {"Fn::Join": ["/", ["", {"Ref": "Suffix"}, str(number)]]},
                    "Value": {"Fn::Select": [0, {"Fn::Split": [",", {"Fn::GetAtt": [f"Queue{number}", "Arn"]}]}]},
                },
            },
        }
    sections = {
        "Parameters": {"Suffix": {"Type": "String", "Default": "dev"}},
        "Conditions": {"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}},
        "Resources": made,
    }
    return loader.parse(json.dumps(sections, indent=2), "generated.json")


def line(name: str, cost: Cost, resources: int) -> str:
    ratios = "".join(f"{times:8.2f} ({times / cost.loads:4.1f}x)" for times in (cost.parse, cost.fold, cost.resolve))
    return f"{name:<24}{resources:>5}{cost.loads:8.2f}{ratios}"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("template", nargs="?", default="lib/TapStack.json")
    arguments.add_argument("--runs", type=int, default=200)
    options = arguments.parse_args()
    print(f"{'ms, least of ' + str(options.runs):<24}{'res.':>5}{'loads':>8}{'parse':>16}{'fold':>16}{'resolve':>16}")
    document = loader.load(options.template)
    own = measured(document, load("rules/scenarios.yaml")[0].source, options.runs)
    print(line(options.template, own, len(document.value["Resources"])))
    plain = Scenario("benchmark", "source", "us-east-1", "111111111111", "benchmark", {})
    costs = {size: measured(generated(size), plain, max(options.runs // 4, 5)) for size in SIZES}
    for size, cost in costs.items():
        print(line("generated", cost, size))
    first, last = costs[SIZES[0]], costs[SIZES[-1]]
    times = SIZES[-1] / SIZES[0]
    growth = {"fold": last.fold / first.fold / times, "resolve": last.resolve / first.resolve / times}
    print(
        f"{times:.0f} times the resources cost "
        + ", ".join(f"{ratio * times:.1f} times the {k}" for k, ratio in growth.items())
    )
    kept = own.fold <= MOST_FOLD and own.resolve <= MOST_RESOLVE and max(growth.values()) <= MOST_GROWTH
    print(
        "kept"
        if kept
        else f"beyond {MOST_FOLD} ms to fold, {MOST_RESOLVE} ms to resolve, or growing faster than the size"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
