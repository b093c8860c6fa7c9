"""Weekly figures with a known truth.

`published_example` is the documented process behind the example data of PyMC-Marketing's source
distribution; `hard_market` is our own, with another curve, baseline and noise than any single
model of the ensemble assumes.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from enterprise.optimization_engine.engine.contracts import MixData, Promotion

RUPEES_PER_UNIT = 1_000_000


@dataclass(frozen=True)
class Known:
    """Figures with the true contribution of each channel and its curve at steady spend."""

    data: MixData
    contribution: np.ndarray
    roas: np.ndarray
    steady: object


def published_example(seed: int = sum(map(ord, "mmm"))) -> Known:
    """179 weeks, two channels; spend in units of a million rupees, so that ROAS is per unit."""
    random = np.random.default_rng(seed)
    weeks = tuple(date(2018, 4, 2) + timedelta(weeks=place) for place in range(179))
    first = random.uniform(size=179)
    first = np.where(first > 0.9, first, first / 2)
    second = random.uniform(size=179)
    second = np.where(second > 0.8, second, 0.0)
    trend = (np.linspace(0, 50, 179) + 10) ** 0.25 - 1
    day = np.array([week.timetuple().tm_yday for week in weeks])
    season = 0.5 * (-np.sin(4 * np.pi * day / 365.5) + np.cos(2 * np.pi * day / 365.5))
    noise = random.normal(0, 0.25, 179)
    promotions = (
        Promotion("Offer 1", date(2019, 5, 13), date(2019, 5, 19)),
        Promotion("Offer 2", date(2020, 9, 14), date(2020, 9, 20)),
    )
    offers = sum(
        height * np.array([week == one.first_on for week in weeks])
        for height, one in zip((1.5, 2.5), promotions, strict=True)
    )
    media = np.array(
        [
            3 * np.tanh(2.0 * adstocked(first, 0.4, 8)),
            2 * np.tanh(1.5 * adstocked(second, 0.2, 8)),
        ]
    )
    outcome = 1000 * (2 + trend + season + offers + media.sum(0) + noise)
    spend = np.column_stack([first, second])
    contribution = 1000 * media.sum(1)
    data = as_data(weeks, ("x1", "x2"), spend * RUPEES_PER_UNIT, outcome, promotions, unit="")
    return Known(data, contribution, contribution / spend.sum(0), None)


def hard_market(seed: int, weeks: int = 156, channels: int = 6) -> Known:
    """Flighted, seasonal spend that moves together; Hill curves of different steepness; a
    baseline that wanders; festivals and offers; noise that hangs together from week to week."""
    random = np.random.default_rng([seed, 77])
    days = tuple(date(2023, 11, 6) + timedelta(weeks=place) for place in range(weeks))
    angle = 2 * np.pi * np.array([day.timetuple().tm_yday for day in days]) / 365.25
    common = np.cumsum(random.normal(0, 0.15, weeks))
    common -= common.mean()
    spend = np.zeros((weeks, channels))
    for place in range(channels):
        level = random.lognormal(13.0 - 0.3 * place, 0.3)
        wave = 0.35 * np.sin(angle + random.uniform(0, 2 * np.pi))
        own = random.normal(0, 0.35, weeks)
        flight = np.ones(weeks)
        if place % 2:
            on = random.uniform(size=-(-weeks // 4)) < 0.55
            flight = np.repeat(on, 4)[:weeks] * 1.0
        spend[:, place] = level * flight * np.exp(wave + own + 0.5 * common)
    share = random.dirichlet(np.full(channels, 2.0)) * random.uniform(0.2, 0.4)
    media = np.zeros((channels, weeks))
    curves = []
    for place in range(channels):
        alpha, slope = random.uniform(0.05, 0.7), random.uniform(0.8, 2.2)
        scaled = spend[:, place] / spend[:, place].max()
        half = random.uniform(0.25, 0.9)
        exposure = adstocked(scaled, alpha, 12)
        raw = exposure**slope / (half**slope + exposure**slope)
        height = share[place] * weeks / raw.sum()
        media[place] = height * raw
        curves.append((height, half, slope, spend[:, place].max()))
    trend = np.cumsum(random.normal(0, 0.015, weeks)) + random.uniform(-0.1, 0.2) * np.linspace(
        0, 1, weeks
    )
    season = 0.08 * np.sin(angle + random.uniform(0, 6.3)) + 0.04 * np.cos(2 * angle)
    festival = np.zeros(weeks)
    for year in (2024, 2025, 2026):
        start = date(year, 10, 18) + timedelta(days=int(random.integers(0, 20)))
        festival[[abs((day - start).days) < 10 for day in days]] += 0.12
    noise = np.zeros(weeks)
    rho, steps = random.uniform(0.1, 0.6), random.normal(0, 0.03, weeks)
    for place in range(1, weeks):
        noise[place] = rho * noise[place - 1] + steps[place]
    base = 1 - share.sum() + trend + season + festival
    scale = 2.5 * spend.sum() / weeks
    outcome = scale * (base + media.sum(0) + noise)
    contribution = scale * media.sum(1)
    names = tuple(f"Channel {place + 1}" for place in range(channels))
    data = as_data(days, names, spend, outcome)

    def steady(rupees: np.ndarray) -> float:
        """True outcome a week at constant weekly spend."""
        total = 0.0
        for (height, half, slope, peak), amount in zip(curves, rupees, strict=True):
            at = (amount / peak) ** slope
            total += scale * height * at / (half**slope + at)
        return total

    return Known(data, contribution, contribution / spend.sum(0), steady)


def adstocked(spend: np.ndarray, alpha: float, lags: int) -> np.ndarray:
    weights = alpha ** np.arange(lags)
    return np.convolve(spend, weights / weights.sum())[: len(spend)]


def as_data(weeks, channels, rupees, outcome, promotions=(), unit="INR") -> MixData:
    return MixData(
        weeks=weeks,
        channels=channels,
        spend_paise=tuple(tuple(round(float(x) * 100) for x in row) for row in rupees),
        outcome=tuple(float(x) for x in outcome),
        outcome_name="Revenue",
        outcome_unit=unit,
        promotions=promotions,
        rows_hash="0" * 64,
        as_of=weeks[-1],
    )
