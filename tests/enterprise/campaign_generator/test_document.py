"""Budget, texts, addresses, power and checks of a campaign document."""

import re
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import power_proportions_2indep

from enterprise.campaign_generator.engine.budget import grid_of, parts
from enterprise.campaign_generator.engine.checks import blocking, checks
from enterprise.campaign_generator.engine.contracts import (
    Audience,
    Creative,
    Document,
    Slot,
    Target,
    TrialAsked,
)
from enterprise.campaign_generator.engine.document import edited
from enterprise.campaign_generator.engine.limits import graphemes, limits, wide_length
from enterprise.campaign_generator.engine.power import per_arm, plan, smallest_lift
from enterprise.campaign_generator.engine.stored import as_json, from_json, hash_of
from enterprise.campaign_generator.engine.tracking import slug
from tests.enterprise.campaign_generator.made import ALL, FACTS, TODAY, document


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    total=st.integers(0, 10**14),
    shares=st.lists(st.integers(0, 10**6), min_size=1, max_size=20),
    weeks=st.integers(1, 52),
)
def test_a_budget_is_exact_in_both_directions_and_never_negative(
    total: int, shares: list[int], weeks: int
) -> None:
    names = tuple(f"c{place}" for place in range(len(shares)))
    grid = grid_of(total, names, shares, date(2026, 12, 1), weeks)
    assert sum(grid.by_channel) == sum(grid.by_week) == grid.total_paise == total
    assert min(min(row) for row in grid.paise) >= 0
    for paise, share in zip(grid.by_channel, shares, strict=True):
        if sum(shares):
            assert abs(paise * sum(shares) - total * share) < sum(shares)


def test_the_largest_remainder_gets_the_paisa() -> None:
    assert parts(100, [1, 1, 1]) == (34, 33, 33)
    assert parts(10, [15, 25]) == (4, 6)
    assert parts(7, [0, 0]) == (4, 3)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("नमस्ते", 3),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1),
        ("क्षत्रिय", 3),
        ("कि", 1),
        ("हिन्दी", 2),
        ("e\u0301", 1),
        ("👩‍👩‍👧", 1),
        ("🇮🇳🇮🇳", 2),
        ("👍🏽", 1),
        ("दी।", 2),
    ],
)
def test_a_character_is_what_a_reader_sees(text: str, length: int) -> None:
    assert len(graphemes(text)) == length
    assert "".join(graphemes(text)) == text


def test_full_width_counts_twice_for_google() -> None:
    assert wide_length("広告ab") == 6


@pytest.mark.parametrize(("repeats", "blocks"), [(30, False), (31, True)])
def test_devanagari_at_the_limit(repeats: int, blocks: bool) -> None:
    text = "ष्टि" * repeats
    assert len(text) > 100
    made = with_slots("google_ads", ("headline", text))
    assert ("too_long" in codes(made)) is blocks


def test_every_text_the_composer_writes_is_within_its_limits_in_both_languages() -> None:
    hindi = replace(
        FACTS, language="hi", product="वेदा गीज़र", company="वेदा", offer="फिटिंग मुफ़्त",
        benefits=("पाँच साल की वारंटी", "दो दिन में फिटिंग"),
    )  # fmt: skip
    for facts in (FACTS, hindi):
        made = document(facts=facts)
        assert [one.channel for one in made.creatives] == list(ALL)
        assert blocking(made, TODAY) == ()
        for one in made.creatives:
            for slot in one.slots:
                told = limits()[one.channel]
                assert 0 < told.length(slot.text) <= told.slots[slot.kind].limit
                assert "…" not in slot.text


def test_nothing_is_said_that_the_company_did_not_say() -> None:
    known = set(re.findall(r"\d+", " ".join((FACTS.product, FACTS.offer, *FACTS.benefits))))
    for one in document().creatives:
        for slot in one.slots:
            assert set(re.findall(r"\d+", slot.text)) <= known


def test_addresses_carry_their_own_lower_case_utm_parameters() -> None:
    made = document(name="Winter Launch: Pune 2026")
    seen = set()
    for one in made.creatives:
        query = parse_qs(urlsplit(one.url).query)
        assert query["ref"] == ["a"]
        utm = {name: values for name, values in query.items() if name.startswith("utm_")}
        assert utm["utm_campaign"] == ["winter_launch_pune_2026"]
        assert all(re.fullmatch(r"[a-z0-9_]+", value[0]) for value in utm.values())
        assert all(len(values) == 1 for values in utm.values())
        seen.add(tuple(sorted((name, value[0]) for name, value in utm.items())))
    assert len(seen) == len(made.creatives)
    assert document(name="Winter Launch: Pune 2026") == made


def test_names_that_lose_letters_stay_apart() -> None:
    found = {slug("दिवाली 2026"), slug("होली 2026"), slug("2026"), slug("Diwali 2026")}
    assert len(found) == 4
    assert slug("Café Crème") == "cafe_creme"
    long = "a" * 70
    assert slug(long + "x") != slug(long + "y")
    assert all(re.fullmatch(r"[a-z0-9_]{1,60}", one) for one in (*found, slug(long)))


def test_a_hindi_name_has_a_stable_address_too() -> None:
    assert re.fullmatch(r"c_[0-9a-f]{10}", slug("दिवाली"))
    assert slug("दिवाली") == slug("दिवाली") != slug("होली")


@pytest.mark.parametrize(("rate", "lift"), [(0.05, 0.2), (0.01, 0.5), (0.3, 0.1), (0.5, -0.1)])
def test_visits_needed_are_those_of_statsmodels(rate: float, lift: float) -> None:
    needed = per_arm(rate, lift)
    power = [
        power_proportions_2indep(rate * lift, rate, n, return_results=False)
        for n in (needed * 0.98, needed * 1.02)
    ]
    assert power[0] < 0.8 < power[1]


def test_the_smallest_lift_needs_the_visits_there_are() -> None:
    lift = smallest_lift(0.05, 20_000)
    assert lift is not None
    assert per_arm(0.05, lift) <= 20_000 < per_arm(0.05, lift * 0.999)


def test_a_budget_too_small_to_learn_says_so() -> None:
    small = document(budget_paise=1_000_000)
    enough = document(budget_paise=100_000_000)
    assert small.test.weeks_needed > 4 >= enough.test.weeks_needed
    assert "test_too_small" in codes(small)
    assert "test_too_small" not in codes(enough)
    assert plan(TrialAsked(), 10**9, 4).weeks_needed is None


def test_a_round_rate_is_said_without_a_point() -> None:
    (rate,) = [
        dict(one.said.values)["percent"]
        for one in document(test=TrialAsked(0.02, 0.2, 1_500)).assumptions
        if "convert today" in one.said.message
    ]
    assert rate == "2"


def test_an_audience_of_nobody_blocks() -> None:
    nobody = replace(document(), audience=Audience("Homes", 0, "stated", "At checkout"))
    assert "audience_empty" in {one.code for one in blocking(nobody, TODAY)}


@pytest.mark.parametrize(
    ("visit_paise", "says"),
    [(10**9, "buys no visit"), (3_000_000, "more than ten years")],
)
def test_a_test_without_end_is_not_given_weeks(visit_paise: int, says: str) -> None:
    made = document(test=TrialAsked(0.05, 0.2, visit_paise))
    (told,) = [one.said for one in checks(made, TODAY) if one.code == "test_too_small"]
    assert says in told.message
    assert made.test.is_endless


def test_a_plain_campaign_is_not_blocked_and_says_what_is_not_known() -> None:
    made = document(audience=Audience("", None, "unknown", "yes"), test=TrialAsked())
    assert blocking(made, TODAY) == ()
    assert {"audience_unknown", "test_unknown", "target_not_judged"} <= set(codes(made))


BLOCKED: dict[str, Any] = {
    "dates_past": lambda: document(first_on=date(2026, 11, 21)),
    "landing_page_missing": lambda: edited(document(), landing_url=""),
    "landing_page_wrong": lambda: edited(document(), landing_url="veda"),
    "consent_missing": lambda: document(audience=Audience("", 5, "stated", "  ")),
    "budget_over": lambda: with_cell(document(), 10**9),
    "budget_empty": lambda: document(budget_paise=0),
    "target_outside": lambda: document(target=Target("orders", 900.0, "", 100.0, 899.9)),
    "too_long": lambda: with_slots("google_ads", ("headline", "a" * 31)),
    "too_few": lambda: edited(document(), texts={"google_ads": (Slot("headline", "One"),)}),
    "too_many": lambda: with_slots("linkedin_ads", ("headline", "Two")),
    "formula": lambda: with_slots("google_ads", ("headline", "=1+1")),
    "forbidden_claim": lambda: with_slots("meta_ads", ("headline", "Guaranteed savings")),
}


@pytest.mark.parametrize("code", BLOCKED)
def test_what_blocks(code: str) -> None:
    plain = document()
    assert code not in codes(plain)
    assert code in [check.code for check in blocking(BLOCKED[code](), TODAY)]


def test_a_hindi_claim_blocks_too() -> None:
    assert "forbidden_claim" in codes(with_slots("meta_ads", ("headline", "बचत की गारंटी")))


def test_the_range_holds_only_for_the_budget_it_was_made_for() -> None:
    made = document(target=Target("orders", 900.0, "", 800.0, 1000.0, run_hash="r"))
    assert "target_not_judged" not in codes(made)
    moved = with_cell(made, made.grid.paise[0][0] - 1)
    assert "target_not_judged" in codes(moved)
    assert "target_outside" not in codes(edited(moved, target=5.0))


def test_the_calendar_knows_the_holidays_of_its_weeks() -> None:
    events = document(first_on=date(2027, 1, 18), weeks=4).events
    assert [event.on for event in events if event.kind == "holiday"] == sorted(
        event.on for event in events if event.kind == "holiday"
    )
    names = {event.on: event.name for event in events if event.kind == "holiday"}
    assert "Republic Day" in names[date(2027, 1, 26)]
    assert events[0].kind == "start"
    assert [event.on for event in events if event.kind == "review"] == [date(2027, 2, 1)]
    assert all(date(2027, 1, 18) <= event.on <= date(2027, 2, 14) for event in events)


def test_a_document_survives_being_stored() -> None:
    made = document()
    assert from_json(as_json(made)) == made
    assert hash_of(as_json(made)) != hash_of(as_json(edited(made, name="Other")))


def test_one_channel_we_do_not_write_for() -> None:
    made = document(channels=("Print",), shares=(0,))
    assert made.creatives == ()
    assert made.grid.total_paise == 60_000_001
    assert "no_texts" in codes(made)


def codes(made: Document) -> list[str]:
    return [check.code for check in checks(made, TODAY)]


def with_slots(channel: str, *more: tuple[str, str]) -> Document:
    """The document with one text more, in place of the last where Google takes no more."""
    made = document()
    old = next(one for one in made.creatives if one.channel == channel)
    slots = (*old.slots, *(Slot(*each) for each in more))
    new = Creative(channel, slots, old.url)
    return replace(made, creatives=tuple(new if one is old else one for one in made.creatives))


def with_cell(made: Document, paise: int) -> Document:
    rows = [list(row) for row in made.grid.paise]
    rows[0][0] = paise
    return edited(made, paise=tuple(tuple(row) for row in rows))
