"""The engine's one call: series in, findings with intervals out.

Pure and deterministic: no clock, no random numbers, no Django.
"""

import hashlib
import json
from collections.abc import Sequence

import numpy as np

from enterprise.market_intelligence.engine import findings
from enterprise.market_intelligence.engine.anomalies import reach_of, repeats_too_much, spread_of
from enterprise.market_intelligence.engine.contracts import (
    ENGINE_VERSION,
    LEVEL,
    MOST_SERIES,
    Analysis,
    FittedSeries,
    Grain,
    Insight,
    MetricSeries,
    NotEnough,
    has_clipped_floor,
)
from enterprise.market_intelligence.engine.cross_check import Described, cross_checks
from enterprise.market_intelligence.engine.model import FEWEST_FOR_SHIFTS, Model, describe
from enterprise.market_intelligence.engine.regularise import RegularSeries, regularise
from enterprise.market_intelligence.engine.season import FEWEST as FEWEST_FOR_SEASON
from enterprise.market_intelligence.engine.sentences import NEEDS, needs
from enterprise.market_intelligence.errors import SeriesInvalid
from marketing_platform.core.text import mark as _

TOO_MANY = _("Left out: %(most)s figures are read at once, and there are more.")
FEWEST_FOR_TREND = {Grain.DAY: 21, Grain.WEEK: 12, Grain.MONTH: 12}


def analyse(series: Sequence[MetricSeries]) -> Analysis:
    """Trend, season, level shifts and unusual values of each series.

    Raises SeriesInvalid, naming the place, for what cannot be read; what can be read but not
    answered comes back as NotEnough.
    """
    _check_request(series)
    insights: list[Insight] = []
    not_enough: list[NotEnough] = []
    fitted: list[FittedSeries] = []
    described: list[Described] = []
    for index, one in enumerate(series):
        regular = regularise(one, place=f"series[{index}]")
        if isinstance(regular, NotEnough):
            not_enough.append(regular)
            continue
        model = _described(regular)
        found, missing, drawn = _analyse_one(one, regular, model)
        if model is not None:
            described.append(Described(regular, model))
        insights += found
        not_enough += missing
        fitted.append(drawn)
    checks = cross_checks(insights, described)
    return Analysis(tuple(insights), tuple(not_enough), tuple(fitted), run_hash(series), checks)


def run_hash(series: Sequence[MetricSeries]) -> str:
    """sha256 over the engine's version and the inputs, whatever the order of their points."""
    content = [
        [one.name, one.unit, one.grain, sorted((d.isoformat(), float(v)) for d, v in one.points)]
        for one in series
    ]
    text = json.dumps([ENGINE_VERSION, content], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _check_request(series: Sequence[MetricSeries]) -> None:
    if not series:
        raise SeriesInvalid(_("Give at least one series."), field="series")
    if len(series) > MOST_SERIES:
        raise SeriesInvalid(
            _("%(given)s series were given; at most %(most)s can be read at once."),
            field="series",
            given=len(series),
            most=MOST_SERIES,
        )
    seen: dict[str, int] = {}
    for index, one in enumerate(series):
        if one.name in seen:
            raise SeriesInvalid(
                _("Two series are called %(name)s. Give each its own name."),
                field=f"series[{index}].name",
                name=one.name,
            )
        seen[one.name] = index


def _described(regular: RegularSeries) -> Model | None:
    """None where there is too little to describe, or nothing that varies."""
    if regular.observed < FEWEST_FOR_TREND[regular.grain] or np.ptp(regular.values) == 0:
        return None
    return describe(regular)


def _analyse_one(
    series: MetricSeries, regular: RegularSeries, model: Model | None
) -> tuple[list[Insight], list[NotEnough], FittedSeries]:
    missing = _gates(series, regular)
    if regular.observed < FEWEST_FOR_TREND[regular.grain]:
        return [], missing, _drawn(regular)
    if model is None:
        return [findings.unchanged(regular)], [], _drawn(regular)
    found = [findings.trend(regular, model)]
    if model.season is not None:
        season = findings.season(regular, model)
        found += [season] if _stands_out(season) else []
    found += findings.level_shifts(regular, model)
    if regular.observed < FEWEST_FOR_SHIFTS[regular.grain]:
        return found, missing, _drawn(regular, model)
    spread = _spread(regular, model)
    observed = regular.values[~regular.is_filled]
    if spread == 0 or _are_mostly_equal(regular):
        missing.append(findings.too_alike(series, is_mostly_one_value=True))
    elif repeats_too_much(observed):
        missing.append(findings.too_alike(series, is_mostly_one_value=False))
    else:
        found += findings.anomalies(regular, model, spread)
    return found, missing, _drawn(regular, model)


def _gates(series: MetricSeries, regular: RegularSeries) -> list[NotEnough]:
    grain, given = regular.grain, regular.observed
    gates = [
        ("trend", FEWEST_FOR_TREND[grain], given),
        ("shift", FEWEST_FOR_SHIFTS[grain], given),
        ("season", FEWEST_FOR_SEASON[grain], len(regular.dates)),
    ]
    return [
        needs(series, NEEDS[(topic, grain)], least=least, given=have)
        for topic, least, have in gates
        if have < least
    ]


def _stands_out(season: Insight) -> bool:
    """Whether some month or weekday is surely off the average; or naming one is a guess."""
    return any(phase.low > 0 or phase.high < 0 for phase in season.details.profile)


def _are_mostly_equal(regular: RegularSeries) -> bool:
    _values, times = np.unique(regular.values[~regular.is_filled], return_counts=True)
    return bool(2 * times.max() > regular.observed)


def _spread(regular: RegularSeries, model: Model) -> float:
    residuals = (regular.values - model.fit.fitted)[~regular.is_filled]
    spread = spread_of(residuals, model.design.shape[1])
    return spread if spread > 1e-9 * float(np.abs(regular.values).max()) else 0.0


def _drawn(regular: RegularSeries, model: Model | None = None) -> FittedSeries:
    """With the band in which 95 in 100 values lie."""
    plain = {
        "series": regular.name,
        "unit": regular.unit,
        "grain": regular.grain,
        "dates": regular.dates,
        "values": tuple(float(value) for value in regular.values),
        "is_filled": tuple(bool(filled) for filled in regular.is_filled),
    }
    if model is None:
        return FittedSeries(**plain)
    reach = reach_of(model.fit, len(regular.values), LEVEL, family=1)
    reach *= _spread(regular, model)
    floor = 0.0 if has_clipped_floor(plain["values"]) else -np.inf
    return FittedSeries(
        **plain,
        expected=tuple(float(value) for value in model.fit.fitted),
        low=tuple(float(max(value - reach, floor)) for value in model.fit.fitted),
        high=tuple(float(value + reach) for value in model.fit.fitted),
    )


def readable(series: Sequence[MetricSeries]) -> tuple[list[MetricSeries], list[NotEnough]]:
    """The series that `analyse` accepts, and for each of the others what is wrong with it."""
    good: list[MetricSeries] = []
    refused: list[NotEnough] = []
    for one in series:
        if len(good) == MOST_SERIES:
            refused.append(needs(one, TOO_MANY, most=MOST_SERIES))
            continue
        try:
            regularise(one)
        except SeriesInvalid as error:
            refused.append(needs(one, error.sentence, **error.params))
        else:
            good.append(one)
    return good, refused
