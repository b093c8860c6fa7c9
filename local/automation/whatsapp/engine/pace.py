"""How often one person may be written to."""

from collections.abc import Sequence
from datetime import datetime, timedelta

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
MOST_A_WEEK, MOST_A_MONTH = 1, 3
# Three in a row without an answer, or Meta's "not now": leave the person alone for a month.
UNANSWERED, COOL_OFF = 3, timedelta(days=30)
# Meta's 131049: not within a day, and at most once more.
NOT_NOW, NOT_NOW_TRIES = timedelta(hours=24), 1


def too_often(sent_at: Sequence[datetime], now: datetime) -> bool:
    """Whether one more marketing message would be more than 1 in 7 days or 3 in 30."""
    in_week = sum(1 for at in sent_at if now - WEEK < at <= now)
    in_month = sum(1 for at in sent_at if now - MONTH < at <= now)
    return in_week >= MOST_A_WEEK or in_month >= MOST_A_MONTH


def cools_off(sent_at: Sequence[datetime], last_inbound_at: datetime | None, now: datetime) -> bool:
    """Whether the last three messages stayed unanswered and the last is under 30 days old."""
    last = sorted(sent_at)[-UNANSWERED:]
    if len(last) < UNANSWERED or last[-1] <= now - COOL_OFF:
        return False
    return last_inbound_at is None or last_inbound_at < last[0]
