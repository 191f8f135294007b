"""What to write where a broken value stands, for the fixes that leave no choice."""

from __future__ import annotations

import json
import re

from stackproof.foundation.finding import Finding
from stackproof.report.source_lines import text_of

SAID = re.compile(r"set (?:the \w+'s )?([\w.]+) to (true|false|[A-Z]\w+)")
"""A fix that names a property and the one value that it has to have."""


def repair(finding: Finding) -> str | None:
    """Return the JSON that takes the place of the value that a finding stands on.

    None where the fix names no single value, where the property is missing, and where the value is worked out by
    functions: what stands there is then not the value, and others may share it.
    """
    said = SAID.fullmatch(finding.fix)
    if not said or not finding.place.path.endswith(".json"):
        return None
    if not finding.at or said[1].rpartition(".")[2] != finding.at[-1]:
        return None
    try:
        written = json.loads(text_of(finding.place))
    except ValueError:
        return None
    if isinstance(written, dict | list):
        return None
    return said[2] if said[2] in ("true", "false") else json.dumps(said[2])
