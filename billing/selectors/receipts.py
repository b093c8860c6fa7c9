"""Money of customers and the invoices it went to, for the tables of advances."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
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
    *,
    day: date,
    supplier_state: str,
    lut_until: date | None = None,
    locked: Mapping[str, datetime] = NOTHING,
) -> list[Receipt]:
    """Payments and transfers received before `day` with what became of them, by State.

    A payment that is to be given back pays for nothing and is no advance; nor is money from
    abroad, since exports carry no tax on advances; what an SEZ paid while our letter of undertaking
    was valid (`lut_until`) has no tax in it. Transfers that no payer is known of yet wait
    with staff. `locked` is when each filed month was locked: what was written down after that
    belongs to the first month that was open then, so that a filed return stays as it was.
    """
    told = partial(told_on, locked=locked)
    payments = list(
        Payment.objects.filter(needs_refund=False, currency="INR").only(
            "id", "tenant_id", "amount_paise", "tax_paise", "paid_at", "created_at"
        )
    )
    payers = _payers({payment.tenant_id for payment in payments})
    uses = _payment_uses(told)
    receipts = []
    for payment in payments:
        payer, on = payers.get(payment.tenant_id), clock.today(payment.paid_at)
        receipts.append(
            Receipt(
                place=payer.place(supplier_state) if payer else supplier_state,
                paid_on=told(on, payment.created_at),
                amount_paise=payment.amount_paise,
                uses=tuple(uses.get(payment.pk, ())),
                is_taxed=bool(payment.tax_paise or not payer or payer.is_taxed(on, lut_until)),
            )
        )
    receipts += _transfers(supplier_state, lut_until, told)
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


def _transfers(supplier_state: str, lut_until: date | None, told: Told) -> list[Receipt]:
    uses: Uses = defaultdict(list)
    settled = Settlement.objects.filter(by="transfer", cause__startswith="transfer:")
    columns = ("cause", "settled_on", "created_at", "amount_paise")
    for cause, on, at, paise in settled.values_list(*columns):
        number = cause.split(":")[1]
        if number.isdecimal():
            uses[int(number)].append((told(on, at), paise))
    rows = IncomingTransfer.objects.filter(~Q(state="returned"), account__isnull=False)
    transfers = list(rows.select_related("account"))
    defaults = _defaults({row.account_id for row in transfers})
    payers = {row.pk: _Payer(row.account, defaults.get(row.account_id)) for row in transfers}
    return [
        Receipt(
            place=payers[row.pk].place(supplier_state),
            paid_on=told(row.received_on, row.created_at),
            amount_paise=row.amount_paise,
            uses=tuple(uses.get(row.pk, ())),
            is_taxed=payers[row.pk].is_taxed(row.received_on, lut_until),
        )
        for row in transfers
    ]


@dataclass(frozen=True)
class _Payer:
    """As an invoice would have it: the GSTIN that counts, else the address."""

    account: BillingAccount
    registration: GstRegistration | None

    def place(self, supplier_state: str) -> str:
        return place_of_supply(
            country="IN" if self.registration else self.account.country,
            state_code=self.account.state_code,
            gstin_state=gstin_state(self.registration.gstin) if self.registration else "",
            supplier_state=supplier_state,
        )

    def is_taxed(self, on: date, lut_until: date | None) -> bool:
        is_sez = self.registration is not None and self.registration.is_sez
        return not (is_sez and lut_until is not None and on <= lut_until)


def _payers(tenants: Iterable[UUID]) -> dict[UUID, _Payer]:
    rows = AccountWorkspace.objects.filter(tenant__in=list(tenants)).select_related(
        "account", "registration"
    )
    links = list(rows)
    defaults = _defaults({link.account_id for link in links})
    return {link.tenant_id: _Payer(link.account, _registration(link, defaults)) for link in links}


def _registration(
    link: AccountWorkspace, defaults: Mapping[int, GstRegistration]
) -> GstRegistration | None:
    chosen = link.registration
    if chosen is not None and chosen.removed_at is None:
        return chosen
    return defaults.get(link.account_id)


def _defaults(accounts: Iterable[int]) -> dict[int, GstRegistration]:
    rows = GstRegistration.objects.filter(
        account__in=list(accounts), is_default=True, removed_at=None
    )
    return {row.account_id: row for row in rows}
