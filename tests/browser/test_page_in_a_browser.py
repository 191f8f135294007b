"""The page of a report in a real browser: drawn at every width, light, dark and printed; by keys alone; checked by axe.

Playwright leads the Chromium or Chrome of this machine and brings none; axe-core is a file of the package that brings
it, so nothing is fetched. Colours behind one letter or over a picture, which axe does not measure, are reckoned by
tests/unit/page/test_contrast.py.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from stackproof.foundation.finding import Finding, Place
from stackproof.gate.gate import Inputs, check
from stackproof.page.html import page

ROOT = Path(__file__).parents[2]
NAMES = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
BROWSER = next((found for name in NAMES if name and (found := shutil.which(name))), None)
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium: install one, or name it in CHROMIUM")

Opened = Callable[..., Page]

MEASURED = """picture => {
  const boxes = [...picture.querySelectorAll("g.arrow text")].map(text => [text.textContent, text.getBBox()]);
  const meets = (one, other) => one.x < other.x + other.width && other.x < one.x + one.width
    && one.y < other.y + other.height && other.y < one.y + one.height;
  const passed = new Set();
  for (const path of picture.querySelectorAll("g.arrow path")) {
    const length = path.getTotalLength();
    for (let at = 0; at <= length; at += 8) {
      const { x, y } = path.getPointAtLength(at);
      for (const [name, box] of boxes) if (meets({ x, y, width: 0, height: 0 }, box)) passed.add(name);
    }
  }
  const chips = [...picture.querySelectorAll("g[class^=c-]")];
  return {
    arrows: picture.querySelectorAll("g.arrow").length, labels: boxes.length, passed: [...passed],
    over: boxes.filter(([, box], at) => boxes.slice(at + 1).some(([, other]) => meets(box, other))).length,
    wide: chips.filter(chip => chip.querySelector("text")?.getBBox().width > 192).map(chip => chip.textContent) };
}"""
FOCUSED = """() => {
  const element = document.activeElement, box = element.getBoundingClientRect();
  const ring = getComputedStyle(element.matches("[type=radio]") ? element.nextElementSibling : element);
  const seen = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, 30) / 2);
  return { whole: element === document.body, ring: ring.outlineStyle,
    name: (element.id || element.textContent).trim().slice(0, 40),
    seen: element.matches("[type=radio]") || element.contains(seen) };
}"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the real template, with a finding put in."""
    path = str(ROOT / "lib/TapStack.json")
    inputs = Inputs(path, str(ROOT / "rules"), str(ROOT / "rules/scenarios.yaml"), "none", date(2026, 1, 1))
    outcome = check(inputs, lint=False)
    at = ("Resources", "TradingDataBucket")
    place, what = Place(path, 300, 9), "a bucket keeps no old versions"
    found = Finding("buckets_versioned", place, "", "both", what, "keep them", at)
    made = tmp_path_factory.mktemp("page") / "report.html"
    claims = (ROOT / "docs/claims.md").read_text(encoding="utf-8")
    made.write_text(page(replace(outcome, findings=(found,)), date(2026, 1, 1), claims), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def opened(browser: Browser, file: Path) -> Iterator[Opened]:
    """Open the page in a window of its own, without a network; a word on its console, or a request, fails the test."""
    contexts: list[BrowserContext] = []
    words: list[str] = []

    def open_page(width: int = 1280, scheme: Any = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
        contexts.append(context)
        window = context.new_page()
        window.on("console", lambda message: words.append(message.text))
        window.on("pageerror", lambda error: words.append(str(error)))
        window.on("request", lambda request: words.append(request.url) if request.url != file.as_uri() else None)
        window.goto(file.as_uri())
        return window

    yield open_page
    for context in contexts:
        context.close()
    assert [word for word in words if not word.startswith("data:,")] == []


@pytest.mark.parametrize("width", [360, 390, 820, 1280, 2000])
def test_no_width_makes_the_page_itself_scroll_sideways(opened: Opened, width: int) -> None:
    window = opened(width)
    assert window.evaluate("document.documentElement.scrollWidth") <= width
    window.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    assert window.evaluate("document.documentElement.scrollWidth") <= width


def test_no_line_passes_a_label_in_any_picture_and_no_name_is_wider_than_its_place(opened: Opened) -> None:
    window = opened()
    tabs = window.locator(".tabs > label")
    assert tabs.count() > 3
    for at in range(tabs.count()):
        tabs.nth(at).click()
        assert window.locator("svg.picture:visible").count() == 1
        found = window.locator("svg.picture:visible").evaluate(MEASURED)
        assert (found["passed"], found["over"], found["wide"]) == ([], 0, [])
        assert found["arrows"] > 10 and found["labels"] > 3


def test_it_is_light_in_the_light_and_dark_in_the_dark(opened: Opened) -> None:
    back = "getComputedStyle(document.body).backgroundColor"
    assert sum(map(int, re.findall(r"\d+", opened(scheme="light").evaluate(back)))) > 600
    assert sum(map(int, re.findall(r"\d+", opened(scheme="dark").evaluate(back)))) < 120


def test_it_prints_light_and_without_what_only_a_screen_needs(opened: Opened, tmp_path: Path) -> None:
    window = opened(scheme="dark")
    window.pdf(path=str(tmp_path / "report.pdf"), format="A4")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    window.emulate_media(media="print", color_scheme="light")
    window.set_viewport_size({"width": 700, "height": 900})
    assert not window.locator(".top, .tabs > label, .skip").filter(visible=True).count()
    assert window.evaluate("document.documentElement.scrollWidth") <= 700


def test_the_first_key_leads_past_the_head(opened: Opened) -> None:
    window = opened()
    window.keyboard.press("Tab")
    assert window.evaluate(FOCUSED) == {"whole": False, "name": "Skip to the report", "ring": "solid", "seen": True}
    window.keyboard.press("Enter")
    assert window.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("width", [1280, 390])
def test_what_has_the_focus_is_seen_and_comes_in_the_order_of_the_page(opened: Opened, width: int) -> None:
    window = opened(width)
    wanted = [*window.locator(".top a").all_text_contents(), "search"]
    met = []
    for _ in range(60):
        window.keyboard.press("Tab")
        met.append(window.evaluate(FOCUSED))
        if met[-1].pop("whole"):  # behind the last of the page
            met.pop()
            break
    assert [focus for focus in met if focus["ring"] == "none" or not focus["seen"]] == []
    assert [focus["name"] for focus in met][1 : len(wanted) + 1] == wanted


def test_pictures_are_chosen_by_arrow_keys_and_details_opened_by_enter(opened: Opened) -> None:
    window = opened()
    window.locator(".tabs > input:checked").focus()
    before = window.locator(".tabs > input:checked").get_attribute("id")
    window.keyboard.press("ArrowRight")
    assert window.locator(".tabs > input:checked").get_attribute("id") != before
    window.locator(".pane:visible summary").focus()
    window.keyboard.press("Enter")
    assert window.locator(".pane:visible details tbody tr:visible").count() > 10


def test_search_shows_what_has_all_words_enter_goes_there_escape_shows_all(opened: Opened) -> None:
    window = opened()
    shown = window.locator("main .entry:visible")
    whole = shown.count()
    window.keyboard.press("/")
    window.keyboard.type("S3ReplicationRole ListBucket")
    (found,) = shown.all_text_contents()
    assert "s3:GetReplicationConfiguration" in found and "s3:ListBucket" in found
    assert window.locator("main section:visible h2").all_text_contents() == [
        "Roles: what is granted, by what it is used"
    ]
    assert re.fullmatch(r"1 of \d+ found", window.locator("#found").inner_text())
    window.keyboard.press("Enter")
    assert "s3:ListBucket" in window.evaluate("document.activeElement.textContent")
    window.locator("#search").fill("buckets_versioned")
    assert shown.first.get_attribute("id") == "f-buckets_versioned" and shown.nth(1).get_attribute("id")
    window.keyboard.press("Escape")
    assert (shown.count(), window.locator("#found").inner_text()) == (whole, "")
    window.locator("#search").fill("no such thing")
    assert (shown.count(), window.locator("#found").inner_text()[:5]) == (0, "0 of ")


def test_no_other_script_is_run(browser: Browser, file: Path) -> None:
    harmful = file.with_name("harmful.html")
    harmful.write_text(file.read_text(encoding="utf-8").replace("</footer>", "</footer><script>stop()</script>"))
    window = browser.new_page()
    words: list[str] = []
    window.on("console", lambda message: words.append(message.text))
    window.goto(harmful.as_uri())
    window.close()
    assert len(words) == 1 and "Content Security Policy" in words[0]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing(opened: Opened, width: int, scheme: str) -> None:
    window = opened(width, scheme)
    window.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    window.evaluate(AXE)
    found = window.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    assert {rule["id"]: [node["html"][:120] for node in rule["nodes"][:3]] for rule in found["violations"]} == {}
    assert len(found["passes"]) > 20
