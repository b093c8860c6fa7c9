"""From proposal to a planned sending. Each call locks the post's row and makes one change."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import get_language

from local.automation.google_business.engine.posts import PostDraft
from local.automation.google_business.services import post_publish
from local.automation.social_media.engine import PolicyContext, check_owner_words, check_written
from local.automation.social_media.engine.best_time import best_slot, end_of
from local.automation.social_media.engine.posting import (
    BOUND,
    WAITING,
    State,
    clean_caption,
    content_hash,
    fault_of,
)
from local.automation.social_media.errors import (
    CaptionRefused,
    DayOver,
    NetworkNotConnected,
    PostChanged,
    PostMissing,
    PostSettled,
    PostUnderway,
    ReasonUnknown,
    TimeWrong,
    WordsBreakRule,
)
from local.automation.social_media.models import NETWORK_CHOICES, PlannedPost
from local.automation.social_media.selectors import Channel, channel_of, open_posts
from local.automation.social_media.services.settling import facts_refuse
from marketing_platform.audit.services import audit_record
from marketing_platform.core.clock import IST
from marketing_platform.core.text import mark as _
from marketing_platform.effects.errors import EffectOver, EffectUnderway
from marketing_platform.effects.services import effect_cancel, effect_change, effect_plan
from marketing_platform.media.models import MediaFile

ZONE = IST
LABELS = dict(NETWORK_CHOICES)
EFFECTS = MappingProxyType({"facebook": "meta.facebook_post", "instagram": "meta.instagram_image"})
REASONS = MappingProxyType(
    {
        "not_true": _("It is not right for my shop"),
        "not_now": _("Not on this day"),
        "words": _("I do not like the words"),
        "picture": _("I do not like the picture"),
        "enough": _("I have posted enough"),
    }
)
FAULTS = MappingProxyType(
    {
        "empty": _("Write the post first."),
        "too_long": _("%(network)s takes at most %(most)d characters. Make it shorter."),
        "hashtags": _("%(network)s takes at most %(most)d hashtags. Take some out."),
    }
)


@dataclass(frozen=True)
class PostContent:
    """One network's post of a day as it was composed. `source`: see PlannedPost."""

    on: date
    network: str
    language: str
    variant: int
    caption: str
    poster: MediaFile | None
    source: dict[str, str] = field(default_factory=dict)

    def hash_for(self, account_id: str) -> str:
        sha256 = self.poster.sha256 if self.poster else ""
        return content_hash(self.caption, sha256, self.network, account_id, self.language)


def as_worded(post: PlannedPost | None, content: PostContent) -> PostContent:
    """The content with the owner's own words, where they were written for the same idea."""
    if post is None or not post.is_edited or post.state not in WAITING:
        return content
    is_same = (post.language, post.variant) == (content.language, content.variant)
    return replace(content, caption=post.caption) if is_same else content


def account_of(network: str) -> str:
    """Empty for a network that is not connected."""
    channel = channel_of(network)
    return channel.account_id if channel else ""


@transaction.atomic
def post_propose(
    *, content: PostContent, now: datetime, actor_id: UUID | None = None
) -> PlannedPost:
    """The post of this day and network, made of `content` unless there is one.

    One that waits takes on another idea or language; the owner's own words stay as long as idea
    and language do. One that is on its way or out is answered as it is. Raises DayOver.
    """
    expires_at = end_of(content.on, ZONE)
    if expires_at <= now:
        raise DayOver(field="on")
    post = _locked_of(content.on, content.network)
    if post is None:
        post = PlannedPost(
            on=content.on, network=content.network, created_at=now, expires_at=expires_at
        )
    elif post.state not in WAITING:
        return post
    else:
        content = as_worded(post, content)
        if post.content_hash == content.hash_for(account_of(content.network)):
            return post
    _fill(post, content, now, actor_id)
    try:
        with transaction.atomic():
            post.save()
    except IntegrityError:
        # Somebody else proposed it at this moment.
        return open_posts(content.on, content.network).get()
    return post


@transaction.atomic
def post_edit(
    *,
    post_id: UUID,
    caption: str,
    context: PolicyContext,
    now: datetime,
    actor_id: UUID | None = None,
) -> PlannedPost:
    """The owner's words. Voids an approval, and stops what was planned with the words before.

    Raises PostMissing, PostSettled, PostUnderway, CaptionRefused or WordsBreakRule (`caption`).
    """
    post = _locked(post_id)
    if post.state not in {*WAITING, State.SCHEDULED, State.SENDING}:
        raise PostSettled
    caption = clean_caption(caption)
    _refuse(caption, post.network, check_owner_words(caption, context, network=post.network))
    if caption == post.caption:
        return post
    post.caption, post.is_edited, post.container_id = caption, True, ""
    _unplan(post, now, actor_id)
    _bind(post, post.account_id)
    post.actor_id, post.changed_at = actor_id, now
    post.save()
    return post


@transaction.atomic
def post_approve(
    *,
    post_id: UUID,
    seen_hash: str,
    context: PolicyContext,
    now: datetime,
    actor_id: UUID | None = None,
) -> PlannedPost:
    """Say yes to exactly what was read. The same yes twice is one.

    Raises PostMissing, PostChanged, PostSettled, NetworkNotConnected, FactsGone, CaptionRefused,
    WordsBreakRule.
    """
    post = _locked(post_id)
    if post.state in BOUND and post.approved_hash == seen_hash:
        return post
    if post.state not in WAITING:
        raise PostSettled
    channel = _channel(post.network)
    _bind(post, channel.account_id)
    if post.content_hash != seen_hash:
        raise PostChanged
    _recheck(post, context)
    post.state, post.approved_hash = State.APPROVED, post.content_hash
    post.approved_by, post.approved_at, post.changed_at = actor_id, now, now
    post.failure_sentence, post.failure_params, post.reason = "", {}, ""
    post.save()
    _audit("post_approved", post, actor_id, now, content_hash=post.content_hash)
    return post


@transaction.atomic
def post_schedule(
    *,
    post_id: UUID,
    category: str,
    now: datetime,
    at: datetime | None = None,
    actor_id: UUID | None = None,
) -> PlannedPost:
    """Plan an approved post for `at`, or for the trade's best time; one that is planned is moved.

    A time that has passed becomes the next good one of the day. Raises PostMissing, PostSettled,
    PostUnderway, PostChanged (another account is connected), NetworkNotConnected, DayOver or
    TimeWrong (not on the post's day).
    """
    post = _locked(post_id)
    is_planned = post.state == State.SCHEDULED
    if post.state != State.APPROVED and not is_planned:
        raise PostSettled
    due_at = _due(post, category, at, now)
    if is_planned and at is None:
        return post
    channel = _channel(post.network)
    if channel.account_id != post.account_id:
        raise PostChanged
    post.scheduled_at, post.changed_at = due_at, now
    if is_planned:
        _move(post, due_at, now, actor_id)
    else:
        _plan(post, channel, now, actor_id)
    post.save()
    return post


@transaction.atomic
def post_later(*, post_id: UUID, now: datetime, actor_id: UUID | None = None) -> PlannedPost:
    """Put aside what waits for a yes; it is kept until its day ends. Raises PostMissing,
    PostSettled."""
    post = _locked(post_id)
    if post.state not in WAITING:
        raise PostSettled
    post.state, post.approved_hash = State.DRAFT, ""
    post.changed_at, post.actor_id = now, actor_id
    post.save()
    return post


@transaction.atomic
def post_no(
    *, post_id: UUID, reason: str, now: datetime, actor_id: UUID | None = None
) -> PlannedPost:
    """Say no, and why. Raises ReasonUnknown, PostMissing, PostSettled, PostUnderway."""
    if reason not in REASONS:
        raise ReasonUnknown(field="reason")
    return _end(post_id, reason, now, actor_id)


@transaction.atomic
def post_cancel(*, post_id: UUID, now: datetime, actor_id: UUID | None = None) -> PlannedPost:
    """Stop it while nothing has left; twice is no error. Raises as post_no."""
    return _end(post_id, "", now, actor_id)


def _end(post_id: UUID, reason: str, now: datetime, actor_id: UUID | None) -> PlannedPost:
    post = _locked(post_id)
    if post.state == State.CANCELLED:
        return post
    if post.state not in {*WAITING, State.SCHEDULED, State.SENDING}:
        raise PostSettled
    _unplan(post, now, actor_id)
    post.state, post.reason, post.changed_at = State.CANCELLED, reason, now
    post.save()
    _audit("post_stopped", post, actor_id, now, reason=reason)
    return post


def _fill(post: PlannedPost, content: PostContent, now: datetime, actor_id: UUID | None) -> None:
    post.is_edited = post.is_edited and post.caption == content.caption
    post.language, post.variant = content.language, content.variant
    post.caption, post.container_id = content.caption, ""
    post.poster, post.source = content.poster, content.source
    post.image_sha256 = content.poster.sha256 if content.poster else ""
    post.state, post.approved_hash = State.PROPOSED, ""
    post.actor_id, post.changed_at = actor_id, now
    _bind(post, account_of(content.network))


def _bind(post: PlannedPost, account_id: str) -> None:
    post.account_id = account_id
    post.content_hash = content_hash(
        post.caption, post.image_sha256, post.network, account_id, post.language
    )


def _recheck(post: PlannedPost, context: PolicyContext) -> None:
    """A day may lie between proposal and yes: facts and rules are looked at once more."""
    facts_refuse(post)
    check = check_owner_words if post.is_edited else check_written
    _refuse(post.caption, post.network, check(post.caption, context, network=post.network))


def _refuse(caption: str, network: str, breaches: tuple[Any, ...]) -> None:
    fault = fault_of(caption, network)
    if fault is not None:
        name, most = fault
        raise CaptionRefused(FAULTS[name], field="caption", network=LABELS[network], most=most)
    if breaches:
        language = "hi" if (get_language() or "en").startswith("hi") else "en"
        raise WordsBreakRule(field="caption", rule=breaches[0].sentence(language))


def _due(post: PlannedPost, category: str, at: datetime | None, now: datetime) -> datetime:
    if at is not None and not datetime.combine(post.on, time(0), ZONE) <= at < post.expires_at:
        raise TimeWrong(field="at")
    if at is not None and at >= now:
        return at
    slot = best_slot(category, post.on, now=now, zone=ZONE)
    if slot is None:
        raise DayOver(field="at")
    return slot.at


def _plan(post: PlannedPost, channel: Channel, now: datetime, actor_id: UUID | None) -> None:
    post.attempt += 1
    if post.network == "google_business":
        sent = post_publish(
            draft=PostDraft(post.caption, post.language),
            picture=post.poster,
            key=f"planned:{post.pk}:{post.attempt}",
            now=now,
            actor_id=actor_id,
            due_at=post.scheduled_at,
            expires_at=post.expires_at,
        )
        post.effect_id = sent.effect_id
    else:
        effect = effect_plan(
            kind=EFFECTS[post.network],
            key=(str(post.pk), str(post.attempt)),
            payload={"post_id": str(post.pk), "text": post.caption, "target": post.account_id},
            due_at=post.scheduled_at,
            expires_at=post.expires_at,
            connection=channel.connection,
            subject=post.caption.splitlines()[0][:80],
            now=now,
        )
        post.effect_id = effect.pk
    post.state = State.SCHEDULED


def _move(post: PlannedPost, due_at: datetime, now: datetime, actor_id: UUID | None) -> None:
    try:
        effect_change(effect_id=post.effect_id, due_at=due_at, now=now, actor_id=actor_id)
    except (EffectUnderway, EffectOver) as error:
        raise PostUnderway from error


def _unplan(post: PlannedPost, now: datetime, actor_id: UUID | None) -> None:
    """The yes no longer holds; what was planned with it is stopped. Raises PostUnderway."""
    effect_id, post.effect_id = post.effect_id, None
    post.state, post.approved_hash, post.scheduled_at = State.PROPOSED, "", None
    if effect_id is None:
        return
    # First let go of it: the stopped effect must find no post of its own.
    post.save(update_fields=["effect_id", "state", "approved_hash", "scheduled_at"])
    try:
        effect_cancel(effect_id=effect_id, now=now, actor_id=actor_id)
    except (EffectUnderway, EffectOver) as error:
        raise PostUnderway from error


def _channel(network: str) -> Channel:
    channel = channel_of(network)
    if channel is None:
        raise NetworkNotConnected(network=LABELS[network])
    return channel


def _locked(post_id: UUID) -> PlannedPost:
    post = PlannedPost.objects.select_for_update().filter(pk=post_id).first()
    if post is None:
        raise PostMissing
    return post


def _locked_of(on: date, network: str) -> PlannedPost | None:
    return open_posts(on, network).select_for_update().first()


def _audit(
    action: str, post: PlannedPost, actor_id: UUID | None, now: datetime, **detail: Any
) -> None:
    audit_record(
        action=action,
        actor_kind="human" if actor_id else "system",
        actor_id=str(actor_id or ""),
        subject=str(post.pk),
        detail={"on": post.on.isoformat(), "network": post.network, **detail},
        now=now,
    )
