"""Budgets against a brute-force search and against the true market."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest

from enterprise.optimization_engine.engine.budget import default_bounds
from enterprise.optimization_engine.engine.contracts import AllocationRequest, Bound, FitSettings
from enterprise.optimization_engine.engine.fit import fit
from enterprise.optimization_engine.engine.optimise import Surface, allocate
from enterprise.optimization_engine.errors import BudgetInvalid
from tests.enterprise.optimization_engine.generators import hard_market


@pytest.fixture(scope="module")
def market():
    known = hard_market(31, weeks=104, channels=3)
    return known, *fit(known.data)


def today(result):
    return [one.today_paise for one in result.channels]


def wide(result):
    return tuple(Bound(curve.channel, 0, curve.observed_high_paise) for curve in result.curves)


def request(result, *, total=None, bounds=(), **more):
    total = sum(today(result)) if total is None else total
    return AllocationRequest(total, total, tuple(bounds), **more)


def test_the_gradient_is_the_slope_of_the_expected_response(market):
    _known, result, draws = market
    surface = Surface.of(draws)
    at = np.array(today(result)) / 100.0 + 1000.0
    _height, slope = surface.expected(at)
    for place in range(3):
        step = np.zeros(3)
        step[place] = at[place] * 1e-5
        rise = surface.expected(at + step)[0] - surface.expected(at - step)[0]
        assert slope[place] == pytest.approx(rise / (2 * step[place]), rel=1e-5)


def test_no_split_on_a_fine_grid_is_better(market):
    _known, result, draws = market
    total = sum(today(result))
    answer = allocate(result, draws, request(result, bounds=wide(result)))
    surface = Surface.of(draws)
    found = surface.expected(np.array([c.after_paise for c in answer.changes]) / 100.0)[0]
    highs = [curve.observed_high_paise for curve in result.curves]
    best = 0.0
    for first, second in product(np.linspace(0, 1, 80), repeat=2):
        split = np.array([first * highs[0], second * highs[1], 0.0])
        split[2] = total - split[:2].sum()
        if 0 <= split[2] <= highs[2]:
            best = max(best, surface.expected(split / 100.0)[0])
    assert best > 0
    assert found >= best * (1 - 1e-6)


def test_the_budget_is_spent_to_the_paisa(market):
    _known, result, draws = market
    for extra in (0, 1, 12_345, 7_777_777):
        total = sum(today(result)) + extra
        answer = allocate(result, draws, request(result, total=total, bounds=wide(result)))
        assert sum(one.after_paise for one in answer.changes) == total
        assert answer.total_after_paise == total
        assert all(one.low_paise <= one.after_paise <= one.high_paise for one in answer.changes)


@pytest.mark.slow
def test_the_promised_gain_is_about_the_true_one():
    """On five markets the 90 % interval of the gain holds the true gain at least four times."""
    held = []
    for seed in range(40, 45):
        known = hard_market(seed, weeks=130, channels=3)
        result, draws = fit(known.data, FitSettings(may_refine=False))
        answer = allocate(result, draws, request(result))
        before = np.array([one.before_paise for one in answer.changes]) / 100.0
        after = np.array([one.after_paise for one in answer.changes]) / 100.0
        gain = known.steady(after) - known.steady(before)
        assert gain > -0.02 * known.steady(before)
        held.append(answer.gain.low <= gain <= answer.gain.high)
    assert sum(held) >= 4


def test_what_is_fixed_does_not_move(market):
    _known, result, draws = market
    kept = Bound(result.channels[0].channel, 0, 0, is_fixed=True)
    answer = allocate(result, draws, request(result, bounds=[kept]))
    assert answer.changes[0].after_paise == answer.changes[0].before_paise
    assert answer.changes[0].binds == "fixed"


def test_more_room_never_brings_less(market):
    _known, result, draws = market
    gains = []
    for reach in (0.0, 0.1, 0.3, 0.6):
        bounds = [
            Bound(c.channel, round(c.today_paise * (1 - reach)), max(c.today_paise, min(
                round(c.today_paise * (1 + reach)), seen.observed_high_paise)))
            for c, seen in zip(result.channels, result.curves, strict=True)
        ]  # fmt: skip
        gains.append(allocate(result, draws, request(result, bounds=bounds)).gain.mean)
    assert gains[0] == 0.0
    assert all(later >= earlier - 1e-6 for earlier, later in pairwise(gains))
    assert gains[-1] > 0


def test_it_says_what_binds(market):
    _known, result, draws = market
    answer = allocate(result, draws, request(result))
    at_limits = [one for one in answer.changes if one.binds in ("low", "high")]
    assert at_limits
    named = {dict(one.values).get("channel") for one in answer.binding}
    assert {one.channel for one in at_limits} <= named
    for one in at_limits:
        limit = one.high_paise if one.binds == "high" else one.low_paise
        assert abs(one.after_paise - limit) <= 1


def test_without_limits_in_the_way_the_next_rupee_brings_the_same_everywhere(market):
    _known, result, draws = market
    answer = allocate(result, draws, request(result, bounds=wide(result)))
    surface = Surface.of(draws)
    _height, slope = surface.expected(np.array([c.after_paise for c in answer.changes]) / 100.0)
    free = [slope[place] for place, one in enumerate(answer.changes) if not one.binds]
    assert len(free) >= 2
    assert max(free) / min(free) == pytest.approx(1.0, abs=0.01)


def test_unchanged_because_every_limit_binds(market):
    _known, result, draws = market
    bounds = [Bound(c.channel, c.today_paise, c.today_paise) for c in result.channels]
    answer = allocate(result, draws, request(result, bounds=bounds))
    assert answer.is_unchanged
    assert answer.gain.mean == 0.0
    assert answer.binding[0].message.startswith("Unchanged, because every channel")


def test_a_range_of_totals_is_used_up_while_it_pays(market):
    _known, result, draws = market
    total = sum(today(result))
    asked = AllocationRequest(total // 2, total, wide(result))
    answer = allocate(result, draws, asked)
    assert total // 2 <= answer.total_after_paise <= total
    assert answer.total_after_paise == total
    assert any("whole budget is used" in one.message for one in answer.binding)


def test_beyond_what_was_seen_is_refused_unless_asked_for(market):
    _known, result, draws = market
    seen = result.curves[0].observed_high_paise
    beyond = Bound(result.channels[0].channel, 2 * seen, 3 * seen)
    with pytest.raises(BudgetInvalid) as refused:
        allocate(result, draws, request(result, total=5 * seen, bounds=[beyond]))
    assert refused.value.field == "bounds[0]"
    rest = [Bound(c.channel, 0, c.observed_high_paise) for c in result.curves[1:]]
    asked = request(result, total=2 * seen, bounds=[beyond, *rest], may_extrapolate=True)
    answer = allocate(result, draws, asked)
    assert answer.changes[0].is_extrapolated
    assert any("extrapolated" in one.message for one in answer.limits)


@pytest.mark.parametrize(
    ("bounds", "total", "field"),
    [
        ([Bound("Nobody", 0, 1)], None, "bounds[0].channel"),
        ([Bound("Channel 1", 0, 1), Bound("Channel 1", 0, 1)], None, "bounds[1].channel"),
        ([Bound("Channel 1", 5, 4)], None, "bounds[0]"),
        ([Bound("Channel 2", -1, 4)], None, "bounds[0]"),
        ([Bound("Channel 3", 0, 4), Bound("Channel 1", 5, 4)], None, "bounds[1]"),
        ([Bound("Channel 1", 0, 10**15)], None, "bounds[0]"),
        ([], 0, "total"),
        ([], -1, "total"),
        ([], 1, "total"),
        ([], 10**13, "total"),
        ([], 10**16, "total"),
    ],
)
def test_a_budget_that_cannot_be_is_refused_by_its_field(market, bounds, total, field):
    _known, result, draws = market
    with pytest.raises(BudgetInvalid) as refused:
        allocate(result, draws, request(result, total=total, bounds=bounds))
    assert refused.value.field == field


def messages(answer):
    return [one.message for one in answer.binding]


def test_channels_pinned_by_their_limits_are_not_called_free(market):
    _known, result, draws = market
    pinned = [Bound(one.channel, 100_000, 100_000) for one in result.channels]
    answer = allocate(result, draws, request(result, total=300_000, bounds=pinned))
    assert not any(text.startswith("No limit stops it") for text in messages(answer))
    assert len(messages(answer)) == 3


def test_a_budget_that_the_limits_do_not_let_in_is_not_called_used(market):
    _known, result, draws = market
    narrow = tuple(Bound(one.channel, 0, 100_000) for one in result.channels)
    answer = allocate(result, draws, AllocationRequest(0, 10**9, narrow))
    assert answer.total_after_paise == 300_000
    assert "The whole budget is used: more would bring more." not in messages(answer)
    assert "Not all of the budget is used: every channel is at its limit." in messages(answer)


@pytest.mark.parametrize("total", [1, 99, 100, 99_99_99_999_99, 10**14 - 1])
def test_odd_totals_are_met_to_the_paisa(market, total):
    _known, result, draws = market
    anything = tuple(Bound(one.channel, 0, 10**14) for one in result.channels)
    asked = AllocationRequest(total, total, anything, may_extrapolate=True)
    answer = allocate(result, draws, asked)
    assert sum(one.after_paise for one in answer.changes) == answer.total_after_paise == total
    assert min(one.after_paise for one in answer.changes) >= 0


def test_a_channel_that_rests_may_come_back(market):
    _known, result, _draws = market
    resting = replace(result.channels[0], today_paise=0)
    bounds = default_bounds(replace(result, channels=(resting, *result.channels[1:])))
    assert bounds[0].low_paise == 0
    back = bounds[0].high_paise - 0.3 * result.curves[0].observed_high_paise
    assert 0 <= back < 10_000
    assert all(one.low_paise % 10_000 == 0 for one in bounds)


def test_the_same_request_gives_the_same_answer(market):
    _known, result, draws = market
    assert allocate(result, draws, request(result)) == allocate(result, draws, request(result))
