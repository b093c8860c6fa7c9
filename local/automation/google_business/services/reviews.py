"""Reviews that the owner pastes while Google is not connected."""

from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction

from local.automation.google_business.engine.words import language_of
from local.automation.google_business.errors import (
    ReviewDayWrong,
    ReviewIncomplete,
    ReviewTooLong,
    TooManyReviews,
    UnknownReview,
)
from local.automation.google_business.models import REPLY_LENGTH, REVIEWER_LENGTH, Review
from local.automation.google_business.services.replies import reply_ensure
from marketing_platform.core.clock import IST, today
from marketing_platform.core.text import clean_line

MOST_PASTED = 2_000
NOON = time(12)


def review_paste(
    *,
    stars: int,
    text: str,
    reviewer: str = "",
    written_on: date | None = None,
    now: datetime,
    actor_id: UUID | None = None,
) -> Review:
    """Keep a pasted review and draft its reply; the same review twice is one.

    Without a day it was written today. Raises ReviewIncomplete, ReviewTooLong, ReviewDayWrong or
    TooManyReviews.
    """
    if not 1 <= stars <= 5:
        raise ReviewIncomplete(field="stars")
    text = _cleaned(text)
    if len(text) > REPLY_LENGTH:
        raise ReviewTooLong(field="text", most=REPLY_LENGTH)
    if written_on and written_on > today(now):
        raise ReviewDayWrong(field="written_on")
    is_today = written_on is None or written_on == today(now)
    written_at = now if is_today else datetime.combine(written_on, NOON, IST)  # type: ignore[arg-type]
    with transaction.atomic():
        if Review.objects.filter(source="pasted").count() >= MOST_PASTED:
            raise TooManyReviews(most=MOST_PASTED)
        review, _is_new = Review.objects.get_or_create(
            source="pasted",
            stars=stars,
            text=text,
            reviewer=clean_line(reviewer)[:REVIEWER_LENGTH],
            defaults={
                "language": language_of(text),
                "created_at": written_at,
                "updated_at": written_at,
                "seen_at": now,
                "actor_id": actor_id,
            },
        )
        reply_ensure(review_id=review.pk, now=now)
    return review


def review_remove(*, review_id: int) -> None:
    """Take back a pasted review with its draft. Raises UnknownReview for one of Google's."""
    found = Review.objects.filter(pk=review_id, source="pasted")
    if not found.delete()[0]:
        raise UnknownReview


def _cleaned(text: str) -> str:
    lines = [clean_line(line) for line in text.splitlines()]
    return "\n".join(lines).strip()
