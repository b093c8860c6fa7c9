"""Payers by invoice, day by day: the next invoice, its message, a purchase order that runs out.

An invoice is issued on the first day of its period, which is never after its due date, paid or not
(CGST s.31(5)): what is late is a matter of reminders and not of the invoice.
"""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from billing.engine.access import GRACE
from billing.engine.lifecycle import State
from billing.engine.prices import base_of
from billing.engine.proration import period_at, period_end
from billing.models import Subscription, TaxDocument
from billing.selectors.accounts import link_of
from billing.services.accounts import account_of
from billing.services.invoicing import invoice_issue
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.messaging.services import message_send
from marketing_platform.notifications.services import notify
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.selectors import tenant_url

# Orders are written weeks ahead: said once a month before, and once when it is over.
PO_NOTICE = timedelta(days=30)
BEGINNINGS = ("quote:", "restart:")
NEW_INVOICE = _("Invoice %(number)s")
NEW_INVOICE_TEXT = _("%(amount)s for %(workspace)s, due on %(day)s. Download it here: %(url)s")
PO_TITLE = _("Your purchase order is running out")
PO_TEXT = _("Order %(number)s ends on %(day)s. Enter the next one, so that your invoices carry it.")
PO_MISSING = _("Your invoices need a purchase order number")
PO_MISSING_TEXT = _("The next invoice would go out without one. Please enter it.")


@public_context()
def paper_renew(*, tenant: Tenant, now: datetime) -> list[TaxDocument]:
    """The invoices of periods that have begun, of a workspace that pays by invoice; run again it
    issues nothing. A period that lay in a suspension is not invoiced: the next begins today."""
    issued = []
    with transaction.atomic():
        Tenant.objects.select_for_update(of=("self",)).get(pk=tenant.pk)
        row = _renewing(tenant)
        while row is not None and row.current_period_end <= now:
            if row.cancel_at_period_end:
                row.state, row.access_until = State.ENDED, row.current_period_end
                row.state_changed_at = now
                row.save(update_fields=["state", "access_until", "state_changed_at"])
                break
            issued.append(_issue(row, now))
    return issued


@public_context()
def paper_remind(*, tenant: Tenant, now: datetime) -> bool:
    """Behind the bell, once each: an order that runs out, one that is wanted and missing."""
    link = link_of(tenant)
    if link is None or link.account.pays_by != "invoice":
        return False
    if link.po_valid_until and link.po_valid_until <= clock.today(now) + PO_NOTICE:
        with override(link.account.language):
            day = date_format(link.po_valid_until, "DATE_FORMAT")
        params = {"number": link.po_number, "day": day}
        key = f"billing-po:{link.po_number}:{link.po_valid_until}"
        _bell(tenant, PO_TITLE, PO_TEXT, params, key, now)
        return True
    if link.account.po_required and not link.po_number:
        _bell(tenant, PO_MISSING, PO_MISSING_TEXT, {}, f"billing-po-missing:{now:%Y-%m}", now)
        return True
    return False


def tell_later(document: TaxDocument, *, now: datetime) -> None:
    """In the transaction that issues it: the message goes out once the invoice is on record."""
    work_schedule(
        task="billing.tell_invoice",
        arguments={"document_id": document.pk},
        due_at=now,
        key=f"billing-invoice:{document.pk}",
        queue="billing",
    )


@public_context()
def invoice_tell(*, document_id: int) -> int:
    """To every billing address of the payer; to how many. Raises OutsideFailure: tried again."""
    from billing.services.dunning_messages import recipients_of

    document = TaxDocument.objects.select_related("tenant").get(pk=document_id)
    tenant = document.tenant
    with override(document.language):
        params = {
            "number": document.number,
            "amount": Rupees(document.total_paise).format(),
            "workspace": tenant.name,
            "day": date_format(document.due_on, "DATE_FORMAT"),
            "url": tenant_url(tenant, f"/billing/invoices/{document.pk}/pdf/"),
        }
        subject, text = gettext(NEW_INVOICE) % params, gettext(NEW_INVOICE_TEXT) % params
    people = recipients_of(tenant)
    for way, address in people:
        to = {"to_email": address} if way == "email" else {"to_phone": address}
        message_send(subject=subject, text=text, kind="billing", language=document.language, **to)
    return len(people)


def _renewing(tenant: Tenant) -> Subscription | None:
    """What is running on paper; suspended rows wait until they are paid."""
    rows = Subscription.objects.select_for_update(of=("self",)).select_related("plan_version")
    return rows.filter(
        tenant=tenant,
        gateway="",
        state__in=[State.ACTIVE, State.PAST_DUE],
        current_period_end__isnull=False,
    ).first()


def _issue(row: Subscription, now: datetime, actor_id: UUID | None = None) -> TaxDocument:
    account_of(row.tenant, now=now)
    is_behind = now >= row.current_period_end + GRACE
    start, end = _restart(row, now) if is_behind else _next(row)
    cause = f"{'restart' if is_behind else 'renewal'}:{row.pk}:{clock.today(start)}"
    document = invoice_issue(
        tenant=row.tenant,
        subscription=row,
        base_paise=_base(row),
        cause=cause,
        now=now,
        period_start=start,
        period_end=end,
        actor_id=actor_id,
    )
    row.current_period_start, row.current_period_end = start, end
    row.save(update_fields=["current_period_start", "current_period_end"])
    tell_later(document, now=now)
    return document


def _base(row: Subscription) -> int:
    version = row.plan_version
    listed = base_of(
        monthly_paise=version.monthly_paise,
        annual_paise=version.annual_paise,
        interval=row.interval,
    )
    return listed if row.agreed_paise is None else row.agreed_paise


def _next(row: Subscription) -> tuple[datetime, datetime]:
    """Counted from the first day, so that the 31st comes back after February."""
    return period_at(_anchor(row), row.interval, row.current_period_end)


def _restart(row: Subscription, now: datetime) -> tuple[datetime, datetime]:
    start = datetime.combine(clock.today(now), time(0), clock.IST)
    return start, period_end(start, row.interval)


def _anchor(row: Subscription) -> datetime:
    """The first day of the run of invoices that goes on."""
    rows = TaxDocument.objects.filter(subscription=row, kind="invoice").order_by("-id")
    begun = next((each for each in rows if each.cause.startswith(BEGINNINGS)), None)
    if begun is None or not begun.lines[0].get("period_start"):
        return row.current_period_start
    first = datetime.fromisoformat(begun.lines[0]["period_start"])
    return first.replace(tzinfo=clock.IST)


def _bell(
    tenant: Tenant, title: str, text: str, params: dict[str, str], key: str, now: datetime
) -> None:
    with tenant_context(tenant):
        notify(
            title=title,
            text=text,
            params=params,
            url="/billing/paper/",
            kind="billing",
            key=key[:100],
            now=now,
        )
