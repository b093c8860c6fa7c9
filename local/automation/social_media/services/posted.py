"""The owner's word that a day's post is out, posted by hand."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from local.automation.social_media.engine.posting import WAITING, State
from local.automation.social_media.errors import PostUnderway
from local.automation.social_media.models import PlannedPost, PostedRecord
from local.automation.social_media.selectors import open_posts
from marketing_platform.effects.errors import EffectOver, EffectUnderway
from marketing_platform.effects.services import effect_cancel


@transaction.atomic
def posted_mark(
    *, on: date, network: str, variant: int, now: datetime, actor_id: UUID | None = None
) -> PostedRecord:
    """Note that the day's post is out on the network; noting it twice changes nothing.

    A post that we would have sent ourselves is stopped, so that it is not there twice. Raises
    PostUnderway when it is going out at this moment.
    """
    post = open_posts(on, network).select_for_update().first()
    if post is not None and post.state in {*WAITING, State.SCHEDULED, State.SENDING}:
        _by_hand(post, now, actor_id)
    record, _is_new = PostedRecord.objects.get_or_create(
        on=on,
        network=network,
        defaults={"variant": variant, "actor_id": actor_id, "posted_at": now},
    )
    return record


@transaction.atomic
def posted_undo(*, on: date, network: str) -> None:
    PostedRecord.objects.filter(on=on, network=network).delete()
    mine = PlannedPost.objects.filter(on=on, network=network, state=State.SELF_REPORTED)
    mine.update(state=State.PROPOSED, live_at=None)


def _by_hand(post: PlannedPost, now: datetime, actor_id: UUID | None) -> None:
    effect_id, post.effect_id = post.effect_id, None
    post.state, post.approved_hash, post.scheduled_at = State.SELF_REPORTED, "", None
    post.live_at = post.changed_at = now
    post.save()
    if effect_id is not None:
        try:
            effect_cancel(effect_id=effect_id, now=now, actor_id=actor_id)
        except (EffectUnderway, EffectOver) as error:
            raise PostUnderway from error
