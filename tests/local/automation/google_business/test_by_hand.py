"""Without Google connected: pasted reviews, replies by hand, hours and posts by hand."""

import threading
from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from local.automation.google_business.engine.hours import DayHours
from local.automation.google_business.engine.posts import PostDraft
from local.automation.google_business.errors import (
    HoursDayWrong,
    NotConnected,
    PostRefused,
    ReplyChanged,
    ReplyUnderWay,
    ReviewDayWrong,
    ReviewIncomplete,
    ReviewTooLong,
    UnknownReview,
)
from local.automation.google_business.models import GooglePost, HoursChange, Review, ReviewReply
from local.automation.google_business.selectors import (
    holidays_ahead,
    hours_facts,
    profile,
    reviews_facts,
    reviews_of,
)
from local.automation.google_business.services import (
    post_cancel,
    post_publish,
    reply_not_posted,
    review_paste,
    review_remove,
)
from marketing_platform.core.clock import IST
from marketing_platform.effects.models import Effect
from marketing_platform.tenants.context import tenant_context
from tests.local.automation.google_business.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_local_workspace")]
TODAY = date(2026, 11, 22)


def paste(text="Barfi was fresh but we waited long", stars=3, **more):
    return review_paste(stars=stars, text=text, now=NOW, **more)


def test_a_pasted_review_is_kept_once_with_a_draft_in_its_language():
    first = paste("मिठाई अच्छी है", stars=5, reviewer="सुनीता")
    assert paste(" मिठाई  अच्छी है ", stars=5, reviewer="सुनीता ").pk == first.pk
    assert (first.language, first.created_at, first.source) == ("hi", NOW, "pasted")
    reply = ReviewReply.objects.get()
    assert (reply.state, reply.language) == ("draft", "hi")
    assert reply.text.startswith("सुनीता जी")


def test_the_day_of_a_review_is_the_owner_s_word():
    review = paste(written_on=date(2026, 11, 1))
    assert review.created_at == datetime(2026, 11, 1, 12, tzinfo=IST)
    with pytest.raises(ReviewDayWrong):
        paste("Other", written_on=date(2026, 11, 23))


@pytest.mark.parametrize(
    ("stars", "text", "error"),
    [(0, "x", ReviewIncomplete), (6, "x", ReviewIncomplete), (5, "x" * 4097, ReviewTooLong)],
)
def test_what_cannot_be_pasted(stars, text, error):
    with pytest.raises(error):
        paste(text, stars)
    assert not Review.objects.exists()


def test_a_reply_by_hand_answers_the_review_and_can_be_undone(door):
    review = paste()
    reply = door.draft(review.pk, now=NOW)
    done = door.approve(review.pk, reply.content_hash, now=NOW, actor_id=None)
    (fact,) = reviews_facts()
    assert (done.state, fact.replied_at, fact.stars, fact.language) == ("by_hand", NOW, 3, "en")
    assert not reviews_of(is_unanswered=True).exists()
    with pytest.raises(ReplyUnderWay):
        door.edit(review.pk, "Other", now=NOW)
    assert reply_not_posted(review_id=review.pk, now=NOW).state == "draft"
    assert reply_not_posted(review_id=review.pk, now=NOW).state == "draft"
    (fact,) = reviews_facts()
    assert fact.replied_at is None
    assert not Effect.objects.exists()


def test_words_that_were_not_read_are_not_noted_as_posted(door):
    review = paste()
    with pytest.raises(ReplyChanged):
        door.approve(review.pk, "0" * 64, now=NOW, actor_id=None)
    with pytest.raises(ReplyChanged):
        door.edit(review.pk, "New", now=NOW, read_hash="0" * 64)


def test_a_pasted_review_can_be_removed_and_an_absent_one_not():
    review = paste()
    review_remove(review_id=review.pk)
    assert not ReviewReply.objects.exists()
    with pytest.raises(UnknownReview):
        review_remove(review_id=review.pk)


def test_a_review_of_google_is_not_removed_here():
    row = Review.objects.create(
        source="google", remote_name="a/r1", stars=1, created_at=NOW, updated_at=NOW, seen_at=NOW
    )
    with pytest.raises(UnknownReview):
        review_remove(review_id=row.pk)
    assert Review.objects.filter(pk=row.pk).exists()


def test_reviews_come_in_pages_without_gaps_or_doubles():
    for number in range(7):
        # Three of them at the same moment.
        paste(f"Review {number}", written_on=TODAY - timedelta(days=max(0, number - 2)))
    seen, last = [], None
    while page := list(reviews_of(before=last)[:2]):
        seen += [each.pk for each in page]
        last = page[-1].pk
    assert len(seen) == len(set(seen)) == 7


def test_hours_by_hand_count_as_set(door):
    assert hours_facts().is_known is False
    change = door.set_hours(DayHours(date(2026, 12, 25)), now=NOW, actor_id=None)
    again = door.set_hours(DayHours(date(2026, 12, 25), time(10), time(14)), now=NOW, actor_id=None)
    assert (change.state, again.state) == ("by_hand", "by_hand")
    assert HoursChange.objects.get().opens == time(10)
    facts = hours_facts()
    assert (facts.is_known, facts.as_of) == (True, None)
    assert facts.special_days == frozenset({date(2026, 12, 25)})


@pytest.mark.parametrize("on", [date(2026, 11, 21), date(2027, 11, 23)])
def test_hours_are_of_days_to_come(door, on):
    with pytest.raises(HoursDayWrong):
        door.set_hours(DayHours(on), now=NOW, actor_id=None)


def test_the_next_holiday_is_the_first_without_hours(door):
    day = date(2026, 12, 20)
    first, *others = holidays_ahead(day)
    assert profile(day).next_holiday == first
    for each in {first.date}:
        door.set_hours(DayHours(each), now=NOW, actor_id=None)
    later = [each for each in others if each.date != first.date]
    assert profile(day).next_holiday == (later[0] if later else None)


def test_a_post_by_hand_is_noted_once_and_taken_back(door):
    draft = PostDraft("Fresh jalebi", "en")
    first = door.post(draft, key="page:1", now=NOW, actor_id=None)
    assert door.post(draft, key="page:1", now=NOW, actor_id=None).pk == first.pk
    assert (first.state, first.live_at) == ("by_hand", NOW)
    post_cancel(post_id=first.pk, now=NOW, actor_id=None)
    assert not GooglePost.objects.exists()


def test_a_post_that_breaks_a_rule_is_not_noted(door):
    with pytest.raises(PostRefused) as refused:
        door.post(PostDraft("Call 98000 00001", "en"), key="k:1", now=NOW, actor_id=None)
    assert refused.value.field == "text"
    with pytest.raises(NotConnected):
        post_publish(draft=PostDraft("x", "en"), key="k:1", now=NOW, actor_id=None)
    assert not GooglePost.objects.exists()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"stars": 0}, "a_review_has_one_to_five_stars"),
        ({"source": "google"}, "a_review_from_google_has_its_name"),
    ],
)
def test_the_database_keeps_no_odd_review(values, name):
    usual = {"source": "pasted", "stars": 5, "created_at": NOW, "updated_at": NOW, "seen_at": NOW}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Review.objects.create(**usual | values)


def test_the_database_keeps_no_reply_on_its_way_without_an_approval():
    review = paste()
    with pytest.raises(IntegrityError, match="a_reply_leaves_only"), transaction.atomic():
        ReviewReply.objects.filter(review=review).update(state="sending")


@pytest.mark.django_db(transaction=True)
def test_the_same_review_pasted_on_two_phones_is_one(local_tenant):
    both, errors = threading.Barrier(2), []

    def work():
        try:
            with tenant_context(local_tenant):
                both.wait(timeout=10)
                paste()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert errors == []
    assert Review.objects.count() == ReviewReply.objects.count() == 1
