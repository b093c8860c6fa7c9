"""Everything of the model but media: level, trend, season, festivals, promotions.

All of it is linear with Gaussian priors, so it is integrated out exactly (see posterior.py). The
outcome is divided by its mean: a coefficient of 0.1 moves the outcome by a tenth of its average.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.interpolate import BSpline

from enterprise.optimization_engine.engine.calendar import festival_columns, window_share
from enterprise.optimization_engine.engine.contracts import FitSettings, MixData, Promotion

YEAR_DAYS = 365.25
HARMONICS = 3
KNOT_WEEKS = 13
LEVEL_SD, SLOPE_SD, SEASON_SD, FESTIVAL_SD, PROMOTION_SD = 1.0, 0.5, 0.2, 0.2, 0.5
TOTAL_SCALE = 1.25
LAGS, LONG_LAGS = 8, 13
SLOW_MEDIA = ("tv", "television", "radio", "print", "newspaper", "outdoor", "ooh", "cinema")


@dataclass(frozen=True)
class Design:
    """``columns`` (n, q) with prior standard deviations ``scales`` (q,); the ``trend`` columns'
    are multiplied by the ensemble's trend scale."""

    columns: np.ndarray
    scales: np.ndarray
    is_trend: np.ndarray
    names: tuple[str, ...]

    def scaled(self, trend_scale: float) -> np.ndarray:
        """Columns times prior deviations: coefficients then are standard normal."""
        return self.columns * np.where(self.is_trend, self.scales * trend_scale, self.scales)


@dataclass(frozen=True)
class Problem:
    """One data set ready to be fitted. ``outcome`` (n,) has mean 1, ``spend`` (n, C) peak 1.

    ``beta_scale`` (C,) is the half-normal prior's scale of a channel's largest effect, relative
    to the mean outcome. It grows with the square root of the channel's share of spend, and the
    scales sum to the same whatever the number of channels: media as a whole is then expected to
    bring some 45 % of the outcome, give or take as much, before looking. Scales that do not
    shrink with the number of channels would expect more than everything of eight of them.
    """

    weeks: tuple[date, ...]
    channels: tuple[str, ...]
    outcome: np.ndarray
    outcome_scale: float
    spend: np.ndarray
    spend_rupees: np.ndarray
    spend_scale: np.ndarray
    lags: np.ndarray
    is_slow: np.ndarray
    beta_scale: np.ndarray
    design: Design


def problem_of(
    data: MixData, outcome: np.ndarray, kept: Sequence[int], settings: FitSettings
) -> Problem:
    """``outcome`` is without holes; ``kept`` are the places of the channels to fit."""
    rupees = np.array(data.spend_paise, dtype=float)[:, list(kept)] / 100.0
    channels = tuple(data.channels[place] for place in kept)
    peaks = rupees.max(axis=0)
    share = rupees.sum(axis=0) / rupees.sum()
    slow = np.array([is_slow_medium(channel) for channel in channels])
    given = dict(settings.lags)
    lags = [
        given.get(name, LONG_LAGS if long else LAGS)
        for name, long in zip(channels, slow, strict=True)
    ]
    scale = float(outcome.mean())
    return Problem(
        weeks=data.weeks,
        channels=channels,
        outcome=outcome / scale,
        outcome_scale=scale,
        spend=rupees / peaks,
        spend_rupees=rupees,
        spend_scale=peaks,
        lags=np.array(lags),
        is_slow=slow,
        beta_scale=TOTAL_SCALE * np.sqrt(share) / np.sqrt(share).sum(),
        design=design_of(data.weeks, data.promotions, settings),
    )


def is_slow_medium(channel: str) -> bool:
    """Whether people remember the medium for longer than a click: television, print, posters."""
    words = channel.lower().replace("_", " ").replace("-", " ").split()
    return any(word in SLOW_MEDIA for word in words)


def design_of(
    weeks: Sequence[date], promotions: Sequence[Promotion], settings: FitSettings
) -> Design:
    count = len(weeks)
    time = np.linspace(-0.5, 0.5, count)
    blocks = [("level", np.ones((count, 1)), LEVEL_SD), ("slope", time[:, None], SLOPE_SD)]
    blocks.append(("trend", trend_columns(count), 1.0))
    if settings.with_season:
        for harmonic in range(1, HARMONICS + 1):
            wave = season_columns(weeks, harmonic)
            blocks.append((f"season_{harmonic}", wave, SEASON_SD / np.sqrt(harmonic)))
    if settings.with_holidays:
        names, columns = festival_columns(weeks)
        blocks += [(name, columns[:, [place]], FESTIVAL_SD) for place, name in enumerate(names)]
    blocks += promotion_blocks(weeks, promotions)
    names = tuple(name for name, block, _sd in blocks for _column in range(block.shape[1]))
    return Design(
        columns=np.hstack([block for _name, block, _sd in blocks]),
        scales=np.concatenate([np.full(block.shape[1], sd) for _name, block, sd in blocks]),
        is_trend=np.array([name == "trend" for name in names]),
        names=names,
    )


def trend_columns(weeks: int) -> np.ndarray:
    """Cubic B-splines with a knot a quarter, whose coefficients are a random walk: each column
    is the sum of the splines from its knot on, so independent coefficients are its steps."""
    pieces = max(3, round(weeks / KNOT_WEEKS))
    inner = np.linspace(0, 1, pieces + 1)
    knots = np.concatenate([[0.0] * 3, inner, [1.0] * 3])
    basis = BSpline.design_matrix(np.linspace(0, 1, weeks), knots, 3).toarray()
    return basis[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]


def season_columns(weeks: Sequence[date], harmonic: int) -> np.ndarray:
    angle = 2 * np.pi * harmonic * np.array([w.timetuple().tm_yday for w in weeks]) / YEAR_DAYS
    return np.column_stack([np.sin(angle), np.cos(angle)])


def promotion_blocks(
    weeks: Sequence[date], promotions: Sequence[Promotion]
) -> list[tuple[str, np.ndarray, float]]:
    """One column for each name: promotions that return share their effect."""
    named: dict[str, np.ndarray] = {}
    for one in promotions:
        column = np.array([window_share(week, one.first_on, one.last_on) for week in weeks])
        named[one.name] = named.get(one.name, 0.0) + column
    return [
        (f"promotion:{name}", column[:, None], PROMOTION_SD)
        for name, column in named.items()
        if column.any()
    ]
