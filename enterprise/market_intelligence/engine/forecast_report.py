"""Findings about the weeks ahead."""

from collections.abc import Mapping, Sequence

from enterprise.market_intelligence.engine import rupees, wording
from enterprise.market_intelligence.engine.contracts import Grain, Kind, Sentence
from enterprise.market_intelligence.engine.evidence import (
    ChartData,
    Finding,
    Grade,
    Refusal,
    Report,
    Shape,
    graded,
)
from enterprise.market_intelligence.engine.forecast import (
    FEWEST_VALUES,
    LEVEL,
    NAIVE,
    Forecast,
    forecast,
)
from enterprise.market_intelligence.engine.regularise import RegularSeries
from enterprise.market_intelligence.engine.rupees import Worth
from enterprise.market_intelligence.engine.sentences import format_value
from marketing_platform.core.text import mark as _

METHOD = (
    "{way}, the best of {count} candidates by mean absolute error over {origins} rolling origins; "
    "intervals are conformal quantiles of those past errors"
)
COLUMNS = (_("Date"), _("Seen"), _("Expected"), _("Lower end"), _("Upper end"))
SHOWN_BEFORE = 52


def forecast_report(
    series: Sequence[RegularSeries], worths: Mapping[str, Worth], progress=None
) -> Report:
    """``progress(done)`` from 0 to 1 is called after each series."""
    findings, refusals, facts = [], [], {}
    for place, one in enumerate(series, start=1):
        found = forecast(one)
        if found is None:
            refusals.append(Refusal(one.name, _needs(one)))
        else:
            findings.append(_finding(one, found, worths.get(one.name, rupees.UNPRICED)))
            facts[one.name] = {
                "chosen": found.chosen,
                "origins": found.origins,
                "errors": {each.name: each.error for each in found.candidates},
            }
        if progress is not None:
            progress(place / len(series))
    return Report(tuple(findings), tuple(refusals), facts)


def _needs(series: RegularSeries) -> Sentence:
    fewest = FEWEST_VALUES.get(series.grain, FEWEST_VALUES[Grain.WEEK])
    if series.observed >= fewest:
        return Sentence(wording.NEED_CHANGE)
    values = (
        ("least", str(FEWEST_VALUES[Grain.WEEK])),
        ("months", str(FEWEST_VALUES[Grain.MONTH])),
        ("given", str(series.observed)),
    )
    return Sentence(wording.NEED_WEEKS, values)


def _finding(series: RegularSeries, found: Forecast, worth: Worth) -> Finding:
    value, low, high = found.mean
    shown = [
        (name, format_value(number, found.unit))
        for name, number in (
            ("value", value), ("low", low), ("high", high), ("before", found.before),
        )
    ]  # fmt: skip
    change = tuple(bound - found.before for bound in found.mean)
    half = (high - low) / 2
    grade = Grade.C
    if found.beats_naive:
        grade = graded(value / half if half > 0 else 1.0, found.n, enough=104)
    return Finding(
        key=f"{Kind.FORECAST}|{found.name}",
        kind=Kind.FORECAST,
        metric=found.name,
        unit=found.unit,
        heading=Sentence(wording.HEADINGS[Kind.FORECAST], (("series", found.name),)),
        wording=Sentence(wording.AHEAD[found.grain], (("series", found.name), *shown)),
        value=value,
        low=low,
        high=high,
        level=LEVEL,
        n=found.n,
        first_on=found.first_on,
        last_on=found.last_on,
        happened_on=found.last_on,
        method=METHOD.format(
            way=wording.WAYS[found.chosen], count=len(found.candidates), origins=found.origins
        ),
        grade=grade,
        is_clear=found.is_clear,
        limits=Sentence(wording.LIMITS[Kind.FORECAST]),
        action=Sentence(wording.ACTIONS[Kind.FORECAST]),
        chart=_fan(series, found),
        effect=rupees.change_effect(change, found.grain, worth) if found.is_clear else None,
        context=(_compared(found),),
        grain=found.grain,
    )


def _compared(found: Forecast) -> Sentence:
    errors = {each.name: each.error for each in found.candidates}
    count = ("count", str(len(errors)))
    if found.chosen == NAIVE:
        return Sentence(wording.NOTHING_BETTER, (count,))
    shown = (
        ("error", format_value(errors[found.chosen], found.unit)),
        ("naive", format_value(errors[NAIVE], found.unit)),
    )
    return Sentence(wording.BEST_WAY, (count, *shown))


def _fan(series: RegularSeries, found: Forecast) -> ChartData:
    seen = zip(series.dates[-SHOWN_BEFORE:], series.values[-SHOWN_BEFORE:], strict=True)
    rows = [(day.isoformat(), float(value), None, None, None) for day, value in seen]
    ahead = zip(found.dates, found.expected, found.low, found.high, strict=True)
    rows += [(day.isoformat(), None, middle, low, high) for day, middle, low, high in ahead]
    return ChartData(Shape.FAN, found.unit, of=found.name, columns=COLUMNS, rows=tuple(rows))
