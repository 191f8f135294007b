"""Laws of fold and resolve on templates that Hypothesis invents, against a second evaluation, written plainly here."""

import base64
import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from worlds import document, scenario

from stackproof.evaluation.stack import fold, resolve
from stackproof.foundation.finding import CannotTell

TEXTS = {"P": "alpha", "Q": "b-c,d", "N": "1", "Empty": "", "AWS::Region": "us-east-1", "AWS::StackName": "teststack"}
LISTS = {"L": ["x", "y", "z"], "M": ["1"]}
PARAMETERS = {
    **{name: {"Type": "String", "Default": TEXTS[name]} for name in ("P", "Q", "Empty")},
    "N": {"Type": "Number", "Default": 1},
    **{name: {"Type": "CommaDelimitedList", "Default": ",".join(items)} for name, items in LISTS.items()},
}
MAPPINGS = {
    "A": {"one": {"x": "ax", "y": 7, "z": True}, "alpha": {"x": "aax", "y": "aay", "z": ["l", "m"]}},
    "B": {"us-east-1": {"k": "one", "n": "x"}},
}
BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "photos"}}
ATTRIBUTES = {("Bucket", ""): "photos", ("Bucket", "Arn"): "arn:aws:s3:::photos", ("Queue", ""): "{{Queue@us-east-1}}"}
CONDITIONS = ("C0", "C1", "C2", "C3")
NO_VALUE = {"Ref": "AWS::NoValue"}


class Refused(Exception):  # noqa: N818 - it says what happened
    """What CloudFormation would refuse."""


class Naive:
    """Works a value out by CloudFormation's documentation, without places, sharing, folding or checks beforehand."""

    def __init__(self, conditions: dict[str, Any]) -> None:
        self.conditions = conditions

    def holds(self, name: str) -> bool:
        return bool(self.truth(self.conditions[name]))

    def truth(self, node: Any) -> bool:
        ((name, argument),) = node.items()
        if name == "Condition":
            return self.holds(argument)
        if name == "Fn::Equals":
            entry, other = (self.compared(self.value(item)) for item in argument)
            return bool(entry == other)
        outcomes = [self.truth(item) for item in argument]
        if name == "Fn::Not":
            return not outcomes[0]
        return all(outcomes) if name == "Fn::And" else any(outcomes)

    def compared(self, value: Any) -> Any:
        return [self.as_text(item) for item in value] if isinstance(value, list) else self.as_text(value)

    def as_text(self, value: Any) -> Any:
        if value is None or isinstance(value, list):
            raise Refused
        return json.dumps(value) if isinstance(value, bool) else str(value)

    def as_list(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Refused
        return value

    def value(self, node: Any) -> Any:
        """Return a node worked out; None stands for AWS::NoValue."""
        if isinstance(node, list):
            return [found for item in node if (found := self.value(item)) is not None]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name == "Ref" or name.startswith("Fn::"):
                return getattr(self, name.removeprefix("Fn::").lower())(argument)
        return {key: found for key, item in node.items() if (found := self.value(item)) is not None}

    def ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return None
        return TEXTS.get(name) if name in TEXTS else LISTS[name] if name in LISTS else ATTRIBUTES[name, ""]

    def getatt(self, argument: list[str]) -> str:
        return ATTRIBUTES[argument[0], argument[1]]

    def sub(self, argument: Any) -> str:
        source, own = (argument, {}) if isinstance(argument, str) else argument
        known = {name: self.as_text(self.value(item)) for name, item in own.items()}

        def variable(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if not re.fullmatch(r"[A-Za-z0-9_.:]+", name):
                raise Refused
            if name in known:
                return str(known[name])
            return str(self.as_text(self.getatt(name.split(".")) if "." in name else self.ref(name)))

        return re.sub(r"\$\{([^}]*)\}", variable, source)

    def join(self, argument: Any) -> str:
        return str(argument[0]).join(self.as_text(item) for item in self.as_list(self.value(argument[1])))

    def split(self, argument: Any) -> list[str]:
        return str(self.as_text(self.value(argument[1]))).split(argument[0])

    def select(self, argument: Any) -> Any:
        index = int(self.as_text(self.value(argument[0])))
        items = [self.value(item) for item in argument[1]] if isinstance(argument[1], list) else self.value(argument[1])
        if not isinstance(items, list) or None in items or not 0 <= index < len(items):
            raise Refused
        return items[index]

    def findinmap(self, argument: Any) -> Any:
        found: Any = MAPPINGS
        for item in argument:
            key = self.as_text(self.value(item))
            if key not in found:
                raise Refused
            found = found[key]
        return found

    def base64(self, argument: Any) -> str:
        return base64.b64encode(str(self.as_text(self.value(argument))).encode()).decode()

    def __getattr__(self, name: str) -> Any:
        """Give Fn::If, whose name is a word of Python."""
        assert name == "if"
        return lambda item: self.value(item[1] if self.holds(item[0]) else item[2])


LITERALS = st.text(alphabet=st.sampled_from("ab-,/$ {}!é"), max_size=6).filter(lambda text: "${" not in text)
SCALARS = LITERALS | st.integers(-5, 500) | st.booleans()


def refs(*names: str) -> st.SearchStrategy[Any]:
    return st.builds(lambda name: {"Ref": name}, st.sampled_from(names))


def mostly(common: st.SearchStrategy[Any], rare: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw the rare one once in twelve times: one thing that is refused refuses the whole template."""
    return st.integers(0, 11).flatmap(lambda number: rare if number == 11 else common)


KEYS = st.sampled_from(["A", "B", "one", "alpha", "x", "y", "z", "k", "n", "us-east-1"]) | refs("P", "AWS::Region", "N")
HERE: list[Any] = [{"Ref": "AWS::Region"}, "us-east-1"]
FOUND = mostly(
    st.builds(
        lambda first, second: {"Fn::FindInMap": ["A", first, second]},
        st.sampled_from(["one", "alpha", {"Ref": "P"}, {"Fn::FindInMap": ["B", HERE[0], "k"]}]),
        st.sampled_from(["x", "y", {"Fn::FindInMap": ["B", HERE[1], "n"]}]),
    ),
    st.builds(lambda *keys: {"Fn::FindInMap": list(keys)}, st.sampled_from(["A", "B"]), KEYS, KEYS),
)


def chosen(yes: st.SearchStrategy[Any], no: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(lambda name, item, other: {"Fn::If": [name, item, other]}, st.sampled_from(CONDITIONS), yes, no)


def of_list(inner: st.SearchStrategy[Any], with_choice: bool) -> st.SearchStrategy[Any]:
    """Lists that may stand in Fn::Join: literal ones, split ones, parameters, either of two."""
    literal = st.lists(inner | chosen(inner, st.just(NO_VALUE)) if with_choice else inner, max_size=4)
    cut = st.builds(lambda by, text: {"Fn::Split": [by, text]}, st.sampled_from(["-", ",", "a", "::"]), inner)
    plain = mostly(st.one_of(literal, cut, refs("L", "M")), refs("P"))
    return plain | chosen(plain, plain) if with_choice else plain


def selected(inner: st.SearchStrategy[Any], with_choice: bool) -> st.SearchStrategy[Any]:
    index = mostly(st.sampled_from([0, "0"]), st.integers(0, 3) | st.sampled_from(["0", "1"]) | refs("N"))
    maybe = mostly(LITERALS, chosen(inner, st.just(NO_VALUE)) if with_choice else SCALARS)
    items = mostly(st.lists(SCALARS | refs("P", "Q") | maybe, min_size=1, max_size=3), st.just([]))
    cut = st.builds(lambda by, text: {"Fn::Split": [by, text]}, st.sampled_from(["-", ",", "a"]), inner)
    return st.builds(lambda at, found: {"Fn::Select": [at, found]}, index, items | cut | refs("L", "M"))


def substituted(inner: st.SearchStrategy[Any], *names: str) -> st.SearchStrategy[Any]:
    variables = st.sampled_from([f"${{{name}}}" for name in (*names, "V", "W", "!V", "!Literal")])
    source = st.lists(LITERALS | variables, max_size=5).map("".join)
    own = st.fixed_dictionaries({"V": inner, "W": inner})
    return st.builds(lambda text, variables: {"Fn::Sub": [text, variables]}, source, own)


def of_text(inner: st.SearchStrategy[Any], with_choice: bool, *names: str) -> st.SearchStrategy[Any]:
    joined = st.builds(lambda by, items: {"Fn::Join": [by, items]}, LITERALS, of_list(inner, with_choice))
    functions = [joined, selected(inner, with_choice), substituted(inner, *names), FOUND]
    if with_choice:
        functions += [chosen(inner, inner), st.builds(lambda text: {"Fn::Base64": text}, inner)]
    return st.one_of(functions)


IN_CONDITIONS = st.recursive(
    SCALARS | refs("P", "Q", "N", "Empty"), lambda inner: of_text(inner, False, "P", "Q", "AWS::Region"), max_leaves=4
)
KNOWN = st.recursive(
    mostly(SCALARS | refs("P", "Q", "N", "Empty"), refs("L")),
    lambda inner: of_text(inner, True, "P", "N", "AWS::StackName"),
    max_leaves=8,
)
REFERRING = st.recursive(
    LITERALS | refs("P", "Bucket") | st.just({"Fn::GetAtt": ["Bucket", "Arn"]}),
    lambda inner: of_text(inner, True, "P", "Bucket", "Bucket.Arn"),
    max_leaves=8,
)


def truths(number: int) -> st.SearchStrategy[Any]:
    """What a condition may be: comparisons, and the conditions before it."""
    equals = st.builds(lambda item, other: {"Fn::Equals": [item, other]}, IN_CONDITIONS, IN_CONDITIONS)
    before = st.sampled_from([{"Condition": conditions} for conditions in CONDITIONS[:number]]) if number else equals
    return st.recursive(
        equals | before,
        lambda inner: st.one_of(
            st.builds(lambda items: {"Fn::And": items}, st.lists(inner, min_size=2, max_size=3)),
            st.builds(lambda items: {"Fn::Or": items}, st.lists(inner, min_size=2, max_size=3)),
            st.builds(lambda item: {"Fn::Not": [item]}, inner),
        ),
        max_leaves=3,
    )


TRUTHS = st.fixed_dictionaries({name: truths(number) for number, name in enumerate(CONDITIONS)})


def values(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Property values: functions in lists and mappings, some of them AWS::NoValue."""
    leaf = leaves | chosen(leaves, st.just(NO_VALUE)) | SCALARS
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        max_leaves=4,
    )  # fmt: skip


ANY_KNOWN = values(KNOWN)
ANY = values(KNOWN | REFERRING)


def worked_out(work_out: Any, conditions: dict[str, Any], value: Any) -> Any:
    sections = {
        "Parameters": PARAMETERS,
        "Mappings": MAPPINGS,
        "Conditions": conditions,
        "Resources": {"Bucket": BUCKET, "It": {"Type": "AWS::SNS::Topic", "Properties": {"It": value}}},
    }
    try:
        return work_out(document(sections), scenario()).resources["It"]["Properties"].get("It")
    except CannotTell as error:
        assert error.place is not None
        return Refused


def naive(conditions: dict[str, Any], value: Any) -> Any:
    try:
        evaluation = Naive(conditions)
        for name in conditions:
            evaluation.holds(name)
        return evaluation.value(value)
    except Refused:
        return Refused


def same(first: Any, second: Any) -> bool:
    """Compare with types: true is not 1."""
    return first is second or json.dumps(first, default=str) == json.dumps(second, default=str)


@given(TRUTHS, ANY_KNOWN)
def test_law_a_fold_of_what_is_known_is_what_the_plain_evaluation_says(conditions: dict[str, Any], value: Any) -> None:
    assert same(worked_out(fold, conditions, value), naive(conditions, value))


@given(TRUTHS, ANY)
def test_law_a_resolved_value_is_what_the_plain_evaluation_says(conditions: dict[str, Any], value: Any) -> None:
    assert same(worked_out(resolve, conditions, value), naive(conditions, value))


@given(TRUTHS, ANY)
def test_law_resolving_a_fold_is_resolving(conditions: dict[str, Any], value: Any) -> None:
    folded = worked_out(fold, conditions, value)
    if folded not in (Refused, None):
        resolved = worked_out(resolve, conditions, value)
        again = worked_out(resolve, {}, folded)
        assert same(again, resolved) or Refused in (resolved, again)
