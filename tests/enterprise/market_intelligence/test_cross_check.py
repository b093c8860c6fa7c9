"""What else moved when one figure did."""

from datetime import date, timedelta

import numpy as np
import pytest

from enterprise.market_intelligence.engine.analyse import analyse
from enterprise.market_intelligence.engine.contracts import Grain, Kind, MetricSeries
from enterprise.market_intelligence.engine.sentences import english
from enterprise.market_intelligence.engine.series_report import series_report

MONDAY = date(2024, 1, 1)


def metric(name, values, grain=Grain.WEEK):
    points = tuple(
        (MONDAY + timedelta(weeks=week), float(value)) for week, value in enumerate(values)
    )
    return MetricSeries(name, "INR", grain, points)


def noise(seed, count=90, size=4.0):
    return 100 + size * np.random.default_rng(seed).standard_normal(count)


def stepped(seed, step, at=50):
    values = noise(seed)
    values[at:] += step
    return values


def test_a_figure_that_moved_in_the_same_week_is_named_with_its_size():
    found = analyse([metric("Cost", stepped(1, 40)), metric("Spend", stepped(2, -30))])
    check = next(each for each in found.checks if each.series == "Cost")
    assert (check.compared, [each.series for each in check.moved]) == (1, ["Spend"])
    assert check.moved[0].low <= -30 <= check.moved[0].high < 0
    report = series_report(found, {})
    said = english(next(each for each in report.findings if each.metric == "Cost"
                        and each.kind is Kind.LEVEL_SHIFT).context[0])  # fmt: skip
    assert said.startswith("At the same time: Spend fell by about ₹")


def test_a_step_too_small_to_be_found_alone_is_seen_when_one_knows_where_to_look():
    found = analyse([metric("Cost", stepped(1, 40)), metric("Spend", stepped(20, 2.5))])
    assert not any(
        each.series == "Spend" and each.kind is Kind.LEVEL_SHIFT for each in found.insights
    )
    assert [each.series for each in found.checks[0].moved] == ["Spend"]


def test_only_this_figure_moved_is_said():
    found = analyse([metric("Cost", stepped(1, 40)), metric("A", noise(3)), metric("B", noise(4))])
    check = found.checks[0]
    assert (check.compared, check.moved) == (2, ())
    report = series_report(found, {})
    shift = next(each for each in report.findings if each.kind is Kind.LEVEL_SHIFT)
    assert "Only this figure moved; 2 others did not." in english(shift.context[0])


def test_without_another_figure_nothing_is_compared():
    found = analyse([metric("Cost", stepped(1, 40))])
    report = series_report(found, {})
    shift = next(each for each in report.findings if each.kind is Kind.LEVEL_SHIFT)
    assert english(shift.context[0]) == "There is no other figure to compare it with."


def test_other_grains_and_other_times_are_not_compared():
    early = metric("Early", noise(6, count=52))
    found = analyse([metric("Cost", stepped(1, 40)), early])
    assert found.checks[0].compared == 0


@pytest.mark.slow
def test_figures_that_did_not_move_are_rarely_said_to_have():
    alarms = 0
    for seed in range(100):
        others = [metric(f"S{n}", noise(10_000 + 10 * seed + n)) for n in range(5)]
        found = analyse([metric("Cost", stepped(seed, 40)), *others])
        alarms += any(
            each.moved for each in found.checks
            if each.series == "Cost" and abs((each.happened_on - MONDAY).days - 350) < 8
        )  # fmt: skip
    assert alarms <= 10
