"""Colours of the page against what they stand on, as WCAG 2.2 asks: 4.5 to 1 of text (1.4.3), 3 of borders (1.4.11)."""

import re
from itertools import product
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[3] / "tools/stackproof/page/templates/picture.css.jinja").read_text()
LIGHT, DARK = (dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in re.findall(r":root \{(.*?)\}", TEXT, re.S))
ON_ALL = ("ink", "soft", "good", "bad", "g0", "k-replication", "k-copies", "k-peering", "k-subscription",
          "k-restore-test", "k-mention")  # fmt: skip
TEXTS = [*product(ON_ALL, ("card", "code")), ("ink", "back"), ("soft", "back"), ("g0", "back"), ("ink", "mark"),
         ("soft", "mark"), ("good", "good-back"), ("bad", "bad-back"), ("ink", "bad-back"),
         ("doubt", "doubt-back"), ("card", "bad"), ("card", "ink")]  # fmt: skip
BORDERS = [("edge", "card"), ("edge", "back"), ("g0", "back"), ("g0", "card"), *((f"g{at}", "card") for at in range(7))]


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, {**LIGHT, **DARK}], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXTS, 4.5), (BORDERS, 3.0)], ids=["text", "borders"])
def test_colours_stand_out(colours: dict[str, str], pairs: list[tuple[str, str]], least: float) -> None:
    found = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in found.items() if ratio < least} == {}


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert round(contrast("#000", "#ffffff"), 2) == 21
