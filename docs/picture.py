"""Draws docs/picture.svg from the template, in the deployment of which the most leads from one region to the other.

python docs/picture.py [--check]
"""

import sys
from pathlib import Path

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import resolved
from stackproof.page.html import alone
from stackproof.template import loader
from stackproof.topology.cross_region import crossings

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs/picture.svg"


def main() -> int:
    read = loader.load(str(ROOT / "lib/TapStack.json"))
    pairs = scenario.load(str(ROOT / "rules/scenarios.yaml"))
    made = alone(max((resolved(read, pair) for pair in pairs), key=lambda deployment: len(crossings(deployment))))
    if "--check" in sys.argv:
        stale = not PICTURE.is_file() or PICTURE.read_text(encoding="utf-8") != made
        if stale:
            print(f"{PICTURE.relative_to(ROOT)} is stale; fix: python docs/picture.py", file=sys.stderr)
        return int(stale)
    PICTURE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
