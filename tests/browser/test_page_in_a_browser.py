"""The page of a report in a real browser, which draws it without a word of complaint at every width and in the dark."""

import json
import os
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from stackproof.gate.gate import Inputs, check
from stackproof.page.html import page

ROOT = Path(__file__).parents[2]
NAMES = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
BROWSER = next((found for name in NAMES if name and (found := shutil.which(name))), None)

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium: install one, or name it in CHROMIUM")

MEASURE = """<!doctype html><title>waiting</title>
<iframe id="page" src="report.html" width="{width}" height="900"></iframe>
<script>onload = () => {{
  const inner = document.getElementById("page").contentDocument, view = inner.defaultView;
  const seen = [...inner.querySelectorAll("svg.picture")].filter(one => one.getBoundingClientRect().height);
  document.title = JSON.stringify({{
    width: inner.documentElement.scrollWidth, back: view.getComputedStyle(inner.body).backgroundColor,
    pictures: seen.length, arrows: seen[0].querySelectorAll("g.arrow").length,
    outside: [...seen[0].querySelectorAll("text")].filter(text => text.getBBox().x < 0).length,
    chips: [...seen[0].querySelectorAll("g[class^=c-]")].filter(chip => chip.querySelector("text")
      && chip.querySelector("text").getBBox().width > 192).map(chip => chip.textContent) }});
}}</script>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page of the real template."""
    path = str(ROOT / "lib/TapStack.json")
    inputs = Inputs(path, str(ROOT / "rules"), str(ROOT / "rules/scenarios.yaml"), "none", date(2026, 1, 1))
    made: Path = tmp_path_factory.mktemp("page")
    (made / "report.html").write_text(page(check(inputs, lint=False), date(2026, 1, 1)))
    return made


def browse(folder: Path, *arguments: str) -> tuple[str, str]:
    """Run the browser; return what it printed and what the page wrote to its console."""
    done = subprocess.run(
        [str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
         f"--user-data-dir={folder / 'profile'}", "--allow-file-access-from-files", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def measured(folder: Path, width: int, *arguments: str) -> dict[str, Any]:
    measure = folder / f"measure{width}.html"
    measure.write_text(MEASURE.format(width=width))
    out, console = browse(folder, "--virtual-time-budget=5000", "--dump-dom", *arguments, measure.as_uri())
    title = re.search(r"<title>(.*?)</title>", out)
    assert title and console == ""
    found: dict[str, Any] = json.loads(title.group(1))
    return found


@pytest.mark.parametrize("width", [360, 390, 820, 1280, 2000])
def test_no_width_makes_the_page_itself_scroll_sideways(folder: Path, width: int) -> None:
    assert measured(folder, width)["width"] <= width


def test_one_picture_is_seen_with_its_arrows_and_no_name_is_wider_than_its_place(folder: Path) -> None:
    found = measured(folder, 1280)
    assert (found["pictures"], found["outside"], found["chips"]) == (1, 0, [])
    assert found["arrows"] > 10


def test_it_is_light_in_the_light_and_dark_in_the_dark(folder: Path) -> None:
    light = measured(folder, 1280, "--blink-settings=preferredColorScheme=1")["back"]
    dark = measured(folder, 1280, "--blink-settings=preferredColorScheme=0")["back"]
    assert sum(map(int, re.findall(r"\d+", light))) > 600
    assert sum(map(int, re.findall(r"\d+", dark))) < 120


def test_it_opens_without_a_word_on_the_console_where_no_network_answers(folder: Path) -> None:
    page = (folder / "report.html").as_uri()
    out, console = browse(folder, "--proxy-server=127.0.0.1:9", "--dump-dom", page)
    assert console == ""
    assert "Two regions, side by side" in out


def test_it_prints(folder: Path) -> None:
    browse(folder, f"--print-to-pdf={folder / 'report.pdf'}", (folder / "report.html").as_uri())
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")
