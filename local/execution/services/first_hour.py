"""Settling the steps of the first hour, on whatever device it goes on."""

from datetime import datetime

from django.db import transaction

from local.execution.models import FIRST_STEPS, FirstHour
from marketing_platform.core.first_hour import only_done, settled_with


def step_settle(*, step: str, is_done: bool) -> None:
    """Note a step as done or left. What is done stays done; an unknown step is ignored."""
    if step not in FIRST_STEPS:
        return
    with transaction.atomic():
        FirstHour.objects.get_or_create(id=1)
        row = FirstHour.objects.select_for_update().get(id=1)
        row.settled = settled_with(row.settled, step, is_done=is_done)
        row.save(update_fields=["settled"])


def first_hour_put_away(*, now: datetime) -> None:
    FirstHour.objects.update_or_create(id=1, defaults={"put_away_at": now})


def first_hour_take_up() -> None:
    """Offered again, with what was left open once more; what was done stays done."""
    with transaction.atomic():
        row = FirstHour.objects.select_for_update().filter(id=1).first()
        if row is not None:
            row.settled, row.put_away_at = only_done(row.settled), None
            row.save()
