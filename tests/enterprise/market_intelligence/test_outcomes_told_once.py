"""An outcome has one name, its unit and its rupees in every analysis; nothing is silently lost."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from enterprise.data_sources.models import DataSource, ImportBatch, MetricPoint, QualityFix
from enterprise.market_intelligence.engine import analyse as analyses
from enterprise.market_intelligence.engine.contracts import Grain, Kind, MetricSeries
from enterprise.market_intelligence.selectors import (
    current_figures,
    latest_feed,
    latest_findings,
    latest_refusals,
    outcomes_to_forecast,
    workspace_series,
)
from enterprise.market_intelligence.services import feed_refresh, finding_assign
from marketing_platform.notifications.models import Notification
from marketing_platform.users.models import Membership

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MONDAY = date(2024, 1, 1)
pytestmark = pytest.mark.usefixtures("in_enterprise_workspace")


def outcome_store(name, values, *, source="Sales by week", unit="INR", regions=("",), days=None):
    kept, _new = DataSource.objects.get_or_create(
        kind="outcomes", name=source, defaults={"created_at": NOW}
    )
    batch = ImportBatch.objects.create(
        source=kept, state="imported", file_name="sales.csv", sha256=f"{name}{source}",
        created_at=NOW, imported_at=NOW, grain="week",
    )  # fmt: skip
    days = days or [MONDAY + timedelta(weeks=place) for place in range(len(values))]
    MetricPoint.objects.bulk_create(
        MetricPoint(batch=batch, source=kept, series=name, date=day, region=region,
                    value=Decimal(str(round(float(value), 2))), unit=unit)
        for day, value in zip(days, values, strict=True)
        for region in regions
    )  # fmt: skip


def stepped(count=120, size=40_000.0):
    values = 1_00_000 + 5_000 * np.random.default_rng(3).standard_normal(count)
    values[count // 2 :] += size
    return values


def test_revenue_has_one_name_and_its_rupees_in_series_and_forecast():
    outcome_store("Revenue", stepped())
    (series,) = workspace_series(current_figures())
    (forecast,), _worths = outcomes_to_forecast()
    assert (series.name, series.unit) == ("Revenue", "INR") == (forecast.name, forecast.unit)


def test_a_step_in_revenue_is_told_in_rupees_over_thirteen_weeks():
    outcome_store("Revenue", stepped())
    feed_refresh(now=NOW, is_whole=False)
    (shift,) = latest_findings(kinds=(Kind.LEVEL_SHIFT,), today=NOW.date())
    assert "₹" in shift.sentence
    assert shift.effect.paise == pytest.approx(shift.value * 13 * 100, abs=1)
    assert shift.low <= 40_000 <= shift.high


def test_a_rate_of_several_regions_is_their_mean_and_not_their_sum():
    outcome_store("Average order value", [200.0] * 20, unit="", regions=("North", "South"))
    (series,) = workspace_series(current_figures())
    assert {value for _day, value in series.points} == {200.0}


def test_a_figure_that_cannot_be_read_is_named_with_the_reason(monkeypatch):
    outcome_store("Orders", stepped())
    outcome_store("Stock", [2e15] * 30, unit="")
    feed_refresh(now=NOW, is_whole=False)
    (missing,) = [each for each in latest_refusals() if each.about == "Stock"]
    assert "between -10^15 and 10^15" in missing.needs


def test_a_figure_beyond_the_most_is_named_and_not_dropped(monkeypatch):
    monkeypatch.setattr(analyses, "MOST_SERIES", 2)
    given = [MetricSeries(name, "", Grain.WEEK, ((MONDAY, 1), (MONDAY + timedelta(7), 2)))
             for name in ("A", "B", "C")]  # fmt: skip
    good, refused = analyses.readable(given)
    assert [one.name for one in good] == ["A", "B"]
    assert [(one.series, one.needs) for one in refused] == [
        ("C", "Left out: 2 figures are read at once, and there are more.")
    ]


def test_figures_that_return_to_an_earlier_state_show_its_findings():
    """A correction is taken back: the feed of before counts again, though it is the older one."""
    outcome_store("Revenue", stepped())
    first = feed_refresh(now=NOW, is_whole=False)
    fix = QualityFix.objects.create(
        kind="leave_out", issue="x", title="x", created_at=NOW + timedelta(hours=1)
    )
    MetricPoint.objects.filter(date__gte=MONDAY + timedelta(weeks=60)).update(left_out_by=fix)
    second = feed_refresh(now=NOW + timedelta(hours=1), is_whole=False)
    assert latest_feed() == second != first
    MetricPoint.objects.update(left_out_by=None)
    fix.delete()

    assert feed_refresh(now=NOW + timedelta(hours=2), is_whole=False) == first
    assert latest_feed() == first
    assert latest_findings(kinds=(Kind.LEVEL_SHIFT,), today=NOW.date())


def test_who_is_given_a_finding_hears_of_it_once_and_finds_it(enterprise_tenant, vikram, meera):
    Membership.objects.create(user=meera, tenant=enterprise_tenant, role="viewer")
    outcome_store("Revenue", stepped())
    feed_refresh(now=NOW, is_whole=False)
    key = latest_findings(today=NOW.date())[0].key
    for _time in range(2):
        finding_assign(
            key=key, assignee_id=meera.pk, tenant=enterprise_tenant, actor_id=vikram.pk, now=NOW
        )
    (told,) = Notification.objects.filter(actor_id=meera.pk)
    assert told.url == "/insights/?show=mine"
