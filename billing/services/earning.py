"""Deferred revenue becomes revenue, month by month, once each month is over."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Min

from billing.engine.numbering import month_bounds, month_of
from billing.models import RevenueSlice
from marketing_platform.core import clock
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context

BATCH = 200
# Into the new month, so that what was charged at its last minute has its document.
AT = time(2, 30)


@public_context()
def revenue_earn(*, now: datetime) -> int:
    """Earn every slice of a month that is over; answers how many. Run again it earns nothing.

    One entry in the books for each slice, dated the last day of its month. A slice that another
    run holds is left to it. The month that is due next is planned.
    """
    month, count = month_of(clock.today(now)), 0
    while done := _batch_earn(month, now):
        count += done
    left = RevenueSlice.objects.filter(earned_at=None, month__gte=month)
    if following := left.aggregate(month=Min("month"))["month"]:
        earning_plan(following)
    return count


def earning_plan(month: str) -> None:
    """Have this month earned when it is over; planned already, it changes nothing."""
    work_schedule(
        task="billing.earn_revenue",
        due_at=datetime.combine(month_bounds(month)[1], AT, clock.IST),
        key=f"billing-earn:{month}",
        queue="billing",
    )


def _batch_earn(before: str, now: datetime) -> int:
    with transaction.atomic():
        rows = RevenueSlice.objects.select_for_update(skip_locked=True, of=("self",))
        due = rows.filter(earned_at=None, month__lt=before).select_related("document", "tenant")
        slices = list(due.order_by("month", "id")[:BATCH])
        for slice_ in slices:
            _earn(slice_, now)
        return len(slices)


def _earn(slice_: RevenueSlice, now: datetime) -> None:
    from billing.engine import ledger
    from billing.services.ledger import journal_post

    journal_post(
        kind="revenue",
        cause=f"revenue:{slice_.pk}",
        narration=f"{slice_.document.number} {slice_.month}",
        postings=ledger.revenue_earned(slice_.amount_paise),
        on=month_bounds(slice_.month)[1] - timedelta(days=1),
        now=now,
        tenant=slice_.tenant,
    )
    RevenueSlice.objects.filter(pk=slice_.pk).update(earned_at=now)
