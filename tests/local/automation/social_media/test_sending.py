"""Posts that leave, against the twin: once, whatever the answer does."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from local.automation.social_media.models import CoachingResult, Offer, PlannedPost
from local.automation.social_media.selectors import posted_networks
from local.automation.social_media.services import posts_tidy
from local.automation.social_media.tasks import leaving
from marketing_platform.connections.models import Connection
from marketing_platform.connections.services import connection_disconnect
from marketing_platform.core import clock
from marketing_platform.effects.models import Effect
from marketing_platform.effects.services import effect_answer, stop_everything
from marketing_platform.media.selectors import content_of
from marketing_platform.notifications.models import Notification
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import current_tenant
from tests.local.automation.social_media.publishing import (
    connect,
    door,
    propose,
    send,
    step,
    until,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("meta_twin", "in_local_workspace"),
]
BOTH = pytest.mark.parametrize(
    ("network", "what"), [("facebook", "facebook.post"), ("instagram", "instagram.post")]
)


@pytest.fixture(autouse=True)
def connected(meta_twin, in_local_workspace, monkeypatch):
    """Nobody serves the workspace's host in a test: the twin serves our picture's bytes."""

    def address(picture):
        return meta_twin.file(f"{picture.pk}.jpg", content_of(picture))

    monkeypatch.setattr(leaving, "picture_address", address)
    monkeypatch.setattr(leaving, "CONTAINER_WAIT", 0)
    return connect()


def link_asked(post: PlannedPost) -> PlannedPost:
    """Run the work that asks where it stands."""
    row = DueWork.objects.get(key=f"local.post_link:{post.effect_id}")
    leaving.post_link(current_tenant(), **row.arguments)
    post.refresh_from_db()
    return post


@BOTH
def test_an_approved_post_is_live_with_its_words_picture_and_link(network, what, meta_twin):
    post = until(send(network), "live")
    (sent,) = meta_twin.ledger(what)
    assert sent["message" if network == "facebook" else "caption"] == post.caption
    assert post.remote_id == sent["id"]
    assert post.live_at is not None
    link_asked(post)
    assert f"/live/{network}/" in post.remote_url
    assert posted_networks([post.on])[post.on] == {network}


def test_the_picture_is_a_jpeg_that_anybody_may_fetch_for_a_day(meta_twin, monkeypatch):
    monkeypatch.undo()
    post = propose("instagram")
    picture = leaving._picture(post)
    assert picture.mime_type == "image/jpeg"
    with Image.open(io.BytesIO(content_of(picture))) as opened:
        assert (opened.format, opened.size) == ("JPEG", (1080, 1080))
    assert leaving._picture(post).pk == picture.pk
    assert timedelta(hours=24) <= leaving.PICTURE_FOR
    assert "/media/signed/" in leaving.picture_address(picture)


@BOTH
@pytest.mark.parametrize("fault", ["reply_lost", "fail_after_apply"])
def test_an_answer_that_never_comes_leaves_one_post(network, what, fault, meta_twin):
    post = send(network)
    only = "/feed" if network == "facebook" else "/media_publish"
    meta_twin.control(**{fault: 1, "only": only})
    step(post)
    assert post.state == "sending"
    until(post, "live")
    assert len(meta_twin.ledger(what)) == 1
    assert link_asked(post).remote_url


@BOTH
def test_what_did_not_arrive_is_looked_for_and_then_sent_once(network, what, meta_twin):
    post = send(network)
    only = "/feed" if network == "facebook" else "/media_publish"
    meta_twin.control(fail_before=1, only=only)
    step(post)
    assert meta_twin.ledger(what) == []
    # Two looks that find nothing prove nothing: feeds are late.
    for _look in range(2):
        assert step(post).state == "sending"
    until(post, "live")
    assert len(meta_twin.ledger(what)) == 1
    assert len(meta_twin.ledger("facebook.photo")) <= 1


def test_instagram_says_blocked_though_it_is_live(meta_twin):
    post = send("instagram")
    meta_twin.control(ig_blocked=1)
    step(post)
    assert post.state == "sending"
    assert until(post, "live").failure_sentence == ""
    assert len(meta_twin.ledger("instagram.post")) == 1
    assert "/live/instagram/" in link_asked(post).remote_url


def test_a_quota_that_is_used_up_waits_and_publishes_nothing(meta_twin, monkeypatch):
    monkeypatch.setattr(leaving, "quota_left", lambda client, account: 0)
    post = step(send("instagram"))
    assert post.state == "scheduled"
    assert meta_twin.ledger("instagram.container") == []
    effect = Effect.objects.get(pk=post.effect_id)
    assert effect.next_at - clock.now() > timedelta(minutes=50)


def test_a_container_is_used_again_and_made_anew_when_it_lapsed(meta_twin):
    post = send("instagram")
    meta_twin.control(fail_before=1, only="/media_publish")
    step(post)
    first = PlannedPost.objects.get(pk=post.pk).container_id
    meta_twin.twin.instagram.containers[first]["created"] -= 25 * 3600
    until(post, "live")
    assert len(meta_twin.ledger("instagram.container")) == 2
    assert len(meta_twin.ledger("instagram.post")) == 1


def test_an_expired_token_tells_the_owner_and_the_post_waits(meta_twin):
    post = send()
    meta_twin.control(expired_token=1)
    step(post)
    assert post.state == "scheduled"
    assert Connection.objects.get().state == "needs_sign_in"
    assert Notification.objects.filter(kind="connection").exists()
    step(post)
    assert meta_twin.ledger("facebook.post") == []
    connect()
    assert until(post, "live").state == "live"
    assert len(meta_twin.ledger("facebook.post")) == 1


def test_yesterdays_greeting_never_goes_out(meta_twin):
    post = send()
    day_after = post.expires_at + timedelta(minutes=1)
    step(post, now=day_after)
    assert post.state == "expired"
    assert meta_twin.ledger("facebook.post") == []
    assert "time had passed" in post.failure_sentence
    # The day is over, so nobody can send it by another way either.
    waiting = propose("instagram")
    posts_tidy(now=day_after)
    waiting.refresh_from_db()
    assert waiting.state == "expired"


def test_a_refusal_is_said_in_words(meta_twin):
    post = send()
    meta_twin.control(refuse_post=1)
    step(post)
    assert post.state == "rejected"
    assert "refused" in post.failure_sentence


@BOTH
@pytest.mark.parametrize("lost", ["row", "file"])
def test_a_picture_that_is_gone_is_said_and_nothing_leaves(network, what, lost, meta_twin):
    post = send(network)
    if lost == "row":
        post.poster.delete()
    else:
        default_storage.delete(post.poster.storage_path)
    step(post)
    assert post.state == "rejected"
    assert "picture of this post is no longer here" in post.failure_sentence
    assert meta_twin.ledger(what) == []


@BOTH
def test_a_post_waits_while_its_account_is_gone_and_ends_with_its_day(network, what, meta_twin):
    post = send(network)
    connection_disconnect(connection_id=Connection.objects.get().pk, now=clock.now(), actor_id=None)
    step(post)
    assert post.state == "scheduled"
    step(post, now=post.expires_at)
    assert post.state == "expired"
    assert meta_twin.ledger(what) == []


def test_an_offer_that_ended_meanwhile_does_not_leave(meta_twin):
    today = clock.today()
    offer = Offer.objects.create(
        words="10% off on barfi",
        valid_from=today,
        valid_until=today + timedelta(days=9),
        created_at=clock.now(),
    )
    post = propose()
    PlannedPost.objects.filter(pk=post.pk).update(source={"offer_id": str(offer.pk)})
    door().approve_and_schedule(post.pk, post.content_hash, now=clock.now())
    Offer.objects.update(is_active=False, ended_at=clock.now())
    post.refresh_from_db()
    assert step(post).state == "rejected"
    assert "offer that ended" in post.failure_sentence
    assert meta_twin.ledger() == []


def test_a_result_whose_consent_was_taken_back_does_not_leave(meta_twin):
    today = clock.today()
    result = CoachingResult.objects.create(
        student="Ira",
        exam="CET",
        rank="9",
        course="Maths",
        duration="1 year",
        is_paid=True,
        result_on=today - timedelta(days=9),
        consent_on=today - timedelta(days=8),
        created_at=clock.now(),
    )
    post = send()
    PlannedPost.objects.filter(pk=post.pk).update(source={"result_id": str(result.pk)})
    CoachingResult.objects.update(is_active=False)
    assert step(post).state == "rejected"
    assert meta_twin.ledger() == []


def test_a_person_is_asked_and_may_send_it_again(meta_twin, monkeypatch):
    post = send()
    meta_twin.control(fail_before=1, only="/feed")
    step(post)
    meta_twin.control(fail_before=9, only="/published_posts")
    until(post, "needs_check")
    meta_twin.control(fail_before=0, only="")
    effect_answer(
        effect_id=post.effect_id, happened=False, again=True, actor_id=None, now=clock.now()
    )
    assert until(post, "live").state == "live"
    assert len(meta_twin.ledger("facebook.post")) == 1


def test_the_emergency_stop_takes_back_what_is_planned(meta_twin):
    post = send()
    stop_everything(on=True, actor_id=None, now=clock.now())
    post.refresh_from_db()
    assert post.state == "cancelled"
    again = propose()
    assert again.pk != post.pk


def test_another_post_with_the_same_words_is_not_taken_for_this_one(meta_twin):
    """The same words with a picture a week ago, and without one now: neither is ours."""
    post = send()
    other = {"page": "100200300400", "message": post.caption, "link": ""}
    meta_twin.twin.posts += [
        {**other, "id": "100200300400_1", "photos": ["1"], "created": 1_700_000_000.0},
        {**other, "id": "100200300400_2", "photos": [], "created": 4e9},
    ]
    meta_twin.control(fail_before=1, only="/feed")
    until(post, "live")
    (sent,) = meta_twin.ledger("facebook.post")
    assert post.remote_id == sent["id"]


def test_what_was_planned_for_one_page_does_not_go_to_another(meta_twin):
    post = send()
    connect(page="100200300401", token="page-token-100200300401")
    step(post)
    assert post.state == "scheduled"
    assert meta_twin.ledger() == []
