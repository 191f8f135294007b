"""An expression of JSONata is refused where no parser could read it, and only there."""

import pytest

from stackproof.code.jsonata_syntax import unreadable_because


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("$polls x>= 2000", "nothing stands between $polls and x"),
        ("$run & '/' &x $pass", "nothing stands between x and $pass"),
        ("'a' 'b'", "nothing stands between 'a' and 'b'"),
        ("$count($missing = 0", "a bracket ( is not closed"),
        ("$count($missing]) = 0", "a bracket ] has no ["),
        ("a) = 0", "a bracket ) has no ("),
    ],
)
def test_what_no_parser_reads_is_named(expression: str, why: str) -> None:
    assert unreadable_because(expression) == why


@pytest.mark.parametrize(
    "expression",
    [
        "$a and $b or $c in ['x', \"y\"]",
        "and = 'and' and `two words` in in",
        "$replace($name, /[a(]+ (b)\\/c/i, '') & 'it\\'s'",
        "$total / $count / 2 > -1.5e3",
        "$map([1..3], function($n, $i)<nn:n>{ $n * $i })",
        "($x := $states.input.**.id[0]; $x ~> $uppercase)",
        "order^(>price, <`list name`).{'id': id, \"n\": $count(items[price > 2])}",
        "/* a comment ) */ $$.a.*.b # nothing",
        "$exists(a) ? a : b ?: c",
    ],
)
def test_what_parsers_read_passes(expression: str) -> None:
    assert unreadable_because(expression) == ""
