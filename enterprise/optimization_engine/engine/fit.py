"""The engine's one call: weekly figures in, contribution and return with honest intervals out.

Pure and deterministic: the seed is part of the settings, no clock but for the CPU seconds told.
What it is not: an experiment. Nothing here separates a channel's effect from that of something
unseen that moves with its spend; every result carries that sentence.
"""

import hashlib
import json
import time
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from enterprise.optimization_engine.engine.contracts import (
    ENGINE_VERSION,
    Draws,
    FitResult,
    FitSettings,
    MixData,
)
from enterprise.optimization_engine.engine.design import Problem, problem_of
from enterprise.optimization_engine.engine.ensemble import Member, Progress, fit_ensemble
from enterprise.optimization_engine.engine.pooled import pool, thinned
from enterprise.optimization_engine.engine.preflight import prepare
from enterprise.optimization_engine.engine.review import review
from enterprise.optimization_engine.engine.stored import to_json
from enterprise.optimization_engine.engine.summary import Spread, diagnostics_of, summarise
from marketing_platform.core.text import mark as _

PRIOR_DRAWS = 400


def silent(done: float, message: str = "", **params: Any) -> None:
    """A progress nobody reads."""


def fit(
    data: MixData, settings: FitSettings | None = None, progress: Progress = silent
) -> tuple[FitResult, Draws]:
    """Fit the ensemble. Raises MixInvalid when the figures cannot carry a model; whatever
    ``progress`` raises to cancel passes through."""
    settings = settings or FitSettings()
    started = time.process_time()
    progress(0.01, _("Checking the figures"))
    prepared = prepare(data)
    # One thread: the arrays are small, and other workspaces' work runs on the same cores.
    with threadpool_limits(limits=1), np.errstate(over="ignore", under="ignore"):
        problem = problem_of(data, prepared.outcome, prepared.kept, settings)
        members = fit_ensemble(problem, settings, progress)
        progress(0.96, _("Drawing the curves"))
        pooled = pool(members, settings.seed)
        summary = summarise(problem, pooled, _prior(problem, members), settings.seed)
    diagnostics = diagnostics_of(members, len(pooled.is_hill), time.process_time() - started)
    left_out = [c for place, c in enumerate(data.channels) if place not in prepared.kept]
    result = FitResult(
        run_hash=run_hash(data, settings),
        engine_version=ENGINE_VERSION,
        rows_hash=data.rows_hash,
        as_of=data.as_of or data.weeks[-1],
        first_on=data.weeks[0],
        last_on=data.weeks[-1],
        weeks=len(data.weeks),
        outcome_name=data.outcome_name,
        outcome_unit=data.outcome_unit,
        outcome_total=float(prepared.outcome.sum()),
        channels=summary.channels,
        curves=summary.curves,
        baseline=summary.baseline,
        baseline_share=summary.baseline_share,
        media=summary.media,
        quality=summary.quality,
        diagnostics=diagnostics,
        weekly=summary.weekly,
        warnings=(
            *prepared.checks,
            *review(summary, diagnostics, data.outcome_unit, prepared.checks),
        ),
        left_out=tuple(left_out),
    )
    return result, thinned(problem, pooled)


def run_hash(data: MixData, settings: FitSettings | None = None) -> str:
    """sha256 over the engine's version, the figures and the settings."""
    content = [ENGINE_VERSION, to_json(data), to_json(settings or FitSettings())]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _prior(problem: Problem, members: list[Member]) -> Spread:
    """Spread of the contributions under the heaviest model's prior."""
    heaviest = max(members, key=lambda one: one.cell.weight).posterior
    random = np.random.default_rng(len(problem.weeks))
    values = heaviest.values(heaviest.prior_vectors(PRIOR_DRAWS, random))
    return Spread.of(heaviest.contribution(values).sum(-1))
