"""When an approved post goes out: planned, moved and stopped in the ledger of effects."""

from datetime import datetime, time
from types import MappingProxyType
from uuid import UUID

from django.db import transaction

from local.automation.google_business.engine.posts import PostDraft
from local.automation.google_business.services import post_publish
from local.automation.social_media.engine.best_time import best_slot
from local.automation.social_media.engine.posting import State
from local.automation.social_media.errors import (
    DayOver,
    PostChanged,
    PostSettled,
    PostUnderway,
    TimeWrong,
)
from local.automation.social_media.models import PlannedPost
from local.automation.social_media.selectors import Channel, posts_on
from local.automation.social_media.services.rows import connected, locked
from marketing_platform.core.clock import IST
from marketing_platform.effects.errors import EffectOver, EffectUnderway
from marketing_platform.effects.services import effect_cancel, effect_change, effect_plan
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tiers.quotas import quota_check, quota_lock

EFFECTS = MappingProxyType({"facebook": "meta.facebook_post", "instagram": "meta.instagram_image"})


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
    PostUnderway, PostChanged (another account is connected), NetworkNotConnected, DayOver,
    TimeWrong (not on the post's day) or QuotaReached.
    """
    post = locked(post_id)
    is_planned = post.state == State.SCHEDULED
    if post.state != State.APPROVED and not is_planned:
        raise PostSettled
    due_at = _due(post, category, at, now)
    if is_planned and at is None:
        return post
    channel = connected(post.network)
    if channel.account_id != post.account_id:
        raise PostChanged
    if not is_planned:
        _room_check(post)
    post.scheduled_at, post.changed_at = due_at, now
    if is_planned:
        _move(post, due_at, now, actor_id)
    else:
        _plan(post, channel, now, actor_id)
    post.save()
    return post


def _room_check(post: PlannedPost) -> None:
    tenant = current_tenant()
    quota_lock(tenant.schema_name, "posts_per_day")
    quota_check(tenant, "posts_per_day", used=lambda: posts_on(post.on).count())


def _due(post: PlannedPost, category: str, at: datetime | None, now: datetime) -> datetime:
    if at is not None and not datetime.combine(post.on, time(0), IST) <= at < post.expires_at:
        raise TimeWrong(field="at")
    if at is not None and at >= now:
        return at
    slot = best_slot(category, post.on, now=now, zone=IST)
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
            subject=post.caption.splitlines()[0],
            now=now,
        )
        post.effect_id = effect.pk
    post.state = State.SCHEDULED


def _move(post: PlannedPost, due_at: datetime, now: datetime, actor_id: UUID | None) -> None:
    try:
        effect_change(effect_id=post.effect_id, due_at=due_at, now=now, actor_id=actor_id)
    except (EffectUnderway, EffectOver) as error:
        raise PostUnderway from error


def unplan(post: PlannedPost, now: datetime, actor_id: UUID | None) -> None:
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
