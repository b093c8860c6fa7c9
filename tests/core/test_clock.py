from datetime import UTC, date, datetime

import pytest

from marketing_platform.core import clock


def test_late_evening_in_utc_is_tomorrow_in_india() -> None:
    assert clock.today(datetime(2027, 3, 31, 18, 30, tzinfo=UTC)) == date(2027, 4, 1)


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2026, 4, 1), "2026-27"), (date(2027, 3, 31), "2026-27"), (date(1999, 12, 1), "1999-00")],
)
def test_a_financial_year_starts_in_april(day: date, year: str) -> None:
    assert clock.financial_year(day) == year
