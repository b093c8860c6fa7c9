"""Reading the profile and all reviews from Google into the workspace."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from local.automation.google_business.connectors import (
    RemoteReview,
    ReviewPage,
    place_read,
    reviews_page,
)
from local.automation.google_business.engine.words import language_of
from local.automation.google_business.errors import NotConnected
from local.automation.google_business.models import ProfileRead, Review
from local.automation.google_business.selectors import google_connection, location_of
from marketing_platform.connections.http import client_for

MOST_PAGES = 60


@dataclass(frozen=True)
class ReadResult:
    """How many reviews are new, changed, and no longer there."""

    new: int
    changed: int
    gone: int


def google_read(
    *, now: datetime, report: Callable[[float], None] = lambda _done: None
) -> ReadResult:
    """Read the place and every page of reviews, then store them in one transaction.

    Reading again changes only what Google changed. Raises NotConnected or ProviderFailure; then
    nothing is stored.
    """
    connection = google_connection()
    if connection is None:
        raise NotConnected
    client, location = client_for(connection), location_of(connection)
    place = place_read(client, location)
    pages: list[ReviewPage] = []
    token = ""
    while len(pages) < MOST_PAGES:
        pages.append(reviews_page(client, location, token))
        report(min(0.9, len(pages) * 50 / max(pages[0].total or 50, 50)))
        token = pages[-1].next_token
        if not token:
            break
    with transaction.atomic():
        ProfileRead.objects.update_or_create(
            pk=1,
            defaults={
                "title": place.title,
                "regular_hours": place.regular_hours,
                "special_hours": place.special_hours,
                "review_link": place.review_link,
                "is_verified": place.is_verified,
                "average_rating": _rating(pages[0].average),
                "review_count": pages[0].total,
                "read_at": now,
                "reviews_read_at": now,
            },
        )
        return _store(pages, is_whole=not token, now=now)


def _rating(average: float | None) -> Decimal | None:
    if average is None or not 0 <= average <= 5:
        return None
    return Decimal(str(round(average, 1)))


def _store(pages: list[ReviewPage], *, is_whole: bool, now: datetime) -> ReadResult:
    # A review that moved to the next page while we read comes twice.
    found = {each.name: each for page in pages for each in page.reviews}
    known = {
        row.remote_name: row
        for row in Review.objects.select_for_update().filter(source="google").order_by("pk")
    }
    new = [
        _filled(Review(source="google", remote_name=name, seen_at=now), each)
        for name, each in found.items()
        if name not in known
    ]
    changed = 0
    for name, each in found.items():
        row = known.get(name)
        if row is not None and _is_other(row, each):
            _filled(row, each).save()
            changed += 1
    Review.objects.bulk_create(new)
    gone = 0
    if is_whole:
        missing = [row.pk for name, row in known.items() if name not in found and not row.gone_at]
        gone = Review.objects.filter(pk__in=missing).update(gone_at=now)
    return ReadResult(len(new), changed, gone)


def _filled(row: Review, found: RemoteReview) -> Review:
    if row.text != found.text or not row.language:
        row.language = language_of(found.text)
    row.reviewer, row.stars, row.text = found.reviewer, found.stars, found.text
    row.created_at, row.updated_at = found.created_at, found.updated_at
    row.reply_url, row.gone_at = found.reply_url, None
    reply = found.reply
    if reply is not None and reply.is_live:
        row.reply_text, row.replied_at = reply.text, reply.updated_at
    elif reply is None or reply.is_refused:
        row.reply_text, row.replied_at = "", None
    return row


def _is_other(row: Review, found: RemoteReview) -> bool:
    reply = found.reply
    live = reply.text if reply is not None and reply.is_live else ""
    return (
        (row.updated_at, row.stars, row.text) != (found.updated_at, found.stars, found.text)
        or row.reply_text != live
        or row.gone_at is not None
        or row.reply_url != found.reply_url
    )
