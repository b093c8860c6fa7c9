"""The weeks ahead: coverage on series whose truth is known, no look ahead, honest refusals."""

from datetime import date, timedelta

import numpy as np
import pytest

from enterprise.market_intelligence.engine import forecast as forecasts
from enterprise.market_intelligence.engine import smoothing
from enterprise.market_intelligence.engine.contracts import Grain
from enterprise.market_intelligence.engine.forecast import forecast
from enterprise.market_intelligence.engine.forecast_report import forecast_report
from enterprise.market_intelligence.engine.regularise import RegularSeries
from enterprise.market_intelligence.engine.rupees import Role, Worth

MONDAY = date(2023, 1, 2)
SHAPES = ("white", "wave", "walk", "trend", "season", "shift")


def series(values, grain=Grain.WEEK, unit="leads"):
    dates = tuple(MONDAY + timedelta(weeks=week) for week in range(len(values)))
    if grain is Grain.MONTH:
        dates = tuple(date(2020 + month // 12, month % 12 + 1, 1) for month in range(len(values)))
    numbers = np.asarray(values, dtype=float)
    return RegularSeries("Leads", unit, grain, dates, numbers, np.zeros(len(values), dtype=bool))


def wave(random, count, rho):
    values = random.standard_normal(count)
    for place in range(1, count):
        values[place] = rho * values[place - 1] + np.sqrt(1 - rho**2) * values[place]
    return values


def drawn(shape, seed, count):
    random = np.random.default_rng(seed)
    time = np.arange(count)
    noise = 8 * wave(random, count, 0.4)
    return {
        "white": lambda: 100 + 8 * random.standard_normal(count),
        "wave": lambda: 100 + 10 * wave(random, count, 0.7),
        "walk": lambda: 200 + np.cumsum(3 * random.standard_normal(count)),
        "trend": lambda: 100 + 0.5 * time + noise,
        "season": lambda: 200 + 40 * np.cos(2 * np.pi * time / 52.18 + 1) + noise,
        "shift": lambda: 100 + 30 * (time > count * 0.6) + noise,
    }[shape]()


def held(shape, seeds, count):
    """Share of coming weeks, and of means of all thirteen, inside their interval; and how often
    a change is said to be clear."""
    weeks, means, clear = [], [], 0
    for seed in seeds:
        values = drawn(shape, seed, count + 13)
        found = forecast(series(values[:count]))
        coming = values[count:]
        inside = (np.array(found.low) <= coming) & (coming <= np.array(found.high))
        weeks.append(float(inside.mean()))
        means.append(found.mean[1] <= coming.mean() <= found.mean[2])
        clear += found.is_clear
    return weeks, means, clear


@pytest.mark.slow
def test_intervals_hold_as_often_as_they_say():
    weeks, means = [], []
    for shape in SHAPES:
        some, all_together, _clear = held(shape, range(7_000, 7_002), 156)
        weeks += some
        means += all_together
    assert 0.88 <= np.mean(weeks) <= 0.99
    assert np.mean(means) >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize("count", [104, 156])
def test_intervals_hold_on_many_series(count):
    """Seeds that were not looked at while the method was made: 120 series of each length."""
    weeks, means = [], []
    for shape in SHAPES:
        some, all_together, _clear = held(shape, range(50_000, 50_020), count)
        weeks += some
        means += all_together
    assert 0.88 <= np.mean(weeks) <= 0.985
    assert 0.85 <= np.mean(means) <= 0.99


@pytest.mark.slow
def test_a_change_ahead_is_rarely_claimed_where_there_is_none():
    clear = sum(held(shape, range(60_000, 60_035), 156)[2] for shape in ("white", "wave", "walk"))
    assert clear <= 0.1 * 105


def test_a_season_is_used_when_there_are_two_and_beats_staying_as_it_is():
    found = forecast(series(drawn("season", 3, 156)))
    errors = {each.name: each.error for each in found.candidates}
    assert found.has_season
    assert found.chosen != "naive"
    assert errors[found.chosen] < 0.6 * errors["naive"]
    assert found.is_clear


def test_nothing_beats_staying_as_it_is_on_a_random_walk_and_that_is_said():
    naive = [forecast(series(drawn("walk", seed, 120))) for seed in range(10)]
    assert sum(not each.beats_naive for each in naive) >= 6
    stays = next(seed for seed, each in enumerate(naive) if not each.beats_naive)
    report = forecast_report([series(drawn("walk", stays, 120))], {})
    assert report.findings[0].context[0].message.startswith("Nothing that we tried")
    assert report.findings[0].grade == "C"


WAYS = {
    "naive": smoothing.naive,
    "seasonal": smoothing.seasonal_naive,
    "ets": smoothing.exponential,
    "theta": smoothing.theta,
    "season_ets": smoothing.without_season(smoothing.exponential),
    "season_theta": smoothing.without_season(smoothing.theta),
    "regression": smoothing.regressed,
    "holidays": smoothing.regressed_with_holidays,
}


@pytest.mark.parametrize("name", WAYS)
def test_no_way_looks_ahead(name):
    """What is said at an origin does not change when later values do; at the end it does."""
    way, values = WAYS[name], drawn("season", 5, 156)
    changed = values.copy()
    changed[110:] += 500
    calendar = forecasts._calendar(series(values), 104)
    before = way(values, calendar, 104, [104, 107, 110])
    after = way(changed, calendar, 104, [104, 107, 110])
    assert np.allclose(before, after)
    assert not np.allclose(way(values, calendar, 156, [156]), way(changed, calendar, 156, [156]))


def test_holidays_stay_only_where_they_help():
    random = np.random.default_rng(6)
    found = series(100 + 3 * random.standard_normal(156))
    calendar = forecasts._calendar(found, 104)
    own = calendar.holidays[:156, 0]
    lifted = series(found.values + 60 * calendar.holidays[:156, 1])
    assert own.sum() == 3
    with_effect = {each.name for each in forecast(lifted).candidates}
    without = {each.name for each in forecast(found).candidates}
    assert "regression_holidays" in with_effect
    assert "regression_holidays" not in without


def test_months_are_forecast_three_ahead():
    months = 100 + 20 * np.cos(2 * np.pi * np.arange(48) / 12)
    found = forecast(series(months + np.random.default_rng(1).normal(0, 2, 48), Grain.MONTH))
    assert [day.isoformat() for day in found.dates] == ["2024-01-01", "2024-02-01", "2024-03-01"]


@pytest.mark.parametrize("values", [np.arange(51.0), np.full(80, 7.0)])
def test_too_short_or_never_changing_is_refused(values):
    assert forecast(series(values)) is None
    refusal = forecast_report([series(values)], {}).refusals[0]
    assert refusal.needs.startswith("For a forecast:")


def test_counts_never_go_below_nothing():
    values = np.random.default_rng(4).poisson(1.2, 120).astype(float)
    found = forecast(series(values))
    assert min(found.low) >= 0 and min(found.expected) >= 0


def test_a_forecast_is_priced_against_the_weeks_before():
    values = drawn("season", 3, 156)
    worth = {"Leads": Worth(Role.LEADS, 500.0)}
    found = forecast(series(values))
    finding = forecast_report([series(values)], worth).findings[0]
    change = found.mean[0] - found.before
    assert finding.effect.paise == round(change * 13 * 500 * 100)
    assert finding.effect.low_paise <= finding.effect.paise <= finding.effect.high_paise


def test_huge_numbers_are_forecast_without_breaking():
    found = forecast(series(1e14 + 1e12 * np.random.default_rng(1).standard_normal(80)))
    assert np.isfinite([*found.expected, *found.low, *found.high]).all()
