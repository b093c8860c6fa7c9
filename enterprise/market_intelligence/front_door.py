"""IntelligenceEngine: dated series in, findings with honest intervals out."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from enterprise.data_sources.selectors import Figures, has_own_data
from enterprise.market_intelligence.engine.analyse import analyse, readable, run_hash
from enterprise.market_intelligence.engine.contracts import (
    Analysis,
    FittedSeries,
    Insight,
    MetricSeries,
    NotEnough,
)
from enterprise.market_intelligence.engine.evidence import Finding, Refusal
from enterprise.market_intelligence.engine.ranking import ranked
from enterprise.market_intelligence.models import InsightRun
from enterprise.market_intelligence.selectors import (
    current_figures,
    latest_findings,
    latest_refusals,
    stored_analysis,
    workspace_series,
)
from enterprise.market_intelligence.services import feed_ready, run_store
from marketing_platform.core import clock
from marketing_platform.jobs.models import Job


@dataclass(frozen=True)
class IntelligenceRequest:
    """``series``: 1–50 series of at most 5,000 points; ``actor_id`` is kept with the run."""

    series: tuple[MetricSeries, ...]
    actor_id: UUID | None = None
    origin: str = InsightRun.Origin.API


@dataclass(frozen=True)
class IntelligenceResult:
    insights: tuple[Insight, ...]
    not_enough: tuple[NotEnough, ...]
    run_hash: str
    fitted: tuple[FittedSeries, ...] = ()


@dataclass(frozen=True)
class WorkspaceFindings:
    """The findings of what the workspace has imported. ``result`` is None without data."""

    result: IntelligenceResult | None
    attribution: str
    is_sample: bool


@dataclass(frozen=True)
class FeedResult:
    """The findings of the workspace's figures, ranked; what could not be answered; and the job
    that still computes segments and forecasts, or failed to."""

    findings: tuple[Finding, ...]
    refusals: tuple[Refusal, ...]
    as_of: date | None
    is_sample: bool
    attribution: str
    job: Job | None


class IntelligenceEngine:
    """What the factory hands out for Enterprise and what the API calls."""

    def get_intelligence_insights(self, request: IntelligenceRequest) -> IntelligenceResult:
        """Answer and keep a run; the same inputs are computed once.

        Raises SeriesInvalid, naming the place.
        """
        analysis = stored_analysis(run_hash(request.series), request.origin)
        if analysis is None:
            analysis = analyse(request.series)
            run_store(
                analysis=analysis,
                origin=request.origin,
                actor_id=request.actor_id,
                now=clock.now(),
            )
        return _result(analysis)

    def get_workspace_findings(self, *, actor_id: UUID | None = None) -> WorkspaceFindings:
        """Findings of the imported data as it stands, the most telling first."""
        figures: Figures = current_figures()
        series, refused = readable(workspace_series(figures))
        is_sample = not has_own_data()
        if not series:
            return WorkspaceFindings(None, figures.attribution, is_sample)
        origin = InsightRun.Origin.SAMPLE if is_sample else InsightRun.Origin.WORKSPACE
        request = IntelligenceRequest(series=tuple(series), actor_id=actor_id, origin=origin)
        result = self.get_intelligence_insights(request)
        result = replace(result, not_enough=(*result.not_enough, *refused))
        return WorkspaceFindings(result, figures.attribution, is_sample)

    def get_feed(self, *, actor_id: UUID | None = None, with_snoozed: bool = False) -> FeedResult:
        """Every finding of the present figures: series, deals, segments, forecasts.

        What takes seconds runs as a job; until it is done its findings are missing.
        """
        now = clock.now()
        feed, job = feed_ready(now=now, actor_id=actor_id)
        is_sample = not has_own_data()
        if feed is None:
            return FeedResult((), (), None, is_sample, "", None)
        return FeedResult(
            findings=latest_findings(today=clock.today(now), with_snoozed=with_snoozed),
            refusals=latest_refusals(),
            as_of=feed.as_of,
            is_sample=is_sample,
            attribution=current_figures().attribution,
            job=job,
        )


def _result(analysis: Analysis) -> IntelligenceResult:
    return IntelligenceResult(
        insights=ranked(analysis.insights, analysis.fitted),
        not_enough=analysis.not_enough,
        run_hash=analysis.run_hash,
        fitted=analysis.fitted,
    )
