import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from local.business.engine import CATEGORIES, CITIES, LANGUAGES, BusinessFacts
from local.intelligence.engine import (
    LocalInsightsRequest,
    check_request,
    insights_about,
    last_day,
)
from local.intelligence.engine.ahead import _sentences
from local.intelligence.errors import DateOutOfRange, DaysOutOfRange
from local.occasions.engine import Override, occasions_between

ASHA = BusinessFacts(
    id="1",
    name="Asha Mithai Bhandar",
    category="sweet_shop",
    city="pune",
    state="MH",
    languages=("mr", "hi"),
)


def ask(facts=ASHA, day=date(2026, 10, 15), days=30, language="en", overrides=()):
    request = LocalInsightsRequest(facts, day, days, language)
    found = occasions_between(
        day,
        last_day(request),
        state=facts.state,
        city=facts.city,
        category=facts.category,
        overrides=overrides,
    )
    return insights_about(request, found)


def one(slug, **asked):
    return next(each for each in ask(**asked).insights if each.occasion == slug)


def test_diwali_for_a_sweet_shop_in_pune():
    diwali = one("diwali")
    assert diwali.date == date(2026, 11, 8)
    assert diwali.days_left == 24
    assert diwali.days_to_prepare == 14
    assert diwali.prepare_by == date(2026, 10, 25)
    assert (diwali.weight, diwali.grade) == (3, "A")
    assert (diwali.certain, diwali.date_note) == (False, "expected")
    assert diwali.reason == "Diwali is one of the main days of the year for a sweet shop in Pune."
    assert diwali.action == ("Fix your list of specials, take one good photo, and plan the post.")


def test_the_same_day_in_hindi():
    assert one("diwali", language="hi").reason == (
        "पुणे में मिठाई की दुकान के लिए दिवाली साल के बड़े दिनों में से एक है।"
    )


def test_the_window_ends_on_its_last_day():
    assert "diwali" not in {each.occasion for each in ask(day=date(2026, 10, 10), days=29).insights}
    assert "diwali" in {each.occasion for each in ask(day=date(2026, 10, 10), days=30).insights}


def test_insights_come_in_the_order_of_their_days_and_seasons_under_way_come_last():
    found = ask(day=date(2026, 11, 22), days=60).insights
    under_way = [each for each in found if each.date < date(2026, 11, 22)]
    assert {each.kind for each in under_way} == {"season"}
    assert list(found[-len(under_way) :]) == under_way
    left = [each.days_left for each in found[: -len(under_way)]]
    assert left == sorted(left)


def test_a_season_under_way_has_no_days_left():
    wedding = one("wedding_season", day=date(2026, 12, 1))
    assert (wedding.days_left, wedding.date) == (0, date(2026, 11, 21))
    assert wedding.grade == "B"


def test_a_solemn_day_asks_for_quiet():
    day = one("mumbai_attacks_remembrance", day=date(2026, 11, 22))
    assert not day.offers_allowed
    assert day.action == "Post one quiet line, or nothing. Pause every offer."


def test_the_same_request_gives_the_same_answer():
    assert ask() == ask()


def test_a_muted_day_is_not_an_insight():
    answer = ask(overrides=[Override("muted", "diwali", 2026)])
    assert "diwali" not in {each.occasion for each in answer.insights}


def test_rang_panchami_is_an_insight_in_indore_alone():
    indore = replace(ASHA, city="indore", state="MP")
    assert one("rang_panchami", facts=indore, day=date(2027, 3, 1)).scope == "city"
    slugs = {each.occasion for each in ask(day=date(2027, 3, 1)).insights}
    assert "rang_panchami" not in slugs


def test_what_cannot_be_told_is_said():
    assert [each.subject for each in ask().not_enough] == ["festival_effect"]
    late = ask(day=date(2028, 12, 15))
    assert [each.subject for each in late.not_enough] == ["festival_effect", "later_dates"]


@pytest.mark.parametrize("days", [0, -1, 91, 10**9])
def test_days_outside_1_to_90_are_refused(days):
    with pytest.raises(DaysOutOfRange) as caught:
        check_request(LocalInsightsRequest(ASHA, date(2026, 11, 22), days))
    assert caught.value.field == "days"


@pytest.mark.parametrize("day", [date(1, 1, 1), date(2025, 12, 31), date(2036, 1, 1), date.max])
def test_dates_we_know_nothing_about_are_refused(day):
    with pytest.raises(DateOutOfRange) as caught:
        check_request(LocalInsightsRequest(ASHA, day, 30))
    assert caught.value.field == "date"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", list(CATEGORIES))
def test_every_category_has_sentences_for_the_whole_year_in(category, language):
    facts = replace(ASHA, category=category)
    for start in range(0, 365, 90):
        answer = ask(facts, date(2027, 1, 1) + timedelta(days=start), 90, language)
        assert answer.insights
        for insight in answer.insights:
            assert insight.name and insight.reason and insight.action
            assert "{" not in insight.reason + insight.action


def test_sentences_are_complete_in_every_language():
    missing = [
        f"{room}.{name} in {language}"
        for room, rows in _sentences().items()
        for name, row in rows.items()
        for language in LANGUAGES
        if not row.get(language)
    ]
    assert missing == []


def test_no_sentence_invents_a_number():
    for rows in _sentences().values():
        for row in rows.values():
            for line in row.values():
                assert not re.search(r"[0-9०-९%₹]", line), line


def test_every_city_can_ask():
    for city in CITIES.values():
        facts = replace(ASHA, city=city.slug, state=city.state)
        assert ask(facts, date(2027, 1, 1), 90).insights
