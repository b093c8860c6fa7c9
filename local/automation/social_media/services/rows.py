"""One post's row: found and locked, bound to its content, written down."""

from datetime import datetime
from typing import Any
from uuid import UUID

from local.automation.social_media.engine.posting import content_hash
from local.automation.social_media.errors import NetworkNotConnected, PostMissing
from local.automation.social_media.models import NETWORK_CHOICES, PlannedPost
from local.automation.social_media.selectors import Channel, channel_of
from marketing_platform.audit.services import audit_record

LABELS = dict(NETWORK_CHOICES)


def locked(post_id: UUID) -> PlannedPost:
    post = PlannedPost.objects.select_for_update().filter(pk=post_id).first()
    if post is None:
        raise PostMissing
    return post


def connected(network: str) -> Channel:
    channel = channel_of(network)
    if channel is None:
        raise NetworkNotConnected(network=LABELS[network])
    return channel


def bind(post: PlannedPost, account_id: str) -> None:
    post.account_id = account_id
    post.content_hash = content_hash(
        post.caption, post.image_sha256, post.network, account_id, post.language
    )


def audited(
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
