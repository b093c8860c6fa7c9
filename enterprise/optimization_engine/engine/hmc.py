"""Hamiltonian Monte Carlo with many short chains at once, for where importance sampling is poor.

Neal (2011), "MCMC using Hamiltonian dynamics"; all chains step together, so one evaluation of the
gradient serves them all. Chains start from the importance draws, which already lie where the mass
is; the step is tuned by dual averaging (Hoffman & Gelman 2014) on the mean acceptance of the
chains. Convergence: split R-hat on ranks (Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from enterprise.optimization_engine.engine.posterior import Posterior
from enterprise.optimization_engine.engine.sampling import Sampled, Tick

CHAINS, WARM_UP, KEPT = 64, 40, 90
STEPS = (6, 13)
RESCALED_AT, FIRST_STEP = 16, 0.3
WANTED = 0.8
R_HAT_LIMIT = 1.05
DIVERGED = 1_000.0


@dataclass(frozen=True)
class Chained:
    """``vectors`` (kept · chains, p) and the worst R-hat over the parameters."""

    vectors: np.ndarray
    r_hat: float
    acceptance: float


def refine(
    posterior: Posterior,
    sampled: Sampled,
    random: np.random.Generator,
    tick: Tick,
    *,
    chains: int = CHAINS,
    kept: int = KEPT,
) -> Chained:
    """Draws from the same posterior by chains that start at the importance draws."""
    root = _root(sampled)
    state = _State(posterior, sampled.resampled(chains, random), root)
    step, tuner = FIRST_STEP, _DualAveraging(FIRST_STEP)
    seen: list[np.ndarray] = []
    path: list[np.ndarray] = []
    accepted = []
    for turn in range(WARM_UP + kept):
        rate = state.leap(step, random)
        if turn < WARM_UP:
            step = tuner.update(rate) if turn < WARM_UP - 1 else tuner.settled
            seen.append(state.vectors.copy())
        else:
            path.append(state.vectors.copy())
            accepted.append(rate)
        if turn == RESCALED_AT:
            # The importance draws' shape was poor, or there would be no chains: take theirs.
            state.root = _root_of(np.concatenate(seen[RESCALED_AT // 2 :]))
            step, tuner = FIRST_STEP, _DualAveraging(FIRST_STEP)
        tick()
    trail = np.array(path)
    return Chained(trail.reshape(-1, posterior.size), split_r_hat(trail), float(np.mean(accepted)))


def split_r_hat(trail: np.ndarray) -> float:
    """The worst rank-normalised split R-hat; ``trail`` (turns, chains, p), bulk and folded."""
    worst = 1.0
    for place in range(trail.shape[2]):
        one = trail[:, :, place]
        for values in (one, np.abs(one - np.median(one))):
            ranks = rankdata(values).reshape(values.shape)
            normal = ndtri((ranks - 0.375) / (values.size + 0.25))
            half = len(normal) // 2
            pieces = np.hstack([normal[:half], normal[half : 2 * half]])
            within = pieces.var(axis=0, ddof=1).mean()
            between = pieces.mean(axis=0).var(ddof=1)
            worst = max(worst, float(np.sqrt((half - 1) / half + between / within)))
    return worst


class _State:
    """Positions of all chains in whitened coordinates: vector = root · position."""

    def __init__(self, posterior: Posterior, vectors: np.ndarray, root: np.ndarray):
        self.posterior, self.vectors, self.root = posterior, vectors, root
        self.height, self.slope = posterior.log_density_and_gradient(vectors)

    def leap(self, step: float, random: np.random.Generator) -> float:
        """One proposal for every chain; answers the mean acceptance probability."""
        count, size = self.vectors.shape
        momentum = random.standard_normal((count, size))
        before = self.height - 0.5 * (momentum**2).sum(1)
        step = step * random.uniform(0.8, 1.2)
        place, height, slope = self.vectors, self.height, self.slope
        momentum = momentum + 0.5 * step * slope @ self.root
        steps = int(random.integers(*STEPS))
        for turn in range(steps):
            place = place + step * momentum @ self.root.T
            height, slope = self.posterior.log_density_and_gradient(place)
            scale = step if turn < steps - 1 else 0.5 * step
            momentum = momentum + scale * slope @ self.root
        change = height - 0.5 * (momentum**2).sum(1) - before
        change = np.where(np.isfinite(change), change, -DIVERGED)
        is_taken = np.log(random.uniform(size=count)) < change
        self.vectors = np.where(is_taken[:, None], place, self.vectors)
        self.height = np.where(is_taken, height, self.height)
        self.slope = np.where(is_taken[:, None], slope, self.slope)
        return float(np.exp(np.minimum(change, 0.0)).mean())


class _DualAveraging:
    """Step size towards the wanted acceptance; constants of the paper."""

    def __init__(self, step: float):
        self.target, self.error, self.turn = np.log(10 * step), 0.0, 0
        self.average = 0.0

    def update(self, rate: float) -> float:
        self.turn += 1
        share = 1 / (self.turn + 10)
        self.error = (1 - share) * self.error + share * (WANTED - rate)
        log_step = self.target - np.sqrt(self.turn) / 0.05 * self.error
        log_step = min(log_step, np.log(1.5))
        weight = self.turn**-0.75
        self.average = weight * log_step + (1 - weight) * self.average
        return float(np.exp(log_step))

    @property
    def settled(self) -> float:
        return float(np.exp(self.average))


def _root(sampled: Sampled) -> np.ndarray:
    weights = sampled.weights
    away = sampled.vectors - weights @ sampled.vectors
    covariance = (away * weights[:, None]).T @ away
    share = min(0.5, len(covariance) / max(sampled.ess, 1.0))
    return _factor(covariance, share)


def _root_of(vectors: np.ndarray) -> np.ndarray:
    return _factor(np.cov(vectors.T), min(0.5, 5 * vectors.shape[1] / len(vectors)))


def _factor(covariance: np.ndarray, share: float) -> np.ndarray:
    """Cholesky factor of a covariance drawn towards its own diagonal by ``share``."""
    size = len(covariance)
    shrunk = (1 - share) * covariance + share * np.diag(np.diag(covariance))
    return np.linalg.cholesky(shrunk + 1e-8 * np.eye(size))
