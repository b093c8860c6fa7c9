"""Transfers that arrived, and what they may pay for. Amounts are integer paise."""

from collections import defaultdict

from django.db.models import F, IntegerField, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from billing.engine.tds import base_left, expected_transfer
from billing.engine.transfers import Incoming, OpenInvoice, OpenPayer, match
from billing.models import BillingAccount, IncomingTransfer, TaxDocument

UNDECIDED = ("new", "queued")


def open_documents() -> QuerySet[TaxDocument]:
    """Invoices that are not settled, with `settled`; those due first at the front."""
    settled = Coalesce(Sum("settlements__amount_paise"), Value(0), output_field=IntegerField())
    rows = TaxDocument.objects.filter(kind="invoice").annotate(settled=settled)
    return rows.filter(total_paise__gt=F("settled")).order_by("due_on", "id")


def open_payers(*, virtual_account: str = "") -> list[OpenPayer]:
    """Payers with open invoices, and the owner of that virtual account in any case. Two queries."""
    invoices: dict[int, list[OpenInvoice]] = defaultdict(list)
    for row in open_documents():
        invoices[row.account_id].append(_open_invoice(row))
    rows = BillingAccount.objects.filter(pk__in=list(invoices))
    if virtual_account:
        rows |= BillingAccount.objects.filter(virtual_account=virtual_account)
    return [
        OpenPayer(
            id=row.pk,
            name=row.legal_name,
            virtual_account=row.virtual_account,
            tds_basis_points=row.tds_basis_points,
            invoices=tuple(invoices[row.pk]),
        )
        for row in rows.distinct().order_by("pk")
    ]


def incoming_of(transfer: IncomingTransfer) -> Incoming:
    return Incoming(
        amount_paise=transfer.amount_paise,
        virtual_account=transfer.virtual_account,
        payer_name=transfer.payer_name,
        reference=transfer.reference,
    )


def may_be_paid(document: TaxDocument) -> bool:
    """Whether a transfer that nobody decided on yet is, or could be, this payer's: then it is ours
    to solve and the payer is not reminded."""
    waiting = IncomingTransfer.objects.filter(state__in=UNDECIDED)
    rows = list(waiting.filter(account=None)) + list(waiting.filter(account=document.account_id))
    if any(row.account_id for row in rows):
        return True
    payers = open_payers() if rows else []
    return any(document.account_id in match(incoming_of(row), payers).may_be for row in rows)


def transfer_queue() -> QuerySet[IncomingTransfer]:
    """What waits for staff, the oldest first."""
    rows = IncomingTransfer.objects.select_related("account", "bank_line")
    return rows.filter(state__in=UNDECIDED).order_by("received_on", "id")


def expected_paise(document: TaxDocument, open_paise: int) -> int:
    """What should arrive for an invoice, less the tax that its payer declared to deduct."""
    base = base_left(
        taxable_paise=document.taxable_paise,
        total_paise=document.total_paise,
        open_paise=open_paise,
    )
    return expected_transfer(
        total_paise=open_paise,
        base_paise=base,
        basis_points=document.account.tds_basis_points,
    )


def _open_invoice(row: TaxDocument) -> OpenInvoice:
    left = row.total_paise - row.settled
    return OpenInvoice(
        id=row.pk,
        number=row.number,
        due_on=row.due_on or row.issued_on,
        base_paise=base_left(
            taxable_paise=row.taxable_paise, total_paise=row.total_paise, open_paise=left
        ),
        open_paise=left,
    )
