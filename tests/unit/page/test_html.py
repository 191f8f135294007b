"""The page of a report: what stands on it, and that it needs nothing else."""

import re
from base64 import b64encode
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from outcomes import broken, kept, untold

from stackproof.cli import main
from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import resolved
from stackproof.foundation.document import Document
from stackproof.gate.gate import Inputs, check
from stackproof.gate.project import Former
from stackproof.iam.grants import grants
from stackproof.page.html import coded, page
from stackproof.page.name_lengths import headroom
from stackproof.plan.creations import creations
from stackproof.report.formats import FORMATS, rendered
from stackproof.template import loader

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 1, 1)
VOID = {"meta", "link", "input", "br", "wbr"}


class Reader(HTMLParser):
    """Reads a page, noting tags that are not closed as they were opened, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.loads: list[str] = []
        self.arrows: set[tuple[str | None, ...]] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.loads += [value for key, value in attrs if key in ("src", "href") and value and value[0] != "#"]
        if "data-from" in attributes:
            self.arrows.add((attributes["data-from"], attributes["data-to"], attributes["data-kind"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"{tag} at {self.getpos()}")


@pytest.fixture(scope="module")
def real() -> str:
    """The page of the real template."""
    path = str(ROOT / "lib/TapStack.json")
    inputs = Inputs(path, str(ROOT / "rules"), str(ROOT / "rules/scenarios.yaml"), "none", TODAY)
    return page(check(inputs, lint=False), TODAY, (ROOT / "docs/claims.md").read_text())


def test_every_tag_is_closed(real: str) -> None:
    reader = Reader(real)
    assert (reader.wrong, reader.open) == ([], [])


def test_the_page_loads_nothing(real: str) -> None:
    assert Reader(real).loads == ["data:,"]
    assert not re.search(r"\son\w+=|@import|url\((?!#)", real)


def test_the_page_runs_its_search_alone_which_its_policy_allows_by_its_hash(real: str) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", real, re.S)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'; img-src data:\"" in real
    assert not re.search(r"fetch|XMLHttp|import\(|innerHTML|eval", script)


def test_no_line_of_a_picture_passes_a_label_and_each_kind_has_one(real: str) -> None:
    labelled: set[str] = set()
    for picture in re.findall(r'<svg class="picture".*?</svg>', real, re.S):
        lines = [points_of(line) for line in re.findall(r'<path d="(M[^"]*)" marker', picture)]
        labels = re.findall(r'marker-\w+="[^"]*"/><text x="([\d.]+)" y="([\d.]+)">([^<]+)</text>', picture)
        labelled.update(kind for *_, kind in labels)
        for x, y, kind in labels:
            wide = 3.8 * len(kind)  # half of it, in bold letters of 11 units
            hit = [point for line in lines for point in line
                   if abs(point[0] - float(x)) < wide and -10 < point[1] - float(y) < 3]  # fmt: skip
            assert (kind, hit) == (kind, [])
    assert labelled == {"replication", "copies", "peering", "subscription", "restore test"}


def points_of(line: str) -> list[tuple[float, float]]:
    """Return points of a line a few units apart: MOVE H level C curve H level."""
    x1, y1, inner, *curve, x2 = map(float, re.findall(r"-?[\d.]+", line))
    a, b, c, d = (inner, y1), (curve[0], curve[1]), (curve[2], curve[3]), (curve[4], curve[5])
    strips = (min(x1, inner), y1), (min(d[0], x2), d[1])
    level = [(x + step, y) for x, y in strips for step in range(0, int(abs(inner - x1)), 4)]
    steps = [step / 200 for step in range(201)]
    return level + [
        (
            (1 - t) ** 3 * a[0] + 3 * (1 - t) ** 2 * t * b[0] + 3 * (1 - t) * t * t * c[0] + t**3 * d[0],
            (1 - t) ** 3 * a[1] + 3 * (1 - t) ** 2 * t * b[1] + 3 * (1 - t) * t * t * c[1] + t**3 * d[1],
        )
        for t in steps
    ]


def test_the_page_shows_the_arrows_of_every_picture(real: str) -> None:
    arrows = {kind for *_, kind in Reader(real).arrows}
    assert arrows == {"replication", "copies", "peering", "subscription", "restore test", "mention"}


def test_the_page_says_that_everything_could_be_told(real: str) -> None:
    assert "cannot tell" not in real


def test_each_claim_is_shown_with_its_rules_that_pass(real: str) -> None:
    section = real.partition('<section id="claims">')[2].partition("</section>")[0]
    assert section.count('<tr class="entry">') == 14
    assert 'href="#r-buckets_replicate">buckets_<wbr>replicate</a>' in section and 'id="r-buckets_replicate"' in real
    assert 'class="unheld"' not in section


def test_every_rule_has_a_cell_for_every_scenario(real: str) -> None:
    rules = real.count('<tr class="rule entry"')
    assert rules > 100
    scenarios = len(scenario.load(str(ROOT / "rules/scenarios.yaml")))
    assert real.count('class="cell"') == rules * scenarios


@pytest.mark.usefixtures("small")
def test_a_finding_is_shown_with_the_templates_line_and_its_fix() -> None:
    outcome = broken()
    text = page(outcome, TODAY)
    assert '<span class="here"><i>15</i>' in text
    assert "fix: set VersioningConfiguration.Status to Enabled" in text


@pytest.mark.parametrize("name", ["template.json", "rules", "scenarios.yaml"])
def test_the_page_and_reports_show_the_text_that_was_checked_whatever_became_of_the_file(
    name: str, small: Path
) -> None:
    outcome = broken()
    before = [page(outcome, TODAY), *(rendered(form, outcome) for form in FORMATS)]
    (small / name).rename(small / "gone")
    assert [page(outcome, TODAY), *(rendered(form, outcome) for form in FORMATS)] == before


@pytest.mark.usefixtures("small")
def test_what_is_found_is_counted_at_the_resource_in_the_picture() -> None:
    text = page(broken(), TODAY)
    assert len(re.findall(r'class="chip g\d broken"', text)) == text.count('class="badge"') == 1
    assert 'href="#f-buckets_versioned"' in text and 'id="f-buckets_versioned"' in text


@pytest.mark.usefixtures("small")
def test_a_rule_that_cannot_tell_leaves_the_pictures_and_a_question_in_its_row() -> None:
    Path("rules/crashes.py").write_text('"""Crashes."""\n\n\ndef check(deployment):\n    raise ValueError\n')
    text = page(kept(), TODAY)
    assert 'id="picture"' in text
    assert text.count('class="cell untold"') == 1


def test_what_stands_between_backticks_is_shown_as_code() -> None:
    assert coded("`<a>` & b") == "<code>&lt;a&gt;</code> &amp; b"


@pytest.mark.usefixtures("small")
def test_what_is_written_in_a_template_is_not_read_as_html() -> None:
    path = Path("template.json")
    path.write_text(path.read_text().replace('"Enabled", "Enabled"', '"Enabled", "<script>"'))
    assert page(kept(), TODAY).count("<script>") == 1


@pytest.mark.usefixtures("small")
def test_of_a_template_that_could_not_be_read_the_page_says_why() -> None:
    text = page(untold(), TODAY)
    assert Reader(text).wrong == []
    assert "not JSON" in text and 'id="picture"' not in text


@pytest.mark.usefixtures("small")
def test_report_writes_the_page_and_ends_as_check_does(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["template.json", "--scenarios", "scenarios.yaml", "--no-lint", "--html", "report.html"]
    assert main.main(["report", *arguments]) == 0
    assert "template.json: passes: " in capsys.readouterr().out
    assert Path("report.html").read_text().startswith("<!doctype html>")


@pytest.mark.usefixtures("small")
def test_report_says_on_the_terminal_too_why_it_cannot_tell(capsys: pytest.CaptureFixture[str]) -> None:
    Path("scenarios.yaml").write_text("[]")
    arguments = ["template.json", "--scenarios", "scenarios.yaml", "--no-lint", "--html", "report.html"]
    assert main.main(["report", *arguments]) == 2
    assert "scenarios.yaml must be a mapping, not a list; fix: write KEY: value" in capsys.readouterr().err


def first() -> tuple[Document, scenario.Pair]:
    return loader.load(str(ROOT / "lib/TapStack.json")), scenario.load(str(ROOT / "rules/scenarios.yaml"))[0]


def test_every_grant_of_the_real_template_is_used_by_something() -> None:
    found = grants(resolved(*first()))
    assert found
    assert [grant for grant in found if not grant.used_by] == []


def test_a_grant_is_used_by_the_line_of_code_that_calls_it() -> None:
    (grant,) = [item for item in grants(resolved(*first())) if item.actions == ("dynamodb:PutItem",)]
    assert re.fullmatch(r"put_item of MigrationTrackerFunction, line \d+", grant.used_by[0])


def test_names_with_the_least_left_come_first() -> None:
    found = headroom([resolved(*first())])
    assert found[0].left == min(item.left for item in found) >= 0
    assert {item.logical: item.limit for item in found}["TradingDataBucket"] == 63


def test_operations_create_each_resource_once_a_side_after_all_that_it_waits_for() -> None:
    operations = creations(*first())
    assert [operation.title.split()[2] for operation in operations] == ["target", "source", "target"]
    assert operations[2].batches == (("PeeringRoute",),)
    target = [
        name
        for operation in operations
        if " target " in operation.title
        for batch in operation.batches
        for name in batch
    ]
    assert len(target) == len(set(target))


@pytest.mark.usefixtures("small")
def test_what_an_update_does_is_shown_step_by_step() -> None:
    text = Path("template.json").read_text(encoding="utf-8")
    former = Former("template.json", text.replace("data-${Suffix}", "files-${Suffix}"), "HEAD:template.json")
    inputs = Inputs("template.json", "rules", "scenarios.yaml", "pyproject.toml", TODAY, against=(former,))
    shown = page(check(inputs, lint=False), TODAY)
    assert Reader(shown).wrong == []
    assert "What the update does" in shown
    assert "files-abc-us-east-1 -&gt; data-abc-us-east-1" in shown
    assert re.search(r'<td class="n">1</td><td><b[^>]*>replaced</b></td><td>Bucket</td>', shown)


def test_what_cloudformation_needs_is_shown_type_by_type(real: str) -> None:
    section = real.partition('<section id="permissions">')[2].partition("</section>")[0]
    assert section.count("<details") == section.count("AWS::") >= 35
    assert "dynamodb:CreateTableReplica" in section
    assert "arn:aws:dynamodb:*:111111111111:table/trading-analytics-prod-2024" in section
    assert "iam:PassedToService = lambda.amazonaws.com" in section
