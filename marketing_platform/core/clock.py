"""Time at the edge. Everything below the edge is handed `now` or `today`."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

IST = ZoneInfo("Asia/Kolkata")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today(moment: datetime | None = None) -> date:
    """The date in India at that moment."""
    return (moment or now()).astimezone(IST).date()


def financial_year(day: date) -> str:
    """The Indian financial year of an Indian date: 2026-11-22 -> '2026-27'."""
    start = day.year if day.month >= 4 else day.year - 1
    return f"{start}-{(start + 1) % 100:02d}"
