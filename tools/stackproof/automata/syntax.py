"""Regular expressions of Java and of JSON schemas, read to a tree.

Java's syntax is that of `java.util.regex.Pattern` (its documentation, "Summary of regular-expression constructs"):
classes nest, intersect by `&&`, and `\\Q…\\E` quotes. A schema's is ECMA 262's, as cfn-lint matches it. What both spell
but no automaton carries, and what two versions of Java read differently, raises Undecided by its name; what the syntax
does not have raises Unreadable. This module is one class, the reader, and longer than others for it.
"""

from __future__ import annotations

import re

from stackproof.automata import charset
from stackproof.automata.automaton import Undecided
from stackproof.automata.backtrack import property_ranges
from stackproof.automata.charset import Charset
from stackproof.automata.named_sets import ASCII, DIGIT, HORIZONTAL, LINE_ENDS, SPACE, VERTICAL, WORD, Dialect
from stackproof.automata.nodes import Anchor, Chars, Choice, Look, Node, Repeat, Row

LONGEST_COUNT = 5_000
"""No value is longer than 4,096 bytes."""


class Unreadable(ValueError):  # noqa: N818 - it says what the pattern is
    """A pattern that its syntax does not have; the text says why."""


CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
COUNT = re.compile(r"\{([0-9]+)(,([0-9]*))?\}")


def parse(pattern: str, dialect: Dialect, last: int = charset.LAST) -> Node:
    """Return the tree of a pattern; raise Unreadable or Undecided. Beyond `last` no character has a property."""
    reader = _Reader(_unquoted(pattern) if dialect == "java" else pattern, dialect, last)
    try:
        found = reader.choice()
    except RecursionError:
        raise Undecided("it is nested too deeply") from None
    if reader.at < len(reader.text):
        raise Unreadable(f"unmatched ')' at {reader.at}")
    return found


def _unquoted(pattern: str) -> str:
    """Return a pattern with what stands from \\Q to \\E escaped letter by letter, as Java does before it reads it."""
    found, quoted, at = [], False, 0
    while at < len(pattern):
        pair = pattern[at : at + 2]
        if quoted:
            if pair == "\\E":
                quoted, at = False, at + 2
                continue
            char = pattern[at]
            found.append(char if not char.isascii() or char.isalpha() else f"\\x{ord(char):02x}")
            at += 1
        elif pair == "\\Q":
            quoted, at = True, at + 2
        else:
            step = 2 if pattern[at] == "\\" else 1
            found.append(pattern[at : at + step])
            at += step
    return "".join(found)


class _Reader:
    """Reads a pattern from left to right; `at` is where it is, `any_char` whether a dot takes line ends too."""

    def __init__(self, text: str, dialect: Dialect, last: int) -> None:
        self.text = text
        self.dialect: Dialect = dialect
        self.last = last
        self.at = 0
        self.any_char = False

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, wanted: str) -> bool:
        if self.text.startswith(wanted, self.at):
            self.at += len(wanted)
            return True
        return False

    def choice(self) -> Node:
        before = self.any_char
        items = [self.row()]
        while self.take("|"):
            items.append(self.row())
        self.any_char = before
        return items[0] if len(items) == 1 else Choice(tuple(items))

    def row(self) -> Node:
        items: list[Node] = []
        while self.peek() not in ("", "|", ")"):
            if flags := re.compile(r"\(\?([a-zA-Z-]+)\)").match(self.text, self.at):
                self.flags(flags[1])
                self.at = flags.end()
                continue
            items.append(self.quantified(self.atom()))
        return items[0] if len(items) == 1 else Row(tuple(items))

    def flags(self, flags: str) -> None:
        if flags not in ("s", "-s"):
            raise Undecided(f"the inline flags (?{flags})")
        self.any_char = flags == "s"

    def atom(self) -> Node:
        char = self.peek()
        if char == "(":
            return self.group()
        if char in "*+?":
            raise Unreadable(f"nothing to repeat at {self.at}")
        if char == "{" and (self.dialect == "java" or COUNT.match(self.text, self.at)):
            raise Unreadable(f"nothing to repeat at {self.at}")
        self.at += 1
        if char == "[":
            return Chars(self.java_class() if self.dialect == "java" else self.schema_class())
        if char == ".":
            return Chars(charset.ALL if self.any_char else charset.complement(LINE_ENDS[self.dialect]))
        if char == "^":
            return Anchor("start")
        if char == "$":
            return Anchor("loose" if self.dialect == "java" else "end")
        if char == "\\":
            return self.escape()
        return Chars(charset.chars(char))

    def quantified(self, item: Node) -> Node:
        counted = COUNT.match(self.text, self.at)
        if counted:
            least = int(counted[1])
            most = least if counted[2] is None else int(counted[3]) if counted[3] else None
            self.at = counted.end()
        elif self.peek() and self.peek() in "*+?":
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[self.peek()]
            self.at += 1
        else:
            if self.dialect == "java" and self.peek() == "{":
                raise Unreadable(f"illegal repetition at {self.at}")
            return item
        if most is not None and most < least:
            raise Unreadable(f"illegal repetition range at {self.at}")
        if max(least, most or 0) > LONGEST_COUNT:
            raise Undecided(f"a repetition of more than {LONGEST_COUNT:,}")
        possessive = self.take("+")
        if not possessive:
            self.take("?")
        if possessive and self.dialect == "schema":
            raise Undecided("a possessive quantifier in a schema")
        if (self.peek() and self.peek() in "*+?") or COUNT.match(self.text, self.at):
            raise Undecided("a quantifier of a quantifier")
        return Repeat(item, least, most, possessive)

    def group(self) -> Node:
        looks = {"(?=": (True, True), "(?!": (True, False), "(?<=": (False, True), "(?<!": (False, False)}
        for opening, (ahead, positive) in looks.items():
            if self.take(opening):
                return Look(ahead, positive, self.closed())
        if self.take("(?>"):
            raise Undecided("an atomic group")
        named = re.compile(r"\(\?P?<[a-zA-Z][a-zA-Z0-9_]*>").match(self.text, self.at)
        if named:
            self.at = named.end()
        elif not self.take("(?:"):
            if flags := re.compile(r"\(\?([a-zA-Z-]+):").match(self.text, self.at):
                before = self.any_char
                self.flags(flags[1])
                self.at = flags.end()
                found = self.closed()
                self.any_char = before
                return found
            if self.text.startswith("(?", self.at):
                raise Unreadable(f"unknown group at {self.at}")
            self.take("(")
        return self.closed()

    def closed(self) -> Node:
        found = self.choice()
        if not self.take(")"):
            raise Unreadable("an unclosed group")
        return found

    def escape(self) -> Node:
        """Read what stands behind a backslash outside a class."""
        char = self.peek()
        anchors: dict[str, Anchor] = {"A": Anchor("start"), "z": Anchor("end"), "Z": Anchor("loose")}
        if char in anchors and char:
            self.at += 1
            # cfn-lint reads schemas as Python does, where \Z is the very end.
            return Anchor("end") if self.dialect == "schema" and char == "Z" else anchors[char]
        if char and char in "bBG":
            raise Undecided(f"the boundary \\{char}")
        if char and char in "123456789k":
            raise Undecided("a back reference")
        if self.dialect == "java" and char == "R":
            self.at += 1
            return Choice((Row((Chars(charset.chars("\r")), Chars(charset.chars("\n")))), Chars(VERTICAL)))
        return Chars(self.escaped())

    def escaped(self) -> Charset:
        """Read what stands behind a backslash and is a set of characters, in a class or outside."""
        char = self.peek()
        self.at += 1
        if not char:
            raise Unreadable("a backslash at the end")
        classes = {"d": DIGIT, "w": WORD, "s": SPACE[self.dialect], "h": HORIZONTAL, "v": VERTICAL}
        if self.dialect == "schema":
            classes |= {"v": charset.chars("\x0b")}
            classes.pop("h")
        if char in classes:
            return classes[char]
        if char.lower() in classes and char != "V" and char.isupper():
            return charset.complement(classes[char.lower()])
        if char == "V" and self.dialect == "java":
            return charset.complement(VERTICAL)
        if char in "pP":
            found = self.property()
            return charset.complement(found) if char == "P" else found
        if char in CONTROLS:
            return charset.chars(CONTROLS[char])
        return charset.chars(self.code(char))

    def code(self, char: str) -> str:
        """Read a character that is written by its number, or that is escaped for nothing."""
        forms = {"x": r"([0-9a-fA-F]{2})", "u": r"([0-9a-fA-F]{4})"}
        if char in forms:
            braced = r"\{([0-9a-fA-F]{1,6})\}|" if char == "x" or self.dialect == "schema" else ""
            found = re.compile(braced + forms[char]).match(self.text, self.at)
            if not found:
                raise Unreadable(f"an illegal \\{char} at {self.at}")
            self.at = found.end()
            number = int(found[found.lastindex or 0], 16)
            if number > charset.LAST:
                raise Unreadable(f"an illegal \\{char} at {self.at}")
            return chr(number)
        if char == "0":
            found = re.compile("[0-3][0-7]{2}|[0-7]{1,2}").match(self.text, self.at)
            if found is None and self.dialect == "java":
                raise Unreadable("an illegal octal escape")
            self.at = found.end() if found else self.at
            return chr(int(found[0], 8)) if found else "\0"
        if char == "c" and self.dialect == "java" and self.peek():
            self.at += 1
            return chr(ord(self.text[self.at - 1]) ^ 64)
        if char.isascii() and char.isalnum():
            if self.dialect == "java" and char not in "NX":
                raise Unreadable(f"an unknown escape \\{char}")
            raise Undecided(f"the escape \\{char}")
        return char

    def property(self) -> Charset:
        """Read the name of a \\p{…}."""
        found = re.compile(r"\{(\^?)([^{}]+)\}|([A-Z])").match(self.text, self.at)
        if not found:
            raise Unreadable(f"an illegal \\p at {self.at}")
        self.at = found.end()
        name = found[2] or found[3]
        if name in ASCII:
            spelled = ASCII[name]
            return charset.charset((ord(spelled[i]), ord(spelled[i + 2])) for i in range(0, len(spelled), 3))
        if name.startswith("java") or found[1]:
            raise Undecided(f"the property {name}")
        spelled = re.sub(r"^(?:general_category|gc)=", "", name)
        spelled = re.sub(r"^(?:block|blk)=|^In(?=[A-Z])", "Block=", spelled)
        spelled = re.sub(r"^Is(?=[A-Z])", "", spelled)
        ranges = property_ranges(spelled, self.last)
        if ranges is None:
            raise Unreadable(f"an unknown character property {name}")
        return ranges

    def java_class(self) -> Charset:
        """Read a class behind its `[`. What Java 8 and later ones read differently is undecided."""
        negated = self.take("^")
        parts: list[Charset] = []
        found: list[Charset] = []
        nested = empty = False
        while True:
            char = self.peek()
            if not char:
                raise Unreadable("an unclosed class")
            if char == "]" and (found or parts):
                self.at += 1
                break
            if self.take("&&"):
                empty |= not found
                parts.append(charset.union(*found))
                found = []
                nested = True
            elif char == "[":
                self.at += 1
                found.append(self.java_class())
                nested = True
            else:
                found.append(self.java_range())
        if empty or (parts and not found):
            raise Undecided("a class with nothing on one side of &&")
        whole = charset.union(*found)
        for part in parts:
            whole = charset.intersection(whole, part)
        if negated and nested:
            raise Undecided("a negated class with && or a class inside, which versions of Java read differently")
        return charset.complement(whole) if negated else whole

    def java_range(self) -> Charset:
        first = self.member()
        after = self.text[self.at + 1 : self.at + 2]
        if self.peek() != "-" or after in ("]", "[", "") or isinstance(first, tuple):
            return first if isinstance(first, tuple) else charset.chars(first)
        self.at += 1
        last = self.member()
        if isinstance(last, tuple):
            raise Undecided("a range to a class")
        if last < first:
            raise Unreadable("an illegal character range")
        return ((ord(first), ord(last)),)

    def member(self) -> str | Charset:
        """Read one member of a class: a character, or a set that an escape stands for."""
        char = self.peek()
        self.at += 1
        if char != "\\":
            return char
        if self.peek() == "b" and self.dialect == "schema":
            self.at += 1
            return "\b"
        kind = self.peek()
        found = self.escaped()
        single = len(found) == 1 and found[0][0] == found[0][1] and kind not in "dDsSwWhHvVpP"
        return chr(found[0][0]) if single else found

    def schema_class(self) -> Charset:
        negated = self.take("^")
        found: list[Charset] = []
        while True:
            if not self.peek():
                raise Unreadable("an unclosed class")
            if self.take("]"):
                break
            first = self.member()
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", "") and isinstance(first, str):
                self.at += 1
                last = self.member()
                if isinstance(last, tuple):  # what both ECMA and Python read as a hyphen
                    found += [charset.chars(f"{first}-"), last]
                    continue
                if last < first:
                    raise Unreadable("an illegal character range")
                found.append(((ord(first), ord(last)),))
            else:
                found.append(charset.chars(first) if isinstance(first, str) else first)
        whole = charset.union(*found)
        return charset.complement(whole) if negated else whole
