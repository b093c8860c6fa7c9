"""How far the first hour of a company is."""

from datetime import datetime

from enterprise.market_intelligence.models import FIRST_STEPS, FirstHour
from marketing_platform.core.first_hour import FirstHourOffer, offer


def first_hour() -> FirstHour:
    """The workspace's row, or an empty one that is not stored."""
    return FirstHour.objects.first() or FirstHour()


def first_hour_offer(
    row: FirstHour, *, opened_at: datetime, now: datetime
) -> FirstHourOffer | None:
    return offer(
        FIRST_STEPS,
        row.settled,
        is_put_away=row.put_away_at is not None,
        opened_at=opened_at,
        now=now,
    )
