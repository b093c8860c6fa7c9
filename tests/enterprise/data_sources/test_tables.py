"""The tidy tables that engines read."""

from datetime import UTC, date, datetime, timedelta

import pytest

from enterprise.data_sources import selectors, services
from enterprise.data_sources.engine.tables import hash_of
from enterprise.data_sources.errors import GrainTooFine, MetricUnknown

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
MONDAY = date(2026, 1, 5)
pytestmark = pytest.mark.usefixtures("in_enterprise_workspace")


def take_in(text, name="file.csv"):
    draft = services.draft_create(content=text.encode(), file_name=name, actor_id=None, now=NOW)
    return services.draft_import(draft=draft, good_rows_only=False, may_replace=True, now=NOW)


def daily(channel, days, cost):
    return "".join(f"{MONDAY + timedelta(days=n)},{channel},{cost}\n" for n in range(days))


def test_an_empty_workspace_gives_empty_tables():
    table = selectors.spend_by("week")
    assert (table.periods, table.channels, table.paise) == ((), (), ())
    assert selectors.outcome_metrics() == ()
    assert (selectors.deals(), selectors.leads(), selectors.contacts()) == ((), (), ())
    assert selectors.data_as_of() is None
    with pytest.raises(MetricUnknown):
        selectors.outcome_series("Orders", "week")
    with pytest.raises(MetricUnknown):
        selectors.outcome_series("crm:leads", "week")


def test_spend_by_week_has_complete_weeks_and_zeros():
    take_in("Date,Channel,Cost\n" + daily("Radio", 17, "1.50") + daily("Print", 7, 2))
    table = selectors.spend_by("week")
    assert table.periods == (MONDAY, MONDAY + timedelta(days=7))
    assert table.channels == ("Print", "Radio")
    assert table.paise == ((1_400, 1_050), (0, 1_050))
    assert table.column("Radio") == (1_050, 1_050)
    assert table.covered[0] == (MONDAY, MONDAY + timedelta(days=6))
    assert len(selectors.spend_by("day").periods) == 17


def test_monthly_spend_is_left_out_of_weeks_and_said():
    take_in("Month,Channel,Cost\n2026-01-01,TV,100\n2026-02-01,TV,100\n", "tv.csv")
    table = selectors.spend_by("week")
    assert (table.periods, [one.name for one in table.left_out]) == ((), ["Spend by channel"])
    assert selectors.spend_by("month").paise == ((10_000,), (10_000,))


def test_an_outcome_is_summed_over_regions_and_days():
    rows = "".join(
        f"{MONDAY + timedelta(days=n)},Orders,{n},{region}\n"
        for n in range(14)
        for region in ("Goa", "Delhi")
    )
    take_in("Date,Metric,Value,Region\n" + rows)
    series = selectors.outcome_series("Orders", "week")
    assert (series.dates, series.values) == ((MONDAY, MONDAY + timedelta(days=7)), (42.0, 140.0))
    (metric,) = selectors.outcome_metrics()
    assert (metric.code, metric.grain, metric.n, metric.is_total) == ("Orders", "day", 28, True)


def test_a_week_without_a_value_is_none_and_not_zero():
    take_in("Week,Metric,Value\n2026-01-05,Orders,4\n2026-01-19,Orders,5\n")
    assert selectors.outcome_series("Orders", "week").values == (4.0, None, 5.0)
    with pytest.raises(GrainTooFine):
        selectors.outcome_series("Orders", "day")


def test_leads_and_won_deals_are_outcomes_too():
    take_in(
        "Deal ID,Amount,Stage,Created,Close date,Won\nD1,100,Won,2026-01-05,2026-01-06,yes\n"
        "D2,50,Won,2026-01-07,2026-01-20,yes\nD3,9,New,2026-01-25,,\n",
        "deals.csv",
    )
    take_in("Week,Leads\n2026-01-05,40\n2026-01-12,44\n", "leads.csv")
    codes = {metric.code: metric for metric in selectors.outcome_metrics()}
    assert set(codes) == {"crm:leads", "crm:deals", "crm:won_revenue"}
    assert codes["crm:won_revenue"].unit == "INR"
    assert selectors.outcome_series("crm:leads", "week").values == (40.0, 44.0)
    assert selectors.outcome_series("crm:deals", "week").values == (2.0, 0.0, 1.0)
    assert selectors.outcome_series("crm:won_revenue", "month").values == ()


def test_the_hash_of_rows_is_the_same_in_any_order_and_changes_with_a_value():
    assert hash_of([(1, "a"), (2, "b")]) == hash_of([(2, "b"), (1, "a")])
    empty = selectors.rows_hash()
    take_in("Date,Channel,Cost\n" + daily("Radio", 7, 1))
    first = selectors.rows_hash(["spend"])
    assert selectors.rows_hash() != empty
    take_in("Date,Channel,Cost\n" + daily("Radio", 7, 2), "b.csv")
    assert selectors.rows_hash(["spend"]) != first
    assert selectors.rows_hash(["deals"]) == selectors.rows_hash(["deals"])
    assert selectors.data_as_of() == NOW
