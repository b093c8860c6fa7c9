"""Fits, allocations and scenarios as they were answered."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from enterprise.data_sources.engine.channels import CHANNELS
from enterprise.data_sources.engine.tables import OutcomeMetric, SpendTable
from enterprise.data_sources.models import ImportBatch
from enterprise.data_sources.selectors import (
    data_as_of,
    outcome_metrics,
    outcome_series,
    rows_hash,
    spend_by,
)
from enterprise.optimization_engine.engine.contracts import (
    Allocation,
    AllocationRequest,
    Draws,
    FitResult,
    MixData,
    Scenario,
)
from enterprise.optimization_engine.engine.contracts import Promotion as PromotionFact
from enterprise.optimization_engine.engine.stored import from_json
from enterprise.optimization_engine.errors import AllocationUnknown, RunUnknown
from enterprise.optimization_engine.models import AllocationRun, OptimizationRun, Promotion
from marketing_platform.core import clock
from marketing_platform.core.clock import IST
from marketing_platform.jobs.models import Job, JobState

WEEK = "week"
FIT = "enterprise.mix_fit"


@dataclass(frozen=True)
class StoredRun:
    id: UUID
    result: FitResult
    is_sample: bool
    created_at: datetime


@dataclass(frozen=True)
class StoredAllocation:
    id: UUID
    run_id: UUID
    name: str
    request: AllocationRequest
    allocation: Allocation
    created_at: datetime


def outcomes() -> tuple[OutcomeMetric, ...]:
    """Outcomes that can be fitted: totals, weekly or finer; money first, then what is longest."""
    usable = [one for one in outcome_metrics() if one.is_total and one.grain != "month"]
    return tuple(sorted(usable, key=lambda one: (one.unit != "INR", -one.n, one.code)))


def mix_data(outcome: str) -> MixData:
    """Weekly spend and one outcome over the weeks that both have.

    Raises MetricUnknown or GrainTooFine for an outcome that there is not by week.
    """
    spend = spend_by(WEEK)
    series = outcome_series(outcome, WEEK)
    values = dict(zip(series.dates, series.values, strict=True))
    places = [place for place, week in enumerate(spend.periods) if week in values]
    weeks = tuple(spend.periods[place] for place in places)
    as_of = data_as_of()
    return MixData(
        weeks=weeks,
        channels=spend.channels,
        spend_paise=tuple(spend.paise[place] for place in places),
        outcome=tuple(values[week] for week in weeks),
        outcome_name=series.name,
        outcome_unit=series.unit,
        promotions=promotion_facts(weeks),
        rows_hash=rows_hash(),
        as_of=clock.today(as_of) if as_of else None,
        covered=_covered(spend),
    )


def promotions() -> list[Promotion]:
    return list(Promotion.objects.all())


def promotion_facts(weeks: tuple[date, ...]) -> tuple[PromotionFact, ...]:
    """Those that touch the weeks."""
    if not weeks:
        return ()
    kept = Promotion.objects.filter(
        last_on__gte=weeks[0], first_on__lt=weeks[-1] + timedelta(days=7)
    )
    return tuple(PromotionFact(one.name, one.first_on, one.last_on) for one in kept)


def channel_label(channel: str) -> str:
    """A message id for the channels we know, otherwise the name as the file has it."""
    return CHANNELS.get(channel, channel)


def fits_of_day(now: datetime) -> QuerySet[Job]:
    """Begun in the last 24 hours; what failed or was cancelled costs nobody their limit."""
    return _fits_since(now - timedelta(days=1))


def fits_of_month(now: datetime) -> QuerySet[Job]:
    """Since the month began in India."""
    first = now.astimezone(IST).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return _fits_since(first)


def _fits_since(moment: datetime) -> QuerySet[Job]:
    """Jobs and not runs: only the newest runs are kept, and a running one counts."""
    begun = Job.objects.filter(kind=FIT, created_at__gte=moment)
    return begun.exclude(state__in=(JobState.FAILED, JobState.CANCELLED))


def latest_run() -> StoredRun | None:
    """The newest fit, or None before the first."""
    run = OptimizationRun.objects.defer("draws").first()
    return _run(run) if run else None


def run_of(run_id: UUID) -> StoredRun:
    """Raises RunUnknown."""
    run = OptimizationRun.objects.defer("draws").filter(pk=run_id).first()
    if run is None:
        raise RunUnknown
    return _run(run)


def run_with(run_hash: str) -> StoredRun | None:
    """The fit of exactly these inputs."""
    run = OptimizationRun.objects.defer("draws").filter(run_hash=run_hash).first()
    return _run(run) if run else None


def runs_page(limit: int, before: datetime | None = None) -> list[StoredRun]:
    """Newest first."""
    wanted = OptimizationRun.objects.defer("draws")
    if before is not None:
        wanted = wanted.filter(created_at__lt=before)
    return [_run(run) for run in wanted[:limit]]


def is_taken_back(run: StoredRun) -> bool:
    """Whether an upload was undone after the fit, which may have used its rows."""
    return ImportBatch.objects.filter(undone_at__gt=run.created_at).exists()


def draws_of(run_id: UUID) -> Draws:
    """The thinned posterior of a fit. Raises RunUnknown."""
    stored = OptimizationRun.objects.filter(pk=run_id).values_list("draws", flat=True).first()
    if stored is None:
        raise RunUnknown
    return from_json(Draws, stored)


def allocation_of(allocation_id: UUID) -> StoredAllocation:
    """Raises AllocationUnknown."""
    found = AllocationRun.objects.filter(pk=allocation_id).first()
    if found is None:
        raise AllocationUnknown
    return _allocation(found)


def allocation_with(run_hash: str) -> StoredAllocation | None:
    found = AllocationRun.objects.filter(run_hash=run_hash).first()
    return _allocation(found) if found else None


def latest_allocation() -> StoredAllocation | None:
    """The newest answer of the optimiser for the newest fit."""
    run = OptimizationRun.objects.only("pk").first()
    found = AllocationRun.objects.filter(run=run).first() if run else None
    return _allocation(found) if found else None


def allocations_page(limit: int, before: datetime | None = None) -> list[StoredAllocation]:
    """Newest first."""
    wanted = AllocationRun.objects.all()
    if before is not None:
        wanted = wanted.filter(created_at__lt=before)
    return [_allocation(found) for found in wanted[:limit]]


def scenarios() -> tuple[Scenario, ...]:
    """Named allocations, oldest first."""
    kept = AllocationRun.objects.exclude(name="").order_by("created_at", "id")
    return tuple(Scenario(str(one.pk), one.name, from_json(Allocation, one.result)) for one in kept)


def _covered(spend: SpendTable) -> tuple[tuple[date, date], ...]:
    return spend.covered if len(spend.covered) == len(spend.channels) else ()


def _run(run: OptimizationRun) -> StoredRun:
    return StoredRun(run.pk, from_json(FitResult, run.result), run.is_sample, run.created_at)


def _allocation(found: AllocationRun) -> StoredAllocation:
    return StoredAllocation(
        id=found.pk,
        run_id=found.run_id,
        name=found.name,
        request=from_json(AllocationRequest, found.request),
        allocation=from_json(Allocation, found.result),
        created_at=found.created_at,
    )
