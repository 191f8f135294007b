"""Writes AWS's managed policies that templates attach, as moto has copies of them, into the tables of facts.

python docs/managed_policies.py [NAME ...]      those that are there already, and those named besides
python docs/managed_policies.py --check

One policy a line. A policy that says what it does not allow (NotAction) is none that can be read here, and left out.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

TABLE = Path(__file__).parents[1] / "tools/stackproof/aws/data/managed_policies.json"
PAGE = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/{}.html"


def main(arguments: Sequence[str]) -> int:
    there = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    names = {key.rpartition("/")[2] for key in there} | {name for name in arguments if name != "--check"}
    made = table(names)
    if "--check" in arguments:
        if made != TABLE.read_text(encoding="utf-8"):
            print(f"{TABLE.name} is not what moto has; fix: python docs/managed_policies.py", file=sys.stderr)
            return 1
        return 0
    TABLE.write_text(made, encoding="utf-8")
    return 0


def table(names: set[str]) -> str:
    """Return the text of the table: by the end of its ARN each policy, its version, its page, its document."""
    lines = [f"{json.dumps(key)}: {json.dumps(row)}" for key, row in sorted(rows(names))]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def rows(names: set[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    known = json.loads(aws_managed_policies_data)
    for name in sorted(names):
        if name not in known:
            sys.exit(f"moto has no managed policy {name}; fix: write its name as AWS does")
        policy = known[name]
        written = json.dumps(policy["Document"])
        if '"NotAction"' in written or '"NotResource"' in written:
            print(f"{name} is left out: it says what it does not allow", file=sys.stderr)
            continue
        row = {"source": PAGE.format(name), "version": policy["DefaultVersionId"], "document": policy["Document"]}
        yield f"{policy['Path'].lstrip('/')}{name}", row


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
