"""From a log posterior to weighted draws: mode, Laplace, adaptive importance sampling.

The mode by L-BFGS from several starts; the Hessian there by differences of the gradient; then
multivariate-t proposals that are moved to the weighted moments of what they drew (Cappé, Guillin,
Marin & Robert 2004; all rounds are used with mixture weights, Cornuet, Marin, Mira & Robert 2012).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from enterprise.optimization_engine.engine import psis
from enterprise.optimization_engine.engine.posterior import Posterior

FREEDOM = 6.0
DIFFERENCE = 1e-4
FLATTEST = 0.15
ROUNDS = (1_500, 1_500, 2_500)
INFLATION = 1.15
Tick = Callable[[], None]


@dataclass(frozen=True)
class Mode:
    """Where the posterior peaks, its covariance there and Laplace's log evidence."""

    vector: np.ndarray
    covariance: np.ndarray
    log_evidence: float


@dataclass(frozen=True)
class Sampled:
    """Draws (N, p) with normalised log weights and what they say of themselves."""

    vectors: np.ndarray
    log_weights: np.ndarray
    log_evidence: float
    pareto_k: float
    ess: float

    @property
    def weights(self) -> np.ndarray:
        return np.exp(self.log_weights)

    def resampled(self, count: int, random: np.random.Generator) -> np.ndarray:
        """``count`` vectors, systematically by weight."""
        steps = (np.arange(count) + random.uniform()) / count
        places = np.searchsorted(np.cumsum(self.weights), steps * (1 - 1e-12))
        return self.vectors[np.minimum(places, len(self.vectors) - 1)]


def starts_for(posterior: Posterior, count: int, random: np.random.Generator) -> list[np.ndarray]:
    """Sensible first guesses: the prior's middle, then steps away from it."""
    ones = np.ones(posterior.channels)
    middle = [-1.0 * ones, np.log(0.3 * posterior.problem.beta_scale)]
    middle += [np.log(0.6) * ones, np.log(1.3) * ones] if posterior.is_hill else [0.9 * ones]
    first = np.concatenate([*middle, [np.log(0.08)]])
    return [first] + [first + random.normal(0, 0.7, len(first)) for _more in range(count - 1)]


def mode_of(posterior: Posterior, starts: list[np.ndarray]) -> Mode:
    """The best of the local modes found. Raises FloatingPointError when there is none."""
    found = [_climb(posterior, start) for start in starts]
    usable = [one for one in found if np.isfinite(one[0])]
    if not usable:
        raise FloatingPointError("the posterior has no mode that can be found")
    height, vector = max(usable, key=lambda one: one[0])
    values, axes = np.linalg.eigh(-_hessian(posterior, vector))
    values = np.maximum(values, FLATTEST)
    covariance = (axes / values) @ axes.T
    size = len(vector)
    evidence = height + 0.5 * size * np.log(2 * np.pi) - 0.5 * float(np.log(values).sum())
    return Mode(vector, covariance, evidence)


def importance_sample(
    posterior: Posterior, mode: Mode, random: np.random.Generator, *, rounds=ROUNDS
) -> Sampled:
    """Draws by adaptive multivariate-t proposals with Pareto-smoothed weights."""
    centre, covariance = mode.vector, mode.covariance
    proposals, vectors, heights = [], np.zeros((0, posterior.size)), np.zeros(0)
    for count in rounds:
        proposals.append(_Proposal(centre, covariance * INFLATION, count))
        drawn = proposals[-1].draw(random)
        vectors = np.vstack([vectors, drawn])
        heights = np.concatenate([heights, posterior.log_density(drawn)])
        raw = heights - _mixture(proposals, vectors)
        log_weights, pareto_k = psis.smoothed(raw)
        centre, covariance = _moments(vectors, log_weights, mode)
    return Sampled(vectors, log_weights, psis.log_mean(raw), pareto_k, psis.effective(log_weights))


class _Proposal:
    def __init__(self, centre: np.ndarray, covariance: np.ndarray, count: int):
        self.centre, self.count = centre, count
        self.root = np.linalg.cholesky(covariance)
        self.log_volume = float(np.log(np.diag(self.root)).sum())

    def draw(self, random: np.random.Generator) -> np.ndarray:
        size = len(self.centre)
        normal = random.standard_normal((self.count, size))
        stretch = np.sqrt(FREEDOM / random.chisquare(FREEDOM, self.count))
        return self.centre + (normal * stretch[:, None]) @ self.root.T

    def log_density(self, vectors: np.ndarray) -> np.ndarray:
        size = len(self.centre)
        inner = np.linalg.solve(self.root, (vectors - self.centre).T)
        distance = (inner**2).sum(0)
        return (
            gammaln((FREEDOM + size) / 2)
            - gammaln(FREEDOM / 2)
            - 0.5 * size * np.log(FREEDOM * np.pi)
            - self.log_volume
            - 0.5 * (FREEDOM + size) * np.log1p(distance / FREEDOM)
        )


def _mixture(proposals: list[_Proposal], vectors: np.ndarray) -> np.ndarray:
    total = sum(one.count for one in proposals)
    parts = np.array([one.log_density(vectors) + np.log(one.count / total) for one in proposals])
    return np.logaddexp.reduce(parts, axis=0)


def _moments(
    vectors: np.ndarray, log_weights: np.ndarray, mode: Mode
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean and covariance, leaning on Laplace's when few draws carry the weight."""
    weights = np.exp(log_weights)
    centre = weights @ vectors
    away = vectors - centre
    covariance = (away * weights[:, None]).T @ away
    trust = min(1.0, psis.effective(log_weights) / (4.0 * vectors.shape[1]))
    mixed = trust * covariance + (1 - trust) * mode.covariance
    return trust * centre + (1 - trust) * mode.vector, mixed + 1e-6 * np.eye(len(centre))


def _climb(posterior: Posterior, start: np.ndarray) -> tuple[float, np.ndarray]:
    def downhill(vector: np.ndarray) -> tuple[float, np.ndarray]:
        height, slope = posterior.log_density_and_gradient(vector[None])
        return -float(height[0]), -slope[0]

    found = minimize(
        downhill, start, jac=True, method="L-BFGS-B", options={"maxiter": 200, "ftol": 1e-9},
        bounds=[(-8.0, 8.0)] * len(start),
    )  # fmt: skip
    return -float(found.fun), found.x


def _hessian(posterior: Posterior, vector: np.ndarray) -> np.ndarray:
    steps = DIFFERENCE * np.eye(len(vector))
    around = np.vstack([vector + steps, vector - steps])
    _height, slopes = posterior.log_density_and_gradient(around)
    rows = (slopes[: len(vector)] - slopes[len(vector) :]) / (2 * DIFFERENCE)
    return 0.5 * (rows + rows.T)
