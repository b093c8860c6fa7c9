"""From a fitted description to findings with words, intervals and method."""

import numpy as np

from enterprise.market_intelligence.engine import season as seasons
from enterprise.market_intelligence.engine import sentences
from enterprise.market_intelligence.engine.anomalies import reach_of
from enterprise.market_intelligence.engine.contracts import (
    ANOMALY_LEVEL,
    LEVEL,
    Details,
    Grain,
    Insight,
    Kind,
    MetricSeries,
    NotEnough,
    Sentence,
    has_clipped_floor,
)
from enterprise.market_intelligence.engine.model import Model
from enterprise.market_intelligence.engine.regularise import RegularSeries
from enterprise.market_intelligence.engine.shifts import corrected_for_selection
from marketing_platform.core.text import mark as _

MOST_ANOMALIES = 5
JOINT = "regression on trend, season and level shifts with AR(1) errors"
METHODS = {
    Kind.TREND: f"{JOINT}; the interval averages over the autocorrelation",
    Kind.SEASON: f"{JOINT}; profile intervals hold for all phases at once (Bonferroni)",
    Kind.LEVEL_SHIFT: (
        f"PELT (L2) on the whitened, season-free series, confirmed in a {JOINT} at a 1% false "
        "alarm rate; size and interval corrected for that selection"
    ),
    Kind.ANOMALY: (
        f"residual of a {JOINT} beyond its robust spread (Qn), all values judged at once "
        "(Bonferroni)"
    ),
}


def unchanged(series: RegularSeries) -> Insight:
    shown = sentences.format_value(float(series.values[0]), series.unit)
    wording = Sentence(
        sentences.UNCHANGED,
        (("series", series.name), ("n", str(series.observed)), ("value", shown)),
    )
    return _insight(series, Kind.TREND, (0.0, 0.0, 0.0), wording, method="all values are equal")


def trend(series: RegularSeries, model: Model) -> Insight:
    """The average change per period over the whole range, level shifts set aside."""
    count = len(series.values)
    contrast = np.zeros(model.design.shape[1])
    contrast[1 : 1 + model.degree] = (
        model.design[-1, 1 : 1 + model.degree] - model.design[0, 1 : 1 + model.degree]
    ) / (count - 1)
    found = _widened(model.fit.interval(contrast, LEVEL), series)
    value, low, high = found
    direction = sentences.UP if low > 0 else sentences.DOWN if high < 0 else sentences.NONE
    return _insight(
        series,
        Kind.TREND,
        found,
        _worded(series, sentences.TREND[(series.grain, direction)], found, direction),
        details=Details(
            dates=(series.dates[0], series.dates[-1]), relative=_relative(value, series)
        ),
    )


def season(series: RegularSeries, model: Model) -> Insight:
    points = seasons.profile(model.fit, model.season_start, model.season, LEVEL)
    peak = max(points, key=lambda point: point.value)
    trough = min(points, key=lambda point: point.value)
    is_weekly = series.grain is Grain.DAY
    phase = "weekday" if is_weekly else "month"
    found = _widened((peak.value, peak.low, peak.high), series)
    wording = _worded(
        series,
        sentences.SEASON_WEEK if is_weekly else sentences.SEASON_YEAR,
        found,
        sentences.UP,
        (f"peak_{phase}", str(peak.phase)),
        (f"trough_{phase}", str(trough.phase)),
    )
    details = Details(profile=points, relative=_relative(peak.value, series))
    return _insight(series, Kind.SEASON, found, wording, details=details)


def level_shifts(series: RegularSeries, model: Model) -> list[Insight]:
    found = []
    for index, place in enumerate(model.shifts):
        column = model.shift_start + index
        size = corrected_for_selection(
            float(model.fit.coefficients[column]),
            float(np.sqrt(model.fit.covariance[column, column])),
            len(series.values),
            LEVEL,
        )
        size = _widened(size, series)
        direction = sentences.UP if size[0] > 0 else sentences.DOWN
        day = series.dates[place]
        wording = _worded(
            series,
            sentences.SHIFT[(series.grain, direction)],
            size,
            direction,
            ("start_on", day.isoformat()),
        )
        details = Details(dates=(day,), relative=_relative(size[0], series, before=place))
        found.append(_insight(series, Kind.LEVEL_SHIFT, size, wording, details=details))
    return found


def anomalies(series: RegularSeries, model: Model, spread: float) -> list[Insight]:
    count = len(series.values)
    reach = spread * reach_of(model.fit, count, ANOMALY_LEVEL, family=count)
    away = np.abs(series.values - model.fit.fitted)
    away[series.is_filled] = 0.0
    largest = np.argsort(-away)[:MOST_ANOMALIES]
    floor = 0.0 if has_clipped_floor(series.values) else -np.inf
    found = []
    for place in sorted(int(place) for place in largest if away[place] > reach):
        middle = float(model.fit.fitted[place])
        interval = (float(series.values[place]), max(middle - reach, floor), middle + reach)
        day = series.dates[place]
        wording = _worded(
            series,
            sentences.ANOMALY[series.grain],
            interval,
            sentences.NONE,
            ("start_on", day.isoformat()),
        )
        relative = (interval[0] - middle) / middle if middle else None
        details = Details(dates=(day,), relative=relative)
        found.append(
            _insight(series, Kind.ANOMALY, interval, wording, details=details, level=ANOMALY_LEVEL)
        )
    return found


def too_alike(series: MetricSeries, *, is_mostly_one_value: bool) -> NotEnough:
    given = "varied" if is_mostly_one_value else "repeated"
    return sentences.needs(series, sentences.GIVEN[given])


def _insight(
    series: RegularSeries,
    kind: Kind,
    interval: tuple[float, float, float],
    wording: Sentence,
    *,
    details: Details | None = None,
    level: float = LEVEL,
    method: str = "",
) -> Insight:
    value, low, high = interval
    return Insight(
        series=series.name,
        kind=kind,
        value=value,
        low=low,
        high=high,
        level=level,
        n=series.observed,
        method=(method or METHODS[kind]) + _filled(series),
        sentence=sentences.english(wording),
        wording=wording,
        details=details or Details(),
    )


def _worded(
    series: RegularSeries,
    message: str,
    interval: tuple[float, float, float],
    direction: str,
    *more: tuple[str, str],
) -> Sentence:
    """Falling amounts are said as positive ones: 'falls by 3 (2 to 4)'."""
    value, low, high = interval
    if direction == sentences.DOWN:
        value, low, high = -value, -high, -low
    bare = series.unit if sentences.is_rupees(series.unit) else ""
    shown = [
        sentences.format_value(value, series.unit),
        sentences.format_value(low, bare),
        sentences.format_value(high, series.unit),
    ]
    names = zip(("value", "low", "high"), shown, strict=True)
    return Sentence(message, (("series", series.name), *names, *more))


def _widened(
    interval: tuple[float, float, float], series: RegularSeries
) -> tuple[float, float, float]:
    """Filled gaps hold no information: the interval is that of the observed points alone."""
    value, low, high = interval
    factor = float(np.sqrt(len(series.values) / series.observed))
    return value, value - (value - low) * factor, value + (high - value) * factor


def _relative(value: float, series: RegularSeries, before: int | None = None) -> float | None:
    """As a share of the average level (before the shift), where that is not near zero."""
    level = float(np.mean(np.abs(series.values[:before])))
    return value / level if level > 0 else None


def _filled(series: RegularSeries) -> str:
    if not series.filled:
        return ""
    return _("; %(filled)s of %(of)s missing values filled by a straight line") % {
        "filled": series.filled,
        "of": len(series.values),
    }
