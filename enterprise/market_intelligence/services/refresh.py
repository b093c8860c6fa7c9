"""Computing the feed: each analysis of the workspace's figures, once per state of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from threadpoolctl import threadpool_limits

from enterprise.data_sources.selectors import data_as_of, rows_hash
from enterprise.market_intelligence.engine.analyse import analyse, readable
from enterprise.market_intelligence.engine.analyse import run_hash as series_hash
from enterprise.market_intelligence.engine.contracts import Analysis
from enterprise.market_intelligence.engine.evidence import (
    WEEKS_AHEAD,
    Analysed,
    Refusal,
    Report,
    hash_of_run,
)
from enterprise.market_intelligence.engine.forecast_report import forecast_report
from enterprise.market_intelligence.engine.pipeline import pipeline
from enterprise.market_intelligence.engine.pipeline_report import pipeline_report
from enterprise.market_intelligence.engine.segment_report import segment_report
from enterprise.market_intelligence.engine.segments import segments
from enterprise.market_intelligence.engine.series_report import series_report
from enterprise.market_intelligence.engine.stored import to_json
from enterprise.market_intelligence.engine.stored_findings import report_to_json
from enterprise.market_intelligence.models import InsightRun
from enterprise.market_intelligence.selectors import (
    current_figures,
    current_origin,
    deal_rows,
    figures_version,
    keys_of,
    latest_feed,
    latest_findings,
    outcomes_to_forecast,
    series_worths,
    workspace_series,
)
from enterprise.market_intelligence.services.runs import analysis_store
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.notifications.services import notify

FIGURES = ("spend", "outcomes", "lead_counts", "leads", "deals")
Told = Callable[[float, str], None]


@dataclass(frozen=True)
class _State:
    """One state of the figures, and who asked."""

    origin: str
    version: str
    as_of: date
    actor_id: UUID | None
    now: datetime


def feed_refresh(
    *, now: datetime, actor_id: UUID | None = None, is_whole: bool = True, told: Told | None = None
) -> InsightRun | None:
    """Compute what is not yet computed of the present figures, and store the feed of them.

    ``is_whole`` False leaves out segments and forecast, which take seconds. ``told(done, message)``
    hears of progress and may raise to stop. None without any figures.
    """
    version = figures_version()
    moment = data_as_of()
    if moment is None:
        return None
    state = _State(current_origin(), version, clock.today(moment), actor_id, now)
    told = told or (lambda _done, _message: None)
    with threadpool_limits(limits=1):
        told(0.0, _("Reading trends, shifts and unusual values"))
        runs = [_series_run(state), _pipeline_run(state)]
        if is_whole:
            told(0.2, _("Looking for segments of deals"))
            runs.append(_segments_run(state))
            told(0.5, _("Forecasting the next thirteen weeks"))
            runs.append(_forecast_run(state, lambda done: told(0.5 + done / 2, "")))
    hashes = [run.run_hash for run in runs if run is not None]
    return _feed_store(state, hashes, is_whole) if hashes else None


def _series_run(state: _State) -> InsightRun | None:
    figures = current_figures()
    given = workspace_series(figures)
    series, refused = readable(given)
    if not given:
        return None
    own_hash = series_hash(given)
    rows = sum(len(one.points) for one in series)

    def compute() -> dict[str, Any]:
        analysis = analyse(series) if series else Analysis((), (), (), own_hash)
        report = series_report(analysis, series_worths(figures))
        missing = tuple(Refusal(each.series, each.wording) for each in refused)
        report = replace(report, refusals=(*report.refusals, *missing))
        return {**to_json(analysis), **report_to_json(report)}

    return _run(state, Analysed.SERIES, own_hash, rows, {}, compute)


def _pipeline_run(state: _State) -> InsightRun | None:
    deals = deal_rows()
    as_of = datetime.combine(state.as_of, time(23, 59), tzinfo=clock.IST)

    def compute() -> dict[str, Any]:
        found = pipeline(deals, as_of)
        return report_to_json(pipeline_report(found, len(deals), as_of))

    parameters = {"as_of": state.as_of.isoformat()}
    return _run(state, Analysed.PIPELINE, rows_hash(["deals"]), len(deals), parameters, compute)


def _segments_run(state: _State) -> InsightRun | None:
    deals = deal_rows()
    priced = [deal for deal in deals if deal.amount_paise]
    days = [deal.created_on for deal in priced]

    def compute() -> dict[str, Any]:
        span = (min(days), max(days)) if days else None
        return report_to_json(segment_report(segments(deals), len(priced), span))

    own_hash = rows_hash(["deals", "contacts"])
    return _run(state, Analysed.SEGMENTS, own_hash, len(deals), {}, compute)


def _forecast_run(state: _State, told: Callable[[float], None]) -> InsightRun | None:
    series, worths = outcomes_to_forecast()
    worths = series_worths(current_figures()) | worths

    def compute() -> dict[str, Any]:
        report = forecast_report(series, worths, told) if series else Report((), ())
        return report_to_json(report)

    rows = sum(one.observed for one in series)
    parameters = {"weeks_ahead": WEEKS_AHEAD}
    return _run(state, Analysed.FORECAST, rows_hash(FIGURES), rows, parameters, compute)


def _run(
    state: _State,
    analysed: Analysed,
    own_hash: str,
    rows_used: int,
    parameters: dict[str, Any],
    compute: Callable[[], dict[str, Any]],
) -> InsightRun:
    """The stored run of these rows, else a new one."""
    run_hash = hash_of_run(analysed, own_hash, parameters)
    known = InsightRun.objects.filter(run_hash=run_hash, origin=state.origin).first()
    if known is not None:
        return known
    return analysis_store(
        run_hash=run_hash,
        analysed=analysed,
        origin=state.origin,
        result=compute(),
        rows_hash=own_hash,
        rows_used=rows_used,
        parameters=parameters,
        as_of=state.as_of,
        actor_id=state.actor_id,
        now=state.now,
    )


def _feed_store(state: _State, hashes: list[str], is_whole: bool) -> InsightRun:
    before = latest_feed(is_whole=True) if is_whole else None
    known = keys_of(before) if before else set()
    parameters = {"version": state.version, "is_whole": is_whole, "runs": hashes}
    feed = analysis_store(
        run_hash=hash_of_run(Analysed.FEED, "", parameters),
        analysed=Analysed.FEED,
        origin=state.origin,
        result={"runs": hashes},
        rows_hash="",
        rows_used=0,
        parameters=parameters,
        as_of=state.as_of,
        actor_id=state.actor_id,
        now=state.now,
    )
    if before is not None and before.pk != feed.pk and feed.origin == InsightRun.Origin.WORKSPACE:
        _tell(feed, known, state.now)
    return feed


def _tell(feed: InsightRun, known: set[str], now: datetime) -> None:
    """A notice of new findings that carry; once for each state of the figures."""
    new = [each for each in latest_findings() if each.is_clear and each.key not in known]
    carrying = [each for each in new if each.grade == "A" and each.effect is not None]
    if not carrying:
        return
    notify(
        title=_("New in your figures: %(count)s findings"),
        params={"count": len(carrying)},
        kind="finding",
        url="/insights/",
        now=now,
        key=f"feed:{feed.run_hash[:40]}",
    )
