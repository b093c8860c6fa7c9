from datetime import date, timedelta

from enterprise.market_intelligence.engine.analyse import analyse
from enterprise.market_intelligence.engine.chart import draw, draw_profile
from enterprise.market_intelligence.engine.contracts import Grain, Kind, MetricSeries


def analysis_of(values, grain=Grain.WEEK):
    step = 7 if grain is Grain.WEEK else 1
    points = tuple((date(2024, 1, 1) + timedelta(days=step * i), v) for i, v in enumerate(values))
    return analyse([MetricSeries("Leads", "", grain, points)])


def test_a_shift_is_marked_at_its_place():
    found = analysis_of([10.0, 12.0] * 20 + [30.0, 32.0] * 20)
    chart = draw(found.fitted[0], found.insights)
    (mark,) = [mark for mark in chart.marks if mark.kind == Kind.LEVEL_SHIFT]
    assert mark.day == date(2024, 1, 1) + timedelta(weeks=40)
    assert 49 < mark.x < 52
    assert len(chart.dots) == 80
    assert chart.band.startswith("M") and chart.band.endswith("Z")


def test_a_constant_series_can_be_drawn():
    found = analysis_of([5.0] * 20)
    chart = draw(found.fitted[0], found.insights)
    assert {dot.y for dot in chart.dots} == {50.0}


def test_a_long_series_is_thinned():
    found = analysis_of([float(i % 7) for i in range(1500)], Grain.DAY)
    assert len(draw(found.fitted[0]).dots) == 300


def test_a_profile_has_one_bar_per_weekday():
    found = analysis_of([1.0, 2.0, 1.5, 1.2, 5.0, 9.0, 3.0] * 10, Grain.DAY)
    (season,) = [each for each in found.insights if each.kind is Kind.SEASON]
    chart = draw_profile(season)
    assert [bar.phase for bar in chart.bars] == [0, 1, 2, 3, 4, 5, 6]
    assert all(bar.high_y <= bar.y <= bar.low_y for bar in chart.bars)
