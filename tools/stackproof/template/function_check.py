"""The functions of a template checked before any is worked out: known, rightly placed, naming what is declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Path
from stackproof.template.grammar import (
    EXTENDED_SIGNATURES,
    NOTHING,
    OUTPUT_PARTS,
    PLACED_IN_RESOURCES,
    SIGNATURES,
    Names,
    Slot,
    misplaced,
)
from stackproof.template.sub_text import Variable, pieces
from stackproof.template.transforms import EXTENDED, extended

PSEUDO_PARAMETERS = frozenset(
    f"AWS::{name}"
    for name in "AccountId NotificationARNs NoValue Partition Region StackId StackName URLSuffix".split()  # noqa: SIM905
)
"""Source: CloudFormation Template Reference, "Pseudo parameters reference"."""
DEEPEST = 100
"""More than any template nests; few enough to be walked without fear."""


OUTPUT_NEEDS, OUTPUT_TAKES = frozenset({"StackName", "OutputName"}), frozenset({"Region", "RoleArn"})


def module_of(resources: Mapping[str, Any], logical: str) -> str:
    """Return the id of the module that a resource of the name `logical` stands in, "" if none.

    A module's resources are named by its id and their own, with or without a full stop between. Source: CloudFormation
    User Guide, "Reference resources in a module".
    """
    inside = (
        name
        for name, resource in resources.items()
        if isinstance(resource, dict)
        and str(resource.get("Type")).endswith("::MODULE")
        and logical.startswith(name)
        and logical[len(name) :].strip(".")
    )
    return max(inside, key=len, default="")


class Functions:
    """Notes of one template: which mappings call which function, which parts hold no function, and where others do.

    All by `id` of the mapping or list, which live as long as the template does; `held` has the keys or indices of
    what holds a function somewhere.
    """

    def __init__(self, template: Document) -> None:
        self.template = template
        self.calls: dict[int, str] = {}
        self.static: set[int] = set()
        self.held: dict[int, list[Any]] = {}
        value: Mapping[str, Any] = template.value
        self.names: Names = PSEUDO_PARAMETERS | value.get("Parameters", {}).keys()
        self.resources: Mapping[str, Any] = value["Resources"]
        self.conditions: Mapping[str, Any] = value.get("Conditions", {})
        self.extended = extended(value)
        self.more = EXTENDED if self.extended else NOTHING

    def read(self, node: Any, path: Path, placed: Names, here: Names, where: str) -> bool:
        """Check a value in which the functions `here` may stand, of those `placed` in its section.

        Returns whether the value holds no function; raises CannotTell at the first that may not stand.
        """
        if len(path) > DEEPEST:
            raise self.refuse(path, "the template is nested too deeply", "flatten it")
        if isinstance(node, dict):
            name = self.called(node, path, placed)
            if name is not None:
                if name not in here and not (here and name in self.more):
                    allowed = ", ".join(sorted(here & placed))
                    raise self.refuse(path, f"{name} may not stand in {where}", f"write {allowed}")
                self.calls[id(node)] = name
                self.call(name, node[name], (*path, name), placed)
                return False
            held = [key for key, item in node.items() if not self.read(item, (*path, key), placed, here, where)]
        elif isinstance(node, list):
            held = [at for at, item in enumerate(node) if not self.read(item, (*path, at), placed, here, where)]
        elif node is None:
            raise self.refuse(path, "'null' values are not allowed in templates", "write a value, or leave it out")
        else:
            return True
        if held:
            self.held[id(node)] = held
        else:
            self.static.add(id(node))
        return not held

    def called(self, node: Mapping[str, Any], path: Path, placed: Names) -> str | None:
        """Return the name of the function that a mapping calls, if it calls one."""
        for name in node:
            if (name in placed or name in self.more) and len(node) == 1:
                return name
            if name.startswith("Fn::"):
                if len(node) > 1:
                    raise self.refuse(path, f"{name} must be the only key of its mapping", "move the other keys out")
                raise self.refuse(path, *misplaced(name))
        return None

    def call(self, name: str, argument: Any, path: Path, placed: Names) -> None:
        """Check the arguments of a call."""
        signature = EXTENDED_SIGNATURES[name] if self.extended and name in EXTENDED_SIGNATURES else SIGNATURES[name]
        if name == "Fn::GetStackOutput":
            self.stack_output(argument, path, placed)
            return
        if name == "Fn::FindInMap" and self.extended and isinstance(argument, list) and len(argument) == 4:
            self.default(argument[3], (*path, 3), placed)
            argument = argument[:3]
        if name == "Fn::Sub" and isinstance(argument, str):
            argument, path = [argument, {}], path[:-1]
        elif name == "Fn::GetAtt" and isinstance(argument, str):
            argument = argument.split(".", 1)
        if signature.bare:
            self.argument(name, signature.slots[0], argument, path, placed)
        else:
            if not isinstance(argument, list) or not signature.least <= len(argument) <= signature.most:
                wanted = str(signature.least) if signature.least == signature.most else "2 to 10"
                message = f"{name} takes a list of {wanted} argument{'s' if wanted != '1' else ''}"
                raise self.refuse(path, message, f"write {', '.join(slot.what for slot in signature.slots)}")
            for index, item in enumerate(argument):
                slot = signature.slots[min(index, len(signature.slots) - 1)]
                self.argument(name, slot, item, (*path, index), placed)
        self.names_of(name, argument, path, placed)

    def argument(self, name: str, slot: Slot, item: Any, path: Path, placed: Names) -> None:
        where = f"{slot.what} of {name}"
        if not slot.functions and slot.items is None and not isinstance(item, str):
            raise self.refuse(path, f"{where} must be text", "write it out: no function may stand there")
        if isinstance(item, dict) and self.called(item, path, placed) is not None:
            self.read(item, path, placed, slot.functions, where)
        elif slot.items is None and isinstance(item, dict | list):
            raise self.refuse(
                path, f"{where} must be text, not a {type(item).__name__}", "write text, or a function that gives text"
            )
        else:
            self.read(item, path, placed, slot.items or NOTHING, where)

    def default(self, argument: Any, path: Path, placed: Names) -> None:
        """Check the fourth argument of a Fn::FindInMap. Source: Template Reference, "Fn::FindInMap enhancements"."""
        if not isinstance(argument, dict) or list(argument) != ["DefaultValue"]:
            message = "the fourth argument of Fn::FindInMap must be a mapping of DefaultValue"
            raise self.refuse(path, message, "write {DefaultValue: VALUE}")
        self.read(
            argument["DefaultValue"], (*path, "DefaultValue"), placed, placed, "the DefaultValue of Fn::FindInMap"
        )

    def stack_output(self, argument: Any, path: Path, placed: Names) -> None:
        """Check a Fn::GetStackOutput. Source: CloudFormation Template Reference, "Fn::GetStackOutput"."""
        if not isinstance(argument, dict) or not OUTPUT_NEEDS <= argument.keys() <= OUTPUT_NEEDS | OUTPUT_TAKES:
            message = "Fn::GetStackOutput takes a mapping of StackName, OutputName, and maybe Region and RoleArn"
            raise self.refuse(path, message, "write just these keys")
        for key, item in argument.items():
            self.argument("Fn::GetStackOutput", Slot(key, OUTPUT_PARTS), item, (*path, key), placed)

    def names_of(self, name: str, argument: Any, path: Path, placed: Names) -> None:
        """Check that what a call names is declared."""
        if name == "Ref":
            self.declared(argument, path, placed)
        elif name == "Fn::GetAtt":
            self.resource(argument[0], path)
        elif name == "Fn::If":
            self.condition(argument[0], path)
        elif name == "Condition":
            self.condition(argument, path)
        elif name == "Fn::Sub":
            self.substitution(argument[0], argument[1], path, placed)

    def substitution(self, source: str, own: Any, path: Path, placed: Names) -> None:
        if not isinstance(own, dict):
            raise self.refuse(path, "the variables of Fn::Sub must be a mapping")
        try:
            found = pieces(source)
        except ValueError as error:
            fix = "use letters, digits, _ . and : only, or write ${!...} for the text itself"
            raise self.refuse(path, str(error), fix) from None
        for piece in found:
            if isinstance(piece, Variable) and piece.name not in own:
                if piece.attribute and placed is PLACED_IN_RESOURCES:
                    self.resource(piece.logical, path)
                else:
                    self.declared(piece.name, path, placed)

    def declared(self, name: str, path: Path, placed: Names) -> None:
        if name in self.names:
            return
        if placed is PLACED_IN_RESOURCES:
            self.resource(name, path)
        else:
            message = f"{name!r} is no parameter, and only parameters can be referred to here"
            raise self.refuse(path, message, "declare it in Parameters")

    def resource(self, logical: str, path: Path) -> None:
        if logical not in self.resources and not module_of(self.resources, logical):
            raise self.refuse(
                path, f"{logical!r} is neither a parameter nor a resource", "write the name of one, or declare it"
            )

    def condition(self, name: Any, path: Path) -> None:
        if not isinstance(name, str) or name not in self.conditions:
            raise self.refuse(path, f"there is no condition {name!r}", "declare it in Conditions")

    def refuse(self, path: Path, message: str, fix: str = "") -> CannotTell:
        return CannotTell(message, self.template.place(path), fix)
