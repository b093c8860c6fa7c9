"""Late money: what the pages say on top, and what stands open for the dunning run."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from billing.engine.access import LATE, grace_ends_at
from billing.models import DunningStep, Settlement, Subscription, TaxDocument
from billing.selectors.documents import settled_paise
from billing.selectors.transfers import may_be_paid
from marketing_platform.core import clock
from marketing_platform.tenants.models import Tenant

# The first word about an invoice comes three days before it is due.
SOONEST = timedelta(days=3)
AGAIN = timedelta(days=7)


def banner_of(tenant: Tenant, now: datetime) -> dict[str, str] | None:
    """One line on top of every page while a payment is open; None when none is. One query."""
    row = Subscription.objects.filter(tenant=tenant, state__in=LATE).order_by("-id").first()
    if row is None:
        return None
    words = {"level": "warning", "action_url": "/billing/"}
    ends_at = row.past_due_since and grace_ends_at(row.past_due_since, row.next_attempt_at)
    if row.state == "suspended" or ends_at is None or now >= ends_at:
        text = gettext(
            "This workspace is read-only: a payment is open. Pay to go on working. "
            "Nothing is deleted, and you can download everything."
        )
        return {**words, "text": text, "action_label": gettext("Pay now")}
    day = date_format(timezone.localtime(ends_at), "DATE_FORMAT")
    return {
        **words,
        "text": _late_sentence(row, now) % {"day": day},
        "action_label": gettext("See what to do"),
    }


def _late_sentence(row: Subscription, now: datetime) -> str:
    if row.mandate == "needs_afa":
        return gettext("Your bank asks you to approve the next payment. Please do it by %(day)s.")
    if not row.gateway:
        return gettext("An invoice is overdue. Please pay it by %(day)s to go on working.")
    if row.next_attempt_at is not None and now < row.next_attempt_at:
        return gettext(
            "The last payment did not go through. Everything works until %(day)s; "
            "the payment company tries it again."
        )
    return gettext("The last payment did not go through. Please pay by %(day)s to go on working.")


def late_subscriptions(tenant: Tenant) -> QuerySet[Subscription]:
    """Of gateways: those of an invoice go by its documents."""
    rows = Subscription.objects.select_related("plan_version__plan")
    return rows.filter(tenant=tenant, state__in=LATE).exclude(gateway="")


def open_invoices(tenant: Tenant, *, now: datetime) -> Iterator[TaxDocument]:
    """Of payers by invoice: due in three days or before, and not settled in full. What a bank took
    back in a dispute is for staff, and nobody is reminded of it."""
    rows = TaxDocument.objects.select_related("account").filter(
        tenant=tenant,
        kind="invoice",
        account__pays_by="invoice",
        due_on__lte=clock.today(now) + SOONEST,
    )
    taken = Settlement.objects.filter(document=OuterRef("pk"), cause__startswith="dispute:")
    found = list(rows.exclude(Exists(taken)).order_by("due_on", "id"))
    settled = settled_paise(found)
    return (row for row in found if row.total_paise > settled.get(row.pk, 0))


def due_again_on(document: TaxDocument) -> date:
    """When it is due: the day on the invoice, or, when a transfer or deducted tax that had settled
    it was taken back later, a week after that. Nobody is cut off for what counted as paid."""
    rows = document.settlements.filter(by__in=["tds", "transfer"], amount_paise__lt=0)
    taken = rows.aggregate(at=Max("created_at"))["at"]
    return document.due_on if taken is None else max(document.due_on, clock.today(taken) + AGAIN)


def waits_for_staff(document: TaxDocument) -> bool:
    """A transfer of this payer is not matched yet: that is ours to solve, not the customer's."""
    return may_be_paid(document)


def steps_done(
    *, subscription: Subscription | None = None, document: TaxDocument | None = None
) -> list[DunningStep]:
    """All steps of a subscription or of an invoice, the oldest first."""
    rows = DunningStep.objects.filter(subscription=subscription, document=document)
    return list(rows.order_by("id"))


def open_episodes(tenant: Tenant) -> list[DunningStep]:
    """The newest step of every episode that no recovery has ended."""
    newest: dict[tuple[object, ...], DunningStep] = {}
    for row in DunningStep.objects.filter(tenant=tenant).order_by("id"):
        newest[(row.subscription_id, row.document_id, row.episode_at)] = row
    return [row for row in newest.values() if row.step not in {"recovered", "ended"}]


def tenants_to_look_at(*, now: datetime) -> QuerySet[Tenant]:
    """Workspaces with late or soon due money, or with an episode that may be over."""
    late = Subscription.objects.filter(state__in=LATE).values("tenant_id")
    due = TaxDocument.objects.filter(
        kind="invoice",
        account__pays_by="invoice",
        due_on__lte=clock.today(now) + SOONEST,
    ).values("tenant_id")
    told = DunningStep.objects.values("tenant_id")
    return Tenant.objects.filter(Q(pk__in=late) | Q(pk__in=due) | Q(pk__in=told)).order_by("pk")
