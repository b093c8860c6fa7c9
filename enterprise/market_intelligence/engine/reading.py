"""From JSON as sent to series; every error names its place, such as ``series[0].points[3]``."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from enterprise.market_intelligence.engine.contracts import (
    MOST_POINTS,
    MOST_SERIES,
    Grain,
    MetricSeries,
    is_usable_number,
)
from enterprise.market_intelligence.errors import SeriesInvalid
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _

LONGEST_NAME = 120
LONGEST_UNIT = 20
FIELDS = frozenset({"name", "unit", "grain", "points"})


def series_from_json(sent: Any) -> tuple[MetricSeries, ...]:
    """``[{name, unit, grain, points: [[date, number]]}]`` → series.

    Raises SeriesInvalid for any other shape, dates that are not YYYY-MM-DD and numbers that
    are not finite or beyond 1e15. Strings are never taken for numbers.
    """
    if not isinstance(sent, Sequence) or isinstance(sent, str) or not sent:
        raise SeriesInvalid(_("Send a list of at least one series."), field="series")
    if len(sent) > MOST_SERIES:
        raise SeriesInvalid(
            _("%(given)s series were given; at most %(most)s can be read at once."),
            field="series",
            given=len(sent),
            most=MOST_SERIES,
        )
    return tuple(_one(one, f"series[{index}]") for index, one in enumerate(sent))


def _one(sent: Any, place: str) -> MetricSeries:
    if not isinstance(sent, dict):
        raise SeriesInvalid(
            _("A series is an object with name, unit, grain and points."), field=place
        )
    unknown = sorted(str(name) for name in sent.keys() - FIELDS)
    if unknown:
        raise SeriesInvalid(
            _("Unknown field. Allowed: name, unit, grain, points."), field=f"{place}.{unknown[0]}"
        )
    return MetricSeries(
        name=_line(sent.get("name"), f"{place}.name", LONGEST_NAME),
        unit=_line(sent.get("unit", ""), f"{place}.unit", LONGEST_UNIT, may_be_empty=True),
        grain=_grain(sent.get("grain"), f"{place}.grain"),
        points=_points(sent.get("points"), f"{place}.points"),
    )


def _line(sent: Any, place: str, longest: int, *, may_be_empty: bool = False) -> str:
    if not isinstance(sent, str):
        raise SeriesInvalid(_("This must be text."), field=place)
    text = clean_line(sent)
    if not text and not may_be_empty:
        raise SeriesInvalid(_("This must not be empty."), field=place)
    if len(text) > longest:
        raise SeriesInvalid(
            _("At most %(most)s characters; you gave %(given)s."),
            field=place,
            most=longest,
            given=len(text),
        )
    return text


def _grain(sent: Any, place: str) -> Grain:
    if not isinstance(sent, str) or sent not in set(Grain):
        raise SeriesInvalid(_("The grain is day, week or month."), field=place)
    return Grain(sent)


def _points(sent: Any, place: str) -> tuple[tuple[date, float], ...]:
    if not isinstance(sent, list) or not sent:
        raise SeriesInvalid(_("Points are a list of at least one [date, number]."), field=place)
    if len(sent) > MOST_POINTS:
        raise SeriesInvalid(
            _("%(given)s points were given; at most %(most)s can be read."),
            field=place,
            given=len(sent),
            most=MOST_POINTS,
        )
    return tuple(_point(one, f"{place}[{index}]") for index, one in enumerate(sent))


def _point(sent: Any, place: str) -> tuple[date, float]:
    if not isinstance(sent, list) or len(sent) != 2:
        raise SeriesInvalid(_("A point is [date, number]."), field=place)
    day, value = sent
    if not is_usable_number(value):
        raise SeriesInvalid(_("The value must be a number between -10^15 and 10^15."), field=place)
    return _day(day, place), float(value)


def _day(sent: Any, place: str) -> date:
    try:
        if len(sent) != 10:
            raise ValueError
        day = date.fromisoformat(sent)
        if day.isoformat() != sent:
            raise ValueError
        return day
    except (TypeError, ValueError):
        raise SeriesInvalid(
            _("The date must be a real day written YYYY-MM-DD."), field=place
        ) from None
