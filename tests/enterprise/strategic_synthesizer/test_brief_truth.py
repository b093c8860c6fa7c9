"""What the brief may not say: things of others, things that did not happen, half a truth."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from pptx import Presentation

from enterprise.data_sources.engine.quality.contracts import Issue, QualityReport, Severity, Table
from enterprise.data_sources.engine.tables import Sentence
from enterprise.strategic_synthesizer.engine.composing import compose
from enterprise.strategic_synthesizer.engine.contracts import (
    BriefInputs,
    BudgetIn,
    ChannelIn,
    FindingIn,
    Phrase,
)
from enterprise.strategic_synthesizer.engine.finished import Finished, finish
from enterprise.strategic_synthesizer.engine.numbers import quantity
from enterprise.strategic_synthesizer.engine.rendering import plain, untraced
from enterprise.strategic_synthesizer.engine.slides import as_text, fitting, slides
from enterprise.strategic_synthesizer.engine.stored import as_json, changed, from_json
from enterprise.strategic_synthesizer.services.gathering import _problem

DAY = date(2026, 11, 22)
HASH = "ab12" * 16
SUBJECT = "Meta Ads · cost per lead"
SHIFT = FindingIn(
    kind="level_shift", subject=SUBJECT, value=171.2, unit="inr", low=153.1, high=189.4,
    level=0.95, n=104, method="m", run_hash=HASH, as_of=DAY,
    heading=Phrase("%(series)s: level shift", (("series", SUBJECT),)),
    happened_on=date(2026, 5, 18), grain="week",
)  # fmt: skip
TREND = replace(
    SHIFT, kind="trend", value=9.0, low=4.0, high=14.0,
    heading=Phrase("%(series)s: trend", (("series", SUBJECT),)),
)  # fmt: skip
WON = replace(
    SHIFT, kind="conversion", subject="Deals", unit="percent", value=15.8, low=13.5, high=18.4,
    heading=Phrase("How many deals are won"),
)  # fmt: skip
HINDI = {"cost per lead": "प्रति लीड ख़र्च", "Deals": "सौदे", "each week": "हर हफ़्ते"}


def of(*findings: FindingIn, **more) -> BriefInputs:
    return BriefInputs("Veda", DAY, findings, data_hash="0", **more)


def read(inputs: BriefInputs, language: str = "en", words: dict | None = None) -> Finished:
    return finish(
        compose(inputs), language=language, translate=lambda text: (words or {}).get(text, text)
    )


def said(finished: Finished) -> list[str]:
    return [plain(claim) for section in finished.sections for claim in section.claims]


def test_a_step_says_since_when():
    stepped = f"{SUBJECT} stepped by ₹171 from 18 May 2026 on and stayed there"
    finished = read(of(SHIFT))
    assert f"{stepped} (₹153 to ₹189, 95% sure)." in said(finished)
    assert finished.evidence[0].happened_on == "18 May 2026"


def test_a_segment_says_which_deals():
    traits = (Phrase("large deals"), Phrase("mostly from %(name)s", (("name", "Expo 2026"),)))
    found = replace(
        WON, kind="segment", unit="ratio", value=1.624, low=1.31, high=1.99,
        heading=Phrase("Segment: %(parts)s"), group=traits,
    )  # fmt: skip
    finished = read(of(found))
    assert said(finished)[0].startswith(
        "Deals of one kind (large deals, mostly from Expo 2026) are won 1.62 times as often"
    )
    assert finished.evidence[0].metric == "Segment: large deals, mostly from Expo 2026"


def test_our_words_in_names_are_said_in_the_language_of_the_reader():
    finished = read(of(SHIFT), "hi", HINDI)
    assert said(finished)[0].startswith("Meta Ads · प्रति लीड ख़र्च ")
    assert finished.evidence[0].metric == "Meta Ads · प्रति लीड ख़र्च: level shift"


def test_a_name_with_a_number_is_traced_beside_a_translated_word():
    found = replace(SHIFT, subject="Plan 7 · cost per lead", heading=None)
    assert "Plan 7 · प्रति लीड ख़र्च" in said(read(of(found), "hi", HINDI))[0]


def test_an_interval_without_an_upper_end_is_left_out():
    finished = read(of(replace(WON, unit="days", value=43.0, low=None, high=None)))
    assert said(finished)[0] == "How many deals are won: 43 days."


@pytest.mark.parametrize(
    ("findings", "headline"),
    [
        ((WON,), "Nothing in the numbers clearly moved."),
        ((WON, SHIFT), f"{SUBJECT} is what moved most."),
        ((), "There is not enough data for a finding yet."),
    ],
)
def test_a_rate_is_not_called_a_move(findings, headline):
    assert plain(read(of(*findings)).headline) == headline


def test_enough_weeks_without_a_model_are_not_called_too_few():
    (claim,) = read(of(weeks_of_data=156)).sections[1].claims
    assert plain(claim).startswith("There is no budget model of these figures yet.")


def test_the_sample_says_on_every_paper_that_it_is_one():
    finished = read(of(SHIFT, is_sample=True))
    assert finished.title == "Marketing brief (sample data)"
    assert said(finished)[0].startswith("These figures belong to an invented company.")
    assert "invented" not in "".join(said(read(of(SHIFT))))


def test_only_the_same_thing_is_compared_with_the_brief_before():
    """A trend of ₹9 is no earlier value of a step of ₹171; nor is a step of another day."""
    later = replace(SHIFT, happened_on=date(2026, 8, 3), value=40.0, low=20.0, high=60.0)
    assert changed(compose(of(TREND)), compose(of(SHIFT))) == []
    assert changed(compose(of(SHIFT)), compose(of(later))) == []
    grown = replace(SHIFT, value=180.0)
    pairs = changed(compose(of(TREND, SHIFT)), compose(of(grown, TREND)))
    assert [(was.value, now.value) for was, now in pairs] == [(171.2, 180.0)]


def test_a_brief_as_it_was_kept_before_still_opens():
    content = as_json(compose(of(SHIFT)))
    del content["is_sample"]
    for each in content["evidence"]:
        del each["group"], each["happened_on"]
    brief = from_json(content)
    assert not brief.is_sample
    assert finish(brief, language="en", translate=str).evidence


def test_returns_have_two_decimals_and_tiny_ones_are_not_nothing():
    shown = [quantity(each, "ratio", "en") for each in (4.2149, 0.0695, 12.0, 0.0042)]
    assert shown == ["4.21", "0.07", "12", "0.0042"]


def problem(**params) -> Issue:
    return Issue(
        code="gap", severity=Severity.HIGH, table="outcomes", column="date", subject="Jobs done",
        n=1, example="", title=Sentence("%(name)s has no row for %(n)s weeks", params),
        fix=Sentence(""),
    )  # fmt: skip


def test_a_problem_of_the_data_is_told_in_its_own_sentence():
    tables = (Table("outcomes", 156, DAY, DAY, 156, 155),)
    report = QualityReport(DAY, tables, (), (), "cd" * 32, {"high": 1})
    found = _problem(problem(name="Jobs done", n=3), report, DAY)
    finished = read(of(quality=(found,)))
    assert "Jobs done has no row for 3 weeks" in said(finished)
    (row,) = [each for each in finished.evidence if each.metric.startswith("problem in the data")]
    assert (row.metric, row.value, row.rows) == ("problem in the data: Jobs done", "3", "156")


# --- slides


def channels(count: int, first: str) -> BudgetIn:
    named = (first, *(f"Channel {letter}" for letter in "ABCDEFGHIJKLMNOPQRST"))[:count]
    return BudgetIn(
        channels=tuple(ChannelIn(name, 100, 200, 1.5, 0.5, 2.5, False) for name in named),
        total_before_paise=100, total_after_paise=200, gain=1.0, gain_low=0.5, gain_high=2.0,
        outcome_name="Revenue", outcome_unit="inr", weeks=156, fit_run_hash=HASH,
        allocation_run_hash=HASH, rows_hash=HASH, as_of=DAY, is_reliable=False, is_unchanged=False,
    )  # fmt: skip


def deck(inputs: BriefInputs) -> bytes:
    words = {"before": "Before", "after": "After", "unit": "rupees a week"}
    return slides(compose(inputs), read(inputs), words=words)


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x.example")', "http://x.example", "+1", "@a"])
def test_no_channel_name_becomes_a_formula_in_the_chart(name):
    content = deck(of(budget=channels(2, name)))
    with ZipFile(BytesIO(content)) as file:
        (inside,) = [each for each in file.namelist() if each.endswith(".xlsx")]
        sheet = openpyxl.load_workbook(BytesIO(file.read(inside))).active
    cell = sheet["A2"]
    assert (cell.data_type, cell.value, cell.hyperlink) == ("s", f"'{name}", None)


def test_plain_names_stay_as_they_are():
    assert [as_text(each) for each in ("YouTube: brand", "Meta Ads")] == [
        "YouTube: brand", "Meta Ads",
    ]  # fmt: skip


def test_twenty_channels_fit_on_their_slides():
    inputs = of(budget=channels(20, "Google Ads"))
    shown = Presentation(BytesIO(deck(inputs))).slides
    tables = [shape.table for slide in shown for shape in slide.shapes if shape.has_table]
    assert [len(table.rows) - 1 for table in tables] == [8, 8, 4]
    names = [table.cell(place, 0).text for table in tables for place in range(1, len(table.rows))]
    assert len(set(names)) == 20
    texts = [cell.text for table in tables for row in table.rows for cell in row.cells]
    assert untraced(texts, compose(inputs), language="en") == []
    (risks,) = [
        shape.text_frame
        for slide in shown
        for shape in slide.shapes
        if shape.has_text_frame and len(shape.text_frame.paragraphs) > 15
    ]
    assert risks.paragraphs[0].runs[0].font.size.pt < 20


def test_text_is_made_as_large_as_fits():
    assert [fitting(["x" * 60] * count, 5_000_000) for count in (3, 14, 40)] == [20, 14, 10]
