"""Uploads that overlap: in another breakdown, in part, and undone after a later one."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from enterprise.data_sources import selectors, services
from enterprise.data_sources.errors import LaterImportFirst, WouldReplace
from enterprise.data_sources.models import Deal, MetricPoint, SpendRow

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
MONDAY = date(2026, 1, 5)
pytestmark = pytest.mark.usefixtures("in_enterprise_workspace")


def take_in(content, name="spend.csv", now=NOW, **choices):
    draft = services.draft_create(content=content, file_name=name, actor_id=None, now=now)
    options = {"good_rows_only": False, "may_replace": False} | choices
    return services.draft_import(draft=draft, now=now, **options)


def spend(days, rupees, channel="Radio", heading="Date"):
    lines = [f"{heading},Channel,Cost", *(f"{day},{channel},{rupees}" for day in days)]
    return "\n".join(lines).encode()


def daily(first, count, rupees=100, **more):
    return spend([first + timedelta(days=place) for place in range(count)], rupees, **more)


def weekly(first, count, rupees=700, **more):
    days = [first + timedelta(weeks=place) for place in range(count)]
    return spend(days, rupees, heading="Week starting", **more)


def monthly(months, rupees=3_100):
    return spend([f"2026-{month:02d}-01" for month in months], rupees, heading="Month")


def used():
    rows = SpendRow.objects.filter(replaced_by=None).values_list("cost", flat=True)
    return sum(rows) // 100


def test_weeks_over_days_count_no_day_twice():
    take_in(daily(MONDAY, 14))
    with pytest.raises(WouldReplace):
        take_in(weekly(MONDAY, 2))
    take_in(weekly(MONDAY, 2), may_replace=True)
    assert used() == 1_400
    assert selectors.spend_by("week").column("Radio") == (70_000, 70_000)


def test_months_over_days_count_no_day_twice():
    take_in(daily(date(2026, 1, 1), 59))
    take_in(monthly([1, 2]), may_replace=True)
    assert used() == 6_200


def test_days_over_a_week_that_began_before_count_it_once():
    take_in(weekly(MONDAY, 2))
    later = daily(MONDAY + timedelta(days=9), 12)
    with pytest.raises(WouldReplace):
        take_in(later)
    take_in(later, may_replace=True)
    assert used() == 700 + 1_200


def test_days_over_a_month_count_it_once():
    take_in(monthly([1, 2]))
    take_in(daily(date(2026, 2, 10), 10), may_replace=True)
    assert used() == 3_100 + 1_000


def test_a_week_beside_another_replaces_nothing():
    take_in(weekly(MONDAY, 2))
    take_in(weekly(MONDAY + timedelta(weeks=2), 2))
    assert used() == 2_800


def test_the_preview_counts_what_would_be_replaced():
    take_in(daily(MONDAY, 14))
    draft = services.draft_create(
        content=weekly(MONDAY, 2), file_name="spend.csv", actor_id=None, now=NOW
    )
    assert services.draft_preview(draft=draft).replaces == 14


def test_undoing_does_not_bring_rows_back_under_those_of_a_later_upload():
    """The second file has no row on the 7th, so the third found nothing there to replace."""
    first = [MONDAY, MONDAY + timedelta(days=2), MONDAY + timedelta(days=4)]
    take_in(spend(first, 100))
    second = take_in(
        spend([MONDAY, MONDAY + timedelta(days=4)], 200),
        may_replace=True,
        now=NOW + timedelta(hours=1),
    )
    third = take_in(spend([MONDAY + timedelta(days=2)], 300), now=NOW + timedelta(hours=2))
    with pytest.raises(LaterImportFirst):
        services.batch_undo(batch=second, now=NOW + timedelta(hours=3))
    assert used() == 700
    services.batch_undo(batch=third, now=NOW + timedelta(hours=3))
    services.batch_undo(batch=second, now=NOW + timedelta(hours=3))
    assert used() == 300


def test_undoing_does_not_double_what_came_later_under_another_name():
    take_in(daily(MONDAY, 3))
    second = take_in(
        daily(MONDAY, 1) + b"\n2026-01-07,Radio,100",
        may_replace=True,
        now=NOW + timedelta(hours=1),
    )
    take_in(
        daily(MONDAY + timedelta(days=1), 1, channel="Radio Mirchi"), now=NOW + timedelta(hours=2)
    )
    with pytest.raises(LaterImportFirst):
        services.batch_undo(batch=second, now=NOW + timedelta(hours=3))
    assert used() == 300


def test_a_figure_that_came_later_does_not_hold_another_one():
    take_in(b"Date,Orders\n2026-01-05,3\n2026-01-06,4\n", "sales.csv")
    second = take_in(
        b"Date,Orders\n2026-01-05,5\n2026-01-06,6\n",
        "sales.csv",
        may_replace=True,
        now=NOW + timedelta(hours=1),
    )
    take_in(b"Date,Visits\n2026-01-05,9\n", "sales.csv", now=NOW + timedelta(hours=2))
    services.batch_undo(batch=second, now=NOW + timedelta(hours=3))
    live = MetricPoint.objects.filter(replaced_by=None).order_by("date", "series")
    assert [row.value for row in live] == [Decimal(3), Decimal(9), Decimal(4)]


DEALS = b"Deal ID,Created,Stage,Amount\nD1,2026-01-05,New,100\nD2,2026-01-06,New,200\n"


def test_an_earlier_file_of_deals_cannot_take_away_what_a_later_one_holds_too():
    first = take_in(DEALS, "deals.csv")
    second = take_in(DEALS + b"D3,2026-01-07,New,300\n", "deals.csv")
    assert (second.rows_imported, second.rows_replaced) == (3, 0)
    with pytest.raises(LaterImportFirst):
        services.batch_undo(batch=first, now=NOW)
    assert Deal.objects.count() == 3
    services.batch_undo(batch=second, now=NOW)
    assert set(Deal.objects.values_list("external_id", "batch")) == {
        ("D1", first.pk), ("D2", first.pk),
    }  # fmt: skip
    services.batch_undo(batch=first, now=NOW)
    assert Deal.objects.count() == 0


def test_parts_of_a_lead_are_added_up_before_they_are_rounded():
    rows = "\n".join(f"2026-01-{day:02d},A,100,5,0.75" for day in range(5, 19))
    take_in(f"Day,Campaign,Cost,Clicks,Conversions\n{rows}\n".encode(), "google.csv")
    figures = selectors.marketing_figures()
    assert figures.leads["google_ads"] == {date(2026, 1, 5): 5, date(2026, 1, 12): 5}


def test_a_month_that_was_replaced_by_weeks_no_longer_sets_the_period():
    take_in(monthly([1]))
    take_in(weekly(date(2025, 12, 29), 8), may_replace=True)
    assert selectors.marketing_figures().grain == "week"
