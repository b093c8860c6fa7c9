"""From pooled draws to the tables, curves and weekly lines of a FitResult."""

from dataclasses import dataclass

import numpy as np

from enterprise.optimization_engine.engine.contracts import (
    LEVEL,
    ChannelResult,
    Diagnostics,
    Interval,
    Quality,
    ResponseCurve,
    WeeklyFit,
)
from enterprise.optimization_engine.engine.design import Problem
from enterprise.optimization_engine.engine.ensemble import (
    COUNTED_WEIGHT,
    IMPORTANCE,
    REFINED,
    Member,
)
from enterprise.optimization_engine.engine.hmc import R_HAT_LIMIT
from enterprise.optimization_engine.engine.pooled import Pool
from enterprise.optimization_engine.engine.psis import LIMIT

TODAY_WEEKS = 13
CURVE_POINTS = 25
BEYOND_PEAK = 1.25
NEXT_SHARE = 0.05
# Of the prior's width, and of its spread on a scale of ratios: above both, little was learnt.
UNMOVED, UNSHARPENED = 0.85, 0.5
TINY = 1e-12


@dataclass(frozen=True)
class Spread:
    """How far contributions lie apart, (C,) each: 90 % width, and deviation of the logarithm."""

    width: np.ndarray
    log_deviation: np.ndarray

    @classmethod
    def of(cls, contribution: np.ndarray) -> "Spread":
        """``contribution`` (C, D) over the whole period."""
        low, high = np.quantile(contribution, [0.05, 0.95], axis=1)
        return cls(high - low, np.log(contribution + TINY).std(axis=1))


@dataclass(frozen=True)
class Summary:
    channels: tuple[ChannelResult, ...]
    curves: tuple[ResponseCurve, ...]
    baseline: Interval
    baseline_share: Interval
    media: Interval
    weekly: WeeklyFit
    quality: Quality
    negative_baseline: float


def interval(values: np.ndarray) -> Interval:
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return Interval(float(values.mean()), float(low), float(high))


def summarise(problem: Problem, pooled: Pool, prior: Spread, seed: int) -> Summary:
    """``prior``: the contributions' spread before looking at the figures."""
    scale, total = problem.outcome_scale, float(problem.outcome.sum())
    media = pooled.media.sum(1)
    baseline = pooled.baseline.sum(1)
    weekly = _weekly(problem, pooled, seed)
    places = range(len(problem.channels))
    found = Spread.of(pooled.contribution)
    is_known = (found.width < UNMOVED * prior.width) | (
        found.log_deviation < UNSHARPENED * prior.log_deviation
    )
    return Summary(
        channels=tuple(_channel(problem, pooled, at, bool(is_known[at])) for at in places),
        curves=tuple(_curve(problem, pooled, place) for place in places),
        baseline=interval(baseline * scale),
        baseline_share=interval(baseline / total),
        media=interval(media * scale),
        weekly=weekly,
        quality=_quality(weekly),
        negative_baseline=float((pooled.baseline < 0).mean()),
    )


def diagnostics_of(members: list[Member], draws: int, cpu_seconds: float) -> Diagnostics:
    counted = [one for one in members if one.cell.weight > COUNTED_WEIGHT]
    cells = [one.cell for one in counted]
    hats = [cell.r_hat for cell in cells if cell.r_hat is not None]
    return Diagnostics(
        method=REFINED if any(cell.method == REFINED for cell in cells) else IMPORTANCE,
        pareto_k=max(min(cell.pareto_k, 99.0) for cell in cells),
        ess=min(one.ess for one in counted),
        r_hat=max(hats) if hats else None,
        cells=tuple(one.cell for one in members),
        draws=draws,
        cpu_seconds=cpu_seconds,
        is_reliable=all(
            cell.pareto_k <= LIMIT if cell.r_hat is None else cell.r_hat <= R_HAT_LIMIT
            for cell in cells
        ),
    )


def today_spend(problem: Problem) -> np.ndarray:
    """Mean of the last 13 weeks, rupees, (C,)."""
    return problem.spend_rupees[-TODAY_WEEKS:].mean(axis=0)


def _channel(problem: Problem, pooled: Pool, place: int, is_identified: bool) -> ChannelResult:
    spent = float(problem.spend_rupees[:, place].sum())
    today = float(today_spend(problem)[place])
    contribution = pooled.contribution[place]
    amount = contribution * problem.outcome_scale
    return ChannelResult(
        channel=problem.channels[place],
        spend_paise=round(spent * 100),
        spend_share=spent / float(problem.spend_rupees.sum()),
        today_paise=round(today * 100),
        contribution=interval(amount),
        share=interval(contribution / problem.outcome.sum()),
        roas=interval(amount / spent),
        marginal_roas=interval(_marginal(problem, pooled, place, today)),
        carry_over=interval(_carry_over(pooled.alpha[place], int(problem.lags[place]))),
        is_identified=is_identified,
    )


def _marginal(problem: Problem, pooled: Pool, place: int, today: float) -> np.ndarray:
    """Return of the next rupees: a step of 5 % of today's spend or 1 % of the highest week."""
    peak = float(problem.spend_scale[place])
    step = max(NEXT_SHARE * today, 0.01 * peak)
    at = pooled.steady(place, np.array([today, today + step]) / peak)
    return (at[:, 1] - at[:, 0]) * problem.outcome_scale / step


def _carry_over(alpha: np.ndarray, lags: int) -> np.ndarray:
    """Share of the effect after the first week, for weights cut after ``lags`` weeks."""
    return 1 - (1 - alpha) / (1 - alpha**lags)


def _curve(problem: Problem, pooled: Pool, place: int) -> ResponseCurve:
    peak = float(problem.spend_scale[place])
    today = float(today_spend(problem)[place])
    grid = np.linspace(0, max(BEYOND_PEAK * peak, 1.5 * today), CURVE_POINTS)
    response = pooled.steady(place, np.append(grid, today) / peak) * problem.outcome_scale
    points = [interval(response[:, at]) for at in range(CURVE_POINTS)]
    return ResponseCurve(
        channel=problem.channels[place],
        spend_paise=tuple(round(x * 100) for x in grid),
        mean=tuple(one.mean for one in points),
        low=tuple(one.low for one in points),
        high=tuple(one.high for one in points),
        today_paise=round(today * 100),
        today=interval(response[:, -1]),
        observed_high_paise=round(peak * 100),
    )


def _weekly(problem: Problem, pooled: Pool, seed: int) -> WeeklyFit:
    scale = problem.outcome_scale
    random = np.random.default_rng(seed + 2)
    explained = pooled.media + pooled.baseline
    noise = random.standard_normal(explained.shape) * pooled.spread[:, None]
    low, high = np.quantile(explained + noise, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    lines = {
        "actual": problem.outcome,
        "fitted": explained.mean(0),
        "low": low,
        "high": high,
        "baseline": pooled.baseline.mean(0),
        "media": pooled.media.mean(0),
    }
    return WeeklyFit(
        weeks=problem.weeks,
        **{name: tuple(float(x * scale) for x in values) for name, values in lines.items()},
    )


def _quality(weekly: WeeklyFit) -> Quality:
    actual, fitted = np.array(weekly.actual), np.array(weekly.fitted)
    rest = actual - fitted
    spread = float(((actual - actual.mean()) ** 2).sum())
    is_inside = (actual >= np.array(weekly.low)) & (actual <= np.array(weekly.high))
    away = rest - rest.mean()
    return Quality(
        r_squared=float(1 - (rest**2).sum() / spread),
        mape=float(np.abs(rest).sum() / np.abs(actual).sum()),
        autocorrelation=float((away[1:] * away[:-1]).sum() / (away**2).sum()),
        coverage=float(is_inside.mean()),
    )
