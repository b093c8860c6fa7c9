"""Every number of a brief has its evidence, on the page, on paper and on slides."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from pptx import Presentation
from pypdf import PdfReader

from enterprise.strategic_synthesizer.engine.composing import compose
from enterprise.strategic_synthesizer.engine.contracts import (
    Brief,
    BriefInputs,
    BudgetIn,
    CampaignIn,
    ChannelIn,
    Claim,
    Evidence,
    Figure,
    FindingIn,
    Name,
    Phrase,
    QualityIn,
    Section,
    Word,
)
from enterprise.strategic_synthesizer.engine.figures import letters
from enterprise.strategic_synthesizer.engine.finished import Finished, finish
from enterprise.strategic_synthesizer.engine.numbers import day, number, quantity, rupees
from enterprise.strategic_synthesizer.engine.rendering import (
    NUMBER,
    known_texts,
    plain,
    sentence,
    untraced,
)
from enterprise.strategic_synthesizer.engine.slides import slides
from enterprise.strategic_synthesizer.engine.stored import as_json, changed, from_json, hash_of
from enterprise.strategic_synthesizer.errors import UntracedNumber
from enterprise.strategic_synthesizer.services.documents import TEMPLATE, payload_of
from marketing_platform.documents.render import render_pdf

DAY = date(2026, 11, 22)
BUDGET = BudgetIn(
    channels=(
        ChannelIn("Google Ads", 4_50_000_00, 5_20_000_00, 4.21, 3.1, 5.34, True),
        ChannelIn("Meta 2", 12_34_567_00, 5_00_000_00, 1.9, 0.2, 4.4, False),
    ),
    total_before_paise=16_84_567_00,
    total_after_paise=10_20_000_00,
    gain=1_24_30_000,
    gain_low=12_40_000,
    gain_high=2_31_00_000,
    outcome_name="Revenue",
    outcome_unit="inr",
    weeks=156,
    fit_run_hash="ab12" * 16,
    allocation_run_hash="cd34" * 16,
    rows_hash="ee55" * 16,
    as_of=date(2026, 11, 15),
    is_reliable=False,
    is_unchanged=False,
)
FINDING = FindingIn(
    "trend", "Weekly leads", 12.34, "leads", 8.1, 16.4, 0.95, 104, "regression, 104 weeks",
    "ff00" * 16, DAY, Phrase("%(series)s: trend", (("series", "Weekly leads"),)), DAY, "week",
)  # fmt: skip
LOST = Phrase("Most deals are lost in %(stage)s", (("stage", "Demo 2"),))
FULL = BriefInputs(
    "Veda 3 <script>",
    DAY,
    (FINDING, replace(FINDING, kind="bottleneck", subject="Deals",
                      heading=LOST, value=24.0, low=20.5,
                      high=27.9, unit="percent", n=1312)),
    BUDGET,
    156,
    104,
    "aa11" * 16,
    DAY,
    (CampaignIn("1", "Diwali 2026", "draft", 50_000_00, "bb22" * 16, DAY, 6),),
    (
        QualityIn(
            "%(name)s has no row for %(n)s weeks between its first and its last",
            (("name", "Radio 9"),), (("n", 4),), "Radio 9", "Spend", 104, "dd33" * 16, DAY,
        ),
    ),
)  # fmt: skip
WORDS = {"before": "Before", "after": "After", "unit": "rupees a week"}


def finished(brief: Brief, language: str = "en") -> Finished:
    return finish(brief, language=language, translate=str)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "₹0"),
        (-0.001, "−₹0.001"),
        (3.456, "₹3.46"),
        (99.96, "₹100"),
        (950, "₹950"),
        (45_300, "₹45,300"),
        (99_949, "₹99,949"),
        (99_960, "₹1 lakh"),
        (12_34_567, "₹12.3 lakh"),
        (99_99_999, "₹1 crore"),
        (1_24_30_000, "₹1.24 crore"),
        (1_24_30_00_00_000, "₹12,430 crore"),
        (-5_00_000, "−₹5 lakh"),
    ],
)
def test_rupees_are_written_in_lakh_and_crore(value: float, text: str) -> None:
    assert rupees(value, "en") == text


def test_numbers_of_other_units() -> None:
    assert [number(each) for each in (4.2149, 41.37, 312.4, 421_000, 7.0, -3.5)] == [
        *("4.21", "41.4", "312", "4,21,000", "7", "−3.5")
    ]
    assert [number(each) for each in (0.0321, -0.00421, -1e-15, 0.0)] == [
        *("0.0321", "−0.00421", "0", "0")
    ]
    assert quantity(1, "weeks", "en") == "1 week"
    assert quantity(156, "weeks", "hi") == "156 हफ़्ते"
    assert quantity(24.04, "percent", "en") == "24%"
    assert rupees(12_34_567, "hi") == "₹12.3 लाख"
    assert day(DAY, "hi") == "22 नवंबर 2026"


def test_the_letters_of_evidence_go_on_after_z() -> None:
    assert [letters(each) for each in (0, 25, 26, 51, 52, 701, 702)] == [
        *("a", "z", "aa", "az", "ba", "zz", "aaa")
    ]


def test_a_digit_in_a_text_of_ours_is_refused() -> None:
    with pytest.raises(UntracedNumber):
        sentence(Claim("It grew by 7 percent"), {}, language="en", translate=str)
    with pytest.raises(UntracedNumber):
        sentence(Claim("बढ़ा: ७"), {}, language="hi", translate=str)
    with pytest.raises(UntracedNumber):
        sentence(Claim("%(x)s", {"x": Word("in 3 weeks")}), {}, language="en", translate=str)


def test_a_figure_without_evidence_is_refused() -> None:
    with pytest.raises(UntracedNumber):
        sentence(Claim("%(x)s", {"x": Figure("zz")}), {}, language="en", translate=str)


def test_a_translation_may_not_add_a_number() -> None:
    claim = Claim("Soon")
    with pytest.raises(UntracedNumber):
        sentence(claim, {}, language="hi", translate=lambda _text: "2 दिन में")


def test_a_phrase_holds_names_and_no_numbers_of_its_own() -> None:
    good = Claim("%(x)s", {"x": Phrase("Lost in %(stage)s", (("stage", "Demo 2"),))})
    assert plain(sentence(good, {}, language="en", translate=str)) == "Lost in Demo 2"
    bad = Claim("%(x)s", {"x": Phrase("7 lost in %(stage)s", (("stage", "Demo"),))})
    with pytest.raises(UntracedNumber):
        sentence(bad, {}, language="en", translate=str)


def test_a_brief_with_a_planted_number_is_never_finished() -> None:
    brief = compose(FULL)
    planted = Section("x", "x", (Claim("%(name)s", {"name": Name("fine")}),))
    assert finished(replace(brief, sections=(*brief.sections, planted)))
    worse = replace(planted, claims=(Claim("17 more"),))
    with pytest.raises(UntracedNumber):
        finished(replace(brief, sections=(*brief.sections, worse)))


def test_every_figure_says_what_it_rests_on() -> None:
    brief = compose(FULL)

    assert len(brief.evidence) >= 10
    for each in brief.evidence:
        assert each.metric and each.run_hash and each.source
        assert each.rows >= 1
        assert each.as_of <= DAY
    used = set(re.findall(r"evidence_id='(\w+)'", repr(brief)))
    assert used == {each.id for each in brief.evidence}


def test_the_sentences_of_a_full_brief() -> None:
    said = [
        plain(claim) for section in finished(compose(FULL)).sections for claim in section.claims
    ]

    assert "Weekly leads moves by 12.3 each week (8.1 to 16.4, 95% sure)." in said
    lost = "Most deals are lost in Demo 2: only 24% go on from there (20.5% to 27.9%, 95% sure)."
    assert lost in said
    assert "Lower Meta 2 from ₹12.3 lakh to ₹5 lakh a week." in said
    together = (
        "Together: ₹1.24 crore a week expected, between ₹12.4 lakh and ₹2.31 crore (90% sure)."
    )
    assert together in said
    assert "Test Meta 2 first: its return is the least sure, 0.2 to 4.4 per rupee." in said
    assert "Radio 9 has no row for 4 weeks between its first and its last" in said
    assert any("cannot tell; a test can" in each for each in said)
    assert any("not clean" in each for each in said)


def test_an_empty_workspace_gets_a_brief_that_says_so() -> None:
    brief = compose(BriefInputs("Veda", DAY, weeks_of_data=30, data_hash="0"))
    said = [plain(claim) for section in finished(brief).sections for claim in section.claims]

    wanted = "No budget model yet: it needs 52 weeks of spend and outcome, there are 30 weeks."
    assert wanted in said
    assert plain(finished(brief).headline) == "There is not enough data for a finding yet."


def test_a_gain_that_may_be_a_loss_is_not_promised() -> None:
    unsure = compose(replace(FULL, budget=replace(BUDGET, gain_low=-84_911)))

    headline = plain(finished(unsure).headline)
    assert headline.endswith("may bring −₹84,911 to ₹2.31 crore a week; it may cost, too.")
    assert "is expected to bring" in plain(finished(compose(FULL)).headline)


def test_an_allocation_that_changes_nothing_is_told_as_that() -> None:
    brief = compose(replace(FULL, budget=replace(BUDGET, is_unchanged=True)))
    (decision,) = finished(brief).sections[1].claims

    assert plain(decision).startswith("Keep the budget as it is")


def test_the_same_inputs_are_the_same_brief_and_come_back_from_json() -> None:
    brief = compose(FULL)
    content = as_json(brief)

    assert hash_of(content) == hash_of(as_json(compose(FULL)))
    assert from_json(content) == brief


def test_what_reads_differently_is_told() -> None:
    later = compose(replace(FULL, budget=replace(BUDGET, weeks=157)))
    pairs = [(was.value, now.value) for was, now in changed(compose(FULL), later)]

    assert pairs == [(156, 157)]


# --- every number, found again in what people get


def pdf_texts(content: bytes) -> tuple[list[str], int]:
    reader = PdfReader(BytesIO(content))
    return [page.extract_text() for page in reader.pages], len(reader.pages)


def slide_texts(content: bytes) -> tuple[list[str], list[float]]:
    texts, charted = [], []
    for slide in Presentation(BytesIO(content)).slides:
        texts.append(slide.notes_slide.notes_text_frame.text)
        for shape in slide.shapes:
            if shape.has_text_frame:
                texts += [paragraph.text for paragraph in shape.text_frame.paragraphs]
            if shape.has_table:
                texts += [cell.text for row in shape.table.rows for cell in row.cells]
            if shape.has_chart:
                for series in shape.chart.plots[0].series:
                    charted += list(series.values)
                    texts.append(series.name)
                texts += [str(each) for each in shape.chart.plots[0].categories]
    return texts, charted


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("inputs", [FULL, BriefInputs("Veda", DAY, data_hash="0")])
def test_every_number_of_the_pdf_is_in_the_evidence(inputs: BriefInputs, language: str) -> None:
    brief = compose(inputs)
    made = finished(brief, language)
    texts, pages = pdf_texts(render_pdf(TEMPLATE, payload=payload_of(made)))
    # The page's own number stands alone in its footer.
    texts = [re.sub(rf"(?m)(^|\s){place}\s*$", "", text) for place, text in enumerate(texts, 1)]

    assert pages >= 2
    assert "₹" in texts[0] or inputs is not FULL
    assert missed(texts, brief, language) == []
    assert missed([*texts, "and 17.4 more"], brief, language) == ["17.4"]


def missed(texts: list[str], brief: Brief, language: str) -> list[str]:
    """In Hindi the letters that are read back from a PDF are in the order in which they are drawn,
    so months are not recognised; there the numbers themselves are looked for.
    """
    if language == "en":
        return untraced(texts, brief, language=language)
    traced = {found for text in known_texts(brief, language) for found in NUMBER.findall(text)}
    return [found for text in texts for found in NUMBER.findall(text) if found not in traced]


@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_number_of_the_slides_is_in_the_evidence(language: str) -> None:
    brief = compose(FULL)
    texts, charted = slide_texts(slides(brief, finished(brief, language), words=WORDS))

    assert untraced(texts, brief, language=language) == []
    assert charted == [450_000, 1_234_567, 520_000, 500_000]
    values = {round(each.value) for each in brief.evidence}
    assert set(charted) <= values
    assert any("₹1.24" in text for text in texts)


def test_a_number_beside_a_traced_one_is_still_found() -> None:
    brief = compose(FULL)

    # 156 weeks are traced; 1,156 and 156.5 are not.
    assert untraced(["1,156 weeks", "156.5", "156 weeks"], brief, language="en") == [
        *("1,156", "156.5")
    ]


def test_hostile_names_stay_names() -> None:
    company = '=cmd|calc "<b>9" ' + "ख" * 180
    brief = compose(replace(FULL, company=company))
    made = finished(brief)

    assert company in "".join(slide_texts(slides(brief, made, words=WORDS))[0])
    assert render_pdf(TEMPLATE, payload=payload_of(made)).startswith(b"%PDF")


def test_an_interval_needs_both_ends() -> None:
    evidence = Evidence("a", "x", 1.0, "count", "h", 1, DAY, "s")
    claim = Claim("%(x)s", {"x": Figure("a", "interval")})
    with pytest.raises(ValueError, match="no interval"):
        sentence(claim, {"a": evidence}, language="en", translate=str)
