"""What the staff pages ask of billing, for many workspaces at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast

from billing.engine.dunning import Step
from billing.engine.figures import Month, Paid, month_ends, months_of
from billing.models import (
    LIVE_STATES,
    STATES,
    DunningStep,
    Payment,
    Subscription,
    TaxDocument,
)
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.inbox.models import InboundEvent, InboundState
from marketing_platform.tenants.models import Tenant

NO_SUBSCRIPTION = "none"
MONTHS = 12
FUNNEL_DAYS = 90
FUNNEL = (
    Step.FAILED,
    Step.REMINDER_1,
    Step.REMINDER_2,
    Step.LAST_CALL,
    Step.SUSPENDED,
    Step.RECOVERED,
)
# What an invoice pays for, before GST and less what its credit notes took back.
PAID_FOR = f"""
SELECT doc.tenant_id::text, line ->> 'period_start', line ->> 'period_end',
       doc.taxable_paise - coalesce(sum(note.taxable_paise), 0)
  FROM {TaxDocument._meta.db_table} doc
 CROSS JOIN LATERAL (SELECT doc.lines -> 0 AS line) AS lines
  LEFT JOIN {TaxDocument._meta.db_table} note ON note.original_id = doc.id
 WHERE doc.kind = 'invoice' AND doc.issued_on >= %s
   AND coalesce(line ->> 'period_end', '') <> ''
 GROUP BY doc.id, line
"""  # noqa: S608


@dataclass(frozen=True)
class FunnelStep:
    """`share` in basis points of the episodes that began."""

    step: str
    count: int
    share: int


def plan_words(tenant_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The current subscription of each workspace in words, such as 'Monthly, active'; one query."""
    rows = (
        Subscription.objects.filter(tenant_id__in=tenant_ids)
        .order_by("tenant_id", "-created_at", "-id")
        .distinct("tenant_id")
    )
    return {
        row.tenant_id: f"{row.get_interval_display()}, {row.get_state_display().lower()}"
        for row in rows
    }


def subscription_states() -> list[tuple[str, str]]:
    return [*STATES, (NO_SUBSCRIPTION, "None")]


def tenants_with_subscription(state: str) -> list[UUID]:
    """Workspaces whose latest subscription is in that state, or that never had one."""
    latest = Subscription.objects.order_by("tenant_id", "-created_at", "-id").distinct("tenant_id")
    if state == NO_SUBSCRIPTION:
        having = Subscription.objects.values("tenant_id")
        return list(Tenant.objects.exclude(pk__in=having).values_list("pk", flat=True))
    return [row.tenant_id for row in latest if row.state == state]


def money_overview(*, now: datetime) -> dict[str, str | int]:
    """Monthly recurring revenue before GST, and counts by state, from our own ledger."""
    paying = Subscription.objects.select_related("plan_version").filter(
        state__in=["active", "past_due"]
    )
    recurring = 0
    for row in paying:
        version = row.plan_version
        recurring += (
            version.monthly_paise if row.interval == "month" else version.annual_paise // 12
        )
    counts = Subscription.objects.aggregate(
        trialing=Count("pk", filter=Q(state="trialing")),
        past_due=Count("pk", filter=Q(state="past_due")),
        live=Count("pk", filter=Q(state__in=LIVE_STATES)),
        new=Count("pk", filter=Q(created_at__gte=now - timedelta(days=30))),
        ended=Count(
            "pk",
            filter=~Q(state__in=LIVE_STATES) & Q(state_changed_at__gte=now - timedelta(days=30)),
        ),
    )
    return {
        "recurring": Rupees(recurring).format(),
        "refunds_due": Payment.objects.filter(needs_refund=True).count(),
        **counts,
    }


def recurring_months(*, now: datetime, count: int = MONTHS) -> list[Month]:
    """Recurring revenue, churn and average of the last months, from the invoices alone. One query.

    The present month stands as of today.
    """
    days = month_ends(clock.today(now), count + 1)
    # A year's invoice still counts in its twelfth month.
    since = days[0] - timedelta(days=400)
    with connection.cursor() as cursor:
        cursor.execute(PAID_FOR, [since])
        rows = [
            Paid(payer, date.fromisoformat(start), date.fromisoformat(end), int(paise))
            for payer, start, end, paise in cursor.fetchall()
        ]
    return months_of(rows, days)


def dunning_funnel(*, now: datetime, days: int = FUNNEL_DAYS) -> list[FunnelStep]:
    """How far the failed payments of the last days came, by episode; one query."""
    since = now - timedelta(days=days)
    rows = DunningStep.objects.filter(episode_at__gte=since, subscription__isnull=False)
    counts = dict(rows.order_by().values_list("step").annotate(Count("pk")))
    began = rows.order_by().values("subscription", "episode_at").distinct().count()
    return [
        FunnelStep(step, counts.get(step, 0), counts.get(step, 0) * 10_000 // began if began else 0)
        for step in FUNNEL
    ]


def failed_webhooks(*, now: datetime, days: int = 30) -> QuerySet[InboundEvent]:
    """Of payment companies, the newest first: what could not be applied."""
    rows = InboundEvent.objects.filter(
        state=InboundState.FAILED,
        provider__in=settings.BILLING_GATEWAYS,
        received_at__gte=now - timedelta(days=days),
    )
    return rows.order_by("-received_at")


def failed_events_of(subscription: Subscription) -> list[InboundEvent]:
    """Failed deliveries that speak of this subscription, the oldest first.

    By its id at the gateway in the stored body, since a failed event belongs to no workspace yet.
    """
    number = subscription.gateway_subscription_id
    if not number:
        return []
    rows = InboundEvent.objects.filter(state=InboundState.FAILED, provider=subscription.gateway)
    with_text = rows.annotate(text=Cast("payload", TextField()))
    return list(with_text.filter(text__contains=f'"{number}"').order_by("received_at")[:50])
