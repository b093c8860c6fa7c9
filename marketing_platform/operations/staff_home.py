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
from marketing_platform.operations.staff_filters import having_trouble
from marketing_platform.operations.staff_pages import tables_open_to
from marketing_platform.schedule.models import DeadLetter, DueWork
from marketing_platform.support.selectors import waiting
from marketing_platform.tenants.models import State, Tenant

SHOWN_WAITING = 10
SUBSCRIPTIONS = "billing_subscription"


@dataclass(frozen=True)
class Card:
    """A figure and the list that it counts; who may not open the `table` does not see it."""

    label: str
    value: str | int
    link: str
    table: str


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called by the admin's index page."""
    now, tables = timezone.now(), tables_open_to(request)
    groups = [(_("Money"), _money(now) if SUBSCRIPTIONS in tables else [])]
    groups.append((_("Health"), _health(now)))
    shown = [(title, [card for card in cards if card.table in tables]) for title, cards in groups]
    sees_waiting = "support_helprequest" in tables
    context["staff_home"] = {
        "groups": [(title, cards) for title, cards in shown if cards],
        "sees_waiting": sees_waiting,
        "waiting": waiting()[:SHOWN_WAITING] if sees_waiting else [],
        "waiting_count": waiting().count() if sees_waiting else 0,
    }
    return context


def _money(now: datetime) -> list[Card]:
    money = money_overview(now=now)
    states = "state__exact="
    return [
        _card(
            _("Monthly recurring, before GST"),
            money["recurring"],
            SUBSCRIPTIONS,
            page="billing_figures",
        ),
        _card(_("New in 30 days"), money["new"], SUBSCRIPTIONS),
        _card(_("Ended in 30 days"), money["ended"], SUBSCRIPTIONS, f"{states}cancelled"),
        _card(_("On trial"), money["trialing"], SUBSCRIPTIONS, f"{states}trialing"),
        _card(_("Past due"), money["past_due"], SUBSCRIPTIONS, f"{states}past_due"),
        _card(_("Refunds to make"), money["refunds_due"], "billing_refund"),
    ]


def _health(now: datetime) -> list[Card]:
    rows = Tenant.objects.exclude(tier="public").values_list("state").annotate(Count("pk"))
    states = dict(rows.order_by())
    due = DueWork.objects.filter(done_at=None, dead_at=None, due_at__lte=now)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    failed = InboundEvent.objects.filter(state=InboundState.FAILED).count()
    dead = DueWork.objects.exclude(dead_at=None).count()
    with_stuck, with_failing = (having_trouble(name).count() for name in ("stuck", "failing"))
    clients, work = "tenants_tenant", "platform_schedule_duework"
    return [
        *(
            _card(words, states.get(state, 0), clients, f"state__exact={state.value}")
            for words, state in (
                (_("Active workspaces"), State.ACTIVE),
                (_("Could not be prepared"), State.FAILED),
                (_("Blocked"), State.BLOCKED),
            )
        ),
        _card(_("Work that waits"), due.count(), work, "dead_at__isempty=1"),
        _card(_("The oldest waits for"), _age(oldest, now), work, "dead_at__isempty=1"),
        _card(_("Work given up"), dead, work, "dead_at__isempty=0"),
        _card(_("Refused tasks"), DeadLetter.objects.count(), "platform_schedule_deadletter"),
        _card(_("Failed webhooks"), failed, "inbox_inboundevent", "state__exact=failed"),
        _card(_("Clients with stuck effects"), with_stuck, clients, "trouble=stuck"),
        _card(_("Clients with failing connections"), with_failing, clients, "trouble=failing"),
    ]


def _age(oldest: datetime | None, now: datetime) -> str:
    if oldest is None:
        return _("nothing waits")
    return timesince(oldest, now)


def _card(label: str, value: str | int, table: str, query: str = "", page: str = "") -> Card:
    address = reverse(f"admin:{page or f'{table}_changelist'}")
    return Card(label, value, address + (f"?{query}" if query else ""), table)
