"""Money of customers and the invoices it went to, for the tables of advances."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from types import MappingProxyType
from uuid import UUID

from django.db.models import Q

from billing.engine.gst import ABROAD, gstin_state, place_of_supply
from billing.engine.gstr1 import Receipt
from billing.engine.numbering import month_bounds, month_of
from billing.models import (
    AccountWorkspace,
    BillingAccount,
    GstRegistration,
    IncomingTransfer,
    Payment,
    Refund,
    Settlement,
)
from marketing_platform.core import clock

Uses = dict[int, list[tuple[date, int]]]
Told = Callable[[date, datetime], date]
NOTHING: Mapping[str, datetime] = MappingProxyType({})


def receipts_until(
    *, day: date, supplier_state: str, locked: Mapping[str, datetime] = NOTHING
) -> list[Receipt]:
    """Payments and transfers received before `day` with what became of them, by State.

    A payment that is to be given back pays for nothing and is no advance; nor is money from
    abroad, since exports carry no tax on advances. Transfers that no payer is known of yet wait
    with staff. `locked` is when each filed month was locked: what was written down after that
    belongs to the first month that was open then, so that a filed return stays as it was.
    """
    told = partial(told_on, locked=locked)
    payments = list(
        Payment.objects.filter(needs_refund=False, currency="INR").only(
            "id", "tenant_id", "amount_paise", "paid_at", "created_at"
        )
    )
    places = _places({payment.tenant_id for payment in payments}, supplier_state)
    uses = _payment_uses(told)
    receipts = [
        Receipt(
            place=places.get(payment.tenant_id, supplier_state),
            paid_on=told(clock.today(payment.paid_at), payment.created_at),
            amount_paise=payment.amount_paise,
            uses=tuple(uses.get(payment.pk, ())),
        )
        for payment in payments
    ]
    receipts += _transfers(supplier_state, told)
    return [each for each in receipts if each.paid_on < day and each.place != ABROAD]


def told_on(day: date, written_at: datetime, *, locked: Mapping[str, datetime]) -> date:
    """The day, or the first of the next month that was open when it was written down."""
    while (locked_at := locked.get(month_of(day))) and written_at > locked_at:
        day = month_bounds(month_of(day))[1]
    return day


def _payment_uses(told: Told) -> Uses:
    """What settled an invoice, and what went back without ever having done so."""
    uses: Uses = defaultdict(list)
    rows = Settlement.objects.filter(by="payment", payment__isnull=False)
    columns = ("payment", "settled_on", "created_at", "amount_paise")
    for payment, on, at, paise in rows.values_list(*columns):
        uses[payment].append((told(on, at), paise))
    refunds = Refund.objects.filter(state="processed", payment__needs_refund=False)
    for refund in refunds.only("payment_id", "amount_paise", "settled_at", "created_at"):
        at = refund.settled_at or refund.created_at
        uses[refund.payment_id].append((told(clock.today(at), at), refund.amount_paise))
    return uses


def _transfers(supplier_state: str, told: Told) -> list[Receipt]:
    uses: Uses = defaultdict(list)
    settled = Settlement.objects.filter(by="transfer", cause__startswith="transfer:")
    columns = ("cause", "settled_on", "created_at", "amount_paise")
    for cause, on, at, paise in settled.values_list(*columns):
        number = cause.split(":")[1]
        if number.isdecimal():
            uses[int(number)].append((told(on, at), paise))
    rows = IncomingTransfer.objects.filter(~Q(state="returned"), account__isnull=False)
    transfers = list(rows.select_related("account"))
    defaults = _default_gstins({row.account_id for row in transfers})
    return [
        Receipt(
            place=_place(row.account, defaults.get(row.account_id, ""), supplier_state),
            paid_on=told(row.received_on, row.created_at),
            amount_paise=row.amount_paise,
            uses=tuple(uses.get(row.pk, ())),
        )
        for row in transfers
    ]


def _places(tenants: Iterable[UUID], supplier_state: str) -> dict[UUID, str]:
    """As an invoice of the workspace would have it: the GSTIN that counts, else the address."""
    rows = AccountWorkspace.objects.filter(tenant__in=list(tenants)).select_related(
        "account", "registration"
    )
    links = list(rows)
    defaults = _default_gstins({link.account_id for link in links})
    return {
        link.tenant_id: _place(link.account, _gstin(link, defaults), supplier_state)
        for link in links
    }


def _gstin(link: AccountWorkspace, defaults: dict[int, str]) -> str:
    chosen = link.registration
    if chosen is not None and chosen.removed_at is None:
        return chosen.gstin
    return defaults.get(link.account_id, "")


def _default_gstins(accounts: Iterable[int]) -> dict[int, str]:
    rows = GstRegistration.objects.filter(
        account__in=list(accounts), is_default=True, removed_at=None
    )
    return dict(rows.values_list("account", "gstin"))


def _place(account: BillingAccount, gstin: str, supplier_state: str) -> str:
    return place_of_supply(
        country="IN" if gstin else account.country,
        state_code=account.state_code,
        gstin_state=gstin_state(gstin),
        supplier_state=supplier_state,
    )
