"""What leaves for Google, against the twin: once, whatever the answer does."""

import threading
from contextlib import nullcontext, suppress
from datetime import date, time, timedelta
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from PIL import Image

from local.automation.google_business import tasks as google_tasks
from local.automation.google_business.engine.hours import DayHours
from local.automation.google_business.engine.posts import PostDraft
from local.automation.google_business.errors import (
    RegularHoursMissing,
)
from local.automation.google_business.models import (
    GooglePost,
    ProfileRead,
    Review,
    ReviewReply,
)
from local.automation.google_business.selectors import hours_facts
from local.automation.google_business.services import (
    google_read,
    hours_insist,
    hours_keep,
    hours_set,
    post_publish,
    reply_approve,
    reply_edit,
    reply_ensure,
)
from marketing_platform.audit.models import AuditEntry
from marketing_platform.connections.models import Connection
from marketing_platform.core import clock
from marketing_platform.effects.models import Effect
from marketing_platform.media.models import MediaFile
from marketing_platform.media.services import generated_store
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.models import User
from tests.local.automation.google_business.conftest import connect, run

pytestmark = [
    pytest.mark.django_db(transaction=True),
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


# --- replies


def test_an_approved_reply_goes_out_once(google_twin):
    review = seen()["r0001"]
    first, second = approve(review), approve(review)
    assert first.effect_id == second.effect_id
    run(first.effect_id)
    (sent,) = google_twin.ledger("google.review_reply")
    reply = ReviewReply.objects.get()
    assert (sent["review"], sent["comment"]) == ("r0001", reply.text)
    review.refresh_from_db()
    assert (reply.state, review.reply_text) == ("done", reply.text)
    assert review.replied_at is not None
    assert approve(review).state == "done"
    assert Effect.objects.count() == 1
    assert AuditEntry.objects.filter(action="review_reply_approved").count() == 1


@pytest.mark.parametrize("fault", ["reply_lost", "fail_after_apply"])
def test_a_lost_answer_is_looked_up_and_not_sent_again(google_twin, fault):
    review = seen()["r0001"]
    google_twin.control(**{fault: 1})
    reply = approve(review)
    assert run(reply.effect_id).state == "unknown"
    assert ReviewReply.objects.get().state == "sending"
    assert run(reply.effect_id).state == "confirmed"
    assert len(google_twin.ledger("google.review_reply")) == 1
    assert ReviewReply.objects.get().state == "done"


def test_nothing_arrived_is_sent_again_once(google_twin):
    review = seen()["r0001"]
    google_twin.control(fail_before=1)
    reply = approve(review)
    run(reply.effect_id, steps=3)
    assert len(google_twin.ledger("google.review_reply")) == 1
    assert ReviewReply.objects.get().state == "done"


def test_a_reply_is_done_only_when_google_has_approved_it(google_twin):
    review = seen()["r0001"]
    reply = approve(review)
    one = google_twin.twin.reviews[0]
    google_twin.control(fail_after_apply=1)
    run(reply.effect_id)
    one["reviewReply"]["state"] = "PENDING"
    assert run(reply.effect_id).is_open
    assert ReviewReply.objects.get().state == "in_review"
    google_read(now=clock.now())
    assert Review.objects.get(pk=review.pk).replied_at is None
    one["reviewReply"]["state"] = "APPROVED"
    assert run(reply.effect_id).state == "confirmed"
    assert ReviewReply.objects.get().state == "done"


def test_a_reply_that_google_refuses_comes_back_with_its_reason_and_can_be_changed(google_twin):
    review = seen()["r0001"]
    reply = approve(review)
    google_twin.control(reply_lost=1)
    run(reply.effect_id)
    google_twin.twin.reviews[0]["reviewReply"]["state"] = "REJECTED"
    assert run(reply.effect_id).state == "rejected"
    refused = ReviewReply.objects.get()
    assert refused.state == "refused"
    assert "refused it after its check" in refused.failure_sentence
    assert Review.objects.get(pk=review.pk).replied_at is None
    reply_edit(review_id=review.pk, text="Thank you.", now=clock.now())
    run(approve(review).effect_id)
    assert google_twin.ledger("google.review_reply")[-1]["comment"] == "Thank you."
    assert ReviewReply.objects.get().state == "done"


# --- hours


def special(google_twin):
    return google_twin.twin.places["4001"].get("specialHours", {}).get("specialHourPeriods", [])


def date_of(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


def closed(day: date) -> dict:
    return {"startDate": date_of(day), "closed": True}


def set_hours(day=SOON, opens=None, closes=None):
    return hours_set(wanted=DayHours(day, opens, closes), now=clock.now(), actor_id=actor())


def test_one_day_is_written_and_every_other_stays(google_twin):
    google_twin.twin.places["4001"]["specialHours"] = {"specialHourPeriods": [closed(LATER)]}
    google_read(now=clock.now())
    change = set_hours(opens=time(10), closes=time(14))
    run(change.effect_id)
    assert closed(LATER) in special(google_twin)
    assert len(special(google_twin)) == 2
    change.refresh_from_db()
    assert change.state == "done"
    assert hours_facts().special_days == {SOON, LATER}
    assert len(ProfileRead.objects.get().special_hours["specialHourPeriods"]) == 2


def test_a_day_changed_meanwhile_is_not_written_over_and_shows_both(google_twin):
    google_read(now=clock.now())
    change = set_hours(opens=time(10), closes=time(14))
    google_twin.twin.places["4001"]["specialHours"] = {"specialHourPeriods": [closed(SOON)]}
    assert run(change.effect_id).state == "rejected"
    assert special(google_twin) == [closed(SOON)]
    change.refresh_from_db()
    assert (change.state, change.found) == ("conflict", ["closed"])
    insisted = hours_insist(change_id=change.pk, now=clock.now(), actor_id=actor())
    run(insisted.effect_id)
    insisted.refresh_from_db()
    assert insisted.state == "done"
    assert special(google_twin)[0]["openTime"] == {"hours": 10}


def test_what_google_shows_can_be_kept(google_twin):
    google_read(now=clock.now())
    change = set_hours(opens=time(10), closes=time(14))
    google_twin.twin.places["4001"]["specialHours"] = {"specialHourPeriods": [closed(SOON)]}
    run(change.effect_id)
    assert hours_keep(change_id=change.pk, now=clock.now()).state == "cancelled"
    assert special(google_twin) == [closed(SOON)]


def test_another_day_changed_meanwhile_survives(google_twin):
    google_read(now=clock.now())
    change = set_hours()
    google_twin.twin.places["4001"]["specialHours"] = {"specialHourPeriods": [closed(LATER)]}
    assert run(change.effect_id).state == "confirmed"
    assert special(google_twin) == [closed(LATER), closed(SOON)]


def _both_at_once(changes, monkeypatch, local_tenant):
    """Two workers, each past its reading before either writes, if nothing keeps them apart."""
    met, read = threading.Barrier(2), google_tasks.place_read

    def read_then_wait(client, location):
        place = read(client, location)
        with suppress(threading.BrokenBarrierError):
            met.wait(0.7)
        return place

    def work(change):
        try:
            with tenant_context(local_tenant):
                run(change.effect_id)
        finally:
            connection.close()

    monkeypatch.setattr(google_tasks, "place_read", read_then_wait)
    workers = [threading.Thread(target=work, args=(each,)) for each in changes]
    for each in workers:
        each.start()
    for each in workers:
        each.join(30)


def test_two_days_approved_together_both_stay_on_google(google_twin, monkeypatch, local_tenant):
    google_read(now=clock.now())
    _both_at_once([set_hours(SOON), set_hours(LATER)], monkeypatch, local_tenant)
    assert sorted(map(str, special(google_twin))) == sorted(map(str, [closed(SOON), closed(LATER)]))


def test_without_the_lock_one_of_two_days_is_lost(google_twin, monkeypatch, local_tenant):
    """The control of the test before."""
    monkeypatch.setattr(google_tasks, "_alone_at", lambda _location: nullcontext())
    google_read(now=clock.now())
    _both_at_once([set_hours(SOON), set_hours(LATER)], monkeypatch, local_tenant)
    assert len(special(google_twin)) == 1


@pytest.mark.parametrize("fault", ["reply_lost", "fail_after_apply"])
def test_hours_with_a_lost_answer_are_read_back(google_twin, fault):
    google_read(now=clock.now())
    change = set_hours()
    google_twin.control(**{fault: 1})
    assert run(change.effect_id).state == "unknown"
    assert run(change.effect_id).state == "confirmed"
    assert len(google_twin.ledger("google.location")) == 1
    change.refresh_from_db()
    assert change.state == "done"


def test_without_usual_hours_google_is_not_asked(google_twin):
    google_twin.twin.places["4001"].pop("regularHours")
    google_read(now=clock.now())
    with pytest.raises(RegularHoursMissing):
        set_hours()
    ProfileRead.objects.all().delete()
    change = set_hours()
    assert run(change.effect_id).state == "rejected"
    change.refresh_from_db()
    assert change.state == "refused"
    assert change.failure_sentence.startswith("Google wants your usual opening hours first")
    assert google_twin.ledger("google.location") == []


# --- posts


def publish(key="day:1", text="Fresh jalebi from 4 today.", **more):
    return post_publish(
        draft=PostDraft(text, "en"), key=key, now=clock.now(), actor_id=actor(), **more
    )


def test_a_post_is_live_once_google_has_checked_it(google_twin):
    post = publish()
    assert publish().pk == post.pk
    assert run(post.effect_id).state == "pending_remote"
    assert GooglePost.objects.get().state == "in_review"
    assert run(post.effect_id).state == "confirmed"
    post.refresh_from_db()
    assert (post.state, post.remote_name.rpartition("/")[2]) == ("live", "p0001")
    assert post.live_url.endswith("#p0001")
    assert len(google_twin.ledger("google.post")) == 1


@pytest.mark.parametrize("fault", ["reply_lost", "fail_after_apply"])
def test_a_post_with_a_lost_answer_is_found_and_never_doubled(google_twin, fault):
    google_twin.control(**{fault: 1})
    post = publish()
    assert run(post.effect_id).state == "unknown"
    assert run(post.effect_id).state == "confirmed"
    assert len(google_twin.ledger("google.post")) == 1


def test_a_post_that_the_list_does_not_show_yet_is_looked_for_again(google_twin):
    post = publish()
    google_twin.control(reply_lost=1)
    assert run(post.effect_id).state == "unknown"
    hidden, google_twin.twin.posts[:] = list(google_twin.twin.posts), []
    assert run(post.effect_id, steps=2).state == "unknown"
    google_twin.twin.posts[:] = hidden
    assert run(post.effect_id).state == "confirmed"
    assert len(google_twin.ledger("google.post")) == 1


@pytest.mark.parametrize("lost", ["row", "file"])
def test_a_photo_that_is_gone_is_said_and_nothing_leaves(google_twin, lost):
    picture = generated_store(
        key="a-photo", content=jpeg(), mime_type="image/jpeg", purpose="google_post"
    )
    post = publish(picture=picture)
    if lost == "row":
        GooglePost.objects.update(picture=None)
        MediaFile.objects.all().delete()
    else:
        default_storage.delete(picture.storage_path)
    assert run(post.effect_id).state == "rejected"
    assert "photo of this post is no longer here" in GooglePost.objects.get().failure_sentence
    assert google_twin.ledger("google.post") == []


def jpeg() -> bytes:
    made = BytesIO()
    Image.new("RGB", (400, 300), "white").save(made, "JPEG")
    return made.getvalue()


def test_the_same_words_of_another_post_are_not_taken_for_ours(google_twin):
    first = publish(key="day:1")
    run(first.effect_id, steps=2)
    google_twin.control(fail_before=1)
    second = publish(key="day:2")
    run(second.effect_id, steps=6)
    second.refresh_from_db()
    assert len(google_twin.ledger("google.post")) == 2
    assert second.remote_name.endswith("p0002")


def test_a_post_that_google_turns_down_says_so(google_twin):
    google_twin.control(post_rejected=True)
    post = publish()
    run(post.effect_id, steps=2)
    post.refresh_from_db()
    assert post.state == "refused"
    assert "refused it after its check" in post.failure_sentence


def test_a_token_that_ended_asks_for_a_sign_in_and_the_post_waits(google_twin):
    google_twin.twin.tokens.clear()
    google_twin.control(invalid_grant=True)
    post = publish()
    effect = run(post.effect_id)
    assert effect.state == "planned"
    assert Connection.objects.get().state == "needs_sign_in"
    assert google_twin.ledger("google.post") == []


def test_an_expired_token_is_renewed_and_the_post_goes_out_once(google_twin):
    google_twin.twin.tokens.clear()
    post = publish()
    run(post.effect_id, steps=3)
    assert len(google_twin.ledger("google.post")) == 1
    assert GooglePost.objects.get().state in ("in_review", "live")


def test_an_expired_post_never_goes_out(google_twin):
    now = clock.now()
    post = publish(due_at=now, expires_at=now + timedelta(minutes=1))
    Effect.objects.filter(pk=post.effect_id).update(
        due_at=now - timedelta(days=2), expires_at=now - timedelta(days=1)
    )
    assert run(post.effect_id).state == "expired"
    post.refresh_from_db()
    assert post.state == "refused"
    assert google_twin.ledger("google.post") == []
