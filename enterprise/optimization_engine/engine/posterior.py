"""Log posterior of one model of the ensemble, for many parameter vectors at once, with gradient.

Outcome = linear part + Σ β·saturation(adstock(spend)) + AR(1) noise. With the noise whitened and
the linear part's coefficients integrated out, the outcome is normal around media with covariance
σ²I + ZZ'; a singular value decomposition of Z, made once, leaves sums over n numbers.

Unconstrained parameters, in this order, C of each: logit α, log β, log of the curve's shape (λ or
k), for Hill log of its slope; then log σ. Priors: α ~ Beta(1, 3), Beta(2, 2) for slow media;
β ~ half-normal(beta_scale); λ ~ Gamma(3, 1); k ~ LogNormal(log .6, .7);
slope ~ LogNormal(log 1.3, .4); σ ~ half-normal(.3).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betaln, expit, logit

from enterprise.optimization_engine.engine.design import Problem
from enterprise.optimization_engine.engine.transforms import (
    Saturated,
    adstock_weights,
    hill,
    lagged,
    logistic,
)

NOISE_SD = 0.3
SHAPE_GAMMA = 3.0
HALF_MEDIAN, HALF_SD = 0.6, 0.7
SLOPE_MEDIAN, SLOPE_SD = 1.3, 0.4
HALF_NORMAL = 0.5 * np.log(2 / np.pi)
NORMAL = -0.5 * np.log(2 * np.pi)
LOG_GAMMA_3 = np.log(2.0)
# Far outside of what any prior allows, and where exp and expit still keep their digits.
REACH = 12.0


@dataclass(frozen=True)
class Values:
    """Parameters on their own scale, (C, N) each and sigma (N,)."""

    alpha: np.ndarray
    beta: np.ndarray
    shape: np.ndarray
    slope: np.ndarray | None
    sigma: np.ndarray


class Posterior:
    def __init__(self, problem: Problem, *, saturation: str, rho: float, trend_scale: float):
        self.problem, self.rho = problem, rho
        self.saturation, self.trend_scale = saturation, trend_scale
        self.is_hill = saturation == "hill"
        self.channels = len(problem.channels)
        self.size = self.channels * (4 if self.is_hill else 3) + 1
        self.lagged = lagged(problem.spend, problem.lags)
        self.linear = problem.design.scaled(trend_scale)
        self.left, self.singular, self.right = np.linalg.svd(
            self._whitened(self.linear.T).T, full_matrices=False
        )
        self.log_jacobian = 0.5 * np.log1p(-(rho**2))
        self.white_outcome = self._whitened(problem.outcome[None])[0]

    @cached_property
    def _alpha_prior(self) -> tuple[np.ndarray, np.ndarray]:
        slow = self.problem.is_slow
        return np.where(slow, 2.0, 1.0)[:, None], np.where(slow, 2.0, 3.0)[:, None]

    def values(self, vectors: np.ndarray) -> Values:
        """``vectors`` (N, p)."""
        parts = np.clip(vectors[:, :-1], -REACH, REACH).T.reshape(-1, self.channels, len(vectors))
        return Values(
            alpha=expit(parts[0]),
            beta=np.exp(parts[1]),
            shape=np.exp(parts[2]),
            slope=np.exp(parts[3]) if self.is_hill else None,
            sigma=np.exp(np.clip(vectors[:, -1], -REACH, REACH)),
        )

    def response(self, values: Values) -> tuple[Saturated, np.ndarray, np.ndarray]:
        """Saturated exposure (C, N, n), adstock weights' slopes (C, N, L), exposure."""
        weights, slopes = adstock_weights(values.alpha, self.problem.lags)
        exposure = weights @ self.lagged
        if values.slope is None:
            return logistic(exposure, values.shape), slopes, exposure
        return hill(exposure, values.shape, values.slope), slopes, exposure

    def contribution(self, values: Values) -> np.ndarray:
        """What each channel adds a week, (C, N, n), in units of the mean outcome."""
        return self.response(values)[0].response * values.beta[..., None]

    def log_density(self, vectors: np.ndarray) -> np.ndarray:
        """(N,) of ``vectors`` (N, p), normalised: evidence can be compared between models."""
        values = self.values(vectors)
        media = np.einsum("cn,cnt->nt", values.beta, self.response(values)[0].response)
        fit, *_rest = self._likelihood(media, values.sigma)
        return fit + self._prior(values)

    def log_density_and_gradient(self, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values = self.values(vectors)
        saturated, slopes, _exposure = self.response(values)
        media = np.einsum("cn,cnt->nt", values.beta, saturated.response)
        fit, by_media, by_log_sigma = self._likelihood(media, values.sigma)
        by_media = by_media[None] * values.beta[..., None]
        by_weight = (by_media * saturated.by_exposure) @ self.lagged.transpose(0, 2, 1)
        by_alpha = (by_weight * slopes).sum(-1)
        parts = [
            by_alpha * values.alpha * (1 - values.alpha),
            np.einsum("cnt,cnt->cn", by_media, saturated.response),
            np.einsum("cnt,cnt->cn", by_media, saturated.by_log_shape),
        ]
        if saturated.by_log_slope is not None:
            parts.append(np.einsum("cnt,cnt->cn", by_media, saturated.by_log_slope))
        gradient = np.concatenate([*parts, by_log_sigma[None]]).T
        return fit + self._prior(values), gradient + self._prior_gradient(values)

    def baseline(self, values: Values, noise: np.ndarray) -> np.ndarray:
        """A draw (N, n) of the linear part for each vector; ``noise`` (N, q) standard normal."""
        media = np.einsum("cn,cnt->nt", values.beta, self.response(values)[0].response)
        rest = self.white_outcome - self._whitened(media)
        power, sigma2 = self.singular**2, values.sigma[:, None] ** 2
        inner = rest @ self.left * self.singular / (power + sigma2)
        inner = inner + noise[:, : len(power)] * np.sqrt(sigma2 / (power + sigma2))
        return inner @ (self.linear @ self.right.T).T

    def prior_vectors(self, count: int, random: np.random.Generator) -> np.ndarray:
        """``count`` vectors (N, p) as they were thought likely before looking at the outcome."""
        first, second = self._alpha_prior
        size = (self.channels, count)
        alpha = random.beta(np.broadcast_to(first, size), np.broadcast_to(second, size))
        parts = [logit(np.clip(alpha, 1e-9, 1 - 1e-9))]
        scale = self.problem.beta_scale[:, None]
        parts.append(np.log(np.abs(random.standard_normal(size)) * scale + 1e-12))
        if self.is_hill:
            parts.append(np.log(HALF_MEDIAN) + HALF_SD * random.standard_normal(size))
            parts.append(np.log(SLOPE_MEDIAN) + SLOPE_SD * random.standard_normal(size))
        else:
            parts.append(np.log(random.gamma(SHAPE_GAMMA, size=size)))
        noise = np.log(np.abs(random.standard_normal((1, count))) * NOISE_SD + 1e-12)
        return np.concatenate([*parts, noise]).T

    def _whitened(self, rows: np.ndarray) -> np.ndarray:
        """Rows (…, n) with AR(1) noise made independent."""
        made = rows.copy()
        made[..., 1:] -= self.rho * rows[..., :-1]
        made[..., 0] *= np.sqrt(1 - self.rho**2)
        return made

    def _unwhitened(self, rows: np.ndarray) -> np.ndarray:
        """The transpose of whitening."""
        made = rows.copy()
        made[..., :-1] -= self.rho * rows[..., 1:]
        made[..., 0] = np.sqrt(1 - self.rho**2) * rows[..., 0] - self.rho * rows[..., 1]
        return made

    def _likelihood(
        self, media: np.ndarray, sigma: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rest = self.white_outcome - self._whitened(media)
        inner = rest @ self.left
        sigma2 = sigma[:, None] ** 2
        spread = sigma2 + self.singular**2
        free = rest.shape[1] - len(self.singular)
        outside = np.maximum((rest**2).sum(1) - (inner**2).sum(1), 0.0)
        fit = (
            -0.5 * (2 * free * np.log(sigma) + np.log(spread).sum(1))
            - 0.5 * (outside / sigma**2 + (inner**2 / spread).sum(1))
            + rest.shape[1] * NORMAL
            + self.log_jacobian
        )
        pulled = (rest - inner @ self.left.T) / sigma2 + (inner / spread) @ self.left.T
        by_log_sigma = (
            -free
            - (sigma2 / spread).sum(1)
            + outside / sigma**2
            + (inner**2 * sigma2 / spread**2).sum(1)
        )
        return fit, self._unwhitened(pulled), by_log_sigma

    def _prior(self, values: Values) -> np.ndarray:
        """Densities of the unconstrained parameters: the Jacobians are in."""
        first, second = self._alpha_prior
        scale = self.problem.beta_scale[:, None]
        density = (
            first * np.log(values.alpha)
            + second * np.log1p(-values.alpha)
            - betaln(first, second)
            + HALF_NORMAL
            - np.log(scale)
            - 0.5 * (values.beta / scale) ** 2
            + np.log(values.beta)
        )
        if values.slope is None:
            density = density + SHAPE_GAMMA * np.log(values.shape) - values.shape - LOG_GAMMA_3
        else:
            density = density + _normal(np.log(values.shape), np.log(HALF_MEDIAN), HALF_SD)
            density = density + _normal(np.log(values.slope), np.log(SLOPE_MEDIAN), SLOPE_SD)
        noise = HALF_NORMAL - np.log(NOISE_SD) - 0.5 * (values.sigma / NOISE_SD) ** 2
        return density.sum(0) + noise + np.log(values.sigma)

    def _prior_gradient(self, values: Values) -> np.ndarray:
        first, second = self._alpha_prior
        scale = self.problem.beta_scale[:, None]
        parts = [
            first - (first + second) * values.alpha,
            1 - (values.beta / scale) ** 2,
        ]
        if values.slope is None:
            parts.append(SHAPE_GAMMA - values.shape)
        else:
            parts.append((np.log(HALF_MEDIAN) - np.log(values.shape)) / HALF_SD**2)
            parts.append((np.log(SLOPE_MEDIAN) - np.log(values.slope)) / SLOPE_SD**2)
        noise = 1 - (values.sigma / NOISE_SD) ** 2
        return np.concatenate([*parts, noise[None]]).T


def _normal(value: np.ndarray, mean: float, deviation: float) -> np.ndarray:
    return NORMAL - np.log(deviation) - 0.5 * ((value - mean) / deviation) ** 2
