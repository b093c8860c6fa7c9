"""Where the marks of bars, fans and steps lie, in a box of 1000 × 1000. Numbers only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from enterprise.market_intelligence.engine.chart import Level, Scale
from enterprise.market_intelligence.engine.evidence import ChartData


@dataclass(frozen=True)
class Bar:
    """``x``, ``low_x``, ``high_x`` in percent of the width."""

    label: str
    value: float
    low: float
    high: float
    n: int | None
    x: float
    low_x: float
    high_x: float


@dataclass(frozen=True)
class Fan:
    """Paths of what was seen, what is expected and the band around that."""

    seen: str
    expected: str
    band: str
    levels: tuple[Level, ...]
    first_on: date
    turn_on: date
    turn_x: float
    last_on: date


@dataclass(frozen=True)
class Steps:
    path: str
    levels: tuple[Level, ...]
    last: float


def draw_bars(chart: ChartData) -> tuple[Bar, ...]:
    """Points with their intervals on a scale that begins at nothing."""
    highest = max((float(row[3]) for row in chart.rows), default=1.0) or 1.0
    scale = 96.0 / highest
    return tuple(
        Bar(
            label=str(label), value=value, low=low, high=high, n=int(n) if n is not None else None,
            x=2 + value * scale, low_x=2 + low * scale, high_x=2 + high * scale,
        )
        for label, value, low, high, n in chart.rows
    )  # fmt: skip


def draw_fan(chart: ChartData) -> Fan:
    rows = chart.rows
    numbers = [cell for row in rows for cell in row[1:] if cell is not None]
    scale = Scale.around(numbers, len(rows))
    seen = [(place, row[1]) for place, row in enumerate(rows) if row[1] is not None]
    turn = len(seen) - 1
    ahead = [(place, row) for place, row in enumerate(rows) if row[2] is not None]
    start = (turn, seen[-1][1])
    highs = [start, *((place, row[4]) for place, row in ahead)]
    lows = [start, *((place, row[3]) for place, row in ahead)]
    return Fan(
        seen=_path(scale, seen),
        expected=_path(scale, [start, *((place, row[2]) for place, row in ahead)]),
        band=f"{_path(scale, [*highs, *reversed(lows)])}Z",
        levels=scale.levels(),
        first_on=date.fromisoformat(str(rows[0][0])),
        turn_on=date.fromisoformat(str(rows[turn][0])),
        turn_x=scale.x(turn) / 10,
        last_on=date.fromisoformat(str(rows[-1][0])),
    )


def draw_steps(chart: ChartData) -> Steps:
    """A curve that falls at each event and stays level between."""
    last = float(chart.rows[-1][0] or 1.0) or 1.0
    scale = Scale(0.0, 1.0, 2)
    points = []
    before = 1.0
    for day, share in chart.rows:
        points += [(day / last, before), (day / last, share)]
        before = share
    return Steps(_path(scale, points), scale.levels(), last)


def _path(scale: Scale, points: Sequence[tuple[float, float]]) -> str:
    pairs = (f"{scale.x(place):g} {scale.y(value):g}" for place, value in points)
    return "M" + "L".join(pairs)
