"""Findings about the way of deals: won share, time to close, where it sticks."""

from datetime import datetime

from enterprise.market_intelligence.engine import wording
from enterprise.market_intelligence.engine.contracts import Kind, Sentence
from enterprise.market_intelligence.engine.evidence import (
    ChartData,
    Effect,
    Finding,
    Refusal,
    Report,
    Shape,
    graded,
)
from enterprise.market_intelligence.engine.pipeline import (
    FEWEST_DEALS,
    FEWEST_ENDED,
    LEVEL,
    Pipeline,
    Stage,
    Sticking,
)
from enterprise.market_intelligence.engine.rupees import effect
from enterprise.market_intelligence.engine.sentences import format_value
from marketing_platform.core.text import mark as _

WILSON = "share of ended stays with the Wilson interval; only stays begun before the time by which "
METHODS = {
    Kind.CONVERSION: WILSON + "nine in ten have ended (Kaplan-Meier)",
    Kind.VELOCITY: "median of Kaplan-Meier, open deals censored; Brookmeyer-Crowley interval",
    Kind.BOTTLENECK: "stages compared by their intervals (Bonferroni over stages); named only if "
    "the interval lies apart from every other stage's",
}
STAGE_COLUMNS = (_("Stage"), _("Go on"), _("Lower end"), _("Upper end"), _("Deals"))
DAY_COLUMNS = (_("Stage"), _("Days, half of the deals"), _("Lower end"), _("Upper end"), _("Deals"))
CURVE_COLUMNS = (_("Days"), _("Still open"))
MOST_STEPS = 120


def pipeline_report(found: Pipeline | None, given: int, as_of: datetime) -> Report:
    """``found`` None: fewer than 60 of ``given`` deals."""
    if found is None:
        return Report((), (_refused(wording.NEED_DEALS, least=FEWEST_DEALS, given=given),))
    findings, refusals = [_velocity(found)], []
    if findings[0] is None:
        findings = []
    if found.win_rate is None:
        refusals.append(_refused(wording.NEED_CLOSED, least=FEWEST_ENDED))
    else:
        findings.insert(0, _conversion(found))
    if found.history_is_missing:
        message = wording.NO_HISTORY
        refusals.append(_refused(message, with_history=found.with_history, deals=found.deals))
    findings += [_bottleneck(found, sticking) for sticking in found.sticking]
    return Report(tuple(findings), tuple(refusals), _facts(found))


def _conversion(found: Pipeline) -> Finding:
    rate = found.win_rate
    values = _shown(rate.value, rate.low, rate.high, _percent)
    counts = (("of", str(rate.of)), ("hits", str(rate.hits)))
    context = ()
    if found.stages and not found.sticking:
        context = (Sentence(wording.NO_STICKING),)
    return _finding(
        found, Kind.CONVERSION, "share", Sentence(wording.WON, (*counts, *values)),
        (rate.value, rate.low, rate.high), rate.of, chart=_stage_bars(found), context=context,
    )  # fmt: skip


def _velocity(found: Pipeline) -> Finding | None:
    days = found.closing
    if days.value is None or days.low is None:
        return None
    high = days.high if days.high is not None else found.curve.longest
    message = wording.TAKES if days.high is not None else wording.TAKES_OPEN
    values = _shown(days.value, days.low, high, _days)
    return _finding(
        found, Kind.VELOCITY, "days", Sentence(message, values),
        (days.value, days.low, high), found.deals, chart=_curve(found),
        is_open_ended=days.high is None,
    )  # fmt: skip


def _bottleneck(found: Pipeline, sticking: Sticking) -> Finding:
    stage, is_open_ended = sticking.stage, False
    name = ("stage", stage.name)
    if sticking.is_slow:
        days = stage.days
        is_open_ended = days.high is None
        numbers = (days.value, days.low, stage.longest if is_open_ended else days.high)
        said = wording.SLOW_OPEN if is_open_ended else wording.SLOW
        message = Sentence(said, (name, *_shown(*numbers, _days)))
        unit, count, chart = "days", stage.ended, _day_bars(found)
        heading, action = wording.SLOW_HEADING, wording.CLEAR_STAGE
    else:
        share = stage.going_on
        numbers = (share.value, share.low, share.high)
        message = Sentence(wording.WEAK, (name, *_shown(*numbers, _percent)))
        unit, count, chart = "share", share.of, _stage_bars(found)
        heading, action = wording.WEAK_HEADING, wording.ASK_STAGE
    return _finding(
        found, Kind.BOTTLENECK, unit, message, numbers, count, chart=chart,
        heading=Sentence(heading, (name,)), action=Sentence(action, (name,)),
        priced=_waiting(found, stage), is_open_ended=is_open_ended,
        key=f"{Kind.BOTTLENECK}|{'slow' if sticking.is_slow else 'weak'}|{stage.name}",
    )  # fmt: skip


def _waiting(found: Pipeline, stage: Stage) -> Effect | None:
    """What the deals that wait there will bring at the present rates of the stages left."""
    place = found.stages.index(stage)
    shares = [each.going_on for each in found.stages[place:]]
    if not stage.waiting_paise or None in shares:
        return None
    rates = [1.0, 1.0, 1.0]
    for share in shares:
        for index, part in enumerate((share.value, share.low, share.high)):
            rates[index] *= part
    worth = [stage.waiting_paise * rate for rate in rates]
    waiting = format_value(stage.waiting_paise / 100, "INR")
    return effect(*worth, wording.WAITING, ("waiting", waiting))


def _finding(
    found: Pipeline,
    kind: Kind,
    unit: str,
    message: Sentence,
    numbers: tuple[float, float, float],
    count: int,
    *,
    chart: ChartData,
    heading: Sentence | None = None,
    action: Sentence | None = None,
    priced: Effect | None = None,
    context: tuple[Sentence, ...] = (),
    key: str = "",
    is_open_ended: bool = False,
) -> Finding:
    value, low, high = numbers
    half = (high - low) / 2
    return Finding(
        key=key or str(kind),
        kind=kind,
        metric=wording.PIPELINE,
        unit=unit,
        heading=heading or Sentence(wording.HEADINGS[kind]),
        wording=message,
        value=value,
        low=low,
        high=high,
        level=LEVEL,
        n=count,
        first_on=found.first_on,
        last_on=found.last_on,
        happened_on=found.last_on,
        method=METHODS[kind],
        grade=graded(value / half if half > 0 else 1.0, count, enough=FEWEST_DEALS),
        is_clear=True,
        limits=Sentence(wording.LIMITS[kind]),
        action=action or Sentence(wording.ACTIONS[kind]),
        chart=chart,
        effect=priced,
        context=context,
        is_open_ended=is_open_ended,
    )


def _stage_bars(found: Pipeline) -> ChartData:
    rows = tuple(
        (each.name, each.going_on.value, each.going_on.low, each.going_on.high, each.going_on.of)
        for each in found.stages
        if each.going_on
    )
    return ChartData(Shape.BARS, "share", columns=STAGE_COLUMNS, rows=rows)


def _day_bars(found: Pipeline) -> ChartData:
    rows = tuple(
        (each.name, each.days.value, each.days.low, each.days.high, each.ended)
        for each in found.stages
        if each.days and None not in (each.days.value, each.days.low, each.days.high)
    )
    return ChartData(Shape.BARS, "days", columns=DAY_COLUMNS, rows=rows)


def _curve(found: Pipeline) -> ChartData:
    times, shares = found.curve.times, found.curve.share
    step = max(1, -(-len(times) // MOST_STEPS))
    rows = [(0.0, 1.0)]
    rows += [(float(times[i]), float(shares[i])) for i in range(0, len(times), step)]
    return ChartData(Shape.STEPS, "days", columns=CURVE_COLUMNS, rows=tuple(rows))


def _facts(found: Pipeline) -> dict:
    return {
        "deals": found.deals,
        "with_history": found.with_history,
        "stages": [
            {"name": each.name, "entered": each.entered, "ended": each.ended,
             "unripe": each.unripe, "waiting": each.waiting,
             "waiting_paise": each.waiting_paise}
            for each in found.stages
        ],
    }  # fmt: skip


def _refused(message: str, **values: object) -> Refusal:
    shown = tuple((name, str(value)) for name, value in values.items())
    return Refusal(wording.PIPELINE, Sentence(message, shown))


def _shown(value, low, high, written) -> tuple[tuple[str, str], ...]:
    return (("value", written(value)), ("low", written(low)), ("high", written(high)))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _days(days: float) -> str:
    return f"{days:.1f}" if days < 10 else f"{days:.0f}"
