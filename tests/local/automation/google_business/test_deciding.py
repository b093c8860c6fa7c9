"""Reading Google, and what is refused before anything leaves."""

from datetime import time, timedelta

import pytest

from local.automation.google_business.engine.hours import DayHours
from local.automation.google_business.errors import (
    HoursUnderWay,
    NeedsPerson,
    NotConnected,
    ReplyChanged,
    ReplyRefused,
    ReplyUnderWay,
)
from local.automation.google_business.models import (
    HoursChange,
    ProfileRead,
    Review,
    ReviewReply,
)
from local.automation.google_business.services import (
    google_read,
    hours_set,
    reply_approve,
    reply_edit,
    reply_ensure,
)
from local.business.models import LocalBusiness
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.models import Connection
from marketing_platform.core import clock
from marketing_platform.effects.models import Effect
from marketing_platform.users.models import User
from tests.local.automation.google_business.conftest import connect

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("google_twin", "in_local_workspace"),
]
SOON = clock.today() + timedelta(days=20)
LATER = SOON + timedelta(days=6)


@pytest.fixture(autouse=True)
def connected(google_twin, in_local_workspace):
    return connect()


def actor():
    return User.objects.get(phone="+919800000001").pk


def seen():
    """After one read: reviews by name."""
    google_read(now=clock.now())
    return {row.remote_name.rpartition("/")[2]: row for row in Review.objects.all()}


def approve(review, **more):
    reply = reply_ensure(review_id=review.pk, now=clock.now())
    wanted = {"read_hash": reply.content_hash, "actor_id": actor(), **more}
    return reply_approve(review_id=review.pk, now=clock.now(), **wanted)


# --- reading


def test_a_read_stores_place_and_reviews_and_a_second_changes_nothing(google_twin):
    first = google_read(now=clock.now())
    again = google_read(now=clock.now())
    assert (first.new, first.changed, first.gone) == (4, 0, 0)
    assert (again.new, again.changed, again.gone) == (0, 0, 0)
    read = ProfileRead.objects.get()
    assert (read.review_count, float(read.average_rating)) == (4, 3.0)
    assert read.regular_hours["periods"]
    assert set(Review.objects.values_list("language", flat=True)) == {"en", "hi"}


def test_all_pages_are_read(google_twin):
    for number in range(120):
        google_twin.twin.review_add("FIVE", f"Good {number}", "A B", 1_700_000_000 + number)
    assert google_read(now=clock.now()).new == 124
    assert Review.objects.count() == 124


def test_changes_and_removals_are_seen_and_a_review_that_returns_is_back(google_twin):
    reviews = seen()
    changed = google_twin.twin.reviews[0]
    changed |= {"starRating": "ONE", "comment": "Now bad", "updateTime": "2026-11-21T00:00:00Z"}
    removed = google_twin.twin.reviews.pop(1)
    result = google_read(now=clock.now())
    assert (result.new, result.changed, result.gone) == (0, 1, 1)
    row = Review.objects.get(pk=reviews["r0001"].pk)
    assert (row.stars, row.text) == (1, "Now bad")
    assert Review.objects.get(pk=reviews["r0002"].pk).gone_at is not None
    google_twin.twin.reviews.append(removed)
    assert google_read(now=clock.now()).changed == 1
    assert Review.objects.get(pk=reviews["r0002"].pk).gone_at is None


def test_a_read_that_breaks_stores_nothing(google_twin):
    google_twin.control(fail_before=True)
    with pytest.raises(ProviderFailure):
        google_read(now=clock.now())
    assert not Review.objects.exists()
    assert not ProfileRead.objects.exists()


def test_junk_from_google_is_passed_over(google_twin):
    google_twin.twin.reviews[0] |= {"comment": None, "reviewer": None, "updateTime": "soon"}
    google_twin.twin.reviews[1] |= {"comment": "a\x00b\ud800", "reviewer": "nobody"}
    google_twin.twin.reviews[2] |= {"createTime": "yesterday"}
    assert google_read(now=clock.now()).new == 3
    assert Review.objects.filter(text="ab", reviewer="").exists()


def test_without_a_connection_nothing_is_read():
    Connection.objects.all().delete()
    with pytest.raises(NotConnected):
        google_read(now=clock.now())


# --- deciding


def set_hours(day=SOON, opens=None, closes=None):
    return hours_set(wanted=DayHours(day, opens, closes), now=clock.now(), actor_id=actor())


def test_approval_holds_for_the_words_that_were_read():
    review = seen()["r0001"]
    read = reply_ensure(review_id=review.pk, now=clock.now()).content_hash
    reply_edit(review_id=review.pk, text="Something else.", now=clock.now())
    with pytest.raises(ReplyChanged):
        approve(review, read_hash=read)
    assert not Effect.objects.exists()


def test_an_edit_while_it_is_on_its_way_is_refused():
    review = seen()["r0001"]
    approve(review)
    with pytest.raises(ReplyUnderWay):
        reply_edit(review_id=review.pk, text="Other", now=clock.now())


@pytest.mark.parametrize("name", ["r0002", "r0004"])
def test_low_stars_are_never_approved_by_a_machine(name):
    review = seen()[name]
    with pytest.raises(NeedsPerson):
        approve(review, actor_id=None)
    assert not Effect.objects.exists()


def test_a_clinic_s_reply_is_approved_by_a_person_and_names_nothing(local_tenant):
    LocalBusiness.objects.filter(tenant=local_tenant).update(category="clinic")
    review = seen()["r0001"]
    with pytest.raises(NeedsPerson):
        approve(review, actor_id=None)
    with pytest.raises(ReplyRefused) as refused:
        reply_edit(review_id=review.pk, text="Your treatment went well.", now=clock.now())
    assert refused.value.params == {"words": "treatment"}


def test_a_promise_is_refused_and_the_old_words_stay():
    review = seen()["r0004"]
    before = reply_ensure(review_id=review.pk, now=clock.now()).text
    with pytest.raises(ReplyRefused):
        reply_edit(review_id=review.pk, text="Next box is free", now=clock.now())
    assert ReviewReply.objects.get().text == before


def test_a_second_change_of_the_day_waits_for_the_first():
    google_read(now=clock.now())
    set_hours()
    with pytest.raises(HoursUnderWay):
        set_hours(opens=time(9), closes=time(10))
    assert HoursChange.objects.count() == Effect.objects.count() == 1
