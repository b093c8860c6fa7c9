"""Visits and bills, also as plain facts for engines."""

from datetime import datetime, timedelta
from uuid import UUID

from local.customers.engine.facts import BillFact, VisitFact
from local.customers.errors import VisitMissing
from local.customers.models import Visit, VisitSource

UNDO_WITHIN = timedelta(hours=24)
SHOWN_WITHIN = timedelta(minutes=30)


def visits_between(start: datetime, end: datetime) -> list[VisitFact]:
    """Every visit from `start` up to and without `end`, oldest first. One statement.

    A child's bills count towards sales, but name no customer (DPDP Act, s.9). Invented ones count
    nowhere.
    """
    rows = (
        Visit.objects.filter(happened_at__gte=start, happened_at__lt=end)
        .exclude(batch__is_sample=True)
        .order_by("happened_at", "pk")
        .values_list("customer_id", "customer__is_minor", "happened_at", "amount_paise", "has_time")
    )
    return [
        VisitFact(None if is_minor else customer_id, happened_at, paise, has_time)
        for customer_id, is_minor, happened_at, paise, has_time in rows.iterator(5_000)
    ]


def bills_facts(start: datetime | None = None, end: datetime | None = None) -> list[BillFact]:
    """Every bill with an amount, oldest first; of everything when no time is given."""
    rows = Visit.objects.filter(amount_paise__isnull=False).exclude(batch__is_sample=True)
    if start is not None:
        rows = rows.filter(happened_at__gte=start)
    if end is not None:
        rows = rows.filter(happened_at__lt=end)
    values = rows.order_by("happened_at", "pk").values_list(
        "happened_at", "amount_paise", "items", "has_time"
    )
    return [BillFact(*each) for each in values.iterator(5_000)]


def visits_of(customer_id: UUID, *, limit: int = 50) -> list[Visit]:
    """One person's visits, the last first."""
    return list(Visit.objects.filter(customer_id=customer_id)[:limit])


def visit_of(visit_id: int) -> Visit:
    """Raises VisitMissing."""
    found = Visit.objects.select_related("customer").filter(pk=visit_id).first()
    if found is None:
        raise VisitMissing
    return found


def last_counter_visit(*, actor_id: UUID, now: datetime) -> Visit | None:
    """What this person wrote down last at the counter, within half an hour: to take it back."""
    mine = Visit.objects.filter(actor_id=actor_id, source=VisitSource.COUNTER)
    recent = mine.filter(created_at__gte=now - SHOWN_WITHIN).select_related("customer")
    return recent.order_by("-created_at", "-pk").first()
