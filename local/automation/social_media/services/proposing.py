"""What could go out: the day's post of a network, as it was composed."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from local.automation.social_media.engine.best_time import end_of
from local.automation.social_media.engine.posting import WAITING, State, content_hash
from local.automation.social_media.errors import DayOver
from local.automation.social_media.models import PlannedPost
from local.automation.social_media.selectors import channel_of, open_posts
from local.automation.social_media.services.rows import bind
from marketing_platform.core.clock import IST
from marketing_platform.media.models import MediaFile


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
    expires_at = end_of(content.on, IST)
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


def _fill(post: PlannedPost, content: PostContent, now: datetime, actor_id: UUID | None) -> None:
    post.is_edited = post.is_edited and post.caption == content.caption
    post.language, post.variant = content.language, content.variant
    post.caption, post.container_id = content.caption, ""
    post.poster, post.source = content.poster, content.source
    post.image_sha256 = content.poster.sha256 if content.poster else ""
    post.state, post.approved_hash = State.PROPOSED, ""
    post.actor_id, post.changed_at = actor_id, now
    bind(post, account_of(content.network))


def _locked_of(on: date, network: str) -> PlannedPost | None:
    return open_posts(on, network).select_for_update().first()
