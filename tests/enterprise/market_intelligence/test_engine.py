"""Series whose truth is known."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from enterprise.market_intelligence.engine.analyse import analyse, readable, run_hash
from enterprise.market_intelligence.engine.contracts import Grain, Kind, MetricSeries
from enterprise.market_intelligence.errors import SeriesInvalid

MONDAY = date(2024, 1, 1)
STEPS = {Grain.DAY: 1, Grain.WEEK: 7}


def make(values, grain=Grain.WEEK, name="Leads", unit="leads"):
    if grain is Grain.MONTH:
        days = [date(2023 + place // 12, place % 12 + 1, 1) for place in range(len(values))]
    else:
        days = [MONDAY + timedelta(days=STEPS[grain] * place) for place in range(len(values))]
    points = tuple(zip(days, map(float, values), strict=True))
    return MetricSeries(name, unit, grain, points)


def noise(count, seed=1, rho=0.0):
    random = np.random.default_rng(seed)
    shocks = random.standard_normal(count)
    wave = np.empty(count)
    wave[0] = shocks[0]
    for place in range(1, count):
        wave[place] = rho * wave[place - 1] + np.sqrt(1 - rho**2) * shocks[place]
    return wave


def year_wave(count):
    return np.cos(2 * np.pi * np.arange(count) * 7 / 365.25)


def of_kind(analysis, kind):
    return [insight for insight in analysis.insights if insight.kind is kind]


def test_a_planted_trend_lies_in_its_interval():
    found = analyse([make(100 + 0.8 * np.arange(80) + 4 * noise(80))])
    (trend,) = of_kind(found, Kind.TREND)
    assert trend.low <= 0.8 <= trend.high
    assert trend.high - trend.low < 0.3
    assert (trend.n, trend.level) == (80, 0.95)
    assert trend.sentence.startswith("Leads rises by about 0.")


def test_a_pure_trend_is_not_a_staircase_of_shifts():
    found = analyse([make(100 + 2.0 * np.arange(104) + 5 * noise(104))])
    assert of_kind(found, Kind.LEVEL_SHIFT) == []


def test_a_curve_is_not_a_staircase_of_shifts():
    found = analyse([make(100 + 60 * (np.arange(104) / 104) ** 2 + 5 * noise(104, seed=3))])
    assert of_kind(found, Kind.LEVEL_SHIFT) == []


def test_a_planted_shift_is_found_to_the_week_with_its_size():
    values = 100 + 5 * noise(104, rho=0.3) + 30 * (np.arange(104) >= 61)
    (shift,) = of_kind(analyse([make(values)]), Kind.LEVEL_SHIFT)
    assert abs((shift.details.dates[0] - MONDAY).days // 7 - 61) <= 1
    assert shift.low <= 30 <= shift.high
    assert "moved up by about" in shift.sentence


def test_a_shift_is_found_beside_trend_and_season():
    values = 200 + 0.4 * np.arange(156) + 15 * year_wave(156) + 4 * noise(156, seed=5)
    values = values - 25 * (np.arange(156) >= 90)
    found = analyse([make(values)])
    (shift,) = of_kind(found, Kind.LEVEL_SHIFT)
    assert abs((shift.details.dates[0] - MONDAY).days // 7 - 90) <= 1
    assert shift.low <= -25 <= shift.high
    assert "moved down by about" in shift.sentence
    (trend,) = of_kind(found, Kind.TREND)
    assert trend.low <= 0.4 <= trend.high


def test_a_season_names_its_highest_month():
    values = 200 + 20 * year_wave(156) + 5 * noise(156, seed=2)
    (season,) = of_kind(analyse([make(values)]), Kind.SEASON)
    assert season.low <= 20 <= season.high
    assert "is highest in" in season.sentence
    peak = max(season.details.profile, key=lambda point: point.value)
    assert peak.phase in {12, 1}


def test_a_weekday_pattern_names_its_day():
    weekly = np.tile([0, 0, 0, 0, 0, 12, 6], 12)
    (season,) = of_kind(analyse([make(50 + weekly + noise(84), Grain.DAY)]), Kind.SEASON)
    assert "is highest on Saturday" in season.sentence


def test_a_spike_is_unusual_and_no_shift():
    values = 100 + 3 * noise(104, seed=4)
    values[70] = 160
    found = analyse([make(values)])
    (spike,) = of_kind(found, Kind.ANOMALY)
    assert spike.details.dates == (MONDAY + timedelta(weeks=70),)
    assert (spike.value, spike.level) == (160.0, 0.99)
    assert 80 < spike.low < 100 < spike.high < 120
    assert of_kind(found, Kind.LEVEL_SHIFT) == []


def test_noise_with_autocorrelation_is_silent():
    for seed in range(12):
        found = analyse([make(100 + 5 * noise(104, seed=seed, rho=0.5))])
        assert of_kind(found, Kind.LEVEL_SHIFT) == []
        assert of_kind(found, Kind.ANOMALY) == []


def test_a_constant_series_did_not_change():
    found = analyse([make([42.0] * 30)])
    (only,) = found.insights
    assert (only.kind, only.value, only.low, only.high) == (Kind.TREND, 0.0, 0.0, 0.0)
    assert only.sentence == "Leads did not change: all 30 values are 42 leads."


def test_zeros_and_a_perfect_line_do_not_crash():
    assert analyse([make([0.0] * 60)]).insights[0].value == 0.0
    (trend,) = of_kind(analyse([make(3.0 * np.arange(60))]), Kind.TREND)
    assert trend.value == pytest.approx(3.0)


def test_a_perfect_step_is_one_shift():
    (shift,) = of_kind(analyse([make([10.0] * 40 + [20.0] * 40)]), Kind.LEVEL_SHIFT)
    assert shift.value == pytest.approx(10.0)
    assert shift.details.dates == (MONDAY + timedelta(weeks=40),)


def test_mostly_equal_values_are_not_judged_unusual():
    values = [0.0] * 50
    values[10] = values[40] = 5.0
    found = analyse([make(values)])
    assert of_kind(found, Kind.ANOMALY) == []
    assert any("more than half of them are the same" in each.needs for each in found.not_enough)


def test_negative_values_are_read():
    (trend,) = of_kind(analyse([make(-50 - np.arange(40) + noise(40))]), Kind.TREND)
    assert trend.value == pytest.approx(-1.0, abs=0.1)
    assert "falls by about" in trend.sentence


def test_five_weeks_are_not_enough():
    found = analyse([make([1, 2, 3, 4, 5])])
    assert found.insights == ()
    assert [each.needs for each in found.not_enough] == [
        "For a trend: at least 12 weeks; you gave 5.",
        "For level shifts and unusual values: at least 26 weeks; you gave 5.",
        "For the pattern within a year: two full years (104 weeks); you gave 5.",
    ]


def test_one_point_is_not_enough():
    (missing,) = analyse([make([7])]).not_enough
    assert missing.needs == "At least 2 points; you gave 1."


def test_twenty_four_months_are_enough_for_everything():
    values = 100 + 20 * np.sin(2 * np.pi * np.arange(36) / 12) + noise(36)
    found = analyse([make(values, Grain.MONTH)])
    assert found.not_enough == ()
    assert len(of_kind(found, Kind.SEASON)) == 1


def test_a_few_gaps_are_filled_and_said():
    series = make(100 + noise(60))
    kept = tuple(point for place, point in enumerate(series.points) if place not in {5, 20, 41})
    found = analyse([MetricSeries("Leads", "leads", Grain.WEEK, kept)])
    assert found.insights[0].n == 57
    assert "3 of 60 missing values filled by a straight line" in found.insights[0].method
    filled = enumerate(found.fitted[0].is_filled)
    assert [place for place, is_filled in filled if is_filled] == [5, 20, 41]


def test_too_many_gaps_are_not_enough():
    series = make(100 + noise(60))
    kept = tuple(point for place, point in enumerate(series.points) if place % 4 or place in {0})
    (missing,) = analyse([MetricSeries("Leads", "leads", Grain.WEEK, kept)]).not_enough
    assert missing.needs == ("Fewer gaps: 14 of 60 periods are missing, at most a fifth may be.")


def test_order_of_points_does_not_matter():
    series = make(100 + noise(60))
    turned = MetricSeries("Leads", "leads", Grain.WEEK, series.points[::-1])
    assert analyse([turned]) == analyse([series])
    assert run_hash([turned]) == run_hash([series])
    assert run_hash([make(101 + noise(60))]) != run_hash([series])


def test_decimals_are_read_like_floats():
    points = tuple((day, Decimal(str(round(value, 2)))) for day, value in make(noise(30)).points)
    assert len(analyse([MetricSeries("Leads", "", Grain.WEEK, points)]).insights) == 1


def test_rupees_are_written_the_indian_way():
    (only,) = analyse([make([1234567] * 12, unit="INR", name="Spend")]).insights
    assert only.sentence == "Spend did not change: all 12 values are ₹12,34,567."


@pytest.mark.parametrize(
    ("points", "field", "words"),
    [
        ((), "series[0].points", "no points"),
        (((MONDAY, 1.0), (MONDAY, 2.0)), "series[0].points[1]", "2024-01-01 is given twice"),
        (((MONDAY, float("nan")),), "series[0].points[0]", "must be a number"),
        (((MONDAY, float("inf")),), "series[0].points[0]", "must be a number"),
        (((MONDAY, 1e16),), "series[0].points[0]", "must be a number"),
        (((MONDAY, True),), "series[0].points[0]", "must be a number"),
        (((date(1812, 1, 1), 1.0),), "series[0].points[0]", "year must lie"),
        (((MONDAY, 1.0), (date(2024, 1, 10), 1.0), (date(2024, 1, 15), 2.0)),
         "series[0].points[1]", "2024-01-10 is not on the weekday"),
    ],
)  # fmt: skip
def test_a_bad_point_is_named(points, field, words):
    with pytest.raises(SeriesInvalid, match=words.replace("[", r"\[")) as caught:
        analyse([MetricSeries("Leads", "", Grain.WEEK, points)])
    assert caught.value.field == field


def test_weeks_given_as_days_are_refused():
    with pytest.raises(SeriesInvalid) as caught:
        analyse([MetricSeries("Leads", "", Grain.DAY, make(noise(30)).points)])
    assert caught.value.field == "series[0].grain"


def test_two_values_in_one_month_are_refused():
    points = ((date(2026, 3, 1), 1.0), (date(2026, 3, 20), 2.0))
    with pytest.raises(SeriesInvalid, match="2026-03-20"):
        analyse([MetricSeries("Leads", "", Grain.MONTH, points)])


def test_limits_of_a_request():
    with pytest.raises(SeriesInvalid, match="at most 50"):
        analyse([make(noise(3), name=str(place)) for place in range(51)])
    with pytest.raises(SeriesInvalid, match="at most 5000"):
        analyse([make(noise(5001), Grain.DAY)])
    with pytest.raises(SeriesInvalid, match="Two series are called Leads"):
        analyse([make(noise(3)), make(noise(3))])


def test_readable_keeps_the_good_and_names_the_bad():
    bad = MetricSeries("Broken", "", Grain.WEEK, ((MONDAY, 1.0), (MONDAY, 2.0)))
    good, refused = readable([make(noise(30)), bad])
    assert [one.name for one in good] == ["Leads"]
    assert [one.series for one in refused] == ["Broken"]
