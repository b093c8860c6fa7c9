"""The ensemble's draws brought together: what summaries, curves and the optimiser are made of."""

from dataclasses import dataclass

import numpy as np

from enterprise.optimization_engine.engine.contracts import Draws
from enterprise.optimization_engine.engine.design import Problem
from enterprise.optimization_engine.engine.ensemble import Member
from enterprise.optimization_engine.engine.transforms import steady_response

AT_ONCE = 250
RUPEES_DRAWS = 400


@dataclass(frozen=True)
class Pool:
    """Arrays over D draws: parameters (C, D), weekly (D, n) in units of the mean outcome."""

    alpha: np.ndarray
    beta: np.ndarray
    shape: np.ndarray
    slope: np.ndarray
    is_hill: np.ndarray
    spread: np.ndarray
    contribution: np.ndarray
    media: np.ndarray
    baseline: np.ndarray

    def steady(self, channel: int, exposure: np.ndarray) -> np.ndarray:
        """Response (D, G) of a channel at constant scaled spend (G,)."""
        response, _slope = steady_response(
            exposure[None],
            self.is_hill[:, None],
            self.shape[channel][:, None],
            self.slope[channel][:, None],
        )
        return response * self.beta[channel][:, None]


def pool(members: list[Member], seed: int) -> Pool:
    random = np.random.default_rng(seed + 1)
    parts = [
        _part(member, member.vectors[start : start + AT_ONCE], random)
        for member in members
        for start in range(0, len(member.vectors), AT_ONCE)
    ]
    along = {"contribution": 1, "alpha": 1, "beta": 1, "shape": 1, "slope": 1}
    return Pool(
        **{
            name: np.concatenate([part[name] for part in parts], axis=along.get(name, 0))
            for name in parts[0]
        }
    )


def thinned(problem: Problem, pooled: Pool) -> Draws:
    """At most 400 evenly spread draws, in rupees of the outcome or its own unit."""
    total = len(pooled.is_hill)
    # Draws of one model stand together: evenly spread places keep the models' weights.
    places = np.unique(np.linspace(0, total - 1, min(total, RUPEES_DRAWS)).astype(int))

    def rows(values: np.ndarray) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(float(x) for x in values[:, place]) for place in places)

    return Draws(
        channels=problem.channels,
        scale_rupees=tuple(float(peak) for peak in problem.spend_scale),
        is_hill=tuple(bool(pooled.is_hill[place]) for place in places),
        beta=rows(pooled.beta * problem.outcome_scale),
        shape=rows(pooled.shape),
        slope=rows(pooled.slope),
    )


def _part(member: Member, vectors: np.ndarray, random: np.random.Generator) -> dict:
    posterior = member.posterior
    values = posterior.values(vectors)
    weekly = posterior.contribution(values)
    noise = random.standard_normal((len(vectors), len(posterior.singular)))
    is_hill = values.slope is not None
    return {
        "alpha": values.alpha,
        "beta": values.beta,
        "shape": values.shape,
        "slope": values.slope if is_hill else np.ones_like(values.shape),
        "is_hill": np.full(len(vectors), is_hill),
        "spread": values.sigma / np.sqrt(1 - posterior.rho**2),
        "contribution": weekly.sum(-1),
        "media": weekly.sum(0),
        "baseline": posterior.baseline(values, noise),
    }
