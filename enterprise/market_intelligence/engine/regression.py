"""Linear regression with AR(1) errors, averaged over the autocorrelation.

The covariance of AR(1) errors has a tridiagonal inverse, so every cross product needed is
``interior + rho**2 * inner - rho * lagged``: three small matrices serve a whole grid of rho
at once. Intervals average over the grid with restricted-likelihood weights (Harville 1977; Cheang &
Reinsel 2000 on why plain maximum likelihood is too narrow here) times the reference prior
1/sqrt(1 - rho**2) (Berger & Yang 1994). An autocorrelation that cannot be told from 1 is taken
as such (Perron & Yabu 2009), or a wandering series would be said to rise or fall. Model
comparison uses the ordinary profile likelihood, because designs differ.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

RHO_GRID = np.concatenate([np.arange(-0.5, 0.85, 0.1), [0.85, 0.9, 0.93, 0.96, 0.99]])


@dataclass(frozen=True)
class Fit:
    """Coefficients (per design column) with standard errors and the autocorrelation."""

    coefficients: np.ndarray
    covariance: np.ndarray
    degrees_of_freedom: int
    rho: float
    log_likelihood: float
    fitted: np.ndarray
    residuals: np.ndarray

    def interval(self, contrast: np.ndarray, level: float) -> tuple[float, float, float]:
        """Estimate, lower and upper bound of ``contrast @ coefficients``."""
        estimate = float(contrast @ self.coefficients)
        spread = float(np.sqrt(max(contrast @ self.covariance @ contrast, 0.0)))
        reach = stats.t.ppf(0.5 + level / 2, self.degrees_of_freedom) * spread
        return estimate, estimate - float(reach), estimate + float(reach)


def fit(response: np.ndarray, design: np.ndarray) -> Fit:
    """Fit ``response`` (n) on ``design`` (n × p, p < n - 1). Pure; any finite numbers."""
    scale = np.sqrt((design**2).mean(axis=0))
    scale[scale == 0] = 1.0
    columns = design / scale
    gram, cross, total = _cross_products(columns, response)
    beta = np.linalg.solve(gram, cross[..., None])[..., 0]
    count, parameters = design.shape
    rss = _floored(total - np.einsum("kp,kp->k", cross, beta), total)
    weights = _restricted_weights(rss, gram, count - parameters)
    coefficients = weights @ beta
    inverse = np.linalg.inv(gram) * (rss / (count - parameters))[:, None, None]
    offset = beta - coefficients
    covariance = np.einsum("k,kpq->pq", weights, inverse)
    covariance += np.einsum("k,kp,kq->pq", weights, offset, offset)
    fitted = columns @ coefficients
    return Fit(
        coefficients=coefficients / scale,
        covariance=covariance / np.outer(scale, scale),
        degrees_of_freedom=count - parameters,
        rho=float(weights @ RHO_GRID),
        log_likelihood=float(_profile(rss[:, None], count).max()),
        fitted=fitted,
        residuals=response - fitted,
    )


def step_gains(response: np.ndarray, design: np.ndarray, places: np.ndarray) -> np.ndarray:
    """How much one more step would raise the profile log-likelihood, for each of ``places``.

    A step at k (0 < k < n) is a column that is 1 from point k on. The steps' cross products
    are running sums, so all places together cost little more than one.
    """
    columns = np.column_stack([design, response])
    gram, cross, total = _cross_products(design, response)
    inverse = np.linalg.inv(gram)
    beta = np.einsum("kpq,kq->kp", inverse, cross)
    rss = _floored(total - np.einsum("kp,kp->k", cross, beta), total)
    with_steps, square = _step_products(columns, places)
    against, own = with_steps[..., :-1], with_steps[..., -1]
    left = square - np.einsum("knp,kpq,knq->kn", against, inverse, against, optimize=True)
    shared = own - np.einsum("knp,kp->kn", against, beta)
    usable = left > 1e-9 * square
    drop = np.where(usable, shared**2 / np.where(usable, left, 1.0), 0.0)
    after = _floored(rss[:, None] - drop, total[:, None])
    best = _profile(after, len(response)).max(axis=0)
    return best - _profile(rss[:, None], len(response)).max()


def whiten(columns: np.ndarray, rho: float) -> np.ndarray:
    """Prais–Winsten transform along the first axis."""
    white = columns.astype(float).copy()
    white[1:] -= rho * columns[:-1]
    white[0] *= np.sqrt(1 - rho**2)
    return white


def _profile(rss: np.ndarray, count: int) -> np.ndarray:
    """Log-likelihood per rho (first axis) with the variance maximised out."""
    return -0.5 * count * np.log(rss / count) + 0.5 * np.log1p(-(RHO_GRID[:, None] ** 2))


def _floored(rss: np.ndarray, total: np.ndarray) -> np.ndarray:
    """A perfect fit leaves rounding dust, which must not look like evidence."""
    return np.maximum(rss, total * 1e-12 + 1e-300)


def _restricted_weights(rss: np.ndarray, gram: np.ndarray, freedom: int) -> np.ndarray:
    log_weight = -0.5 * freedom * np.log(rss) - 0.5 * np.linalg.slogdet(gram)[1]
    log_weight += np.log(np.gradient(RHO_GRID))
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    if weight @ RHO_GRID > 1 - 1 / np.sqrt(freedom):
        weight = np.zeros(len(RHO_GRID))
        weight[-1] = 1.0
    return weight


def _cross_products(
    columns: np.ndarray, response: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    joined = np.column_stack([columns, response])
    whole = joined.T @ joined
    inner = joined[1:-1].T @ joined[1:-1]
    lagged = joined[1:].T @ joined[:-1]
    lagged = lagged + lagged.T
    rho = RHO_GRID[:, None, None]
    every = whole + rho**2 * inner - rho * lagged
    return every[:, :-1, :-1], every[:, :-1, -1], every[:, -1, -1]


def _step_products(columns: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Products of each step (axis 1) with each column (axis 2) per rho (axis 0); and of each
    step with itself."""
    tail = np.cumsum(columns[::-1], axis=0)[::-1][places]
    inner = tail - columns[-1]
    lagged = 2 * tail + columns[places - 1] - columns[places] - columns[-1]
    rho = RHO_GRID[:, None, None]
    products = tail + rho**2 * inner - rho * lagged
    size = (len(columns) - places).astype(float)
    rho = RHO_GRID[:, None]
    return products, size + rho**2 * (size - 1) - rho * 2 * (size - 1)
