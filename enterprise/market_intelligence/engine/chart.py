"""Where the lines of a chart lie. Numbers only; words and colours are the template's.

Lines live in a box of 1000 × 1000 that is stretched to the chart; marks and labels are in
percent of it, so that text keeps its size on every screen.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from enterprise.market_intelligence.engine.contracts import FittedSeries, Insight, Kind

TOP, BOTTOM, LEFT, RIGHT = 140.0, 860.0, 12.0, 988.0
MOST_DRAWN = 320


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    day: date
    value: float
    is_filled: bool


@dataclass(frozen=True)
class Mark:
    """A finding's place in the chart; ``anchor`` keeps its label inside."""

    kind: str
    x: float
    y: float
    day: date
    value: float
    anchor: str


@dataclass(frozen=True)
class Level:
    value: float
    y: float


@dataclass(frozen=True)
class Chart:
    line: str
    expected: str
    band: str
    dots: tuple[Dot, ...]
    marks: tuple[Mark, ...]
    levels: tuple[Level, ...]
    first_on: date
    last_on: date


@dataclass(frozen=True)
class ProfileBar:
    """One phase of a season: its point and interval, in percent."""

    phase: int
    x: float
    y: float
    low_y: float
    high_y: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ProfileChart:
    bars: tuple[ProfileBar, ...]
    zero_y: float
    levels: tuple[Level, ...]


def draw(series: FittedSeries, insights: Iterable[Insight] = ()) -> Chart:
    """The series with its expected range; long ones are drawn by means of equal stretches."""
    step = -(-len(series.values) // MOST_DRAWN)
    values = _thinned(series.values, step)
    lows, highs = _thinned(series.low, step), _thinned(series.high, step)
    expected = _thinned(series.expected, step)
    days = series.dates[::step]
    scale = Scale.around([*values, *lows, *highs], len(values))
    return Chart(
        line=_path(scale, values),
        expected=_path(scale, expected),
        band=_band(scale, lows, highs),
        dots=tuple(
            Dot(scale.x(i) / 10, scale.y(value) / 10, days[i], value, series.is_filled[i * step])
            for i, value in enumerate(values)
        ),
        marks=tuple(_marks(scale, series, insights, step)),
        levels=scale.levels(),
        first_on=series.dates[0],
        last_on=series.dates[-1],
    )


def draw_profile(insight: Insight) -> ProfileChart:
    """The phases of a season against the average, with intervals that hold together."""
    points = insight.details.profile
    reach = [bound for point in points for bound in (point.low, point.high)]
    scale = Scale.around([*reach, 0.0], len(points) + 2)
    return ProfileChart(
        bars=tuple(
            ProfileBar(
                phase=point.phase,
                x=scale.x(place + 1) / 10,
                y=scale.y(point.value) / 10,
                low_y=scale.y(point.low) / 10,
                high_y=scale.y(point.high) / 10,
                value=point.value,
                low=point.low,
                high=point.high,
            )
            for place, point in enumerate(points)
        ),
        zero_y=scale.y(0.0) / 10,
        levels=scale.levels(),
    )


@dataclass(frozen=True)
class Scale:
    low: float
    high: float
    count: int

    @classmethod
    def around(cls, values: Sequence[float], count: int) -> "Scale":
        low, high = min(values), max(values)
        if high - low < 1e-12 * max(1.0, abs(high)):
            low, high = low - max(1.0, abs(low)) * 0.5, high + max(1.0, abs(high)) * 0.5
        return cls(low, high, count)

    def x(self, place: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * place / max(1, self.count - 1), 1)

    def y(self, value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value - self.low) / (self.high - self.low), 1)

    def levels(self) -> tuple[Level, ...]:
        """Two or three round values inside the range."""
        step = 10 ** math.floor(math.log10((self.high - self.low) / 2))
        for factor in (1, 2, 5, 10):
            width = step * factor
            first, last = math.ceil(self.low / width), math.floor(self.high / width)
            if last - first <= 2:
                break
        values = [place * width for place in range(first, last + 1)]
        return tuple(Level(value, self.y(value) / 10) for value in values)


def _thinned(values: Sequence[float], step: int) -> list[float]:
    if step <= 1:
        return list(values)
    chunks = [values[start : start + step] for start in range(0, len(values), step)]
    return [sum(chunk) / len(chunk) for chunk in chunks]


def _path(scale: Scale, values: Sequence[float]) -> str:
    pairs = (f"{scale.x(i):g} {scale.y(value):g}" for i, value in enumerate(values))
    joined = "L".join(pairs)
    return f"M{joined}" if joined else ""


def _band(scale: Scale, lows: Sequence[float], highs: Sequence[float]) -> str:
    if not lows:
        return ""
    back = "".join(f"L{scale.x(i):g} {scale.y(lows[i]):g}" for i in range(len(lows) - 1, -1, -1))
    return f"{_path(scale, highs)}{back}Z"


def _marks(
    scale: Scale, series: FittedSeries, insights: Iterable[Insight], step: int
) -> Iterable[Mark]:
    for insight in insights:
        if insight.series != series.series:
            continue
        if insight.kind not in {Kind.LEVEL_SHIFT, Kind.ANOMALY}:
            continue
        day = insight.details.dates[0]
        place = series.dates.index(day)
        x = scale.x(place / step) / 10
        anchor = "start" if x < 25 else "end" if x > 75 else "middle"
        y = scale.y(series.values[place]) / 10
        yield Mark(insight.kind, x, y, day, insight.value, anchor)
