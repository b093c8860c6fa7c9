"""Columns that describe a season, and the profile read back from their coefficients.

A year is described by harmonics (2 for months under three years, else 3), a week by weekday
contrasts; two full cycles are the least (four for weekdays).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from enterprise.market_intelligence.engine.contracts import Grain, ProfilePoint
from enterprise.market_intelligence.engine.regression import Fit

FEWEST = {Grain.DAY: 28, Grain.WEEK: 104, Grain.MONTH: 24}
DAYS_IN_YEAR = 365.25


@dataclass(frozen=True, eq=False)
class SeasonColumns:
    """Design columns (n × q) and, per phase of the profile, the contrast (q) that reads it."""

    columns: np.ndarray
    contrasts: np.ndarray
    phases: tuple[int, ...]


def season_columns(grain: Grain, dates: tuple[date, ...]) -> SeasonColumns | None:
    """None when there are fewer than the least cycles."""
    if len(dates) < FEWEST[grain]:
        return None
    if grain is Grain.DAY:
        phases = np.array([day.weekday() for day in dates])
        columns = np.array([_weekday_row(phase) for phase in phases])
        return _centred(columns, phases)
    days = np.array([_middle(grain, day) for day in dates])
    orders = 2 if grain is Grain.MONTH and len(dates) < 36 else 3
    angle = 2 * np.pi * days[:, None] / DAYS_IN_YEAR * np.arange(1, orders + 1)
    columns = np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    months = np.array([_month(grain, day) for day in dates])
    return _centred(columns, months)


def profile(fit: Fit, first: int, season: SeasonColumns, level: float) -> tuple[ProfilePoint, ...]:
    """Each phase against the average of all phases; the intervals hold for all phases at once
    (Bonferroni), because the sentence picks the highest."""
    each = 1 - (1 - level) / len(season.phases)
    points = []
    for phase, contrast in zip(season.phases, season.contrasts, strict=True):
        whole = np.zeros(len(fit.coefficients))
        whole[first : first + len(contrast)] = contrast
        value, low, high = fit.interval(whole, each)
        points.append(ProfilePoint(phase=phase, value=value, low=low, high=high))
    return tuple(points)


def _weekday_row(phase: int) -> np.ndarray:
    row = np.zeros(6)
    if phase == 6:
        row[:] = -1.0
    else:
        row[phase] = 1.0
    return row


def _centred(columns: np.ndarray, phases: np.ndarray) -> SeasonColumns:
    kinds = tuple(int(phase) for phase in np.unique(phases))
    means = np.array([columns[phases == kind].mean(axis=0) for kind in kinds])
    return SeasonColumns(
        columns=columns - columns.mean(axis=0),
        contrasts=means - means.mean(axis=0),
        phases=kinds,
    )


def _middle(grain: Grain, day: date) -> float:
    """Day of the year in the middle of the period that ``day`` stands for."""
    if grain is Grain.MONTH:
        return (day.month - 0.5) * DAYS_IN_YEAR / 12
    return day.timetuple().tm_yday - day.weekday() + 3


def _month(grain: Grain, day: date) -> int:
    if grain is Grain.MONTH:
        return day.month
    return int((_middle(grain, day) % DAYS_IN_YEAR) // (DAYS_IN_YEAR / 12)) % 12 + 1
