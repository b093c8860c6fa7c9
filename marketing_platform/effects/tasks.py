import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.effects import times
from marketing_platform.effects.ledger import move, queue_again
from marketing_platform.effects.models import Effect
from marketing_platform.effects.running import effect_step
from marketing_platform.effects.selectors import stuck_effects
from marketing_platform.effects.states import OPEN, State
from marketing_platform.schedule.periodic import Every, periodic
from marketing_platform.schedule.registry import work_handler
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.restoring import after_restore

logger = logging.getLogger(__name__)
RESTORED = _("This comes from a backup. Please look whether it went out before we do anything.")
SWEPT_AT_ONCE = 500


def step_given_up(tenant: Tenant, *, reason: str, effect_id: str, step: int) -> None:
    """Its work died six times. The sweeper would find it too; this is sooner."""
    now = clock.now()
    with tenant_context(tenant):
        effect = Effect.objects.filter(pk=effect_id, step=step, state__in=OPEN).first()
        if effect is not None and not effect.needs_person:
            logger.error("an effect's work died: %s", reason, extra={"effect": effect_id})
            queue_again(effect, now + times.TIMES.look_again)


@work_handler("effects.step", given_up=step_given_up, works_when_read_only=True)
def step(tenant: Tenant, *, effect_id: str, step: int) -> None:
    """A workspace that may only read arms nothing, but what it sent is still looked up."""
    effect_step(UUID(effect_id), step, now=clock.now())


@periodic(
    "effects.sweep",
    times=Every(timedelta(minutes=30)),
    tiers=("local", "enterprise"),
    works_when_read_only=True,
)
def sweep(tenant: Tenant) -> None:
    """Nothing may lie about: what nobody looked at in time is queued again. A row that is armed is
    only looked up by that, never sent.
    """
    now = clock.now()
    for effect in stuck_effects(now=now).order_by("next_at")[:SWEPT_AT_ONCE]:
        logger.error("an effect was stuck", extra={"effect": str(effect.pk)})
        queue_again(effect, now)


@after_restore("effects")
def restored(tenant: Tenant, taken_at: datetime, now: datetime) -> list[str]:
    """Nobody knows what went out since the backup: a person looks, nothing is sent."""
    count = 0
    with transaction.atomic():
        for effect in Effect.objects.filter(state__in=OPEN).exclude(state=State.NEEDS_CHECK):
            facts: dict[str, Any] = {"failure_kind": "restored", "failure_params": {}}
            facts["failure_sentence"] = RESTORED
            count += move(effect, State.NEEDS_CHECK, now=now, sentence=RESTORED, **facts)
    return [f"{count} need a check"] if count else []
