"""Every table of facts: its columns and their kinds, a source a row, each fact once, of what there is."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from stackproof.automata.pattern import schema as pattern
from stackproof.automata.search import shortest
from stackproof.aws import data
from stackproof.aws.arn import covers
from stackproof.aws.botocore_files import operations, signing_names
from stackproof.aws.cfnlint_files import schema_files, stateful_types
from stackproof.aws.data import facts, rows
from stackproof.aws.iam_actions import action, is_service, kinds_of
from stackproof.aws.managed_policies import managed_policy
from stackproof.aws.references import FORMATS
from stackproof.aws.schemas import schema, subschema
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.values import as_list
from stackproof.foundation.yaml_reader import parse_yaml, plain_yaml
from stackproof.permissions.handlers import listed, prefix_of, spelled

Check = Callable[[str, Any], bool]


def texts(_: str, value: Any) -> bool:
    return isinstance(value, list) and value == [item for item in value if isinstance(item, str) and item]


def one_text(_: str, value: Any) -> bool:
    return isinstance(value, str) and value.strip() == value != ""


def properties(kind: str, value: Any) -> bool:
    return texts(kind, value) and set(value) <= schema(kind)["properties"].keys()


def leading(kind: str, value: Any) -> bool:
    return properties(kind, list(value)) and all(isinstance(item, str) for item in value.values())


def path_to_key(kind: str, value: Any) -> bool:
    return bool(subschema(kind, tuple(int(item) if item.isdigit() else item for item in value.split("."))))


def slashed(kind: str, value: Any) -> bool:
    """Tell whether a path with slashes leads somewhere, perhaps through a list."""
    keys = value.split("/")
    ways = [tuple(keys), *((*keys[:at], 0, *keys[at:]) for at in range(1, len(keys)))]
    return any(subschema(kind, way) for way in ways)


def actions_of(service: str, value: Any) -> bool:
    return texts(service, value) and all(spelling(service, item) for item in value)


def spelling(service: str, verb: Any) -> bool:
    known = action(f"{service}:{verb}")
    return known is not None and known.spelling == f"{service}:{verb}"


def methods(service: str, value: Any) -> bool:
    return all(re.fullmatch("[a-z0-9_]+", name) and actions_of(service, actions) for name, actions in value.items())


def on_keys(service: str, value: Any) -> bool:
    return all(
        schema(kind) and kind in facts("resource_types", "key") and actions_of(service, list(needs))
        and all(actions_of("kms", actions) for actions in needs.values())
        for kind, needs in value.items()
    )  # fmt: skip


def used_on(kind: str, value: Any) -> bool:
    """Tell whether properties are of the type, and actions spelt as AWS does, by the service in the property's ARN."""
    return all(
        subschema(kind, tuple(dotted.split(".")))
        and all(spelling(*each.split(":")) for actions in by_service.values() for each in actions)
        for dotted, by_service in value.items()
    )


def on_forms(_: str, value: Any) -> bool:
    """Tell whether actions are spelt as AWS does, and forms of ARNs are of their services, by known fields."""
    field = r"\{[A-Z][\w.|]*(=\w*)?\}|\{region\}|\{account\}|\{own\}"
    return all(
        spelling(*name.split(":"))
        and all(re.fullmatch(rf"\*|({field})|[a-z0-9]+:(?:[^{{}}]|{field})+", form) for form in as_list(forms))
        for name, forms in value.items()
    )


HANDLERS = {"create", "read", "update", "delete"}


def spelt(name: str) -> bool:
    return spelling(*name.split(":"))


def kinds_on(name: str) -> set[str]:
    known = action(name)
    return {kind for kind, _ in known.kinds} if known else set()


def only_with(kind: str, value: Any) -> bool:
    """Tell whether each action, or pattern of some, is one that the type's schema lists, and each property its own."""
    known = [action for names in (listed(kind) or {}).values() for name in names for action in (name, *spelled(name))]
    whole = json.dumps(schema(kind))
    return all(
        any(covers(pattern, action, fold=True) for action in known) and all(f'"{name}"' in whole for name in names)
        for pattern, names in value.items()
    )


def called(_: str, value: Any) -> bool:
    """Tell whether a call is of an operation that there is, and its action one that IAM knows, spelt as AWS does."""
    named = {name.lower() for name in operations(value["client"])}
    return value["operation"].replace("_", "") in named and spelling(*value["action"].split(":"))


def looked_for(kind: str, value: Any) -> bool:
    return (
        called(kind, value) and value["parameter"].endswith(FORMATS[kind].name) and value["remove"].startswith("aws ")
    )


def limited(kind: str, value: Any) -> bool:
    code, least = re.fullmatch("L-[0-9A-F]{8}", value["code"]), isinstance(value["default"], int)
    return bool(schema(kind) and code and least and is_service(value["service"].replace("vpc", "ec2")))


def dotted(kind: str, value: Any) -> bool:
    """Tell whether dotted paths are of properties that a type has; a text of JSON may hold what no schema says."""
    return texts(kind, value) and all(reached(kind, item.split(".")) for item in value)


def reached(kind: str, steps: list[str]) -> bool:
    path = tuple(0 if step == "*" or step.isdigit() else step for step in steps)
    if subschema(kind, path):
        return True
    opaque = next((item for at in range(len(path) - 1, 0, -1) if (item := subschema(kind, path[:at]))), {})
    return "object" in as_list(opaque.get("type", [])) and "properties" not in opaque


def listening(kind: str, value: Any) -> bool:
    messages = [value[name] for name in ("groups", "engines") if name in value]
    return properties(kind, messages) and ("engines" in value) != isinstance(value.get("port"), int)


def dotted_keys(kind: str, value: Any) -> bool:
    return dotted(kind, list(value)) and all(one_text(kind, text) for text in value.values())


def lists_by_key(kind: str, value: Any) -> bool:
    """Tell whether each list is one, and the property that tells its items apart is one of theirs."""
    return all(subschema(kind, (name, 0, key)) for name, key in value.items())


def zone(_: str, value: Any) -> bool:
    return re.fullmatch("Z[0-9A-Z]{10,20}", value) is not None


def places(_: str, value: Any) -> bool:
    """Tell whether each place is a property, at any depth, of a type of its service."""
    return all(
        any(f'"{name}"' in json.dumps(schema(kind)) for kind in schema_files("us-east-1") if f"::{service}::" in kind)
        for service, name in (item.split(".") for item in value)
    )


TABLES: Mapping[str, Mapping[str, Check]] = {
    "account": {"look": looked_for, "quota": limited, "used": called},
    "resource_types": {
        "name": lambda kind, value: properties(kind, [value]),
        "ref": one_text,
        "attributes": lambda kind, value: all(one_text(kind, item) for item in value.values()),
        "only_without": lambda kind, value: properties(kind, [value]),
        "attributes_with": lambda kind, value: all(one_text(kind, item) for item in value.values()),
        "unique_in": lambda kind, value: value in ("world", "account", "nothing") and FORMATS[kind].name != "",
        "longest_name": lambda _, value: isinstance(value, int) and 0 < value < 2048,
        "backup": one_text,
        "assumed_by": lambda _, value: re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com", value) is not None,
        "managed_needs": lambda _, value: all(managed_policy(f"arn:aws:iam::aws:policy/{item}") for item in value),
        "role_needs": used_on,
        "runs_programs": lambda _, value: value is True,
        "key": path_to_key,
        "dimensions": texts,
        "id_prefix": lambda _, value: re.fullmatch("[a-z]+", value) is not None,
        "read_later": properties,
        "receives_by": lambda _, value: spelling(*value.split(":")),
        "leads": leading,
        "leads_by_region": leading,
        "listens": listening,
    },
    "permissions": {
        "linked_roles": lambda _, value: all(
            re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com", principal) for principal in value
        ),
        "only_with": only_with,
        "calls": lambda _, value: (
            set(value) <= HANDLERS and all(spelt(action) for some in value.values() for action in some)
        ),
        "kind": lambda kind, value: value in kinds_of(prefix_of(kind)),
        "generated_name": lambda _, value: re.fullmatch(r"[\w{}-]*\{logical\}-\*", value) is not None,
        "execution_role": lambda _, value: all(map(spelt, value)),
        "not_on": lambda _, value: all(spelt(name) and set(some) <= kinds_on(name) for name, some in value.items()),
    },
    "only_once": {
        "among": lambda _, value: value in ("world", "account", "region"),
        "by": dotted,
        "when": lambda kind, value: dotted(kind, list(value)) and all(one_text(kind, item) for item in value.values()),
        "without": dotted,
        "why": one_text,
        "replicas": lambda kind, value: value == "*" or dotted(kind, [value]),
    },
    "regions": {
        "here": dotted,
        "home": lambda kind, value: dotted(kind, [value]),
        "us_east_1": dotted,
        "only_us_east_1": lambda _, value: value is True,
        "when": lambda kind, value: dotted(kind, list(value)) and all(one_text(kind, item) for item in value.values()),
        "unless": lambda kind, value: (
            dotted(kind, list(value)) and all(one_text(kind, item) for item in value.values())
        ),
    },
    "services": {
        "clients": lambda _, value: texts("", value) and all(signing_names(item) for item in value),
        "without_resource": actions_of,
        "narrowed_by": lambda service, value: all(
            (known := action(f"{service}:{verb}")) and known.has(key) for verb, key in value.items()
        ),
        "actions": methods,
        "resource": lambda _, value: all(
            re.fullmatch(r"\{name\}|[a-z0-9]+:.*\{name\}.*", item) for item in value.values()
        ),
        "read_by_mapping": actions_of,
        "takes_failures": spelling,
        "target": spelling,
        "encrypted": on_keys,
        "endpoint": lambda _, value: re.fullmatch("[a-z-]+", value) is not None,
        "event_values": lambda _, value: all(texts("", text) for text in value.values()),
        "event_types": texts,
        "roles_by_name": texts,
        "some_event_types": texts,
        "values_by_type": lambda _, value: all(
            texts("", item) for fields in value.values() for item in fields.values()
        ),
    },
    "alias_zones": dict.fromkeys(("balancer", "network_balancer", "website", "distribution", "accelerator"), zone),
    "ids": {
        "form": lambda _, value: shortest(pattern(f"^({value})$")) is not None,
        "regional": lambda _, value: value is True,
        "taken_by": places,
        "called": one_text,
        "attribute": lambda kind, value: f"/properties/{value}" in schema(kind).get("readOnlyProperties", ()),
    },
    "sdk_services": {"client": lambda _, value: bool(signing_names(value))},
    "state_integrations": {
        "actions": on_forms,
        "sync": on_forms,
        "rule": one_text,
        "roles_of": lambda _, value: all(schema(kind) for kind in value.values()),
        "passed_to": lambda _, value: re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com", value) is not None,
    },
    "formats": {"pattern": lambda _, value: shortest(pattern(value)) is not None},
    "name_constraints": {
        "property": slashed,
        "shortest": lambda _, value: isinstance(value, int) and 0 < value < 2048,
        "longest": lambda _, value: isinstance(value, int) and 0 < value < 2048,
        "pattern": lambda _, value: shortest(pattern(value)) is not None,
        "refused": lambda _, value: shortest(pattern(value)) is not None,
        "because": one_text,
    },
    "updates": {
        "holds_data": lambda kind, value: value is True and kind not in stateful_types(),
        "snapshot": lambda _, value: value in ("explicit", "default"),
        "snapshot_unless": lambda kind, value: properties(kind, [value]),
        "replaced_by": dotted,
        "replaced_by_edit": lists_by_key,
        "updated_by": dotted,
        "interrupted_by": dotted,
        "refused": dotted_keys,
        "shortened_by": lambda kind, value: (
            dotted(kind, list(value)) and all(limit == "forever" or isinstance(limit, int) for limit in value.values())
        ),
        "old_stays": dotted_keys,
        "slow": dotted_keys,
        "one_at_a_time": lists_by_key,
        "position": dotted,
    },
    "units": dict.fromkeys(("percent", "percent_and_more", "seconds", "milliseconds", "bytes"), texts),
    "metrics": dict.fromkeys(("dimensions", "failures", "lags", "daily", "others", "at_destination"), texts),
}
TOGETHER = {"name", "ref", "attributes", "only_without", "attributes_with"}
"""Columns of one fact."""
ROWS = [
    pytest.param(table, of, row, id=f"{table} {of} {' '.join(sorted(set(row) - {'source'}))}")
    for table in TABLES
    for of, held in rows(table).items()
    for row in held
]


def test_every_table_has_its_columns_here() -> None:
    assert {path.stem for path in data.FOLDER.glob("*.yaml")} == TABLES.keys()


@pytest.mark.parametrize("table", TABLES)
def test_no_key_stands_twice(table: str) -> None:
    text = (data.FOLDER / f"{table}.yaml").read_text(encoding="utf-8")
    assert parse_yaml(text, table).value == plain_yaml(text)


@pytest.mark.parametrize(("table", "_of", "row"), ROWS)
def test_a_row_has_a_source_and_columns_that_are_known(table: str, _of: str, row: Mapping[str, Any]) -> None:
    assert set(row) - TABLES[table].keys() == {"source"}
    assert re.match(r"https://docs\.aws\.amazon\.com/\S+$|[A-Z]\w+.*, \S.*$", row["source"])


@pytest.mark.parametrize(("table", "_of", "row"), ROWS)
def test_a_row_holds_one_fact(table: str, _of: str, row: Mapping[str, Any]) -> None:
    held = set(row) - {"source"}
    several = table in ("alias_zones", "ids", "metrics", "only_once", "regions", "units")
    assert several or held <= TOGETHER or len(held - {"property", "because"}) == 1


@pytest.mark.parametrize(("table", "of", "row"), ROWS)
def test_a_fact_is_of_its_kind(table: str, of: str, row: Mapping[str, Any]) -> None:
    assert [
        column for column, value in row.items() if column != "source" and not TABLES[table][column](of, value)
    ] == []


@pytest.mark.parametrize(
    "table", ["account", "resource_types", "services", "sdk_services", "state_integrations", "updates"]
)
def test_nothing_is_said_twice_of_one_thing(table: str) -> None:
    columns = [(of, column) for of, held in rows(table).items() for row in held for column in row if column != "source"]
    assert sorted({column for column in columns if columns.count(column) > 1}) == []
    forms = [of for of, held in rows(table).items() for row in held if TOGETHER & row.keys()]
    assert sorted({form for form in forms if forms.count(form) > 1}) == []


def test_every_type_of_resource_is_one() -> None:
    assert [kind for kind in rows("resource_types") if not schema(kind)] == []


@pytest.mark.parametrize("kind", rows("updates"))
def test_what_updates_do_is_said_of_a_type(kind: str) -> None:
    assert schema(kind)


@pytest.mark.parametrize("kind", rows("regions"))
def test_a_region_is_said_of_a_type_or_of_a_namespace_of_metrics(kind: str) -> None:
    assert schema(kind) or kind.startswith("AWS/")
    paths = [path for row in rows("regions")[kind] for path in (*row.get("here", ()), *row.get("us_east_1", ()))]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize("kind", rows("only_once"))
def test_what_there_is_once_is_said_of_a_type_by_rows_that_differ(kind: str) -> None:
    held = [{**row, "source": ""} for row in rows("only_once")[kind]]
    assert schema(kind)
    assert all({"among", "by"} <= row.keys() for row in held)
    assert [row for row in held if held.count(row) > 1] == []


def test_every_service_has_actions() -> None:
    assert [service for service in rows("services") if not is_service(service)] == []


def test_no_client_has_a_row_that_botocore_has_the_prefix_of() -> None:
    clients = [item for names in facts("services", "clients").values() for item in names]
    assert [client for client in clients if is_service(client) or any(map(is_service, signing_names(client)))] == []


def test_methods_with_a_row_are_operations_or_what_boto3_adds_to_them() -> None:
    added = {"copy", "download_file", "download_fileobj", "upload_file", "upload_fileobj", "invoke_async"}
    for service, methods_of in facts("services", "actions").items():
        known = {operation.lower() for operation in operations(service)}
        assert {name for name in methods_of if name.replace("_", "") not in known} <= added


def test_a_metric_has_one_set_of_dimensions_once() -> None:
    sets = [(space, frozenset(row["dimensions"])) for space, held in rows("metrics").items() for row in held]
    assert len(sets) == len(set(sets))


def test_a_kind_of_metric_is_the_same_in_all_namespaces() -> None:
    kinds: dict[str, set[str]] = {}
    for row in (row for held in rows("metrics").values() for row in held):
        for column in ("failures", "lags", "daily", "others"):
            for name in row.get(column, ()):
                kinds.setdefault(name, set()).add(column)
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}


def test_a_table_that_is_missing_is_named() -> None:
    with pytest.raises(CannotTell, match=r"stackproof's table nothing\.yaml is missing; fix: install stackproof anew"):
        rows("nothing")
