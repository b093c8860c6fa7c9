"""A first look at new data: findings, budget model, allocation, brief; one after the other."""

from datetime import datetime

from enterprise.market_intelligence.services import feed_refresh
from enterprise.optimization_engine.engine.contracts import Severity
from enterprise.optimization_engine.front_door import (
    BudgetRequest,
    FitRequest,
    OptimizationEngine,
)
from enterprise.optimization_engine.selectors import latest_allocation, latest_run, outcomes
from enterprise.strategic_synthesizer.selectors import latest_brief
from enterprise.strategic_synthesizer.services.briefs import brief_make
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.models import Tenant

TASK = "enterprise.first_look"


def first_look_schedule(*, tenant: Tenant, now: datetime) -> None:
    """Once a workspace, in the caller's transaction."""
    work_schedule(
        task=TASK, tenant=tenant, due_at=now, key=f"{TASK}:{tenant.pk}", queue="enterprise"
    )


def first_look(*, tenant: Tenant, now: datetime) -> None:
    """Does what is still missing, so that it may run again. What cannot be fitted is left out."""
    feed_refresh(now=now)
    engine = OptimizationEngine()
    if latest_run() is None:
        found = outcomes()
        if found and _can_be_fitted(engine, found[0].code):
            engine.fit_now(FitRequest(found[0].code), now=now)
    if latest_run() is not None and latest_allocation() is None:
        engine.allocate(BudgetRequest(), now=now)
    if latest_brief() is None:
        brief_make(tenant=tenant, actor_id=None, now=now)


def _can_be_fitted(engine: OptimizationEngine, outcome: str) -> bool:
    return not any(check.severity is Severity.REFUSE for check in engine.look(outcome))
