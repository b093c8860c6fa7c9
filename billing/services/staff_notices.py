"""What members of staff are told by e-mail: prices that no longer fit the tax, and the letter of
undertaking before it ends. Each notice is a row of due work per person, so that nobody gets two.
"""

import logging
from datetime import date, datetime, time, timedelta

from billing.engine.gst import WITHOUT_TAX
from billing.models import LIVE_STATES, Supplier, TaxDocument
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.messaging.services import message_send
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event
from marketing_platform.users.models import User

logger = logging.getLogger(__name__)
KIND = "billing_staff"
LETTER_DAYS = 30
MORNING = time(9)
LETTER_SUBJECT = "The letter of undertaking ends on {day}"
LETTER_TEXT = (
    "The letter of undertaking {number} of {gstin} ends on {day}. Enter the new one under "
    "Suppliers before that day. From the day after, exports and supplies to SEZ carry IGST; "
    "their invoices then take the tax out of the amount charged. Subscriptions that are "
    "charged without tax now: {count}."
)
PRICE_SUBJECT = "{workspace}: the price no longer fits the tax"


@public_context()
def staff_tell(*, subject: str, text: str, key: str) -> int:
    """One e-mail for each member of staff, else for the supplier's own address; in the caller's
    transaction, once per `key`. Answers how many."""
    addresses = _staff_addresses()
    for person, address in addresses:
        work_schedule(
            task="billing.tell_staff",
            arguments={"to_email": address, "subject": subject, "text": text},
            key=f"{key}:{person}",
            queue="billing",
        )
    return len(addresses)


def staff_send(*, to_email: str, subject: str, text: str) -> None:
    message_send(to_email=to_email, subject=subject, text=text, kind=KIND)


@public_context()
def price_differs(document: TaxDocument, *, now: datetime) -> None:
    """An invoice was issued whose tax is not that of the price which the payer agreed to: into the
    workspace's history, and to staff. In the transaction that issues it."""
    text = _price_words(document)
    logger.error("invoice %s: %s", document.number, text)
    tenant_event(document.tenant, "price_differs", reason=text[:500], now=now)
    staff_tell(
        subject=PRICE_SUBJECT.format(workspace=document.tenant.name),
        text=f"{document.tenant.name} ({document.tenant.slug}): {text}",
        key=f"billing-staff-price:{document.pk}",
    )


def _price_words(document: TaxDocument) -> str:
    agreed = document.lines[0].get("agreed_paise")
    total = Rupees(document.total_paise).format()
    if agreed is None:
        return (
            f"{total} was charged with IGST, though this payer would go without tax now; invoice "
            f"{document.number} says so. Offer the lower price."
        )
    tax = Rupees(document.total_paise - document.taxable_paise - document.rounding_paise).format()
    return (
        f"{total} was charged without tax as agreed, but tax was due on the day of invoice "
        f"{document.number}: {tax} of it is GST. Agree on a new price with the payer."
    )


@public_context()
def letter_plan(supplier: Supplier) -> None:
    """Have staff reminded thirty days before the letter of undertaking ends."""
    until = supplier.lut_valid_until
    if until is None:
        return
    work_schedule(
        task="billing.remind_letter",
        arguments={"supplier_id": supplier.pk, "until": until.isoformat()},
        due_at=datetime.combine(letter_reminded_on(until), MORNING, clock.IST),
        key=f"billing-letter:{supplier.pk}:{until}",
        queue="billing",
    )


def letter_reminded_on(until: date) -> date:
    return until - timedelta(days=LETTER_DAYS)


@public_context()
def letter_remind(*, supplier_id: int, until: date) -> bool:
    """Unless a newer letter was entered meanwhile, or another supplier issues."""
    supplier = Supplier.objects.filter(pk=supplier_id, is_on=True, lut_valid_until=until).first()
    if supplier is None:
        return False
    words = {
        "day": f"{until:%d-%m-%Y}",
        "number": supplier.lut_number,
        "gstin": supplier.gstin,
        "count": charged_without_tax(),
    }
    staff_tell(
        subject=LETTER_SUBJECT.format(**words),
        text=LETTER_TEXT.format(**words),
        key=f"billing-staff-letter:{supplier.pk}:{until}",
    )
    return True


@public_context()
def charged_without_tax() -> int:
    """How many live subscriptions have their newest invoice without tax."""
    rows = TaxDocument.objects.filter(
        kind="invoice", subscription__state__in=LIVE_STATES, subscription__isnull=False
    )
    newest = rows.order_by("subscription_id", "-pk").distinct("subscription_id")
    return sum(supply in WITHOUT_TAX for supply in newest.values_list("supply", flat=True))


def _staff_addresses() -> list[tuple[str, str]]:
    """Who and where; there is always somebody once a supplier has an address."""
    people = User.objects.filter(is_staff=True, is_active=True, email__isnull=False)
    found = [(str(pk), email) for pk, email in people.order_by("pk").values_list("pk", "email")]
    if found:
        return found
    ours = Supplier.objects.filter(is_on=True).values_list("email", flat=True).first()
    return [("supplier", ours)] if ours else []
