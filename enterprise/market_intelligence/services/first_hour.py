"""Settling the steps of the first hour, on whatever device it goes on."""

from datetime import datetime

from django.db import transaction

from enterprise.market_intelligence.models import FIRST_STEPS, FirstHour
from marketing_platform.core.first_hour import only_done, settled_with


def step_settle(*, step: str, is_done: bool, question: str | None = None) -> None:
    """Note a step as done or left. What is done stays done; an unknown step is ignored."""
    if step not in FIRST_STEPS:
        return
    with transaction.atomic():
        row = _locked()
        row.settled = settled_with(row.settled, step, is_done=is_done)
        if question in FirstHour.Question.values:
            row.question = question
        row.save()


def first_hour_put_away(*, now: datetime) -> None:
    FirstHour.objects.update_or_create(id=1, defaults={"put_away_at": now})


def first_hour_take_up() -> None:
    """Offered again, with what was left open once more; what was done stays done."""
    with transaction.atomic():
        row = _locked()
        row.settled, row.put_away_at = only_done(row.settled), None
        row.save()


def _locked() -> FirstHour:
    FirstHour.objects.get_or_create(id=1)
    return FirstHour.objects.select_for_update().get(id=1)
