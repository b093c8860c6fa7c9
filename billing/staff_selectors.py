"""What the staff pages ask of billing, for many workspaces at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from billing.models import LIVE_STATES, STATES, Payment, Subscription
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.models import Tenant

NO_SUBSCRIPTION = "none"


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
