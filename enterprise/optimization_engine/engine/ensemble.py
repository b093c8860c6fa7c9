"""A small ensemble: saturation curve × noise autocorrelation × looseness of the trend.

Each combination is fitted by its mode first; those whose Laplace evidence is far below the best
are let go, the others sampled and weighted by their evidence. Where the importance sampling says
of itself that it is poor (Pareto k above .7), that model's draws are replaced by chains.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from enterprise.optimization_engine.engine import hmc, psis
from enterprise.optimization_engine.engine.contracts import Cell, FitSettings
from enterprise.optimization_engine.engine.design import Problem
from enterprise.optimization_engine.engine.posterior import Posterior
from enterprise.optimization_engine.engine.sampling import (
    Mode,
    Sampled,
    importance_sample,
    mode_of,
    starts_for,
)
from marketing_platform.core.text import mark as _

FAR_BELOW = 5.0
MOST_SAMPLED = 6
MOST_REFINED = 3
LEAST_WEIGHT = 0.02
COUNTED_WEIGHT = 0.05
STARTS = 3
IMPORTANCE, REFINED = "importance sampling", "importance sampling refined by HMC"
Progress = Callable[..., None]


@dataclass(frozen=True)
class Member:
    """One model of the ensemble with its draws, as many as its weight deserves."""

    posterior: Posterior
    vectors: np.ndarray
    cell: Cell
    ess: float


def fit_ensemble(problem: Problem, settings: FitSettings, progress: Progress) -> list[Member]:
    """Members whose draws together are ``settings.draws`` vectors of the whole ensemble."""
    random = np.random.default_rng(settings.seed)
    modes = _modes(problem, settings, random, progress)
    sampled = []
    for place, (posterior, mode) in enumerate(modes):
        progress(0.3 + 0.3 * place / len(modes), _("Sampling model %(number)d of %(all)d"),
                 number=place + 1, all=len(modes))  # fmt: skip
        sampled.append(importance_sample(posterior, mode, random))
    logs = np.array([one.log_evidence for one in sampled])
    weights = np.exp(logs - psis.log_mean(logs) - np.log(len(logs)))
    keep = [place for place in range(len(modes)) if weights[place] >= LEAST_WEIGHT]
    weights = weights / weights[keep].sum()
    pairs = [(modes[place][0], sampled[place], float(weights[place])) for place in keep]
    return _members(pairs, settings, random, progress)


def _modes(
    problem: Problem, settings: FitSettings, random: np.random.Generator, progress: Progress
) -> list[tuple[Posterior, Mode]]:
    """The models worth sampling, best first."""
    grid = list(product(settings.saturations, settings.trend_scales, settings.rhos))
    known: dict[str, np.ndarray] = {}
    found = []
    for place, (saturation, trend_scale, rho) in enumerate(grid):
        progress(0.05 + 0.25 * place / len(grid), _("Fitting model %(number)d of %(all)d"),
                 number=place + 1, all=len(grid))  # fmt: skip
        posterior = Posterior(problem, saturation=saturation, rho=rho, trend_scale=trend_scale)
        warm = known.get(saturation)
        starts = [warm] if warm is not None else starts_for(posterior, STARTS, random)
        mode = mode_of(posterior, starts)
        known[saturation] = mode.vector
        found.append((posterior, mode))
    found.sort(key=lambda one: -one[1].log_evidence)
    best = found[0][1].log_evidence
    return [one for one in found if one[1].log_evidence > best - FAR_BELOW][:MOST_SAMPLED]


def _members(
    pairs: list[tuple[Posterior, Sampled, float]],
    settings: FitSettings,
    random: np.random.Generator,
    progress: Progress,
) -> list[Member]:
    poor = [
        place
        for place, (_posterior, sampled, weight) in enumerate(pairs)
        if weight > COUNTED_WEIGHT and not sampled.pareto_k <= psis.LIMIT
    ]
    poor.sort(key=lambda place: -pairs[place][2])
    chosen = poor[:MOST_REFINED] if settings.may_refine else []
    members = []
    for place, (posterior, sampled, weight) in enumerate(pairs):
        count = max(1, round(settings.draws * weight))
        r_hat, method, vectors = None, IMPORTANCE, sampled.resampled(count, random)
        if place in chosen:
            start = 0.6 + 0.35 * chosen.index(place) / len(chosen)
            chained = _refined(posterior, sampled, random, progress, start, 0.35 / len(chosen))
            steps = np.linspace(0, len(chained.vectors) - 1, count).astype(int)
            r_hat, method, vectors = chained.r_hat, REFINED, chained.vectors[steps]
        cell = Cell(
            saturation=posterior.saturation,
            rho=posterior.rho,
            trend_scale=posterior.trend_scale,
            weight=weight,
            pareto_k=sampled.pareto_k,
            r_hat=r_hat,
            method=method,
        )
        members.append(Member(posterior, vectors, cell, sampled.ess))
    return members


def _refined(
    posterior: Posterior,
    sampled: Sampled,
    random: np.random.Generator,
    progress: Progress,
    start: float,
    width: float,
) -> hmc.Chained:
    turns = [0]

    def tick() -> None:
        turns[0] += 1
        done = start + width * turns[0] / (hmc.WARM_UP + hmc.KEPT)
        progress(done, _("Checking the answer with %(chains)d chains"), chains=hmc.CHAINS)

    return hmc.refine(posterior, sampled, random, tick)
