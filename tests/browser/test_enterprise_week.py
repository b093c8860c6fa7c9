"""A marketing head's week, in Chromium against the running product: data to brief.

The tests share one signed-in browser and read in the order of the work; each also runs alone. The
company's first look may be done already or still be on its way: either way the pages lead there.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Locator, expect
from pptx import Presentation
from pypdf import PdfReader

from marketing_platform.core import clock
from marketing_platform.core.text import indian_grouping
from tests.browser.test_journeys import PHONE, Visitor

pytestmark = pytest.mark.browser
DESKTOP = {"width": 1280, "height": 860}
# How long a worker may take under load, in milliseconds.
PATIENCE, SOON = 180_000, 20_000
WEEKS, EMPTY_WEEK = 30, 12


class Head(Visitor):
    """The head of marketing; every page is looked at on a wide screen and on a phone."""

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def says(self, words: str | re.Pattern[str], timeout: int = SOON) -> None:
        expect(self.main).to_contain_text(words, timeout=timeout)

    def look(self, path: str = "") -> None:
        if path:
            self.open(path)
        self.see()
        self.page.set_viewport_size(PHONE)
        self.see()
        self.page.set_viewport_size(DESKTOP)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.main.get_by_role("button", name=name)

    def link(self, name: str | re.Pattern[str]) -> Locator:
        return self.main.get_by_role("link", name=name)

    def taken(self, name: str | re.Pattern[str]) -> bytes:
        """The file behind a link."""
        with self.page.expect_download(timeout=60_000) as download:
            self.link(name).click()
        return Path(download.value.path()).read_bytes()

    def done(self) -> None:
        """Waits for a job: its page leads on by itself, or has a link when it came too late."""
        going = self.page.locator("main [id^=job-]:not(:has(a))")
        expect(going).to_have_count(0, timeout=PATIENCE)
        self.page.wait_for_load_state()
        if "/jobs/" in self.page.url:
            self.link("Show the result").click()
            self.page.wait_for_load_state()


@dataclass(frozen=True)
class Row:
    """A channel of the proposal; rupees a week as the page writes them."""

    channel: str
    before: str
    after: str
    limit: str


@dataclass(frozen=True)
class Proposal:
    """The page of a proposal: ``best`` may have at most ``limit``, ``kept`` stays as it is."""

    head: Head
    best: str
    kept: str
    limit: str
    rows: dict[str, Row]


@pytest.fixture(scope="module")
def desk(browser: Browser, running_product: dict[str, Any]) -> Iterator[Head]:
    """Signed in to the demo company."""
    account = next(row for row in running_product["sign_ins"] if row["role"] == "enterprise_owner")
    workspace = next(row for row in running_product["workspaces"] if row["tier"] == "enterprise")
    context = browser.new_context(viewport=DESKTOP, locale="en-IN", reduced_motion="reduce")
    head = Head(context.new_page(), running_product)
    head.open(f"{workspace['url']}/")
    head.page.get_by_role("radio", name="E-mail").check()
    head.page.fill("[name=email]", account["login"])
    head.page.fill("[name=password]", account["password_or_code"])
    head.main.get_by_role("button", name="Sign in", exact=True).click()
    head.page.wait_for_url(f"{workspace['url']}/", timeout=60_000)
    yield head
    context.close()


@pytest.fixture
def head(desk: Head) -> Iterator[Head]:
    desk.problems.clear()
    desk.page.set_viewport_size(DESKTOP)
    yield desk
    assert desk.problems == []


@pytest.mark.slow
def test_a_file_of_outcomes_is_mapped_judged_and_undone(head: Head, tmp_path: Path) -> None:
    file = tmp_path / "service-visits.csv"
    file.write_text(service_visits())
    head.look("/data/")
    head.page.set_input_files("[name=file]", file)
    head.button("Upload and look").click()
    head.page.wait_for_url("**/data/drafts/*/")
    head.look()
    # "Jobs done" says nothing to us: the head does.
    head.page.select_option("[name=kind]", "outcomes")
    head.button("Read it this way").click()
    head.page.wait_for_load_state()
    columns = head.page.get_by_text("Which column holds what")
    if not head.page.get_by_label("Jobs done").is_visible():
        columns.click()
    head.page.get_by_label("Jobs done").select_option("value")
    head.page.get_by_label("Area").select_option("region")
    head.page.fill("[name=source_name]", "Service visits")
    head.button("Read it this way").click()
    head.says(f"{2 * (WEEKS - 1)} rows can be imported")
    head.says("1 row has a problem")
    head.says("not counted")
    head.look()
    head.button(f"Import the {2 * (WEEKS - 1)} good rows").click()
    head.says(f"service-visits.csv is imported: {2 * (WEEKS - 1)} rows.")
    head.open("/data/")
    imported = head.main.locator("li", has_text="service-visits.csv")
    expect(imported).to_contain_text("1 row with a problem was left out.")

    head.link(re.compile("^Is the data good enough")).click()
    head.page.wait_for_url("**/data/quality/")
    head.look()
    outcomes = head.main.locator(".panel", has=head.page.get_by_role("heading", name="Outcomes"))
    # The 156 weeks of sales that were there, and these.
    expect(outcomes.last).to_contain_text(f"{156 + 2 * (WEEKS - 1)} rows")
    head.says("What it suffices for")
    budget = head.main.locator("li", has_text="Where budget works")
    expect(budget.first).to_contain_text(re.compile("Ready|Limited"))

    head.open("/data/")
    imported.get_by_role("button", name=re.compile("^Undo")).click()
    head.page.wait_for_url("**/data/")
    expect(imported).to_have_count(0)


def service_visits() -> str:
    """Two areas by week, one week missing, one figure that is none."""
    monday = clock.today() - timedelta(days=clock.today().weekday())
    rows = ["Week,Area,Jobs done"]
    for back in range(WEEKS, 0, -1):
        if back == EMPTY_WEEK:
            continue
        for place, area in enumerate(("South", "West")):
            rows.append(f"{monday - timedelta(weeks=back)},{area},{40 + back % 5 + 9 * place}")
    rows.append(f"{monday - timedelta(weeks=1)},East,not counted")
    return "\n".join(rows) + "\n"


def test_a_crm_is_connected_and_read(head: Head) -> None:
    head.look("/data/sync/")
    head.look("/settings/connections/")
    card = head.main.locator("li", has=head.page.get_by_role("heading", name="HubSpot"))
    card.get_by_role("link", name="Connect").click()
    head.look()
    # The sandbox's own key stands beside the field.
    told = head.page.inner_text("#id_access_token_helptext")
    head.page.fill("[name=access_token]", told.removeprefix("Sandbox: ").strip())
    head.button("Try and connect").click()
    head.page.wait_for_url("**/settings/connections/")
    head.says("is connected.")
    head.open("/data/sync/")
    section = head.main.get_by_role("region", name="HubSpot", exact=True)
    start = section.get_by_role("button", name=re.compile("^Sync now"))
    running = section.get_by_role("link", name="It is running: look")
    (start.or_(running)).first.click()
    head.page.wait_for_load_state()
    if "/jobs/" in head.page.url:
        head.done()
    head.look("/data/sync/")
    expect(section).to_contain_text("Up to date")
    told = section.inner_text()
    counts = re.search(r"Deals: ([\d,]+) · contacts: ([\d,]+)", told)
    assert counts, told
    assert counts.groups() != ("0", "0"), told


def test_the_findings_open_their_evidence(head: Head) -> None:
    head.open("/insights/")
    # While segments and forecasts are computed the page may lead on by itself.
    expect(head.main.get_by_role("progressbar")).to_have_count(0, timeout=PATIENCE)
    head.look("/")
    head.look("/insights/")
    drawer = head.page.get_by_text("How we know, and what this cannot tell").first
    drawer.click()
    card = head.main.locator("article").first
    expect(card.get_by_text("Cannot tell", exact=True)).to_be_visible()
    told = card.inner_text()
    assert re.search(r"\d{1,3}(\.\d+)?%", told), told
    run = card.locator("a[href*='/insights/runs/']").first
    shown = run.inner_text()
    run.click()
    head.page.wait_for_url("**/insights/runs/**")
    head.says(shown)
    head.says("Rows used")
    head.look()


@pytest.fixture
def fitted(head: Head) -> Head:
    """On the budget page of a fit: the first look's, or one that is made now."""
    head.open("/budget/")
    if head.button("Fit the model").count():
        head.look()
        head.button("Fit the model").click()
        head.done()
    expect(head.link("Find the best split")).to_be_visible()
    return head


@pytest.fixture
def proposed(fitted: Head) -> Proposal:
    """The best channel may have a little more, another one is kept; the rest is the optimiser's."""
    head = fitted
    told = head.page.inner_text("#next-rupee")
    best, worst = re.search(r"works hardest in (.+) and least in (.+)\.$", told).groups()
    head.link("Find the best split").first.click()
    head.page.wait_for_url("**/optimise/")
    head.look()
    low, high = (head.page.get_by_label(f"{side} · {best}") for side in ("At least", "At most"))
    least, most = rupees(low.input_value()), rupees(high.input_value())
    limit = indian_grouping(round(least + 0.55 * (most - least)))
    high.fill(limit)
    head.page.get_by_label(f"Keep as it is · {worst}").check()
    head.button("Find the best split").click()
    head.page.wait_for_url("**/budget/proposals/*/", timeout=PATIENCE)
    rows = [
        Row(*(row.locator("th, td").nth(place).inner_text().strip() for place in (0, 1, 2, 5)))
        for row in head.page.locator("table tbody tr").all()
    ]
    return Proposal(head, best, worst, limit, {row.channel: row for row in rows})


def rupees(written: str) -> float:
    return float(written.replace("₹", "").replace(",", ""))


@pytest.mark.slow
def test_the_best_split_keeps_the_limits(proposed: Proposal) -> None:
    head, rows = proposed.head, proposed.rows
    assert len(rows) == 8
    assert rows[proposed.best].after == f"₹{proposed.limit}"
    assert rows[proposed.best].limit == "upper"
    assert rows[proposed.kept].limit == "kept"
    together = head.page.locator("tfoot td").nth(1).inner_text()
    assert sum(rupees(row.after) for row in rows.values()) == pytest.approx(rupees(together))
    gain = head.page.locator("dl", has_text="Gain a week, range").locator("dd").first
    expect(gain).to_have_text(re.compile(r"^-?₹[\d.,]+.* – ₹[\d.,]+"))
    head.look()

    head.page.fill("[name=name]", f"At most {proposed.limit}")
    head.button("Keep as a scenario").click()
    head.page.wait_for_url("**/budget/scenarios/")
    head.says(f"At most {proposed.limit}")
    head.look()
    head.look("/budget/")


def test_a_campaign_comes_from_the_proposal_and_goes_out_as_files(proposed: Proposal) -> None:
    head = proposed.head
    head.look("/campaigns/")
    head.link("From the budget proposal").click()
    head.look()
    name = f"Cool rooms {clock.now():%H%M%S}"
    first_on = clock.today() + timedelta(days=14)
    for field, value in {
        "name": name,
        "goal": "More orders of air coolers before summer",
        "product": "Veda air coolers",
        "benefits": "Delivered in two days\nFive-year warranty\nService in 40 cities",
        "first_on": f"{first_on}",
        "weeks": "4",
    }.items():
        head.page.fill(f"[name={field}]", value)
    head.button("Make the campaign").click()
    head.page.wait_for_url(re.compile(r"/campaigns/[0-9a-f-]{36}/$"))
    stops = head.main.get_by_role("region", name="This must change before approval")
    expect(stops).to_contain_text("There is no landing page.")
    expect(head.button("Approve")).to_have_count(0)
    head.look()

    head.link("Change").click()
    head.look()
    head.page.fill("[name=landing_url]", "https://veda.example/coolers")
    headlines_added(head)
    head.button("Save a new version").click()
    head.says("Saved as a new version.")
    expect(stops, head.main.inner_text()[:400]).to_have_count(0)
    head.button("Approve").click()
    head.says("Approved")
    planned = rupees(head.page.locator("tfoot td").last.inner_text())
    files_hold(head, name, planned)
    head.page.reload()
    head.look()


def headlines_added(head: Head) -> None:
    area = head.page.locator("[name=texts_google_ads_headline]")
    lines = area.input_value().splitlines()
    area.fill("\n".join([*lines, "Air coolers by Veda", "Cooler rooms this summer"]))


def files_hold(head: Head, name: str, planned: float) -> None:
    """Google Ads Editor takes its file; the media plan adds up to the paisa."""
    ads = list(csv.DictReader(io.StringIO(head.taken(re.compile("CSV")).decode("utf-8-sig"))))
    assert {row["Campaign"] for row in ads} == {name}
    ad = next(row for row in ads if row["Ad type"])
    lines = [ad[f"Headline {place}"] for place in range(1, 16) if ad[f"Headline {place}"]]
    assert len(lines) >= 3
    assert all(len(line) <= 30 for line in lines)
    assert ad["Final URL"].startswith("https://veda.example/coolers?utm_")
    assert all(row["Campaign Status"] in ("", "Paused") for row in ads)

    sheet = load_workbook(io.BytesIO(head.taken(re.compile("XLSX"))))["Budget"]
    amounts = [cell.value for row in sheet["B2:E9"] for cell in row]
    assert sum(round(amount * 100) for amount in amounts) == round(planned * 100)


def test_the_brief_shows_where_its_figures_come_from_and_leaves_as_files(fitted: Head) -> None:
    head = fitted
    head.open("/brief/")
    head.button(re.compile("Make the brief|Make it afresh")).click()
    head.says("The brief says what is known now.")
    head.look()
    figure = head.main.locator("article button[popovertarget]").first
    shown = figure.inner_text()
    drawer = head.page.locator(f"#{figure.get_attribute('popovertarget')}")
    expect(drawer).to_be_hidden()
    figure.click()
    expect(drawer).to_be_visible()
    expect(drawer).to_contain_text(shown)
    expect(drawer.locator("code")).to_have_text(re.compile("^[0-9a-f]{8,}"))
    drawer.get_by_role("button", name="Close").click()
    expect(drawer).to_be_hidden()

    headline = head.main.locator("article > p").first
    said, figures = headline.inner_text(), headline.locator("button").all_inner_texts()
    pdf = PdfReader(io.BytesIO(head.taken("PDF")))
    assert holds("".join(page.extract_text() for page in pdf.pages), said, figures)
    slides = Presentation(io.BytesIO(head.taken("PowerPoint"))).slides
    shapes = [shape for slide in slides for shape in slide.shapes if shape.has_text_frame]
    assert holds("".join(shape.text_frame.text for shape in shapes), said, figures)


def holds(text: str, said: str, figures: list[str]) -> bool:
    """The sentence stands in the text; white space and the letters of its notes do not count."""
    pattern = re.escape(plain(said))
    for figure in map(plain, figures):
        pattern = pattern.replace(re.escape(figure), re.escape(figure) + "[a-z]{0,2}", 1)
    return bool(figures) and re.search(pattern, plain(text)) is not None


def plain(text: str) -> str:
    return re.sub(r"\s+", "", text)
