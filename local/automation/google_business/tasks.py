"""What leaves for Google, once each, and reading what is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.dateparse import parse_time

from local.automation.google_business.connectors import (
    Place,
    RemotePost,
    place_read,
    post_write,
    posts_since,
    reply_write,
    review_read,
    special_hours_write,
)
from local.automation.google_business.engine.hours import DayHours, merged, on_day, spelled
from local.automation.google_business.engine.posts import PostDraft, body_of
from local.automation.google_business.engine.remote import same_words
from local.automation.google_business.models import (
    GooglePost,
    HoursChange,
    ProfileRead,
    Review,
    ReviewReply,
)
from local.automation.google_business.selectors import google_connection
from local.automation.google_business.services.reading import google_read
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.http import ProviderClient
from marketing_platform.core import clock
from marketing_platform.core.errors import NotFound
from marketing_platform.core.text import mark as _
from marketing_platform.effects.models import Effect
from marketing_platform.effects.registry import Committed, Verdict, effect_kind
from marketing_platform.effects.states import State
from marketing_platform.jobs.registry import Progress, job_kind
from marketing_platform.media.errors import MediaMissing
from marketing_platform.media.selectors import content_of, media_file_of, signed_url
from marketing_platform.schedule.periodic import Every, periodic
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.selectors import tenant_url

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CLOCKS_APART = timedelta(minutes=5)
PICTURE_FOR = timedelta(hours=48)
LOOKS = (timedelta(seconds=20), 2 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR)
# A list shows a new post a little later: only the third look that finds nothing proves it.
LOOKS_TO_BE_SURE = 3
# Google checks posts and replies, mostly within minutes, at times within days.
CHECKS = (MINUTE, 5 * MINUTE, 30 * MINUTE, 3 * HOUR, 12 * HOUR, DAY, DAY, DAY)
REFUSED = _("Google refused it after its check. Change the words and try again.")
CHANGED_SINCE = _("The hours of this day were changed on Google meanwhile.")
NO_PICTURE = _("The photo of this post is no longer here. Choose it again.")
NO_USUAL_HOURS = _("Google wants your usual opening hours first. The guide shows how to set them.")


class OnGoogle:
    """What the three have in common."""

    provider = "google_business"
    verify_waits = LOOKS
    pending_waits = CHECKS


@effect_kind("google.post")
class PostEffect(OnGoogle):
    label = _("Post on Google")
    freshness = 6 * HOUR

    def prepare(self, effect: Effect, client: ProviderClient) -> dict[str, Any]:
        """The picture gets an address that Google can fetch."""
        picture_id, tenant = effect.payload["picture_id"], current_tenant()
        if not picture_id or tenant is None:
            return {"picture_url": ""}
        try:
            picture = media_file_of(UUID(picture_id))
            content_of(picture)
        except (NotFound, MediaMissing) as error:
            raise _refusal(NO_PICTURE) from error
        base_url = tenant_url(tenant, "")
        return {"picture_url": signed_url(picture, base_url=base_url, expires_in=PICTURE_FOR).url}

    def commit(self, effect: Effect, client: ProviderClient) -> Committed:
        told = effect.payload
        draft = PostDraft(told["text"], told["language"], told["button"], told["button_url"])
        body = body_of(draft, (effect.prepared or {}).get("picture_url", ""))
        post = post_write(client, told["location"], body)
        is_pending = post.state == "PROCESSING"
        if is_pending:
            GooglePost.objects.filter(pk=told["post_id"]).update(state="in_review")
        return Committed(post.name, {"url": post.url}, is_pending=is_pending)

    def verify(self, effect: Effect, client: ProviderClient) -> Verdict:
        """Its name when we have it; otherwise the same words since it was armed."""
        post = self._found(effect, client)
        if post is None:
            is_sure = effect.verify_attempts + 1 >= LOOKS_TO_BE_SURE
            return Verdict.NOT_APPLIED if is_sure else Verdict.STILL_UNKNOWN
        if post.state == "REJECTED":
            return Verdict.REJECTED(REFUSED)
        if post.state == "PROCESSING":
            return Verdict.STILL_UNKNOWN
        GooglePost.objects.filter(pk=effect.payload["post_id"]).update(live_url=post.url)
        return Verdict.CONFIRMED(post.name)

    def settled(self, effect: Effect) -> None:
        row = GooglePost.objects.filter(pk=effect.payload["post_id"])
        if effect.state == State.CONFIRMED:
            row.update(state="live", remote_name=effect.remote_id[:250], live_at=clock.now())
            url = effect.answer.get("url") if isinstance(effect.answer, dict) else ""
            row.filter(live_url="").update(live_url=str(url or "")[:400])
        else:
            row.update(**_ended(effect))

    def _found(self, effect: Effect, client: ProviderClient) -> RemotePost | None:
        since = (effect.armed_at or effect.created_at) - CLOCKS_APART
        posts = posts_since(client, effect.payload["location"], since)
        ours = [each for each in posts if effect.remote_id and each.name == effect.remote_id]
        taken = set(
            GooglePost.objects.exclude(pk=effect.payload["post_id"])
            .exclude(remote_name="")
            .values_list("remote_name", flat=True)
        )
        alike = [
            each
            for each in posts
            if same_words(each.text, effect.payload["text"]) and each.name not in taken
        ]
        return next(iter([*ours, *alike]), None)


@effect_kind("google.review_reply")
class ReplyEffect(OnGoogle):
    label = _("Reply to a review")
    freshness = None

    def commit(self, effect: Effect, client: ProviderClient) -> Committed:
        """A PUT: the same reply twice is one reply."""
        told = effect.payload
        reply = reply_write(client, told["review"], told["text"])
        if reply is not None and reply.is_refused:
            raise _refusal(REFUSED)
        is_pending = reply is not None and not reply.is_live
        if is_pending:
            ReviewReply.objects.filter(pk=told["reply_id"]).update(state="in_review")
        return Committed(told["review"], is_pending=is_pending)

    def verify(self, effect: Effect, client: ProviderClient) -> Verdict:
        """Only an approved reply is done."""
        review = review_read(client, effect.payload["review"])
        reply = review.reply if review else None
        if reply is None or not same_words(reply.text, effect.payload["text"]):
            return Verdict.NOT_APPLIED
        if reply.is_refused:
            return Verdict.REJECTED(REFUSED)
        if not reply.is_live:
            ReviewReply.objects.filter(pk=effect.payload["reply_id"]).update(state="in_review")
            return Verdict.STILL_UNKNOWN
        return Verdict.CONFIRMED(effect.payload["review"])

    def settled(self, effect: Effect) -> None:
        row = ReviewReply.objects.filter(pk=effect.payload["reply_id"], effect_id=effect.pk)
        if effect.state != State.CONFIRMED:
            row.update(**_ended(effect) | {"state": "refused"})
            return
        row.update(state="done", failure_sentence="", failure_params={})
        Review.objects.filter(remote_name=effect.payload["review"]).update(
            reply_text=effect.payload["text"], replied_at=clock.now()
        )


@effect_kind("google.hours")
class HoursEffect(OnGoogle):
    label = _("Opening hours on Google")
    freshness = None

    def commit(self, effect: Effect, client: ProviderClient) -> Committed:
        """Read, merge, write in one go, so that nobody's change in between is written over.

        Google takes the list of all days as a whole: two of our own days go one after the other.
        """
        told, wanted = effect.payload, _wanted(effect.payload)
        with _alone_at(told["location"]):
            place = place_read(client, told["location"])
            found = on_day(place.special_hours, wanted.on)
            if found in (spelled(wanted), sorted(told["before"])):
                self._write(client, place, wanted, told["location"])
                return Committed(told["location"])
        HoursChange.objects.filter(pk=told["change_id"]).update(found=found)
        raise _refusal(CHANGED_SINCE)

    def _write(self, client: ProviderClient, place: Place, wanted: DayHours, location: str) -> None:
        if on_day(place.special_hours, wanted.on) == spelled(wanted):
            return
        if not place.regular_hours.get("periods"):
            raise _refusal(NO_USUAL_HOURS)
        special_hours_write(client, location, merged(place.special_hours, wanted))

    def verify(self, effect: Effect, client: ProviderClient) -> Verdict:
        wanted = _wanted(effect.payload)
        place = place_read(client, effect.payload["location"])
        if on_day(place.special_hours, wanted.on) == spelled(wanted):
            return Verdict.CONFIRMED(effect.payload["location"])
        return Verdict.NOT_APPLIED

    def settled(self, effect: Effect) -> None:
        row = HoursChange.objects.filter(pk=effect.payload["change_id"])
        row.update(settled_at=clock.now())
        if effect.state == State.CONFIRMED:
            row.update(state="done", found=None)
            self._remember(_wanted(effect.payload))
            return
        ended = _ended(effect)
        row.filter(found__isnull=False).update(state="conflict")
        row.filter(found__isnull=True).update(**ended)

    def _remember(self, wanted: DayHours) -> None:
        """What was read before is true again without another read."""
        for read in ProfileRead.objects.select_for_update():
            read.special_hours = merged(read.special_hours, wanted)
            read.save(update_fields=["special_hours"])


@job_kind("local.google_read", label=_("Reading your Google profile"))
def profile_read_job(_arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    result = google_read(now=clock.now(), report=lambda done: progress(done))
    return {"new": result.new, "changed": result.changed, "gone": result.gone, "url": "/google/"}


@periodic("local.google_read", times=Every(6 * HOUR), tiers=("local",))
def profile_read_regularly(_tenant: Tenant) -> None:
    """A shop without Google has nothing to read."""
    if google_connection() is not None:
        google_read(now=clock.now())


@contextmanager
def _alone_at(location: str) -> Iterator[None]:
    """Not by a transaction: a token that is renewed on the way stays renewed, come what may."""
    key = [f"google.hours:{location}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", key)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", key)


def _wanted(told: dict[str, Any]) -> DayHours:
    return DayHours(date.fromisoformat(told["on"]), _time(told["opens"]), _time(told["closes"]))


def _time(given: str) -> time | None:
    return parse_time(given) if given else None


def _refusal(sentence: str) -> ProviderFailure:
    """Refused for a reason that we can say in words of our own."""
    failure = ProviderFailure("rejected", provider="Google", outcome="rejected")
    failure.sentence, failure.params = sentence, {}
    return failure


def _ended(effect: Effect) -> dict[str, Any]:
    return {
        "state": "cancelled" if effect.state == State.CANCELLED else "refused",
        "failure_sentence": effect.failure_sentence,
        "failure_params": effect.failure_params,
    }
