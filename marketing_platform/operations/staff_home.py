"""The staff home: money, health and people who wait; each figure leads to the rows behind it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from billing.staff_selectors import money_overview
from marketing_platform.inbox.models import InboundEvent, InboundState
from marketing_platform.schedule.models import DeadLetter, DueWork
from marketing_platform.support.selectors import waiting
from marketing_platform.tenants.models import State, Tenant

SHOWN_WAITING = 10


@dataclass(frozen=True)
class Card:
    """A figure and the list that it counts."""

    label: str
    value: str | int
    link: str


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called by the admin's index page."""
    now = timezone.now()
    context["staff_home"] = {
        "groups": [(_("Money"), _money(now)), (_("Health"), _health(now))],
        "waiting": waiting()[:SHOWN_WAITING],
        "waiting_count": waiting().count(),
    }
    return context


def _money(now: datetime) -> list[Card]:
    money = money_overview(now=now)
    subscriptions = "billing_subscription"
    return [
        Card(
            _("Monthly recurring, before GST"), money["recurring"], reverse("admin:billing_figures")
        ),
        Card(_("New in 30 days"), money["new"], _list(subscriptions)),
        Card(_("Ended in 30 days"), money["ended"], _list(subscriptions, "state__exact=cancelled")),
        Card(_("On trial"), money["trialing"], _list(subscriptions, "state__exact=trialing")),
        Card(_("Past due"), money["past_due"], _list(subscriptions, "state__exact=past_due")),
        Card(_("Refunds to make"), money["refunds_due"], _list("billing_refund")),
    ]


def _health(now: datetime) -> list[Card]:
    rows = Tenant.objects.exclude(tier="public").values_list("state").annotate(Count("pk"))
    states = dict(rows.order_by())
    due = DueWork.objects.filter(done_at=None, dead_at=None, due_at__lte=now)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    failed = InboundEvent.objects.filter(state=InboundState.FAILED).count()
    dead = DueWork.objects.exclude(dead_at=None).count()
    clients, work = "tenants_tenant", "platform_schedule_duework"
    return [
        *(
            Card(words, states.get(state, 0), _list(clients, f"state__exact={state.value}"))
            for words, state in (
                (_("Active workspaces"), State.ACTIVE),
                (_("Could not be prepared"), State.FAILED),
                (_("Blocked"), State.BLOCKED),
            )
        ),
        Card(_("Work that waits"), due.count(), _list(work, "dead_at__isempty=1")),
        Card(_("The oldest waits for"), _age(oldest, now), _list(work, "dead_at__isempty=1")),
        Card(_("Work given up"), dead, _list(work, "dead_at__isempty=0")),
        Card(_("Refused tasks"), DeadLetter.objects.count(), _list("platform_schedule_deadletter")),
        Card(_("Failed webhooks"), failed, _list("inbox_inboundevent", "state__exact=failed")),
    ]


def _age(oldest: datetime | None, now: datetime) -> str:
    if oldest is None:
        return _("nothing waits")
    return timesince(oldest, now)


def _list(name: str, query: str = "") -> str:
    return reverse(f"admin:{name}_changelist") + (f"?{query}" if query else "")
