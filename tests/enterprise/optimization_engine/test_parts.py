"""The model's parts, each against something computed another way."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from enterprise.optimization_engine.engine import psis
from enterprise.optimization_engine.engine.calendar import festival_columns, window_share
from enterprise.optimization_engine.engine.contracts import FitSettings
from enterprise.optimization_engine.engine.design import is_slow_medium, problem_of, trend_columns
from enterprise.optimization_engine.engine.hmc import refine, split_r_hat
from enterprise.optimization_engine.engine.posterior import Posterior
from enterprise.optimization_engine.engine.rounding import rounded_to_sum
from enterprise.optimization_engine.engine.sampling import (
    importance_sample,
    mode_of,
    starts_for,
)
from enterprise.optimization_engine.engine.transforms import adstock_weights, lagged
from tests.enterprise.optimization_engine.generators import adstocked, hard_market

KINDS = [("logistic", 0.0, 0.05), ("logistic", 0.7, 0.15), ("hill", 0.4, 0.05)]


@pytest.fixture(scope="module")
def problem():
    data = hard_market(31, weeks=104, channels=3).data
    return problem_of(data, np.array(data.outcome), range(3), FitSettings())


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_is_the_slope_of_the_density(problem, kind):
    saturation, rho, trend_scale = kind
    posterior = Posterior(problem, saturation=saturation, rho=rho, trend_scale=trend_scale)
    random = np.random.default_rng(4)
    for start in starts_for(posterior, 3, random):
        height, slope = posterior.log_density_and_gradient(start[None])
        steps = 1e-5 * np.eye(posterior.size)
        up, down = posterior.log_density(start + steps), posterior.log_density(start - steps)
        assert slope[0] == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=1e-4)
        assert height == pytest.approx(posterior.log_density(start[None]), abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_the_collapsed_likelihood_is_that_of_the_full_covariance(problem, kind):
    """Differences of the density between two vectors equal those of a plain multivariate normal
    with the linear part and the noise in its covariance."""
    saturation, rho, trend_scale = kind
    posterior = Posterior(problem, saturation=saturation, rho=rho, trend_scale=trend_scale)
    count = len(problem.outcome)
    lag = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    linear = problem.design.scaled(trend_scale)
    found, wanted = [], []
    for vector in starts_for(posterior, 2, np.random.default_rng(8)):
        values = posterior.values(vector[None])
        media = posterior.contribution(values).sum(0)[0]
        noise = values.sigma[0] ** 2 * rho**lag / (1 - rho**2)
        full = stats.multivariate_normal(media, noise + linear @ linear.T)
        found.append(posterior.log_density(vector[None])[0] - posterior._prior(values)[0])
        wanted.append(full.logpdf(problem.outcome))
    assert found == pytest.approx(wanted, rel=1e-9)


def test_prior_draws_follow_the_prior_density(problem):
    """The density of half-normal β in its logarithm, and means of what is drawn."""
    posterior = Posterior(problem, saturation="hill", rho=0.0, trend_scale=0.05)
    values = posterior.values(posterior.prior_vectors(20_000, np.random.default_rng(1)))
    assert values.alpha.mean() == pytest.approx(0.25, abs=0.01)
    scale = problem.beta_scale[0]
    assert values.beta[0].mean() == pytest.approx(scale * np.sqrt(2 / np.pi), rel=0.03)
    assert np.median(values.slope) == pytest.approx(1.3, rel=0.03)


def test_importance_sampling_and_chains_agree(problem):
    posterior = Posterior(problem, saturation="logistic", rho=0.4, trend_scale=0.05)
    random = np.random.default_rng(2)
    mode = mode_of(posterior, starts_for(posterior, 2, random))
    sampled = importance_sample(posterior, mode, random)
    chained = refine(posterior, sampled, random, lambda: None)
    assert chained.r_hat < 1.1
    first = posterior.contribution(posterior.values(sampled.resampled(1_500, random))).sum(-1)
    second = posterior.contribution(posterior.values(chained.vectors[::4])).sum(-1)
    assert abs(first.mean(1) - second.mean(1)).max() < 0.35 * second.std(1).max()
    assert sampled.log_evidence == pytest.approx(mode.log_evidence, abs=3.0)


def test_chains_that_disagree_are_found_out():
    random = np.random.default_rng(0)
    together = random.normal(size=(60, 32, 2))
    apart = together + np.where(np.arange(32) % 2, 1.5, 0.0)[None, :, None]
    assert split_r_hat(together) < 1.05
    assert split_r_hat(apart) > 1.2


@pytest.mark.parametrize("shape", [0.2, 0.5, 0.9])
def test_the_tail_shape_is_recovered(shape):
    random = np.random.default_rng(3)
    weights = np.log(stats.genpareto.rvs(shape, size=20_000, random_state=random))
    _smoothed, found = psis.smoothed(weights)
    assert found == pytest.approx(shape, abs=0.13)


def test_equal_weights_are_left_alone():
    log_weights, shape = psis.smoothed(np.zeros(1_000))
    assert psis.effective(log_weights) == pytest.approx(1_000)
    assert np.exp(log_weights).sum() == pytest.approx(1.0)
    assert shape == float("inf") or shape < 0.7


def test_adstock_is_that_of_a_plain_sum(problem):
    alpha = np.array([[0.5], [0.1], [0.8]])
    weights, _slopes = adstock_weights(alpha, problem.lags)
    assert weights.sum(-1) == pytest.approx(np.ones((3, 1)))
    exposure = weights @ lagged(problem.spend, problem.lags)
    for place in range(3):
        plain = adstocked(problem.spend[:, place], alpha[place, 0], int(problem.lags[place]))
        assert exposure[place, 0] == pytest.approx(plain)


def test_the_trend_can_follow_a_wandering_line():
    columns = np.column_stack([np.ones(156), trend_columns(156)])
    wander = np.sin(np.linspace(0, 7, 156)) + np.linspace(0, 2, 156)
    kept, *_rest = np.linalg.lstsq(columns, wander, rcond=None)
    assert np.abs(columns @ kept - wander).max() < 0.02


def test_festivals_move_with_the_moon():
    weeks = tuple(date(2023, 11, 6) + timedelta(weeks=place) for place in range(156))
    names, columns = festival_columns(weeks)
    diwali = columns[:, names.index("diwali")]
    for day in (date(2024, 10, 31), date(2025, 10, 20)):
        place = next(i for i, week in enumerate(weeks) if 0 <= (day - week).days < 7)
        assert diwali[place] > 0 and diwali[place - 1] == 1.0
    assert diwali[[i for i, week in enumerate(weeks) if week.month in (3, 4, 5, 6)]].max() == 0
    assert {"holi", "eid", "christmas", "year_end"} <= set(names)


def test_a_festival_that_came_once_is_left_out():
    weeks = tuple(date(2024, 6, 3) + timedelta(weeks=place) for place in range(52))
    names, _columns = festival_columns(weeks)
    assert "diwali" not in names


def test_a_promotion_counts_for_its_days():
    monday = date(2026, 1, 5)
    assert window_share(monday, monday, monday) == pytest.approx(1 / 7)
    assert window_share(monday, date(2025, 1, 1), date(2027, 1, 1)) == 1.0
    assert window_share(monday, date(2026, 1, 12), date(2026, 1, 13)) == 0.0


@pytest.mark.parametrize(("name", "slow"), [("TV", True), ("google_ads", False), ("Print-ad", True),
                                            ("Outdoor", True), ("Meta Ads", False)])  # fmt: skip
def test_slow_media_are_known_by_name(name, slow):
    assert is_slow_medium(name) is slow


@pytest.mark.parametrize("seed", range(20))
def test_rounding_is_exact_and_inside_the_limits(seed):
    random = np.random.default_rng(seed)
    amounts = random.uniform(0, 1e7, 8)
    low = np.floor(amounts * random.uniform(0.5, 1, 8)).astype(np.int64)
    high = np.ceil(amounts * random.uniform(1, 1.5, 8)).astype(np.int64)
    total = int(random.integers(low.sum(), high.sum() + 1))
    whole = rounded_to_sum(amounts, total, low, high)
    assert whole.sum() == total
    assert (whole >= low).all() and (whole <= high).all()


def test_rounding_stays_within_a_paisa_when_it_can():
    amounts = np.array([33.4, 33.3, 33.3])
    zeros, wide = np.zeros(3, dtype=np.int64), np.full(3, 1000)
    assert rounded_to_sum(amounts, 100, zeros, wide).tolist() == [34, 33, 33]


def test_rounding_says_when_the_limits_do_not_allow_the_total():
    with pytest.raises(ValueError, match="do not allow"):
        rounded_to_sum(np.array([1.0]), 5, np.array([0]), np.array([2]))
