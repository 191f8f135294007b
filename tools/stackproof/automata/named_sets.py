"""Sets of characters that regular expressions have names for: `\\d`, `\\w`, `\\s`, line ends, POSIX classes."""

from __future__ import annotations

from typing import Literal

from stackproof.automata import charset

Dialect = Literal["java", "schema"]

DIGIT = charset.charset([(0x30, 0x39)])
WORD = charset.union(DIGIT, charset.charset([(0x41, 0x5A), (0x61, 0x7A), (0x5F, 0x5F)]))
SPACE = {
    "java": charset.chars(" \t\n\x0b\f\r"),
    "schema": (*charset.chars(" \t\n\x0b\x0c\r\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff"),),
}
HORIZONTAL = charset.union(charset.chars(" \t\xa0\u1680\u180e\u202f\u205f\u3000"), ((0x2000, 0x200A),))
VERTICAL = charset.chars("\n\x0b\f\r\x85\u2028\u2029")
LINE_ENDS = {"java": charset.chars("\n\r\x85\u2028\u2029"), "schema": charset.chars("\n\r\u2028\u2029")}
ASCII = {
    "Lower": "a-z", "Upper": "A-Z", "ASCII": "\0-\x7f", "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "0-9a-zA-Z",
    "Punct": "!-/:-@[-`{-~", "Graph": "!-~", "Print": " -~", "Blank": " - \t-\t", "Cntrl": "\0-\x1f\x7f-\x7f",
    "XDigit": "0-9a-fA-F", "Space": " - \t-\r",
}  # fmt: skip
"""POSIX classes as ranges. Source: Java's Pattern, "POSIX character classes (US-ASCII only)"."""
