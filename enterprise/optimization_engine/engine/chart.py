"""Where the lines of the budget's charts lie. Numbers only; words and colours are the template's.

Lines live in a box of 1000 × 1000 that is stretched to the chart; marks and labels are in percent
of it, so that text keeps its size on every screen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from enterprise.optimization_engine.engine.contracts import (
    INR,
    FitResult,
    Interval,
    ResponseCurve,
    WeeklyFit,
)

TOP, BOTTOM = 80.0, 920.0
MOST_DRAWN = 320


@dataclass(frozen=True)
class Bar:
    """A mean with its interval along one line, in percent of the width."""

    mean_x: float
    low_x: float
    width: float


@dataclass(frozen=True)
class BarSet:
    """Bars on one scale; ``reference_x`` is where 1 lies (₹1 back for ₹1), or None."""

    bars: tuple[Bar, ...]
    top: float
    reference_x: float | None


@dataclass(frozen=True)
class Level:
    value: float
    y: float


@dataclass(frozen=True)
class CurveChart:
    """``seen_x`` is the highest week seen: to its right is extrapolation."""

    line: str
    band: str
    today_x: float
    today_y: float
    seen_x: float
    levels: tuple[Level, ...]
    anchor: str


@dataclass(frozen=True)
class WeeklyChart:
    actual: str
    fitted: str
    band: str
    baseline: str
    levels: tuple[Level, ...]
    first_on: date
    last_on: date


def share_bars(fit: FitResult) -> BarSet:
    return bars_of([one.share for one in fit.channels])


def roas_bars(fit: FitResult) -> BarSet:
    return bars_of(
        [one.roas for one in fit.channels], reference=1.0 if fit.outcome_unit == INR else None
    )


def bars_of(values: Sequence[Interval], reference: float | None = None) -> BarSet:
    top = max([one.high for one in values] + [reference or 0.0]) * 1.04
    top = top if top > 0 else 1.0

    def place(value: float) -> float:
        return round(100 * min(max(value, 0.0), top) / top, 2)

    return BarSet(
        bars=tuple(
            Bar(place(one.mean), place(one.low), max(0.6, place(one.high) - place(one.low)))
            for one in values
        ),
        top=top,
        reference_x=place(reference) if reference is not None else None,
    )


def curve_chart(curve: ResponseCurve) -> CurveChart:
    last = max(curve.spend_paise[-1], 1)
    top = max(*curve.high, curve.today.high, 1e-12)
    xs = [1000 * paise / last for paise in curve.spend_paise]
    today_x = 100 * curve.today_paise / last
    return CurveChart(
        line=_path(xs, [_y(value, 0, top) for value in curve.mean]),
        band=_band(xs, curve.low, curve.high, 0, top),
        today_x=round(today_x, 2),
        today_y=round(_y(curve.today.mean, 0, top) / 10, 2),
        seen_x=round(min(100.0, 100 * curve.observed_high_paise / last), 2),
        levels=_levels(0, top),
        anchor="start" if today_x < 55 else "end",
    )


def weekly_chart(weekly: WeeklyFit) -> WeeklyChart:
    """Long histories are drawn by every second or third week."""
    step = -(-len(weekly.weeks) // MOST_DRAWN)
    lines = {
        name: getattr(weekly, name)[::step]
        for name in ("actual", "fitted", "low", "high", "baseline")
    }
    bottom = min(0.0, *lines["low"], *lines["actual"], *lines["baseline"])
    top = max(*lines["high"], *lines["actual"])
    top = top if top > bottom else bottom + 1.0
    count = len(lines["actual"])
    xs = [1000 * place / max(1, count - 1) for place in range(count)]

    def path(name: str) -> str:
        return _path(xs, [_y(value, bottom, top) for value in lines[name]])

    floor = _y(max(bottom, 0.0), bottom, top)
    return WeeklyChart(
        actual=path("actual"),
        fitted=path("fitted"),
        band=_band(xs, lines["low"], lines["high"], bottom, top),
        baseline=f"{path('baseline')}L{xs[-1]:g} {floor:g}L{xs[0]:g} {floor:g}Z",
        levels=_levels(bottom, top),
        first_on=weekly.weeks[0],
        last_on=weekly.weeks[-1],
    )


def _y(value: float, bottom: float, top: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * (value - bottom) / (top - bottom), 1)


def _path(xs: Sequence[float], ys: Sequence[float]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:g}" for x, y in zip(xs, ys, strict=True))


def _band(
    xs: Sequence[float], lows: Sequence[float], highs: Sequence[float], bottom: float, top: float
) -> str:
    upper = _path(xs, [_y(value, bottom, top) for value in highs])
    lower = [f"L{x:.1f} {_y(value, bottom, top):g}" for x, value in zip(xs, lows, strict=True)]
    return upper + "".join(reversed(lower)) + "Z"


def _levels(bottom: float, top: float) -> tuple[Level, ...]:
    """Two or three round values inside the range."""
    step = 10.0 ** math.floor(math.log10((top - bottom) / 2))
    for factor in (1, 2, 5, 10):
        width = step * factor
        first, last = math.ceil(bottom / width), math.floor(top / width)
        if last - first <= 2:
            break
    values = [place * width for place in range(first, last + 1)]
    return tuple(Level(value, _y(value, bottom, top) / 10) for value in values)
