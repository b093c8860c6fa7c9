"""Keeping what the engine answered."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from enterprise.market_intelligence.engine.contracts import ENGINE_VERSION, Analysis
from enterprise.market_intelligence.engine.evidence import Analysed
from enterprise.market_intelligence.engine.stored import to_json
from enterprise.market_intelligence.models import InsightRun

RUNS_KEPT = 200
# Of each analysis of the workspace's own figures: every state of them for about half a year.
STATES_KEPT = 100


def run_store(
    *, analysis: Analysis, origin: str, actor_id: UUID | None, now: datetime
) -> InsightRun:
    """Store a run of series as given, once per inputs; the oldest beyond 200 are let go."""
    return _keep(
        run_hash=analysis.run_hash,
        origin=origin,
        kept=RUNS_KEPT,
        values={"result": to_json(analysis), "actor_id": actor_id, "created_at": now,
                "engine_version": ENGINE_VERSION},
    )  # fmt: skip


def analysis_store(
    *,
    run_hash: str,
    analysed: Analysed,
    origin: str,
    result: dict[str, Any],
    rows_hash: str,
    rows_used: int,
    parameters: dict[str, Any],
    as_of: date,
    actor_id: UUID | None,
    now: datetime,
) -> InsightRun:
    """Store a run of the workspace's own figures, once per inputs."""
    values = {
        "analysed": analysed,
        "result": result,
        "rows_hash": rows_hash,
        "rows_used": rows_used,
        "parameters": parameters,
        "as_of": as_of,
        "actor_id": actor_id,
        "created_at": now,
        "engine_version": ENGINE_VERSION,
    }
    return _keep(run_hash=run_hash, origin=origin, kept=STATES_KEPT, values=values)


def _keep(*, run_hash: str, origin: str, kept: int, values: dict[str, Any]) -> InsightRun:
    with transaction.atomic():
        run, is_new = InsightRun.objects.get_or_create(
            run_hash=run_hash, origin=origin, defaults=values
        )
        if is_new:
            alike = InsightRun.objects.filter(
                origin=origin, analysed=run.analysed, as_of__isnull=run.as_of is None
            )
            newest = alike.values_list("pk", flat=True)[:kept]
            alike.exclude(pk__in=list(newest)).delete()
    return run
