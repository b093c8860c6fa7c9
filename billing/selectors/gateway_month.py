"""A month at the gateways, from the books: what they owed, took, kept and paid out."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet, Sum

from billing.engine.ledger import ADJUSTMENTS, BANK, GATEWAY_FEES, GATEWAYS, INPUT_GST
from billing.models import JournalLine
from marketing_platform.tenants.context import public_context

NAMED = ("payment", "refund", "dispute", "payout")


@dataclass(frozen=True)
class GatewayMonth:
    """Integer paise of all gateways together. `adjustments_paise` is what they kept for reasons
    that are not in our books (below zero: what they added); `other_paise` is what anything else
    moved. `closing_paise` is read from the books and not worked out from the rest."""

    first: date
    opening_paise: int
    captured_paise: int
    refunds_paise: int
    disputes_paise: int
    fees_paise: int
    fee_tax_paise: int
    adjustments_paise: int
    other_paise: int
    paid_out_paise: int
    closing_paise: int

    @property
    def expected_paise(self) -> int:
        """What is to be accounted for: paid out, or still with the gateway."""
        taken = self.opening_paise + self.captured_paise - self.refunds_paise - self.disputes_paise
        kept = self.fees_paise + self.fee_tax_paise + self.adjustments_paise
        return taken - kept + self.other_paise

    @property
    def difference_paise(self) -> int:
        """0 when the month ties out."""
        return self.expected_paise - self.paid_out_paise - self.closing_paise


@public_context()
def gateway_month(first: date) -> GatewayMonth:
    """Of the calendar month of `first`; entries are of the day they were posted for."""
    first = first.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    held = JournalLine.objects.filter(account=GATEWAYS)
    month = {"entry__posted_on__gte": first, "entry__posted_on__lt": after}
    moved = _sums(held.filter(**month), "entry__kind")
    legs = _sums(JournalLine.objects.filter(entry__kind="payout", **month), "account")
    return GatewayMonth(
        first=first,
        opening_paise=_sum(held.filter(entry__posted_on__lt=first)),
        captured_paise=moved.get("payment", 0),
        refunds_paise=-moved.get("refund", 0),
        disputes_paise=-moved.get("dispute", 0),
        fees_paise=legs.get(GATEWAY_FEES, 0),
        fee_tax_paise=legs.get(INPUT_GST, 0),
        adjustments_paise=legs.get(ADJUSTMENTS, 0),
        other_paise=sum(paise for kind, paise in moved.items() if kind not in NAMED),
        paid_out_paise=legs.get(BANK, 0),
        closing_paise=_sum(held.filter(entry__posted_on__lt=after)),
    )


def _sums(rows: QuerySet[JournalLine], by: str) -> dict[str, int]:
    found = rows.order_by().values_list(by).annotate(paise=Sum("amount_paise"))
    return dict(found)


def _sum(rows: QuerySet[JournalLine]) -> int:
    return rows.aggregate(paise=Sum("amount_paise"))["paise"] or 0
