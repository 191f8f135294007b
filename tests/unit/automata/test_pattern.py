"""Patterns of Java and of schemas: which texts they match, what is undecided, what is no pattern."""

import pytest

from stackproof.automata.automaton import Undecided
from stackproof.automata.pattern import Pattern, java, schema
from stackproof.automata.search import shortest
from stackproof.automata.syntax import Unreadable


@pytest.mark.parametrize(
    ("pattern", "matched", "others"),
    [
        (r"[\w&&[^A-Z_]]{3,10}", ["abc", "a12", "0123456789"], ["ABC", "a_b", "ab", "0123456789a"]),
        (r"[a-z&&[^m-p]&&[^xyz]]", ["a", "q"], ["m", "x", "A"]),
        (r"[a-d[m-p]]+", ["am"], ["ae"]),
        (r"[]a]", ["]", "a"], ["b"]),
        (r"[a&b]", ["&", "a"], ["c"]),
        (r"[a-[b]]", ["a", "-", "b"], ["c"]),
        (r"[\w-.]", ["a", "-", "."], [",", "/"]),
        (r"[a-z]*+a", [], ["a", "aa", ""]),
        (r"[a-z]++[0-9]", ["a1", "ab1"], ["1", "a"]),
        (r"[a-z]{1,2}+[a-z]", ["abc"], ["ab", "a", "abcd"]),
        (r"[a-z]?+[a-z]", ["ab"], ["a"]),
        (r"a{2,3}?", ["aa", "aaa"], ["a", "aaaa"]),
        (r"a{2,}", ["aa", "aaaaaa"], ["a"]),
        (r"\p{Lower}\p{Upper}\p{Alnum}\p{Punct}\p{XDigit}", ["aB1!f"], ["AB1!f", "aB1!g"]),
        (r"\p{Lu}\P{L}\pN", ["É-٣"], ["é-٣", "Éa3"]),
        (r"\p{IsAlphabetic}\p{gc=Nd}\p{IsGreek}\p{InGreek}", ["é3\u03b1\u03b2"], ["33\u03b1\u03b2", "é3a\u03b2"]),
        (r"\Qa.b\E+", ["a.b", "a.bb"], ["axb"]),
        (r"[\Q^-]\E]+", ["^", "-", "]"], ["a"]),
        (r"\x41\x{1F600}\u0042\0103\cA\t\e", ["A\U0001f600BC\x01\t\x1b"], []),
        (r"\d\D\s\S\w\W\h\H\v\V", ["1a a_- a\na"], ["\u0661a a_- a\na"]),
        (r"a\Rb", ["a\r\nb", "a\nb", "a\u2028b"], ["a\n\rb"]),
        (r"a.b", ["axb"], ["a\nb", "a\u2028b"]),
        (r"(?s)a.b", ["a\nb"], []),
        (r"(?s:.)(?-s:.)", ["\nx"], ["\n\n"]),
        (r"^(a|b)$|^c$", ["a", "b", "c"], ["ab", "a\n"]),
        (r"a|b$|^c", ["a", "b", "c"], ["ac", "xb"]),
        (r"(^$|^x$)", ["", "x"], ["xx"]),
        (r"\Aa\z", ["a"], ["aa"]),
        (r"a^b|c\zd", [], ["ab", "cd", "a", "c"]),
        (r"^(?!aws)[a-z]+(?=1)[0-9]", ["xaws1", "aw1"], ["aws1", "x2"]),
        (r"^(?!.*--)(?!.*-$)[a-z-]{2,5}$", ["a-b", "ab"], ["a--b", "ab-", "a"]),
        (r"(?:a(?!b)|b)+", ["aa", "ba", "a"], ["ab", "bab"]),
        (r"^[a-z.]*(?<!\.)\z", ["", "a.b"], ["a."]),
        (r"(?<name>a)(?:b)?", ["a", "ab"], ["b"]),
        (r"", [""], ["a"]),
        (r"()|a", ["", "a"], ["aa"]),
        (r"a]}", ["a]}"], []),
    ],
)
def test_a_pattern_of_java_matches_whole_texts(pattern: str, matched: list[str], others: list[str]) -> None:
    assert {text: Pattern(pattern).accepts(text) for text in (*matched, *others)} == {
        **dict.fromkeys(matched, True),
        **dict.fromkeys(others, False),
    }


@pytest.mark.parametrize(
    ("pattern", "matched", "others"),
    [
        ("a", ["a", "xax"], ["", "b"]),
        ("^a", ["ab"], ["ba"]),
        ("a$", ["ba"], ["ab", "a\n"]),
        ("^a|b$", ["ax", "xb"], ["xa", "bx"]),
        (r"^[a-z[&&]+$", ["a[", "&"], ["]"]),
        (r"^[a-zA-Z0-9-_]+$", ["a-_"], ["."]),
        (r"^[\w-.]\/$", ["./", "-/"], ["+/"]),
        (r"^(?!\s*$).+$", ["a", " a"], ["", "  "]),
        (r"^[0-9a-z\.]*(?<!\.)$", ["", "a.b"], ["a."]),
        (r"^[\p{L}\p{Z}]*$", ["é ", ""], ["1"]),
        (r"^[.a-z]{1,5}\Z", ["a."], ["", "abcdef"]),
        (r"^(?=^.{3,5}$)[a-z]+$", ["abc"], ["ab", "abcdef"]),
    ],
)
def test_a_pattern_of_a_schema_is_found_anywhere(pattern: str, matched: list[str], others: list[str]) -> None:
    assert {text: schema(pattern).accepts(text) for text in (*matched, *others)} == {
        **dict.fromkeys(matched, True),
        **dict.fromkeys(others, False),
    }


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(a)\1", "a back reference"),
        (r"(?<n>a)\k<n>", "a back reference"),
        (r"(?<=a)b", "a look-behind"),
        (r"a\b", r"the boundary \\b"),
        (r"\Ga", r"the boundary \\G"),
        (r"(?>a|ab)c", "an atomic group"),
        (r"(?:ab)++", "a possessive quantifier of a group"),
        (r"(?i)a", r"the inline flags \(\?i\)"),
        (r"(?i:a)", r"the inline flags \(\?i\)"),
        (r"(a$|b)c", "an anchor \\$ before the end"),
        (r"a{2}{3}", "a quantifier of a quantifier"),
        (r"a{1,6000}", "a repetition of more than 5,000"),
        (r"((a{0,99}){0,99}){0,99}", "too long"),
        (r"[^a[b]]", "versions of Java read differently"),
        (r"[^a&&[b]]", "versions of Java read differently"),
        (r"[a&&]", "nothing on one side of &&"),
        (r"\p{javaLowerCase}", "the property javaLowerCase"),
        (r"\X", r"the escape \\X"),
        (r"(?!(?=a)b)c", "a look-ahead in a look-ahead"),
        ("(" * 3000 + ")" * 3000, "nested too deeply"),
    ],
)
def test_what_no_automaton_carries_is_undecided_by_its_name(pattern: str, reason: str) -> None:
    with pytest.raises(Undecided, match=reason):
        java(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "[",
        "(",
        ")",
        "a)",
        "[a",
        "*",
        "a|*",
        "a{",
        "{1}",
        "a{2,1}",
        "[b-a]",
        "\\",
        r"\p{Nonsense}",
        r"\x4",
        r"\y",
        r"\08",
    ],
)
def test_what_java_does_not_read_is_no_pattern(pattern: str) -> None:
    with pytest.raises(Unreadable):
        java(pattern)


@pytest.mark.parametrize(("pattern", "text", "found"), [(r"(a|b)\1", "aa", True), (r"(a|b)\1", "ab", False)])
def test_what_another_matcher_reads_as_java_does_is_left_to_it(pattern: str, text: str, found: bool) -> None:
    assert Pattern(pattern).accepts(text) is found


def test_what_no_matcher_here_reads_as_java_does_stays_undecided() -> None:
    with pytest.raises(Undecided):
        Pattern(r"([a&&b])\1").accepts("a")


def test_a_pattern_that_matches_nothing_is_an_empty_automaton() -> None:
    assert shortest(java("a(?!a)a")) is None
