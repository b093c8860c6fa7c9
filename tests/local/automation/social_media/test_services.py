import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from local.automation.social_media import selectors, services
from local.automation.social_media.errors import (
    ConsentTooEarly,
    CountTooOld,
    DayToCome,
    OfferDatesWrong,
    ResultIncomplete,
    ResultTooOld,
    TooManyOffers,
    TooManyResults,
    UnknownOffer,
    UnknownResult,
    WordsBreakRule,
)
from local.automation.social_media.models import (
    ClassSeats,
    CoachingResult,
    DayIdea,
    Offer,
    PostedRecord,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_local_workspace")]
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
ACTOR = uuid.uuid4()


def add(words="10% off on barfi", category="sweet_shop", first=0, last=7):
    return services.offer_add(
        category=category,
        words=words,
        valid_from=TODAY + timedelta(first),
        valid_until=TODAY + timedelta(last),
        today=TODAY,
        now=NOW,
        actor_id=ACTOR,
    )


def test_an_offer_is_kept_in_the_owners_words():
    add("  10% off  on barfi ")
    (offer,) = selectors.owner_book(TODAY, category="sweet_shop").offers
    assert offer.words == "10% off on barfi"
    assert selectors.owner_book(TODAY + timedelta(8), category="sweet_shop").offers == ()


def test_the_same_offer_twice_is_one_offer():
    add()
    add()
    assert Offer.objects.count() == 1


def test_an_offer_that_breaks_a_rule_is_refused_in_plain_words():
    with translation.override("en"), pytest.raises(WordsBreakRule) as refused:
        add(category="clinic")
    assert refused.value.field == "words"
    assert refused.value.english.startswith("A clinic may not advertise offers")
    with translation.override("hi"), pytest.raises(WordsBreakRule) as refused:
        add(category="clinic")
    assert refused.value.english.startswith("क्लिनिक ऑफर")
    assert not Offer.objects.exists()


@pytest.mark.parametrize(("first", "last"), [(3, 2), (-9, -1)])
def test_offer_dates_must_make_sense(first, last):
    with pytest.raises(OfferDatesWrong) as refused:
        add(first=first, last=last)
    assert refused.value.field == "valid_until"


def test_ten_offers_are_the_most():
    for number in range(10):
        add(f"Offer {number}")
    with pytest.raises(TooManyOffers):
        add("One more")
    assert Offer.objects.count() == 10


def test_an_ended_offer_is_gone_and_cannot_be_ended_again():
    offer = add()
    services.offer_end(offer_id=offer.pk, now=NOW)
    assert selectors.owner_book(TODAY, category="sweet_shop").offers == ()
    with pytest.raises(UnknownOffer):
        services.offer_end(offer_id=offer.pk, now=NOW)


def test_brand_colours_and_tagline_are_kept():
    services.brand_update(
        category="sweet_shop",
        primary_colour="#AA0011",
        accent_colour="",
        tagline=" Since we were young ",
        now=NOW,
        actor_id=ACTOR,
    )
    brand = selectors.owner_book(TODAY, category="sweet_shop").brand
    assert (brand.primary_colour, brand.accent_colour) == ("#aa0011", "")
    assert brand.tagline == "Since we were young"


def test_a_tagline_that_breaks_a_rule_is_refused():
    with pytest.raises(WordsBreakRule) as refused:
        services.brand_update(
            category="clinic",
            primary_colour="",
            accent_colour="",
            tagline="The best doctor",
            now=NOW,
        )
    assert refused.value.field == "tagline"
    assert selectors.brand_kit() is None


def result(**changed):
    facts = {
        "student": "Isha",
        "exam": "CET",
        "rank": "212",
        "course": "Crash course",
        "duration": "3 months",
        "is_paid": True,
        "result_on": TODAY - timedelta(9),
        "consent_on": TODAY - timedelta(2),
    }
    return services.coaching_result_add(**(facts | changed), now=NOW)


def test_consent_before_the_result_is_refused_by_service_and_database():
    with pytest.raises(ConsentTooEarly):
        result(consent_on=TODAY - timedelta(9))
    with (
        pytest.raises(IntegrityError, match="consent_is_given_after_the_result"),
        transaction.atomic(),
    ):
        CoachingResult.objects.create(
            **{"student": "I", "exam": "C", "rank": "1", "course": "C", "duration": "1"},
            is_paid=True,
            result_on=TODAY,
            consent_on=TODAY,
            created_at=NOW,
        )


def test_a_withdrawn_consent_takes_the_result_away():
    kept = result()
    assert len(selectors.owner_book(TODAY, category="coaching_class").results) == 1
    services.coaching_result_withdraw(result_id=kept.pk, now=NOW)
    assert selectors.owner_book(TODAY, category="coaching_class").results == ()

    with pytest.raises(UnknownResult):
        services.coaching_result_withdraw(result_id=kept.pk, now=NOW)


@pytest.mark.parametrize(
    ("changed", "field", "error"),
    [
        ({"student": " \u202e "}, "student", ResultIncomplete),
        ({"course": "Sure selection batch"}, "course", WordsBreakRule),
        ({"duration": "100% guaranteed"}, "duration", WordsBreakRule),
        ({"consent_on": TODAY + timedelta(1)}, "consent_on", DayToCome),
        ({"result_on": TODAY + timedelta(1)}, "result_on", DayToCome),
        ({"result_on": TODAY - timedelta(365)}, "result_on", ResultTooOld),
    ],
)
def test_a_result_that_no_post_may_show_is_refused_at_its_field(changed, field, error):
    with pytest.raises(error) as refused:
        result(**changed)
    assert refused.value.field == field
    assert not CoachingResult.objects.exists()


def test_a_rank_may_be_called_a_rank_and_the_same_result_is_one():
    first = result(rank="All India Rank 12")
    assert result(rank="All India Rank 12") == first


def test_fifty_results_are_the_most(monkeypatch):
    monkeypatch.setattr("local.automation.social_media.services.own.MOST_RESULTS", 2)
    result(rank="1")
    result(rank="2")
    with pytest.raises(TooManyResults, match="2 results"):
        result(rank="3")


def test_another_trade_uses_neither_results_nor_seats():
    result()
    services.class_seats_set(course="Class 10", number=5, counted_on=TODAY, now=NOW)
    book = selectors.owner_book(TODAY, category="salon")
    assert (book.results, book.seats) == ((), None)


@pytest.mark.parametrize(
    ("changed", "field", "error"),
    [
        ({"course": "\u202e"}, "course", ResultIncomplete),
        ({"course": "Last few seats"}, "course", WordsBreakRule),
        ({"counted_on": TODAY + timedelta(1)}, "counted_on", DayToCome),
        ({"counted_on": TODAY - timedelta(8)}, "counted_on", CountTooOld),
    ],
)
def test_a_number_of_seats_that_no_post_may_say_is_refused(changed, field, error):
    services.class_seats_set(course="Class 9", number=4, counted_on=TODAY, now=NOW)
    counted = {"course": "Class 10", "number": 5, "counted_on": TODAY} | changed
    with pytest.raises(error) as refused:
        services.class_seats_set(**counted, now=NOW)
    assert refused.value.field == field
    assert ClassSeats.objects.get().course == "Class 9"


def test_open_seats_are_the_latest_count():
    for number, day in ((20, 5), (12, 1)):
        services.class_seats_set(
            course="Class 10", number=number, counted_on=TODAY - timedelta(day), now=NOW
        )
    assert selectors.owner_book(TODAY, category="coaching_class").seats.number == 12


def test_another_idea_is_remembered_for_the_day_and_wraps_around():
    services.day_idea_choose(on=TODAY, variant=3, now=NOW, actor_id=ACTOR)
    services.day_idea_choose(on=TODAY, variant=21, now=NOW, actor_id=ACTOR)
    assert DayIdea.objects.count() == 1
    assert selectors.chosen_variant(TODAY) == 0
    assert selectors.chosen_variant(TODAY + timedelta(1)) == 0


def test_posted_twice_is_one_record_and_can_be_undone():
    for variant in (0, 4):
        services.posted_mark(on=TODAY, network="facebook", variant=variant, now=NOW, actor_id=ACTOR)
    assert PostedRecord.objects.get().variant == 0
    assert selectors.posted_networks([TODAY]) == {TODAY: frozenset({"facebook"})}
    services.posted_undo(on=TODAY, network="facebook")
    assert selectors.posted_networks([TODAY]) == {}
