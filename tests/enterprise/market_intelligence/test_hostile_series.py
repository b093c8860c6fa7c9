"""Series that look harmless and mislead: two values, one spike, half a character, week dates."""

from datetime import date, timedelta

import pytest

from enterprise.market_intelligence.engine.analyse import analyse
from enterprise.market_intelligence.engine.contracts import Grain, Kind, MetricSeries
from enterprise.market_intelligence.engine.reading import series_from_json
from enterprise.market_intelligence.errors import SeriesInvalid


def daily(values):
    points = [(date(2025, 1, 1) + timedelta(days=place), v) for place, v in enumerate(values)]
    return analyse([MetricSeries("Orders", "orders", Grain.DAY, tuple(points))])


@pytest.mark.parametrize("values", [[0, 1] * 150, [0, 1, 2, 3] * 75, [0, 1e15] * 150])
def test_a_few_values_in_turn_are_not_unusual(values):
    analysis = daily(values)
    assert [each for each in analysis.insights if each.kind is Kind.ANOMALY] == []
    assert any("too many of them are the same" in each.needs for each in analysis.not_enough)


def test_one_spike_among_zeros_makes_no_season():
    analysis = daily([1000 if place == 150 else 0 for place in range(300)])
    assert [each for each in analysis.insights if each.kind is Kind.SEASON] == []
    trend = next(each for each in analysis.insights if each.kind is Kind.TREND)
    assert trend.low < -0.01 < 0.01 < trend.high


def test_no_weekday_is_called_highest_when_all_intervals_hold_zero():
    analysis = daily([1.09**place for place in range(380)])
    assert [each for each in analysis.insights if each.kind is Kind.SEASON] == []


def test_a_week_date_is_no_day():
    sent = [{"name": "Orders", "grain": "day", "points": [["2026-W01-1", 5]]}]
    with pytest.raises(SeriesInvalid) as caught:
        series_from_json(sent)
    assert caught.value.field == "series[0].points[0]"


def test_half_a_character_is_a_clear_answer_of_the_api(workspace_client, enterprise_tenant, vikram):
    text = '{"series": [{"name": "\\ud83d", "grain": "day", "points": [["2026-01-01", 1]]}]}'
    answer = workspace_client(enterprise_tenant, vikram).post(
        "/api/enterprise/intelligence", text, content_type="application/json"
    )
    assert answer.status_code == 400
    assert "half of a pair" in answer.content.decode()
