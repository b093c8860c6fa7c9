"""What goes into the marketing mix model and the optimiser, and what comes out. Plain, frozen.

Spend is paise a week. An outcome in rupees ("INR") is in rupees; any other is in its own unit
(leads, orders). Intervals are 90 % credible intervals of the posterior, low and high inclusive.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

ENGINE_VERSION = "2026.11.1"
LEVEL = 0.90
INR = "INR"


class Severity(StrEnum):
    REFUSE = "refuse"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True)
class Said:
    """A message id with its values, so that the edge can say it in another language.

    Values whose name ends in ``_on`` are ISO dates, in ``_paise`` whole paise.
    """

    message: str
    values: tuple[tuple[str, str | int | float], ...] = ()


@dataclass(frozen=True)
class Check:
    """Something noticed in the figures or in the fit. ``fix`` says what would help."""

    code: str
    severity: Severity
    said: Said
    fix: Said | None = None
    channel: str = ""


@dataclass(frozen=True)
class Promotion:
    """Days on which something other than media moved the outcome: an offer, a launch, a strike."""

    name: str
    first_on: date
    last_on: date


@dataclass(frozen=True)
class MixData:
    """Weekly national figures. ``weeks`` are Mondays without a gap.

    ``spend_paise[week][channel]``; ``outcome[week]`` is None where nothing was recorded.
    ``rows_hash`` names the rows the figures were made of, ``as_of`` the newest of them.
    """

    weeks: tuple[date, ...]
    channels: tuple[str, ...]
    spend_paise: tuple[tuple[int, ...], ...]
    outcome: tuple[float | None, ...]
    outcome_name: str
    outcome_unit: str = INR
    promotions: tuple[Promotion, ...] = ()
    rows_hash: str = ""
    as_of: date | None = None
    # First and last day for which each channel's sources speak; empty when not known.
    covered: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True)
class Interval:
    """Posterior mean with the 90 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class ChannelResult:
    """What one channel is estimated to have done over the whole period.

    ``contribution`` in the outcome's unit, ``share`` of the whole outcome (0–1), ``roas`` in
    outcome units per rupee spent, ``marginal_roas`` the same for the next rupee a week at
    today's spend (mean of the last 13 weeks). ``carry_over`` is the share of an ad's effect that
    comes after its week. ``is_identified`` is False where the figures hardly moved what was
    assumed before looking at them.
    """

    channel: str
    spend_paise: int
    spend_share: float
    today_paise: int
    contribution: Interval
    share: Interval
    roas: Interval
    marginal_roas: Interval
    carry_over: Interval
    is_identified: bool


@dataclass(frozen=True)
class ResponseCurve:
    """Outcome a week (steady state) at each weekly spend. ``observed_high_paise`` is the highest
    week seen: beyond it the curve is extrapolation."""

    channel: str
    spend_paise: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    today_paise: int
    today: Interval
    observed_high_paise: int


@dataclass(frozen=True)
class WeeklyFit:
    """The outcome week by week: recorded, explained (with the range for a week), baseline."""

    weeks: tuple[date, ...]
    actual: tuple[float, ...]
    fitted: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    baseline: tuple[float, ...]
    media: tuple[float, ...]


@dataclass(frozen=True)
class Quality:
    """``mape`` and ``r_squared`` on the weeks fitted; ``autocorrelation`` of what is left over at
    lag 1; ``coverage`` the share of weeks inside their 90 % range."""

    r_squared: float
    mape: float
    autocorrelation: float
    coverage: float


@dataclass(frozen=True)
class Cell:
    """One model of the ensemble and the weight its evidence gave it."""

    saturation: str
    rho: float
    trend_scale: float
    weight: float
    pareto_k: float
    r_hat: float | None
    method: str


@dataclass(frozen=True)
class Diagnostics:
    """``method`` names what actually ran: "importance sampling" or "… refined by HMC".

    ``pareto_k`` (≤ .7 is good) and ``ess`` belong to the importance sampling, ``r_hat`` (≤ 1.05
    is good) to the chains where they ran; each the worst over cells with weight above 5 %.
    """

    method: str
    pareto_k: float
    ess: float
    r_hat: float | None
    cells: tuple[Cell, ...]
    draws: int
    cpu_seconds: float
    is_reliable: bool


@dataclass(frozen=True)
class FitResult:
    """``run_hash`` is the sha256 of inputs, settings and engine version: the same inputs give the
    same numbers."""

    run_hash: str
    engine_version: str
    rows_hash: str
    as_of: date
    first_on: date
    last_on: date
    weeks: int
    outcome_name: str
    outcome_unit: str
    outcome_total: float
    channels: tuple[ChannelResult, ...]
    curves: tuple[ResponseCurve, ...]
    baseline: Interval
    baseline_share: Interval
    media: Interval
    quality: Quality
    diagnostics: Diagnostics
    weekly: WeeklyFit
    warnings: tuple[Check, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draws:
    """A thinned posterior for the optimiser: response of channel c at x rupees a week in draw d is
    ``beta·saturation(x / scale)``. Lists are [draw][channel]; ``is_hill`` is per draw."""

    channels: tuple[str, ...]
    scale_rupees: tuple[float, ...]
    is_hill: tuple[bool, ...]
    beta: tuple[tuple[float, ...], ...]
    shape: tuple[tuple[float, ...], ...]
    slope: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Bound:
    """What the user allows one channel a week. ``is_fixed`` keeps it at today's spend."""

    channel: str
    low_paise: int
    high_paise: int
    is_fixed: bool = False


@dataclass(frozen=True)
class AllocationRequest:
    """``total_low_paise`` = ``total_high_paise`` for a fixed weekly budget."""

    total_low_paise: int
    total_high_paise: int
    bounds: tuple[Bound, ...]
    may_extrapolate: bool = False


@dataclass(frozen=True)
class ChannelChange:
    """One row of the answer, a week. ``binds``: "" | "low" | "high" | "fixed"."""

    channel: str
    before_paise: int
    after_paise: int
    low_paise: int
    high_paise: int
    outcome_before: Interval
    outcome_after: Interval
    marginal_before: Interval
    marginal_after: Interval
    binds: str
    is_extrapolated: bool

    @property
    def change_paise(self) -> int:
        return self.after_paise - self.before_paise


@dataclass(frozen=True)
class Allocation:
    """``after_paise`` of the changes sum exactly to ``total_after_paise``.

    ``gain`` is outcome a week against today's spend, ``gain_percent`` the same in percent of
    what media brings today, ``chance`` the share of the posterior in which it is a gain at all.
    ``binding`` says in words what stopped the optimiser; ``limits`` what the answer rests on.
    """

    run_hash: str
    fit_run_hash: str
    outcome_name: str
    outcome_unit: str
    as_of: date
    total_before_paise: int
    total_after_paise: int
    changes: tuple[ChannelChange, ...]
    gain: Interval
    gain_percent: Interval
    chance: float
    is_unchanged: bool
    binding: tuple[Said, ...] = ()
    limits: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A named allocation that was kept, to be set beside others."""

    id: str
    name: str
    allocation: Allocation


@dataclass(frozen=True)
class FitSettings:
    """``draws`` kept for tables; ``may_refine`` lets HMC run where importance sampling is poor."""

    seed: int = 20261122
    draws: int = 2_000
    may_refine: bool = True
    saturations: tuple[str, ...] = ("logistic", "hill")
    rhos: tuple[float, ...] = (0.0, 0.4, 0.7)
    trend_scales: tuple[float, ...] = (0.05, 0.15)
    with_holidays: bool = True
    with_season: bool = True
    lags: tuple[tuple[str, int], ...] = field(default=())
