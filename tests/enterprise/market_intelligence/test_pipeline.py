"""The way of deals: exact values, known rates found again, and refusals."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from enterprise.market_intelligence.engine.contracts import Kind
from enterprise.market_intelligence.engine.deals import Stay, stage_order
from enterprise.market_intelligence.engine.pipeline import pipeline
from enterprise.market_intelligence.engine.pipeline_report import pipeline_report
from enterprise.market_intelligence.engine.proportions import difference, ratio, wilson
from enterprise.market_intelligence.engine.survival import kaplan_meier, quantile
from tests.enterprise.market_intelligence.made_deals import NOW, made


@pytest.mark.parametrize(("hits", "of"), [(0, 30), (7, 41), (30, 30), (500, 1000)])
def test_wilson_agrees_with_statsmodels(hits, of):
    low, high = proportion_confint(hits, of, alpha=0.05, method="wilson")
    share = wilson(hits, of, 0.95)
    assert (share.low, share.high) == (pytest.approx(low), pytest.approx(high))


def test_kaplan_meier_agrees_with_statsmodels():
    random = np.random.default_rng(5)
    days, ended = random.exponential(20, 300).round(1), random.random(300) < 0.7
    ours = kaplan_meier(days, ended)
    theirs = SurvfuncRight(days, ended.astype(int))
    assert np.allclose(ours.share, theirs.surv_prob)
    found = quantile(ours, 0.5, 0.95)
    low, high = theirs.quantile_ci(0.5, method="cloglog")
    assert found.value == pytest.approx(theirs.quantile(0.5))
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_open_deals_are_censored_and_not_left_out():
    deals = made(1500, 3, days=(60, 60, 60), over=200)
    found = pipeline(deals, NOW)
    first = found.stages[0]
    truth = 60 * np.log(2)
    closed_only = np.median(
        [
            (stay.left_at - stay.entered_at).total_seconds() / 86_400
            for deal in deals
            for stay in deal.history[:1]
            if stay.left_at
        ]
    )
    assert first.days.low <= truth <= first.days.high
    assert closed_only < first.days.low


def test_young_deals_do_not_spoil_the_rate():
    """Lost deals leave fast, won ones slowly: what has ended by now is mostly lost."""
    deals = made(3000, 4, rates=(0.5, 0.5, 0.5), days=(60, 9, 9), lost_days=(3, 9, 9), over=120)
    stage = pipeline(deals, NOW).stages[0]
    ended = [deal for deal in deals if deal.history[0].left_at]
    naive = sum(len(deal.history) > 1 and deal.history[1].stage != "Lost" for deal in ended)
    assert naive / len(ended) < 0.45
    assert stage.going_on is None or abs(stage.going_on.value - 0.5) < 0.08


def test_stages_come_in_the_order_that_deals_pass_them():
    assert stage_order(made(400, 6)) == ("New", "Qualified", "Proposal")


def test_rates_of_each_stage_are_found_again():
    found = pipeline(made(4000, 7), NOW)
    for stage, rate in zip(found.stages, (0.6, 0.5, 0.7), strict=True):
        assert stage.going_on.low <= rate <= stage.going_on.high
    assert found.win_rate.low <= 0.6 * 0.5 * 0.7 <= found.win_rate.high


def test_a_bottleneck_is_named_only_where_intervals_lie_apart():
    clear = pipeline(made(3000, 8, rates=(0.7, 0.7, 0.3), days=(5, 40, 5)), NOW)
    assert [(each.stage.name, each.is_slow) for each in clear.sticking] == [
        ("Qualified", True), ("Proposal", False),
    ]  # fmt: skip
    named = sum(
        bool(pipeline(made(600, seed, rates=(0.6,) * 3, days=(9,) * 3), NOW).sticking)
        for seed in range(15)
    )
    assert named <= 1


def test_missing_history_is_said_and_the_rest_still_answered():
    deals = made(400, 9, with_history=False)
    report = pipeline_report(pipeline(deals, NOW), len(deals), NOW)
    assert {each.kind for each in report.findings} == {Kind.CONVERSION, Kind.VELOCITY}
    assert "only 0 of 400 deals have one" in report.refusals[0].needs


def test_too_few_deals_are_refused_with_the_number_needed():
    assert pipeline(made(59, 1), NOW) is None
    report = pipeline_report(None, 59, NOW)
    assert report.findings == ()
    assert report.refusals[0].needs == (
        "At least 60 deals with the day they were created; you have 59."
    )


def test_what_waits_is_priced_with_the_rates_of_the_stages_left():
    found = pipeline(made(3000, 8, rates=(0.7, 0.7, 0.3), days=(5, 40, 5)), NOW)
    report = pipeline_report(found, 3000, NOW)
    slow = next(each for each in report.findings if each.key == "bottleneck|slow|Qualified")
    rest = found.stages[1].going_on.value * found.stages[2].going_on.value
    assert slow.effect.paise == pytest.approx(found.stages[1].waiting_paise * rest, abs=1)
    assert "Decide who clears Qualified this week" in slow.action.message % {"stage": "Qualified"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda deal: replace(deal, amount_paise=None),
        lambda deal: replace(deal, closed_on=None),
        lambda deal: replace(deal, history=deal.history[:1] * 2),
        lambda deal: replace(deal, history=(Stay("New", NOW + timedelta(days=9), None),)),
        lambda deal: replace(deal, created_on=NOW.date() + timedelta(days=400)),
        lambda deal: replace(deal, stage="", source="\x00"),
    ],
)
def test_odd_records_never_break_it(spoil):
    deals = [spoil(deal) for deal in made(200, 10)]
    report = pipeline_report(pipeline(deals, NOW), len(deals), NOW)
    assert report.findings or report.refusals


def test_intervals_of_differences_and_ratios_hold_the_truth_as_often_as_they_say():
    random = np.random.default_rng(11)
    held = [0, 0]
    for _run in range(400):
        a, b = int(random.binomial(80, 0.3)), int(random.binomial(120, 0.2))
        _value, low, high = difference(wilson(a, 80, 0.95), wilson(b, 120, 0.95))
        held[0] += low <= 0.1 <= high
        _value, low, high = ratio(a, 80, b, 120, 0.95)
        held[1] += low <= 1.5 <= high
    assert all(0.92 * 400 <= each <= 0.985 * 400 for each in held)
