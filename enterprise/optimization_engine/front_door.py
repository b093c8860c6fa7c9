"""OptimizationEngine: weekly spend and an outcome in; returns, curves and budgets out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from enterprise.optimization_engine.engine.budget import default_bounds
from enterprise.optimization_engine.engine.contracts import (
    AllocationRequest,
    Bound,
    Check,
    Scenario,
)
from enterprise.optimization_engine.engine.fit import silent
from enterprise.optimization_engine.engine.preflight import look
from enterprise.optimization_engine.errors import NoRunYet
from enterprise.optimization_engine.selectors import (
    StoredAllocation,
    StoredRun,
    latest_run,
    mix_data,
    run_of,
    scenarios,
)
from enterprise.optimization_engine.services import (
    FitStarted,
    Progress,
    allocation_make,
    fit_run,
    fit_start,
)


@dataclass(frozen=True)
class FitRequest:
    """``outcome`` is a code of data_sources.selectors.outcome_metrics."""

    outcome: str
    actor_id: UUID | None = None


@dataclass(frozen=True)
class BudgetRequest:
    """A weekly budget of the newest fit, or of ``run_id``.

    Without totals, today's; with one of them, exactly that. A channel without a bound may move by
    30 % within what was ever spent on it.
    """

    total_low_paise: int | None = None
    total_high_paise: int | None = None
    bounds: tuple[Bound, ...] = ()
    may_extrapolate: bool = False
    run_id: UUID | None = None
    actor_id: UUID | None = None


class OptimizationEngine:
    """What the factory hands out for Enterprise and what the API calls."""

    def look(self, outcome: str) -> tuple[Check, ...]:
        """What the figures can carry, before anything is fitted. Raises MetricUnknown."""
        return look(mix_data(outcome))

    def fit(self, request: FitRequest, *, now: datetime) -> FitStarted:
        """Queue a fit as a job with progress. Raises MixInvalid, MetricUnknown, QuotaReached."""
        return fit_start(outcome=request.outcome, actor_id=request.actor_id, now=now)

    def fit_now(
        self, request: FitRequest, *, now: datetime, progress: Progress = silent
    ) -> StoredRun:
        """Fit here and now, for a job or for demo data: seconds of computing."""
        return fit_run(
            outcome=request.outcome, actor_id=request.actor_id, now=now, progress=progress
        )

    def allocate(self, request: BudgetRequest, *, now: datetime) -> StoredAllocation:
        """The best weekly budget. Raises NoRunYet, RunUnknown, BudgetInvalid."""
        run = run_of(request.run_id) if request.run_id else latest_run()
        if run is None:
            raise NoRunYet
        return allocation_make(
            run_id=run.id,
            request=_completed(request, run),
            actor_id=request.actor_id,
            now=now,
        )

    def scenarios(self) -> tuple[Scenario, ...]:
        return scenarios()


def _completed(request: BudgetRequest, run: StoredRun) -> AllocationRequest:
    today = sum(one.today_paise for one in run.result.channels)
    low, high = request.total_low_paise, request.total_high_paise
    if low is None:
        low = today if high is None else high
    if high is None:
        high = low
    given = {bound.channel for bound in request.bounds}
    rest = tuple(one for one in default_bounds(run.result) if one.channel not in given)
    return AllocationRequest(low, high, (*request.bounds, *rest), request.may_extrapolate)
