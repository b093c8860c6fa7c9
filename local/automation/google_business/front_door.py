"""GMBAutomation: the shop's Google profile — reviews, hours and posts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from local.automation.google_business.engine.hours import DayHours
from local.automation.google_business.engine.posts import PostDraft
from local.automation.google_business.models import GooglePost, HoursChange, Review, ReviewReply
from local.automation.google_business.selectors import Profile, google_connection, profile
from local.automation.google_business.services import (
    ReadResult,
    google_read,
    hours_by_hand,
    hours_set,
    post_by_hand,
    post_publish,
    reply_approve,
    reply_by_hand,
    reply_edit,
    reply_ensure,
    review_paste,
)
from marketing_platform.media.models import MediaFile

__all__ = ["DayHours", "GMBAutomation", "PostDraft", "Profile"]


class GMBAutomation:
    """Named in the registry; made by the factory; works in the acting workspace.

    With Google connected, what is approved is sent through the ledger of effects, once. Without,
    the same methods keep what the owner did by hand: `is_by_hand` says which of the two it is.
    """

    @property
    def is_by_hand(self) -> bool:
        return google_connection() is None

    def profile(self, *, today: date) -> Profile:
        return profile(today)

    def read(self, *, now: datetime) -> ReadResult:
        """Read place and reviews now. Raises NotConnected or ProviderFailure."""
        return google_read(now=now)

    def paste_review(
        self, *, stars: int, text: str, now: datetime, actor_id: UUID | None = None, **more: Any
    ) -> Review:
        """Keep a review with its drafted reply; `more`: reviewer, written_on."""
        return review_paste(stars=stars, text=text, now=now, actor_id=actor_id, **more)

    def draft(self, review_id: int, *, now: datetime) -> ReviewReply:
        """The reply of a review, drafted if there is none. Raises UnknownReview."""
        return reply_ensure(review_id=review_id, now=now)

    def edit(
        self, review_id: int, text: str, *, now: datetime, read_hash: str | None = None
    ) -> ReviewReply:
        """Voids an approval. Raises UnknownReview, ReplyUnderWay, ReplyChanged or ReplyRefused."""
        return reply_edit(review_id=review_id, text=text, now=now, read_hash=read_hash)

    def approve(
        self, review_id: int, read_hash: str, *, now: datetime, actor_id: UUID | None
    ) -> ReviewReply:
        """Send the reply as it was read, or note that it was posted by hand."""
        send = reply_by_hand if self.is_reply_by_hand(review_id) else reply_approve
        return send(review_id=review_id, read_hash=read_hash, now=now, actor_id=actor_id)

    def is_reply_by_hand(self, review_id: int) -> bool:
        """Whether the owner posts it: nothing is connected, or the review was pasted."""
        review = Review.objects.filter(pk=review_id).first()
        return self.is_by_hand or (review is not None and review.remote_name is None)

    def set_hours(self, wanted: DayHours, *, now: datetime, actor_id: UUID | None) -> HoursChange:
        """Set one day's hours, or note that they were set by hand."""
        set_them = hours_by_hand if self.is_by_hand else hours_set
        return set_them(wanted=wanted, now=now, actor_id=actor_id)

    def post(
        self,
        draft: PostDraft,
        *,
        key: str,
        now: datetime,
        actor_id: UUID | None,
        picture: MediaFile | None = None,
    ) -> GooglePost:
        """Publish a post once per key, or note that it was posted by hand."""
        send = post_by_hand if self.is_by_hand else post_publish
        return send(draft=draft, picture=picture, key=key, now=now, actor_id=actor_id)
