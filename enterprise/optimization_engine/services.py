"""Fits, budget proposals, scenarios and promotions: what changes rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from enterprise.data_sources.selectors import has_own_data
from enterprise.optimization_engine.engine.contracts import (
    AllocationRequest,
    Draws,
    FitResult,
    FitSettings,
)
from enterprise.optimization_engine.engine.fit import fit, run_hash
from enterprise.optimization_engine.engine.optimise import allocate, allocation_hash
from enterprise.optimization_engine.engine.preflight import prepare
from enterprise.optimization_engine.engine.stored import to_json
from enterprise.optimization_engine.errors import (
    AllocationUnknown,
    PromotionInvalid,
    PromotionUnknown,
    ScenarioNameTaken,
)
from enterprise.optimization_engine.models import AllocationRun, OptimizationRun, Promotion
from enterprise.optimization_engine.selectors import (
    FIT,
    StoredAllocation,
    StoredRun,
    allocation_of,
    allocation_with,
    draws_of,
    fits_of_day,
    fits_of_month,
    mix_data,
    run_of,
    run_with,
)
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.jobs.models import Job
from marketing_platform.jobs.selectors import open_job
from marketing_platform.jobs.services import job_start
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tiers.quotas import quota_check, quota_lock

QUOTAS = (("optimisations_per_day", fits_of_day), ("optimisations_per_month", fits_of_month))
RUNS_KEPT, ALLOCATIONS_KEPT = 50, 200
MOST_PROMOTIONS, LONGEST_PROMOTION = 60, timedelta(days=92)
Progress = Callable[..., None]


@dataclass(frozen=True)
class FitStarted:
    """Either a job that runs, or the fit of exactly these figures that there is already."""

    job: Job | None
    run: StoredRun | None


def fit_start(*, outcome: str, actor_id: UUID | None, now: datetime) -> FitStarted:
    """Check the figures and queue a fit. Raises MixInvalid, MetricUnknown, QuotaReached."""
    figures = mix_data(outcome)
    prepare(figures)
    known = run_with(run_hash(figures))
    if known is not None:
        OptimizationRun.objects.filter(pk=known.id).update(created_at=now)
        return FitStarted(None, known)
    arguments = {"outcome": outcome, "actor_id": str(actor_id) if actor_id else None}
    key = outcome[:120]
    with transaction.atomic():
        quota_lock(current_tenant().schema_name, FIT)
        if open_job(FIT, key) is None:
            _room_check(now)
        job = job_start(kind=FIT, arguments=arguments, actor_id=actor_id, now=now, key=key)
    return FitStarted(job, None)


def _room_check(now: datetime) -> None:
    for quota, begun in QUOTAS:
        quota_check(current_tenant(), quota, used=begun(now).count)


def fit_run(*, outcome: str, actor_id: UUID | None, now: datetime, progress: Progress) -> StoredRun:
    """Fit the figures as they stand and keep the answer; the same figures are fitted once."""
    figures = mix_data(outcome)
    known = run_with(run_hash(figures))
    if known is not None:
        return known
    result, draws = fit(figures, FitSettings(), progress)
    return run_store(result, draws, actor_id=actor_id, now=now)


def allocation_make(
    *, run_id: UUID, request: AllocationRequest, actor_id: UUID | None, now: datetime
) -> StoredAllocation:
    """The best budget within the request, kept once. Raises RunUnknown, BudgetInvalid."""
    run = run_of(run_id)
    known = allocation_with(allocation_hash(run.result, request))
    if known is not None:
        AllocationRun.objects.filter(pk=known.id).update(created_at=now)
        return known
    answer = allocate(run.result, draws_of(run_id), request)
    with transaction.atomic():
        stored, _is_new = AllocationRun.objects.get_or_create(
            run_hash=answer.run_hash,
            defaults={
                "run_id": run_id,
                "request": to_json(request),
                "result": to_json(answer),
                "actor_id": actor_id,
                "created_at": now,
            },
        )
        _forget(AllocationRun.objects.filter(name=""), ALLOCATIONS_KEPT)
    return allocation_of(stored.pk)


def scenario_name(*, allocation_id: UUID, name: str) -> StoredAllocation:
    """Keep a proposal under a name, or rename it; '' lets the name go.

    Raises AllocationUnknown, ScenarioNameTaken.
    """
    name = clean_line(name)[:80]
    try:
        with transaction.atomic():
            changed = AllocationRun.objects.filter(pk=allocation_id).update(name=name)
    except IntegrityError as error:
        raise ScenarioNameTaken(field="name", name=name) from error
    if not changed:
        raise AllocationUnknown
    return allocation_of(allocation_id)


def promotion_add(
    *, name: str, first_on: date, last_on: date, actor_id: UUID | None, now: datetime
) -> Promotion:
    """Days that the next fit sets aside. Raises PromotionInvalid, naming the field."""
    name = clean_line(name)[:80]
    if not name:
        raise PromotionInvalid(_("Give the offer a name."), field="name")
    if last_on < first_on:
        raise PromotionInvalid(_("The last day is before the first."), field="last_on")
    if last_on - first_on > LONGEST_PROMOTION:
        raise PromotionInvalid(
            _("An offer of more than three months cannot be told from the trend."), field="last_on"
        )
    if Promotion.objects.count() >= MOST_PROMOTIONS:
        raise PromotionInvalid(
            _("At most %(most)d offers are kept. Remove one."), field="name", most=MOST_PROMOTIONS
        )
    row, _is_new = Promotion.objects.update_or_create(
        name=name,
        first_on=first_on,
        defaults={"last_on": last_on, "actor_id": actor_id, "created_at": now},
    )
    return row


def promotion_remove(*, promotion_id: int) -> None:
    """Raises PromotionUnknown."""
    deleted, _by_model = Promotion.objects.filter(pk=promotion_id).delete()
    if not deleted:
        raise PromotionUnknown


def run_store(
    result: FitResult, draws: Draws, *, actor_id: UUID | None, now: datetime
) -> StoredRun:
    """Keep a fit, once per inputs; of those without a scenario the newest 50 stay."""
    with transaction.atomic():
        stored, _is_new = OptimizationRun.objects.get_or_create(
            run_hash=result.run_hash,
            defaults={
                "outcome_name": result.outcome_name[:120],
                "is_sample": not has_own_data(),
                "result": to_json(result),
                "draws": to_json(draws),
                "actor_id": actor_id,
                "created_at": now,
            },
        )
        named = AllocationRun.objects.exclude(name="").values("run_id")
        _forget(OptimizationRun.objects.exclude(pk__in=named), RUNS_KEPT)
    return run_of(stored.pk)


def _forget(rows: Any, kept: int) -> None:
    newest = list(rows.values_list("pk", flat=True)[:kept])
    rows.exclude(pk__in=newest).delete()
