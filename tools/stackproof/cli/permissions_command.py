"""The command `permissions`: policies printed, as a table with reasons, as a role, or compared with given ones."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from stackproof.cli.permissions_arguments import CALLERS, OPERATIONS
from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import resolved
from stackproof.evaluation.scenario import Pair, Scenario
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell
from stackproof.gate.project import Member
from stackproof.permissions.comparison import differences
from stackproof.permissions.documents import Policies, policies, size
from stackproof.permissions.execution_roles import in_stack_set, of_stack_set
from stackproof.permissions.held import held
from stackproof.permissions.own_calls import own_requirements
from stackproof.permissions.required import Found, LeftOut, Required, Unknown, requirements
from stackproof.permissions.role import role_template
from stackproof.permissions.widening import Width
from stackproof.template.loader import load

Say = Callable[[str], None]


def run_permissions(options: argparse.Namespace, say: Say, warn: Say) -> int:
    """Print the policies, or what given ones lack; return 1 for a difference, 2 where not all is known."""
    stacks = [stack for member in options.members for stack in _stacks(member, options)]
    found = _found(options, stacks)
    needed = [need for need in found if isinstance(need, Required)]
    account = stacks[0].scenario.account
    if any(stack.scenario.account != account for stack in stacks):
        raise CannotTell("the stacks are in several accounts", fix="give --account ID, once for each")
    unknown = dict.fromkeys(need for need in found if isinstance(need, Unknown))
    for resource in unknown:
        what = f"{resource.logical} ({resource.kind})"
        warn(f"not known: what CloudFormation calls for {what}, whose schema lists no handlers")
    if options.check:
        code = _compare(options, needed, account, _scenarios_of(options) or [*_bare(stacks)], say)
    else:
        made = policies(needed, Width.REGIONS if options.widen else Width.EXACT)
        for wide in made.widened if not options.widen else ():
            warn(f"widened to fit: {wide.service}, to one pattern for {wide.width.of}")
        say(_shown(options, made, needed, [left for left in found if isinstance(left, LeftOut)]))
        code = 0
        if not made.fit():
            warn(f"{len(made.documents)} managed policies, 10 of which a role can have; fix: name fewer deployments")
            code = 2
    return 2 if unknown else code


def _stacks(member: Member, options: argparse.Namespace) -> Iterator[Stack]:
    """Give the stacks of a template in each scenario that is meant."""
    pairs = {pair.name: pair for pair in scenario.load(member.scenarios)}
    for name in options.deployment:
        if name not in pairs and len(options.members) == 1:
            raise CannotTell(f"{member.scenarios} has no deployment {name!r}", fix=f"name one of {', '.join(pairs)}")
    template = load(member.template)
    for pair in pairs.values():
        if not options.deployment or pair.name in options.deployment:
            yield from resolved(template, _as_asked(pair, options)).stacks


def _as_asked(pair: Pair, options: argparse.Namespace) -> Pair:
    if options.account and not re.fullmatch("[0-9]{12}", options.account):
        raise CannotTell(f"{options.account!r} is no account id", fix="give 12 digits")
    changed = {key: value for key, value in (("account", options.account), ("stack", options.stack)) if value}
    own = replace(pair, source=replace(pair.source, **changed), target=replace(pair.target, **changed))
    return in_stack_set(own) if options.stack_set else own


def _scenarios_of(options: argparse.Namespace) -> list[Scenario]:
    """Return the scenarios of the template that is compared, where the project has them."""
    if not options.compared:
        return []
    plain = argparse.Namespace(account=options.account, stack="", stack_set="")
    return [side for pair in scenario.load(options.compared.scenarios) for side in _as_asked(pair, plain).sides]


def _bare(stacks: Sequence[Stack]) -> Iterator[Scenario]:
    """Give where the stacks are, without their parameters: another template has its own."""
    yield from (replace(stack.scenario, parameters={}, places={}) for stack in stacks)


def _found(options: argparse.Namespace, stacks: Sequence[Stack]) -> tuple[Found, ...]:
    if options.command:
        names = [*CALLERS[1:]] if "all" in options.command else options.command
        return own_requirements(names, stacks, options.stack_set or "", options.s3_bucket or "")
    found = requirements(stacks, options.operations or [*OPERATIONS])
    return (*found, *of_stack_set([stack.scenario for stack in stacks])) if options.stack_set else found


def _compare(
    options: argparse.Namespace, needed: Sequence[Required], account: str, scenarios: Sequence[Scenario], say: Say
) -> int:
    found = differences(held(options.check, scenarios), needed, account)
    if options.format == "json":
        say(json.dumps([difference._asdict() for difference in found], indent=2))
    else:
        for difference in found:
            say(f"{options.check}: {difference.kind}: {difference.message}\n    fix: {difference.fix}")
        counted = {kind: sum(difference.kind == kind for difference in found) for kind in ("lacks", "too much")}
        say(f"{options.check}: {counted['lacks']} lacking, {counted['too much']} too much")
    return 1 if found else 0


def _shown(options: argparse.Namespace, made: Policies, needed: Sequence[Required], left_out: Sequence[LeftOut]) -> str:
    if options.role:
        return json.dumps(role_template(made), indent=2)
    if options.format == "json":
        documents = made.stated()
        return json.dumps(documents[0] if len(documents) == 1 else documents, indent=2)
    return "\n".join([*_table(made, needed), *_not_granted(needed, left_out), *_counts(made, needed)])


def _table(made: Policies, needed: Iterable[Required]) -> Iterator[str]:
    """Give each action with what it is for, and below it the resources that the policies allow it on."""
    reasons: dict[str, dict[str, dict[str, None]]] = {}
    for need in needed:
        reasons.setdefault(need.action, {}).setdefault(need.reason.kind, {})[need.reason.operation] = None
    on: dict[str, list[str]] = {}
    for statement in (statement for document in made.documents for statement in document):
        condition = "".join(f"  if {key} is {' or '.join(values)}" for key, values in statement.conditions)
        for action in statement.actions:
            on.setdefault(action, []).extend(f"{arn}{condition}" for arn in statement.resources)
    for action in sorted(reasons):
        for_ = ", ".join(f"{'/'.join(operations)} {kind}" for kind, operations in reasons[action].items())
        yield f"{action}  {for_}"
        yield from (f"    {arn}" for arn in on[action])


def _not_granted(needed: Iterable[Required], left_out: Iterable[LeftOut]) -> Iterator[str]:
    granted = {(need.reason.kind, need.action) for need in needed}
    rows = dict.fromkeys(left for left in left_out if (left.kind, left.action) not in granted)
    if rows:
        yield "listed by schemas, and not granted:"
    yield from (f"    {left.action}  {left.kind}: {left.why}" for left in sorted(rows))


def _counts(made: Policies, needed: Sequence[Required]) -> Iterator[str]:
    actions = {need.action for need in needed}
    bare = {need.action for need in needed if need.resource == "*"}
    named = len(actions) - len(bare)
    sizes = [size(document) for document in made.documents]
    share = 100 * named // len(actions) if actions else 100
    yield f"{len(actions)} actions, {named} of them ({share} %) on named resources, the others know none"
    yield f"{len(sizes)} managed policies of {', '.join(f'{size:,}' for size in sizes)} characters (6,144 at most)"
    yield from (f"widened to fit: {wide.service}, to one pattern for {wide.width.of}" for wide in made.widened)


def members_of(options: argparse.Namespace, member: Callable[[str], Member], own: str) -> None:
    """Put the project's members for the templates, and for the one that is compared, into the options."""
    options.members = [member(template) for template in options.templates or [own]]
    compared = (options.check or "").partition("#")[0]
    options.compared = member(compared) if compared and _is_further(options, member(compared)) else None


def _is_further(options: argparse.Namespace, found: Member) -> bool:
    """Tell whether the project has scenarios of its own for a template that is compared."""
    return not found.own and found.scenarios != options.members[0].scenarios
