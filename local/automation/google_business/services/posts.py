"""Standard posts on the profile."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from local.automation.google_business.engine.posts import (
    MOST_CHARACTERS,
    RULES,
    PostDraft,
    breaches_of,
    post_hash,
)
from local.automation.google_business.errors import NotConnected, PostRefused, UnknownPost
from local.automation.google_business.models import GooglePost
from local.automation.google_business.selectors import google_connection, location_of
from marketing_platform.effects.services import effect_cancel, effect_plan
from marketing_platform.media.models import MediaFile

EFFECT = "google.post"
FRESH_FOR = timedelta(hours=24)


@transaction.atomic
def post_publish(
    *,
    draft: PostDraft,
    picture: MediaFile | None = None,
    key: str,
    now: datetime,
    actor_id: UUID | None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> GooglePost:
    """Plan the post once per `key` ("day:2026-11-22"); a second call answers the first's row.

    Goes out at `due_at` (now), not after `expires_at` (a day later). Raises PostRefused with the
    field at fault, or NotConnected.
    """
    refuse(draft)
    known = GooglePost.objects.filter(key=key).first()
    if known is not None:
        return known
    connection = google_connection()
    if connection is None:
        raise NotConnected
    due_at = due_at or now
    post = _new(draft, picture, key=key, state="sending", due_at=due_at, now=now, actor_id=actor_id)
    try:
        with transaction.atomic():
            post.save(force_insert=True)
    except IntegrityError:
        return GooglePost.objects.get(key=key)
    effect = effect_plan(
        kind=EFFECT,
        key=(key, post.content_hash),
        payload={
            "post_id": post.pk,
            "location": location_of(connection),
            "text": draft.text,
            "language": draft.language,
            "button": draft.button,
            "button_url": draft.button_url,
            "picture_id": str(picture.pk) if picture else "",
        },
        due_at=due_at,
        expires_at=expires_at or due_at + FRESH_FOR,
        connection=connection,
        subject=draft.text,
        now=now,
    )
    post.effect_id = effect.pk
    post.save(update_fields=["effect_id"])
    return post


def post_by_hand(
    *,
    draft: PostDraft,
    picture: MediaFile | None = None,
    key: str,
    now: datetime,
    actor_id: UUID | None,
) -> GooglePost:
    """The owner posted it on Google. Once per `key`. Raises PostRefused."""
    refuse(draft)
    post = _new(draft, picture, key=key, state="by_hand", due_at=now, now=now, actor_id=actor_id)
    post.live_at = now
    try:
        with transaction.atomic():
            post.save(force_insert=True)
    except IntegrityError:
        return GooglePost.objects.get(key=key)
    return post


@transaction.atomic
def post_cancel(*, post_id: int, now: datetime, actor_id: UUID | None) -> GooglePost:
    """Stop a post that has not begun to go out; one by hand is forgotten. Raises UnknownPost,
    EffectUnderway, EffectOver."""
    post = GooglePost.objects.select_for_update().filter(pk=post_id).first()
    if post is None:
        raise UnknownPost
    if post.state == "by_hand":
        post.delete()
    elif post.effect_id is not None and post.state != "cancelled":
        effect_cancel(effect_id=post.effect_id, now=now, actor_id=actor_id)
        post.refresh_from_db()
    return post


def refuse(draft: PostDraft) -> None:
    """Raises PostRefused for the first rule it breaks."""
    for field, rule in breaches_of(draft):
        raise PostRefused(RULES[rule], field=field, most=MOST_CHARACTERS)


def _new(
    draft: PostDraft,
    picture: MediaFile | None,
    *,
    key: str,
    state: str,
    due_at: datetime,
    now: datetime,
    actor_id: UUID | None,
) -> GooglePost:
    return GooglePost(
        key=key,
        text=draft.text,
        language=draft.language,
        button=draft.button,
        button_url=draft.button_url,
        picture=picture,
        state=state,
        content_hash=post_hash(draft, picture.sha256 if picture else ""),
        due_at=due_at,
        created_at=now,
        actor_id=actor_id,
    )
