"""Laws of fold and resolve on the repository's template, for any parameters that it accepts, in any regions of AWS."""

import ipaddress
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import TEMPLATE, accepted, deployments, invalid, pair, parameters, regions, scenarios
from worlds import document

from stackproof.aws.regions import is_opt_in
from stackproof.evaluation.scenario import Pair, Scenario
from stackproof.evaluation.stack import Stack, fold, resolve
from stackproof.foundation import ordering
from stackproof.foundation.finding import Path
from stackproof.foundation.values import as_list

WORDS = {
    "AllowedValues": "must be one of AllowedValues",
    "AllowedPattern": "must match pattern",
    "MinLength": "must contain at least",
    "MaxLength": "must contain at most",
}


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from walk(member, (*path, key))


def functions(stack: Stack) -> Iterator[tuple[str, Any]]:
    """Give every function that is left in the resources and outputs of a stack."""
    for section in ("Resources", "Outputs"):
        for _, value in walk(stack.value[section]):
            if isinstance(value, dict):
                yield from ((key, item) for key, item in value.items() if key == "Ref" or key.startswith("Fn::"))


def referred(name: str, argument: Any) -> set[str]:
    if name == "Ref":
        return {argument}
    if name == "Fn::GetAtt":
        return {argument[0]}
    if name == "Fn::Sub":
        source, own = (argument, {}) if isinstance(argument, str) else argument
        return {found.split(".")[0] for found in re.findall(r"\$\{([^!}][^}]*)\}", source) if found not in own}
    return set()


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


@given(scenarios())
def test_law_a_fold_has_neither_conditions_nor_choices_nor_no_value(scenario: Scenario) -> None:
    stack = fold(TEMPLATE, scenario)
    left = {name for name, _ in functions(stack)}
    assert left <= {"Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::GetAZs", "Fn::Cidr", "Fn::Split"}
    assert "AWS::NoValue" not in json.dumps(stack.value)
    assert not {"Conditions", "Parameters", "Mappings", "Rules"} & stack.value.keys()
    assert not any("Condition" in resource for resource in stack.resources.values())


@given(scenarios())
def test_law_a_resolved_stack_has_no_function_at_all(scenario: Scenario) -> None:
    assert list(functions(resolve(TEMPLATE, scenario))) == []


@given(deployments())
def test_law_exactly_one_of_the_region_conditions_holds_in_each_region(both: Pair) -> None:
    source, target = (fold(TEMPLATE, side).conditions for side in both.sides)
    assert (source["IsSourceRegion"], source["IsTargetRegion"]) == (True, False)
    assert (target["IsSourceRegion"], target["IsTargetRegion"]) == (False, True)


@given(scenarios())
def test_law_nothing_refers_to_a_resource_that_the_scenario_lacks(scenario: Scenario) -> None:
    stack = fold(TEMPLATE, scenario)
    names = {name for function, argument in functions(stack) for name in referred(function, argument)}
    depended = {name for resource in stack.resources.values() for name in as_list(resource.get("DependsOn", []))}
    assert names | depended <= stack.resources.keys()


@given(scenarios())
def test_law_folding_twice_is_folding_once(scenario: Scenario) -> None:
    once = fold(TEMPLATE, scenario).value
    twice = fold(document(once), replace(scenario, parameters={})).value
    assert twice == once


@given(scenarios(), st.sampled_from([fold, resolve]))
def test_law_the_origin_of_a_value_holds_what_it_came_from(scenario: Scenario, work_out: Any) -> None:
    stack = work_out(TEMPLATE, scenario)
    checked: set[Path] = set()
    for section in ("Resources", "Outputs"):
        for path, value in walk(stack.value[section], (section,)):
            origin = stack.origin(path)
            if origin in checked or len(path) < 3:
                continue
            checked.add(origin)
            came_from = at(TEMPLATE.value, origin)
            assert stack.evaluator.value(came_from) == value or (isinstance(value, str) and value == str(came_from))


@given(invalid())
def test_law_a_value_that_breaks_one_constraint_is_refused_by_its_name(broken: tuple[str, str, str]) -> None:
    name, value, constraint = broken
    message = accepted({"EnvironmentSuffix": "dev", name: value})
    assert message.startswith(f"Parameter '{name}' {WORDS[constraint]}")


@given(st.data())
def test_law_the_regions_swapped_give_mirrored_stacks(data: st.DataObject) -> None:
    source, target = data.draw(regions(one_partition=True))
    # Messages from an opt-in region come from a principal of one region, which is not mirrored.
    assume(not is_opt_in(source) and not is_opt_in(target))
    there = data.draw(parameters(source, target))
    back = {**there, "SourceRegion": target, "TargetRegion": source}

    def swapped(stack: Stack) -> Any:
        text = json.dumps(stack.value["Resources"])
        other = {source: target, target: source}
        # Where a name takes no hyphens, the region has underscores.
        other |= {item.replace("-", "_"): another.replace("-", "_") for item, another in other.items()}
        # Longer names first: one region's name may begin another's.
        names = sorted(other, key=len, reverse=True)
        return json.loads(re.sub("|".join(names), lambda found: other[found[0]], text))

    for side in ("source", "target"):
        entry = fold(TEMPLATE, getattr(pair(source, target, there), side))
        other = fold(TEMPLATE, getattr(pair(target, source, back), side))
        assert swapped(entry) == other.value["Resources"]


@given(deployments())
def test_law_the_blocks_of_both_sides_are_disjoint(both: Pair) -> None:
    blocks = []
    for side in both.sides:
        stack = resolve(TEMPLATE, side)
        own = [ipaddress.ip_network(properties["CidrBlock"]) for _, properties in stack.of_type("AWS::EC2::VPC")]
        subnets = [ipaddress.ip_network(properties["CidrBlock"]) for _, properties in stack.of_type("AWS::EC2::Subnet")]
        assert len(own) == 1
        assert all(subnet.subnet_of(own[0]) for subnet in subnets)  # type: ignore[arg-type]
        assert not any(subnet.overlaps(other) for subnet in subnets for other in subnets if subnet is not other)
        blocks += own
    assert not blocks[0].overlaps(blocks[1])


@given(scenarios(), st.sampled_from([fold, resolve]))
def test_law_working_out_is_a_pure_function(scenario: Scenario, work_out: Any) -> None:
    before = json.dumps(TEMPLATE.value)
    item, other = work_out(TEMPLATE, scenario), work_out(TEMPLATE, scenario)
    assert item.value == other.value
    assert (item.conditions, item.taken, item.depends) == (other.conditions, other.taken, other.depends)
    assert json.dumps(TEMPLATE.value) == before


@given(scenarios())
def test_law_what_a_resource_depends_on_is_created_in_an_earlier_batch(scenario: Scenario) -> None:
    stack = resolve(TEMPLATE, scenario)
    batches = ordering.batches(stack.depends)
    position = {name: number for number, batch in enumerate(batches) for name in batch}
    assert position.keys() == stack.resources.keys()
    assert all(position[needed] < position[name] for name, needs in stack.depends.items() for needed in needs)


@given(scenarios(), st.sampled_from([fold, resolve]))
def test_law_a_stack_is_json(scenario: Scenario, work_out: Any) -> None:
    value = work_out(TEMPLATE, scenario).value
    assert json.loads(json.dumps(value)) == value


@given(scenarios())
def test_law_fold_and_resolve_have_the_same_resources_and_dependencies(scenario: Scenario) -> None:
    folded, resolved = fold(TEMPLATE, scenario), resolve(TEMPLATE, scenario)
    assert folded.resources.keys() == resolved.resources.keys()
    assert folded.depends == resolved.depends
