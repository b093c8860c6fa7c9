"""What the staff pages ask of billing, for many workspaces at once."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from unicodedata import digit
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import (
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
)
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from billing.engine.dunning import Step
from billing.engine.figures import Month, Paid, month_ends, months_of
from billing.engine.tds import quarter_bounds
from billing.models import (
    LIVE_STATES,
    STATES,
    AccountWorkspace,
    BillingAccount,
    DunningStep,
    IncomingTransfer,
    Payment,
    Refund,
    Settlement,
    Subscription,
    TaxDocument,
    TdsCertificate,
)
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.inbox.models import InboundEvent, InboundState
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User

NO_SUBSCRIPTION = "none"
# Lists that are filtered by customer.
OF_CUSTOMER = (
    ("billing_subscription", "Subscriptions"),
    ("billing_taxdocument", "Invoices"),
    ("billing_payment", "Payments"),
    ("billing_refund", "Refunds"),
    ("billing_planchange", "Changes"),
    ("billing_dunningstep", "Reminders"),
    ("billing_journalentry", "Books"),
)
MONTHS = 12
FUNNEL_DAYS = 90
SHOWN_INVOICES = 200
QUOTED, MOST_NUMBERS = re.compile(r'"([A-Za-z0-9_-]{4,100})"'), 500
SHORTEST_SEARCH, LONGEST_SEARCH, SHORTEST_PHONE, NATIONAL_DIGITS = 3, 100, 7, 10
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


def next_charges(tenant_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each workspace that pays or tries is charged next; one query."""
    rows = Subscription.objects.filter(tenant_id__in=tenant_ids, state__in=LIVE_STATES)
    moments = rows.values_list("tenant_id", Coalesce("current_period_end", "trial_ends_at"))
    return {tenant_id: at for tenant_id, at in moments if at is not None}


def subscription_states() -> list[tuple[str, str]]:
    return [*STATES, (NO_SUBSCRIPTION, "None")]


def tenants_with_subscription(state: str) -> QuerySet:
    """Ids of workspaces whose latest subscription is in that state, or that never had one."""
    if state == NO_SUBSCRIPTION:
        having = Subscription.objects.values("tenant_id")
        return Tenant.objects.exclude(pk__in=having).values_list("pk", flat=True)
    latest = Subscription.objects.order_by("tenant_id", "-created_at", "-id").distinct("tenant_id")
    rows = Subscription.objects.filter(pk__in=latest.values("pk"), state=state)
    return rows.values_list("tenant_id", flat=True)


def money_overview(*, now: datetime) -> dict[str, str | int]:
    """Monthly recurring revenue before GST as on the page of figures, and counts by state."""
    (month,) = recurring_months(now=now, count=1)
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
        "recurring": Rupees(month.recurring_paise // 100 * 100).format(),
        "refunds_due": refunds_to_make().count(),
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


def payers_by_tenant(tenant_ids: Sequence[UUID]) -> dict[UUID, BillingAccount]:
    """Who pays for each of these workspaces; one query."""
    rows = AccountWorkspace.objects.filter(tenant_id__in=tenant_ids).select_related("account")
    return {row.tenant_id: row.account for row in rows}


def money_pages(tenant: Tenant) -> list[tuple[str, str]]:
    """What staff look at next of a customer: words and address; the payer first."""
    payer = payers_by_tenant([tenant.pk]).get(tenant.pk)
    found = []
    if payer is not None:
        address = reverse("admin:billing_billingaccount_change", args=[payer.pk])
        found.append((f"Payer: {payer}", address))
    for name, words in OF_CUSTOMER:
        address = reverse(f"admin:{name}_changelist")
        found.append((words, f"{address}?tenant__id__exact={tenant.pk}"))
    return found


def names_of_people(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Staff and owners by name; one query."""
    return {row.pk: str(row) for row in User.objects.filter(pk__in={pk for pk in ids if pk})}


def tenants_found(words: str) -> QuerySet[Tenant]:
    """Workspaces by what a caller or a letter names: the name or address of the workspace, its
    payer, a GSTIN, a telephone or e-mail, an invoice or quote, the UTR of a transfer, a payment."""
    text = words.strip()[:LONGEST_SEARCH]
    if len(text) < SHORTEST_SEARCH or "\x00" in text:
        return Tenant.objects.none()
    digits = "".join(str(digit(sign)) for sign in text if sign.isdigit())
    people = Q(user__email__iexact=text) | Q(user__full_name__icontains=text)
    if len(digits) >= SHORTEST_PHONE and not any(sign.isalpha() for sign in text):
        people |= Q(user__phone__endswith=digits[-NATIONAL_DIGITS:])
    payers = BillingAccount.objects.filter(
        Q(legal_name__icontains=text)
        | Q(registrations__gstin__iexact=text)
        | Q(pk__in=IncomingTransfer.objects.filter(utr__iexact=text).values("account"))
        | Q(quotes__number__iexact=text)
    )
    return Tenant.objects.filter(
        Q(name__icontains=text)
        | Q(slug__icontains=text)
        | Q(pk__in=Membership.objects.filter(people).values("tenant"))
        | Q(pk__in=AccountWorkspace.objects.filter(account__in=payers).values("tenant"))
        | Q(pk__in=TaxDocument.objects.filter(number__iexact=text).values("tenant"))
        | Q(pk__in=Payment.objects.filter(remote_id=text).values("tenant"))
    )


def failed_webhooks(*, now: datetime, days: int = 30) -> QuerySet[InboundEvent]:
    """Of payment companies, the newest first: what could not be applied."""
    rows = InboundEvent.objects.filter(
        state=InboundState.FAILED,
        provider__in=settings.BILLING_GATEWAYS,
        received_at__gte=now - timedelta(days=days),
    )
    return rows.order_by("-received_at")


def deductions_of(certificate: TdsCertificate) -> list[tuple[TaxDocument, int]]:
    """The invoices of its quarter from which tax was deducted, with the paise that stand."""
    start, end = quarter_bounds(certificate.financial_year, certificate.quarter)
    rows = Settlement.objects.filter(
        document__account=certificate.account_id,
        by="tds",
        settled_on__gte=start,
        settled_on__lt=end,
    ).select_related("document")
    found: dict[TaxDocument, int] = {}
    for row in rows.order_by("settled_on", "pk"):
        found[row.document] = found.get(row.document, 0) + row.amount_paise
    return [(document, paise) for document, paise in found.items() if paise]


def transfer_of(cause: str) -> IncomingTransfer | None:
    """Of a settlement's cause such as "transfer:17" or "tds:17:1"."""
    kind, _sign, rest = cause.partition(":")
    number = rest.partition(":")[0]
    if kind not in {"transfer", "tds"} or not number.isdigit():
        return None
    return IncomingTransfer.objects.filter(pk=int(number)).first()


def invoices_by_state(
    rows: QuerySet[TaxDocument], state: str, *, today: date
) -> QuerySet[TaxDocument]:
    """Invoices that are open, overdue or settled."""
    settled = (
        Settlement.objects.filter(document=OuterRef("pk"))
        .order_by()
        .values("document")
        .annotate(paise=Sum("amount_paise"))
        .values("paise")
    )
    rows = rows.filter(kind="invoice").annotate(paid=Coalesce(Subquery(settled), 0))
    if state == "settled":
        return rows.filter(paid__gte=F("total_paise"))
    found = rows.filter(paid__lt=F("total_paise"))
    return found.filter(due_on__lt=today) if state == "overdue" else found


def refunds_to_make() -> QuerySet[Payment]:
    """Money that paid for nothing, and of which no part has gone back or is on its way."""
    back = Refund.objects.filter(payment=OuterRef("pk")).exclude(state="failed")
    return Payment.objects.filter(needs_refund=True).exclude(Exists(back))


def refund_invoices(refund: Refund) -> list[tuple[str, str]]:
    """Invoices of the customer that a credit note of this refund could be on: that of its payment
    first, then the newest; with what their notes leave."""
    paid = set(refund.payment.settlements.values_list("document_id", flat=True))
    rows = TaxDocument.objects.filter(tenant_id=refund.tenant_id, kind="invoice")
    rows = rows.annotate(credited=Coalesce(Sum("credit_notes__total_paise"), 0))
    found = sorted(
        rows.order_by("-issued_on", "-pk")[:SHOWN_INVOICES], key=lambda r: r.pk not in paid
    )
    return [(str(row.pk), _invoice_words(row)) for row in found]


def _invoice_words(row: Any) -> str:
    total, left = Rupees(row.total_paise), Rupees(row.total_paise - row.credited)
    return (
        f"{row.number} of {row.issued_on:%d-%m-%Y}, {total.format()}, {left.format()} not credited"
    )


def customer_of_event(event: InboundEvent) -> str:
    """Whose it is: by the workspace that it was given to, else by a subscription it names."""
    found = Tenant.objects.filter(pk=event.tenant_id).first() if event.tenant_id else None
    if found is None:
        text = json.dumps(event.payload)
        numbers = set(QUOTED.findall(text)[:MOST_NUMBERS])
        rows = Subscription.objects.filter(
            gateway=event.provider, gateway_subscription_id__in=numbers
        ).exclude(gateway_subscription_id="")
        row = rows.select_related("tenant").first()
        found = row.tenant if row else None
    return str(found) if found else ""


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
