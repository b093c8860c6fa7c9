"""What may go out: only as it was read and approved, once a day and network, on its own day."""

import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction

from local.automation.google_business.models import GooglePost
from local.automation.social_media.engine.best_time import best_slot, end_of, usual_times
from local.automation.social_media.engine.posting import clean_caption, content_hash, fault_of
from local.automation.social_media.errors import (
    CaptionRefused,
    DayOver,
    NetworkNotConnected,
    PostChanged,
    PostSettled,
    ReasonUnknown,
    TimeWrong,
    WordsBreakRule,
)
from local.automation.social_media.models import PlannedPost, PostedRecord
from local.automation.social_media.selectors import is_posted_since, planned_page, posted_networks
from local.automation.social_media.services import posted_mark, posted_undo, posts_tidy
from local.business.engine import CATEGORIES
from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.core.clock import IST
from marketing_platform.effects.models import Effect
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tiers import quotas
from marketing_platform.tiers.contracts import Entitlements
from marketing_platform.tiers.quotas import QuotaReached
from tests.local.automation.google_business.conftest import connect as connect_google
from tests.local.automation.google_business.conftest import run
from tests.local.automation.social_media.publishing import (
    connect,
    door,
    propose,
    send,
    tomorrow,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(meta_twin, in_local_workspace):
    return connect()


def at(hour: int, minute: int = 0, on=None) -> datetime:
    return datetime.combine(on or tomorrow(), time(hour, minute), IST)


# --- the pure parts


def test_every_trade_has_times_of_its_own_and_says_that_they_are_assumed():
    for trade in [*CATEGORIES, "other"]:
        usual = usual_times()[trade]
        assert usual.times
        assert usual.reasons["en"].startswith("Assumption")
        assert usual.reasons["hi"].startswith("अनुमान")


@pytest.mark.parametrize(
    ("hour", "wanted", "is_usual"),
    [(9, "17:00", True), (17, "19:30", True), (21, "21:02", False)],
)
def test_the_best_time_is_the_next_one_that_is_still_to_come(hour, wanted, is_usual):
    on = tomorrow()
    slot = best_slot("sweet_shop", on, now=at(hour, on=on), zone=IST)
    assert (f"{slot.at:%H:%M}", slot.is_usual) == (wanted, is_usual)
    assert slot.at.date() == on


def test_a_day_that_is_over_has_no_best_time():
    assert best_slot("gym", tomorrow(), now=at(23, 59), zone=IST) is None
    after = at(0, 30, tomorrow() + timedelta(days=1))
    assert best_slot("gym", tomorrow(), now=after, zone=IST) is None


def test_a_day_ends_where_the_shop_is_also_when_clocks_change():
    """25 hours in Berlin on the last Sunday of October, 24 in India."""
    zone = ZoneInfo("Europe/Berlin")
    on = datetime(2026, 10, 25, tzinfo=zone).date()
    start = datetime.combine(on, time(0), zone)
    assert end_of(on, zone).astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=25)


def test_what_is_typed_is_cleaned_and_keeps_its_lines():
    typed = " नमस्ते\x00\u202e\r\n\r\n\r\n\r\nA\ud800 "
    assert clean_caption(typed) == "नमस्ते\n\nA"


def test_network_limits():
    assert fault_of("", "facebook") == ("empty", 1)
    assert fault_of("x" * 2201, "instagram") == ("too_long", 2200)
    assert fault_of("क" * 501, "google_business") == ("too_long", 1500)
    assert fault_of("#a " * 31, "instagram") == ("hashtags", 30)
    assert fault_of("#a " * 30, "instagram") is None


def test_each_part_of_the_content_is_in_the_hash():
    base = ["words", "sha", "facebook", "page", "en"]
    changed = [[*base[:place], "other", *base[place + 1 :]] for place in range(5)]
    assert len({content_hash(*each) for each in [base, *changed]}) == 6


# --- proposals


def test_a_proposal_is_made_once_and_holds_what_the_page_shows(page):
    post = propose()
    assert propose().pk == post.pk
    assert (post.state, post.account_id) == ("proposed", "100200300400")
    assert post.caption
    assert post.poster is not None
    assert post.expires_at == end_of(post.on, IST)


def test_another_idea_or_language_takes_the_place_of_what_waits(page):
    first, words = propose(), propose().caption
    second = propose(variant=1)
    assert (second.pk, second.variant) == (first.pk, 1)
    assert second.caption != words
    assert propose(language="hi").language == "hi"
    assert PlannedPost.objects.count() == 1


def test_a_post_of_a_day_that_is_over_is_not_proposed(page):
    with pytest.raises(DayOver):
        propose(on=clock.today() - timedelta(days=1))


def test_a_week_is_proposed_for_each_network_and_again_changes_nothing(page):
    made = door().plan_week(today=clock.today(), now=clock.now())
    assert len(made) == 14
    again = door().plan_week(today=clock.today(), now=clock.now())
    assert {post.pk for post in again} == {post.pk for post in made}
    assert not Effect.objects.exists()


def test_without_an_account_nothing_is_proposed_for_the_week_or_sent(in_local_workspace):
    assert door().plan_week(today=clock.today(), now=clock.now()) == []
    post = propose()
    with pytest.raises(NetworkNotConnected):
        door().approve_and_schedule(post.pk, post.content_hash, now=clock.now())
    assert not Effect.objects.exists()


# --- approval


def test_an_edit_voids_the_yes_and_stops_what_was_planned(page):
    post = send()
    effect_id, old = post.effect_id, post.content_hash
    post = door().edit(post.pk, "Kaju katli, fresh today.", now=clock.now())
    assert (post.state, post.approved_hash, post.effect_id) == ("proposed", "", None)
    assert post.content_hash != old
    assert Effect.objects.get(pk=effect_id).state == "cancelled"
    with pytest.raises(PostChanged):
        door().approve(post.pk, old, now=clock.now())
    post = door().approve_and_schedule(post.pk, post.content_hash, now=clock.now())
    assert post.state == "scheduled"
    assert Effect.objects.get(pk=post.effect_id).payload["text"] == "Kaju katli, fresh today."


def test_words_changed_and_changed_back_can_be_sent(page):
    post = send()
    words = post.caption
    door().edit(post.pk, "Something else", now=clock.now())
    post = door().edit(post.pk, words, now=clock.now())
    post = door().approve_and_schedule(post.pk, post.content_hash, now=clock.now())
    assert Effect.objects.get(pk=post.effect_id).state == "planned"


def test_the_owners_words_stay_when_the_page_is_opened_again(page):
    post = propose()
    door().edit(post.pk, "Kaju katli, fresh today.", now=clock.now())
    assert propose().caption == "Kaju katli, fresh today."


def test_another_account_voids_the_yes_too(page):
    post = propose()
    connect(page="100200300401", token="page-token-100200300401")
    with pytest.raises(PostChanged):
        door().approve(post.pk, post.content_hash, now=clock.now())


@pytest.mark.parametrize(("words", "error"), [("", CaptionRefused), ("x" * 70_000, CaptionRefused)])
def test_words_that_the_network_refuses_change_nothing(page, words, error):
    post = propose()
    with pytest.raises(error) as refused:
        door().edit(post.pk, words, now=clock.now())
    assert refused.value.field == "caption"
    post.refresh_from_db()
    assert post.caption


def test_a_forbidden_claim_is_refused_with_its_rule(page):
    post = propose()
    with pytest.raises(WordsBreakRule) as refused:
        door().edit(post.pk, "Our ladoo cures diabetes.", now=clock.now())
    assert refused.value.field == "caption"


def test_the_same_yes_twice_is_one(page):
    post = send()
    again = door().approve_and_schedule(post.pk, post.content_hash, now=clock.now())
    assert again.effect_id == post.effect_id
    assert Effect.objects.count() == 1
    assert AuditEntry.objects.filter(action="post_approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_approve_at_once_and_one_effect_is_planned(page, local_tenant):
    post, barrier, errors = propose(), threading.Barrier(2), []

    def say_yes() -> None:
        try:
            with tenant_context(local_tenant):
                barrier.wait(10)
                door().approve_and_schedule(post.pk, post.content_hash, now=clock.now())
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=say_yes) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert Effect.objects.count() == 1
    post.refresh_from_db()
    assert (post.state, post.attempt) == ("scheduled", 1)


def test_the_database_keeps_one_post_a_day_and_network_and_the_bond_of_the_yes(page):
    post = send()
    with pytest.raises(IntegrityError), transaction.atomic():
        PlannedPost.objects.filter(pk=post.pk).update(content_hash="0" * 64)
    PlannedPost.objects.filter(pk=post.pk).update(caption=post.caption)
    copy = PlannedPost.objects.get(pk=post.pk)
    copy.pk, copy.effect_id = None, None
    copy.id, copy.state, copy.scheduled_at = PlannedPost().id, "proposed", None
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


def test_a_post_beyond_the_plans_posts_of_a_day_waits_for_another(page, monkeypatch):
    answer = Entitlements("full", {"posts_per_day": 1})
    monkeypatch.setattr(quotas, "entitlements_of", lambda _tenant: answer)
    post, other = send(), propose("instagram")
    with pytest.raises(QuotaReached, match="for 1 posts a day, and 1 are planned"):
        door().approve_and_schedule(other.pk, other.content_hash, now=clock.now())
    assert Effect.objects.count() == 1
    # Moving the one that is planned needs no room.
    assert door().schedule(post.pk, at=at(12, 30), now=clock.now()).scheduled_at == at(12, 30)


# --- when


def test_it_is_planned_for_the_trades_time_and_may_be_moved(page):
    post = send()
    assert post.scheduled_at == at(17)
    moved = door().schedule(post.pk, at=at(12, 30), now=clock.now())
    assert (moved.scheduled_at, moved.effect_id) == (at(12, 30), post.effect_id)
    assert Effect.objects.get(pk=post.effect_id).due_at == at(12, 30)


def test_a_time_that_has_passed_becomes_the_next_one(page):
    post = propose()
    now = at(12)
    post = door().approve_and_schedule(post.pk, post.content_hash, at=at(9), now=now)
    assert post.scheduled_at == at(17)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_greeting_does_not_go_out_on_another_day(page, days):
    post = propose()
    with pytest.raises(TimeWrong):
        door().approve_and_schedule(
            post.pk,
            post.content_hash,
            at=at(12, on=tomorrow() + timedelta(days=days)),
            now=clock.now(),
        )
    post.refresh_from_db()
    assert (post.state, post.effect_id) == ("proposed", None)


def test_publish_now_is_of_its_own_day(page):
    post = propose()
    door().approve(post.pk, post.content_hash, now=clock.now())
    with pytest.raises(TimeWrong):
        door().publish_now(post.pk, now=clock.now())
    post = door().publish_now(post.pk, now=at(12))
    assert post.scheduled_at == at(12)


# --- later, no, stop


def test_later_no_and_stop(page):
    post = propose()
    assert door().later(post.pk, now=clock.now()).state == "draft"
    with pytest.raises(ReasonUnknown):
        door().decline(post.pk, "whatever", now=clock.now())
    post = door().decline(post.pk, "picture", now=clock.now())
    assert (post.state, post.reason) == ("cancelled", "picture")
    sent = send()
    assert sent.pk != post.pk
    assert door().cancel(sent.pk, now=clock.now()).state == "cancelled"
    assert door().cancel(sent.pk, now=clock.now()).state == "cancelled"
    assert Effect.objects.get().state == "cancelled"
    with pytest.raises(PostSettled):
        door().edit(sent.pk, "late", now=clock.now())


def test_a_day_without_a_yes_ends(page):
    post = propose()
    assert posts_tidy(now=post.expires_at - timedelta(seconds=1)) == 0
    assert posts_tidy(now=post.expires_at) == 1
    assert posts_tidy(now=post.expires_at) == 0
    post.refresh_from_db()
    assert post.state == "expired"


# --- by hand


def test_posted_by_hand_stops_what_we_would_have_sent(page):
    post = send()
    effect_id = post.effect_id
    posted_mark(on=post.on, network="facebook", variant=0, now=clock.now())
    post.refresh_from_db()
    assert post.state == "self_reported"
    assert Effect.objects.get(pk=effect_id).state == "cancelled"
    assert posted_networks([post.on])[post.on] == {"facebook"}
    posted_undo(on=post.on, network="facebook")
    post.refresh_from_db()
    assert post.state == "proposed"
    assert not PostedRecord.objects.exists()


def test_what_we_sent_counts_as_posted(page):
    post = send()
    PlannedPost.objects.filter(pk=post.pk).update(state="live")
    assert posted_networks([post.on])[post.on] == {"facebook"}
    assert is_posted_since(clock.today())


# --- Google


def test_a_post_for_google_goes_through_its_feature(google_twin, in_local_workspace):
    connect_google()
    post = send("google_business")
    assert post.state == "scheduled"
    sent = GooglePost.objects.get()
    assert (sent.effect_id, sent.text) == (post.effect_id, post.caption)
    assert sent.due_at == post.scheduled_at
    Effect.objects.filter(pk=post.effect_id).update(state="needs_check")
    posts_tidy(now=clock.now())
    post.refresh_from_db()
    assert post.state == "needs_check"


@pytest.mark.django_db(transaction=True)
def test_a_post_that_google_shows_is_live_with_its_link(google_twin, in_local_workspace):
    connect_google()
    post = send("google_business")
    # Its picture would be fetched from a host that nobody serves in a test.
    effect = Effect.objects.get(pk=post.effect_id)
    Effect.objects.filter(pk=effect.pk).update(payload={**effect.payload, "picture_id": ""})
    while Effect.objects.get(pk=effect.pk).state != "confirmed":
        run(effect.pk)
    posts_tidy(now=clock.now())
    post.refresh_from_db()
    assert post.state == "live"
    assert post.remote_url == GooglePost.objects.get().live_url != ""
    assert len(google_twin.ledger()) == 1


def test_pages_of_posts_do_not_overlap(page):
    door().plan_week(today=clock.today(), now=clock.now())
    seen, cursor = [], ""
    while True:
        found, cursor = planned_page(cursor=cursor, limit=5)
        seen += [post.pk for post in found]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 14
