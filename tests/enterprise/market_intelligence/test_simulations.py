"""Small seeded simulations: what is claimed about intervals and false alarms roughly holds.

The bounds are wide because the runs are few.
"""

import numpy as np

from enterprise.market_intelligence.engine import regression
from enterprise.market_intelligence.engine.shifts import find_shifts, steps

RUNS, COUNT = 100, 104
TIME = np.linspace(-1, 1, COUNT)
BASE = np.column_stack([np.ones(COUNT), TIME])


def wave(random, rho):
    shocks = random.standard_normal(COUNT)
    values = np.empty(COUNT)
    values[0] = shocks[0]
    for place in range(1, COUNT):
        values[place] = rho * values[place - 1] + np.sqrt(1 - rho**2) * shocks[place]
    return values


def test_trend_intervals_cover_the_truth_with_autocorrelated_noise():
    random = np.random.default_rng(11)
    covered = 0
    for _run in range(RUNS):
        found = regression.fit(wave(random, 0.5) + 1.5 * TIME, BASE)
        _value, low, high = found.interval(np.array([0.0, 1.0]), 0.95)
        covered += low <= 1.5 <= high
    assert 0.88 * RUNS <= covered <= RUNS


def test_false_shifts_are_rare_with_autocorrelated_noise():
    random = np.random.default_rng(12)
    alarms = sum(bool(find_shifts(wave(random, 0.5), BASE, shortest=8)) for _run in range(RUNS))
    assert alarms <= 0.04 * RUNS


def test_shifts_of_four_deviations_are_found_to_the_week():
    random = np.random.default_rng(13)
    found = 0
    for _run in range(RUNS):
        place = int(random.integers(15, COUNT - 15))
        shifts = find_shifts(wave(random, 0.3) + 4 * steps(COUNT, [place])[:, 0], BASE, shortest=8)
        found += any(abs(shift - place) <= 1 for shift in shifts)
    assert found >= 0.9 * RUNS


def test_the_gain_of_a_step_is_that_of_the_fit_with_it():
    random = np.random.default_rng(14)
    values = wave(random, 0.2)
    places = np.array([10, 40, 90])
    gains = regression.step_gains(values, BASE, places)
    before = regression.fit(values, BASE).log_likelihood
    for gain, place in zip(gains, places, strict=True):
        with_step = np.column_stack([BASE, steps(COUNT, [int(place)])])
        assert abs(gain - (regression.fit(values, with_step).log_likelihood - before)) < 1e-9
