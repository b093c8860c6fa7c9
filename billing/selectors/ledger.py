"""What the books say. Amounts are integer paise; debits are positive."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum

from billing.engine.ledger import ACCOUNTS, CUSTOMERS
from billing.models import JournalEntry, JournalLine
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

# Of an account that is none of ours: shown, since hidden the rest would not sum to zero.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class TrialRow:
    account: str
    name: str
    kind: str
    amount_paise: int


@public_context()
def balance_of(tenant: Tenant) -> int:
    """What this customer owes us; below zero is what we owe."""
    rows = JournalLine.objects.filter(tenant=tenant, account=CUSTOMERS)
    return rows.aggregate(paise=Sum("amount_paise"))["paise"] or 0


@public_context()
def trial_balance(until: date | None = None) -> list[TrialRow]:
    """Every account that was moved, to the end of that day; the amounts sum to zero.

    Of the whole company, wherever it is asked: a part of the books does not balance.
    """
    lines = JournalLine.objects.all()
    if until is not None:
        lines = lines.filter(entry__posted_on__lte=until)
    sums = lines.order_by().values("account").annotate(paise=Sum("amount_paise"))
    amounts = {row["account"]: row["paise"] for row in sums}
    names = {**{code: (UNKNOWN, code) for code in amounts}, **ACCOUNTS}
    ordered = [*ACCOUNTS, *sorted(amounts.keys() - ACCOUNTS.keys())]
    return [
        TrialRow(code, names[code][1], names[code][0], amounts[code])
        for code in ordered
        if amounts.get(code)
    ]


def entries_of(tenant: Tenant) -> QuerySet[JournalEntry]:
    rows = JournalEntry.objects.filter(tenant=tenant).prefetch_related("lines")
    return rows.order_by("-posted_on", "-id")
