"""The staff home: money, health and work that waits, in plain counts."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.staff_selectors import money_overview
from marketing_platform.inbox.models import InboundEvent, InboundState
from marketing_platform.schedule.models import DueWork
from marketing_platform.support.selectors import waiting
from marketing_platform.tenants.models import State, Tenant


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called by the admin's index page."""
    now = timezone.now()
    states = dict(
        Tenant.objects.exclude(tier="public").values_list("state").annotate(Count("pk")).order_by()
    )
    due = DueWork.objects.filter(done_at=None, dead_at=None, due_at__lte=now)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    money = money_overview(now=now)
    context["staff_home"] = {
        "cards": [
            (_("Monthly recurring, before GST"), money["recurring"]),
            (_("New in 30 days"), money["new"]),
            (_("Ended in 30 days"), money["ended"]),
            (_("On trial"), money["trialing"]),
            (_("Past due"), money["past_due"]),
            (_("Refunds to make"), money["refunds_due"]),
            (_("Waiting for a call"), waiting().count()),
            (_("Active workspaces"), states.get(State.ACTIVE, 0)),
            (_("Could not be prepared"), states.get(State.FAILED, 0)),
            (_("Blocked"), states.get(State.BLOCKED, 0)),
            (_("Work that waits"), due.count()),
            (_("Oldest, in seconds"), int((now - oldest).total_seconds()) if oldest else 0),
            (_("Work given up"), DueWork.objects.exclude(dead_at=None).count()),
            (_("Failed webhooks"), InboundEvent.objects.filter(state=InboundState.FAILED).count()),
        ]
    }
    return context
