"""Whether scenarios name further files, which a result and a former version then need too."""

import pytest

from stackproof.gate.project import names_further_files


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("# the template is one\ndeployments: []\n", False),
        ("deployments:\n  # parameter-files\n  - {name: a}\n", False),
        ("deployments:\n  - {name: a, source: {template: own.json}}\n", True),
        ("deployments:\n  - name: a\n    parameter-files: [dev.json]\n", True),
    ],
)
def test_only_what_is_no_comment_names_a_file(text: str, named: bool) -> None:
    assert names_further_files(text) is named
