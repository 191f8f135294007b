"""What to write where a value fails a rule, for the findings that say which one value is right."""

from __future__ import annotations

import json

from stackproof.foundation.finding import Finding
from stackproof.report.source_lines import Sources


def replacement_text(finding: Finding, sources: Sources) -> str | None:
    """Return the JSON that takes the place of the value that a finding stands on.

    None where the finding names no single value, where the property is missing, and where the value is worked out by
    functions: what stands there is then not the value, and others may share it. None in YAML, whose values have no end
    of their own.
    """
    if finding.replacement is None or not finding.place.path.endswith(".json"):
        return None
    try:
        written = json.loads(sources.text_of(finding.place))
    except ValueError:
        return None
    return None if isinstance(written, dict | list) else json.dumps(finding.replacement)
