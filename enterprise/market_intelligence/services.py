"""Keeping what the engine answered."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from enterprise.market_intelligence.engine.contracts import Analysis
from enterprise.market_intelligence.engine.stored import to_json
from enterprise.market_intelligence.models import InsightRun

RUNS_KEPT = 200


def run_store(
    *, analysis: Analysis, origin: str, actor_id: UUID | None, now: datetime
) -> InsightRun:
    """Store a run once per inputs; the oldest runs beyond 200 of an origin are let go."""
    with transaction.atomic():
        run, is_new = InsightRun.objects.get_or_create(
            run_hash=analysis.run_hash,
            origin=origin,
            defaults={"result": to_json(analysis), "actor_id": actor_id, "created_at": now},
        )
        if is_new:
            kept = InsightRun.objects.filter(origin=origin).values_list("pk", flat=True)[:RUNS_KEPT]
            InsightRun.objects.filter(origin=origin).exclude(pk__in=list(kept)).delete()
    return run
