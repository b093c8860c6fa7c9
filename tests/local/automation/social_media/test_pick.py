from datetime import date, timedelta

import pytest

from local.automation.social_media.engine import (
    ConsentedResult,
    DaySituation,
    OwnerBook,
    OwnerOffer,
    picks,
)
from local.automation.social_media.engine.library import trade_library
from local.automation.social_media.engine.pick import QUIET_PILLARS, coprime_period, pick
from local.business.engine import CATEGORIES
from local.occasions.engine import occasions_between

START = date(2026, 1, 1)
OFFER = OwnerOffer("7", "Hair spa at half rate", START, date(2027, 12, 31))


def year(situation, **more):
    """A pick for each of 365 days."""
    occasions = occasions_between(
        START,
        START + timedelta(400),
        state="MH",
        city="pune",
        category=more.get("category", "salon"),
    )
    for passed in range(365):
        yield pick(situation(START + timedelta(passed), occasions=occasions, **more))


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_no_idea_comes_again_before_all_others_of_its_pool_were_due(situation, category):
    pool = [idea.id for idea in trade_library(category).ideas if not idea.is_seasonal]
    shown = []
    for passed in range(120):
        day = START + timedelta(passed)
        chosen = pick(situation(day, category=category, occasions=()))
        shown.append(chosen.idea_id if chosen.idea_id in pool else None)
    for first in range(120 - len(pool) + 1):
        window = [each for each in shown[first : first + len(pool)] if each]
        assert len(window) == len(set(window))
    assert set(shown) - {None} == set(pool)


def test_offers_are_at_most_three_posts_in_ten(situation):
    kinds = [each.kind for each in year(situation, book=OwnerBook(offers=(OFFER,)))]
    assert kinds.count("offer") > 40
    for first in range(365 - 29):
        assert kinds[first : first + 30].count("offer") <= 9


def test_an_offer_is_not_mentioned_outside_its_days(situation):
    short = OwnerOffer("8", "Facial", date(2026, 3, 1), date(2026, 3, 10))
    days = [
        START + timedelta(passed)
        for passed, each in enumerate(year(situation, book=OwnerBook(offers=(short,))))
        if each.offer_id == "8"
    ]
    assert days
    assert all(date(2026, 3, 1) <= day <= date(2026, 3, 10) for day in days)


def test_solemn_days_carry_no_offer_in_any_variant(situation):
    gandhi_jayanti = situation(date(2026, 10, 2), book=OwnerBook(offers=(OFFER,)))
    found = picks(gandhi_jayanti)
    assert found[0].key == "occasion:gandhi_jayanti"
    assert "no offer" in found[0].reason("en")
    assert {each.kind for each in found} == {"occasion", "idea"}
    assert all(each.pillar in {*QUIET_PILLARS, "festival"} for each in found)


def test_todays_festival_comes_first_and_says_why(situation):
    diwali = pick(situation(date(2026, 11, 8), category="sweet_shop"))
    assert (diwali.kind, diwali.occasion) == ("occasion", "diwali")
    assert "Diwali" in diwali.reason("en")
    assert "दिवाली" in diwali.reason("hi")


def test_a_moon_dependent_day_says_expected(situation):
    assert "expected" in pick(situation(date(2026, 11, 8))).reason("en")
    assert "उम्मीद" in pick(situation(date(2026, 11, 8))).reason("hi")


def test_a_coming_festival_is_announced_on_few_days(situation):
    days = [date(2026, 10, 20) + timedelta(passed) for passed in range(19)]
    ahead = [
        each.days_until
        for day in days
        for each in [pick(situation(day, category="sweet_shop"))]
        if each.key == "coming:diwali"
    ]
    assert ahead
    assert set(ahead) <= {14, 7, 3, 1}


def test_a_clinic_announces_nothing_to_buy(situation):
    kinds = {each.kind for each in year(situation, category="clinic")}
    assert kinds == {"occasion", "idea"}


def test_variants_are_different_ideas_and_begin_again_at_the_end(situation):
    today = situation()
    found = picks(today)
    assert len(found) == len({each.key for each in found}) >= 6
    assert pick(today, len(found)) == pick(today, 0)


def test_the_same_business_and_day_is_always_the_same(situation):
    assert [pick(situation(), variant) for variant in range(21)] == [
        pick(situation(), variant) for variant in range(21)
    ]


def test_businesses_of_one_trade_and_city_do_not_march_in_step(situation):
    for passed in range(10):
        day = date(2026, 7, 1) + timedelta(passed)
        ideas = {
            pick(situation(day, business_id=f"shop-{number}", occasions=())).key
            for number in range(12)
        }
        assert len(ideas) >= 3


def test_a_result_is_shown_only_with_consent(situation):
    facts = {
        "id": "3",
        "student": "Isha",
        "exam": "CET",
        "rank": "212",
        "course": "Crash course",
        "duration": "3 months",
        "is_paid": True,
        "result_on": date(2026, 1, 2),
    }
    given = ConsentedResult(**facts, consent_on=date(2026, 1, 5))
    early = ConsentedResult(**facts, consent_on=date(2026, 1, 2))
    incomplete = ConsentedResult(**{**facts, "duration": " "}, consent_on=date(2026, 1, 5))
    for result, is_shown in ((given, True), (early, False), (incomplete, False)):
        book = OwnerBook(results=(result,))
        kinds = [each.kind for each in year(situation, category="coaching_class", book=book)]
        assert ("result" in kinds) is is_shown
        assert "result" not in kinds[:3]


def test_a_muted_occasion_is_simply_not_there(situation):
    without = DaySituation(situation().facts, date(2026, 11, 8), ())
    assert pick(without).kind == "idea"


def test_periods_share_no_divisor_with_the_pool():
    assert [coprime_period(pool, (10, 11, 13)) for pool in (6, 7, 10, 22)] == [11, 10, 11, 13]
