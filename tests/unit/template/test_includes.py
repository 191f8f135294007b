"""AWS::Include puts in the files beside a template, and what it reads from elsewhere is refused by name."""

from pathlib import Path

import pytest

from stackproof.foundation.finding import CannotTell
from stackproof.template.loader import load

TEMPLATE = """
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: own
      Body:
        Fn::Transform: {Name: AWS::Include, Parameters: {Location: LOCATION}}
        info: {title: own}
"""


def written(folder: Path, location: str) -> str:
    (folder / "t.yaml").write_text(TEMPLATE.replace("LOCATION", location))
    return str(folder / "t.yaml")


def test_a_file_is_put_in_and_what_stands_beside_the_call_counts_more(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text("openapi: 3.0.1\ninfo: {title: of the file}\npaths: {/: {}}\n")
    template = load(written(tmp_path, "./api.yaml"))
    body = ("Resources", "Api", "Properties", "Body")
    assert template.value["Resources"]["Api"]["Properties"]["Body"] == {
        "openapi": "3.0.1", "info": {"title": "own"}, "paths": {"/": {}}
    }  # fmt: skip
    assert (template.place((*body, "openapi")).line, template.place((*body, "info")).line) == (8, 9)


@pytest.mark.parametrize(
    ("location", "says"),
    [("s3://bucket/api.yaml", "reads s3://bucket/api.yaml, which is no file"), ("none.yaml", "No such file")],
)
def test_what_is_not_beside_the_template_is_refused_by_name(tmp_path: Path, location: str, says: str) -> None:
    with pytest.raises(CannotTell, match=says):
        load(written(tmp_path, location))
