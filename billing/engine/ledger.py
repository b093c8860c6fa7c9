"""The accounts of our books, and which of them an event moves. Amounts are integer paise.

Double entry: debits are positive, credits negative, and the postings of an event sum to zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from billing.engine.gst import TaxSplit

CUSTOMERS = "customers"
GATEWAYS = "gateways"
BANK = "bank"
TDS_RECEIVABLE = "tds_receivable"
GATEWAY_FEES = "gateway_fees"
INPUT_GST = "input_gst"
BAD_DEBTS = "bad_debts"
ADJUSTMENTS = "adjustments"
DEFERRED_REVENUE = "deferred_revenue"
REVENUE = "revenue"
OUTPUT_CGST = "output_cgst"
OUTPUT_SGST = "output_sgst"
OUTPUT_IGST = "output_igst"
ROUNDING = "rounding"

ASSET, LIABILITY, INCOME, EXPENSE = "asset", "liability", "income", "expense"
# Code → kind and name. Customers owe us below a debit; a credit there is what we owe them.
ACCOUNTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        CUSTOMERS: (ASSET, "Customers"),
        GATEWAYS: (ASSET, "Payment gateways"),
        BANK: (ASSET, "Bank"),
        TDS_RECEIVABLE: (ASSET, "Tax deducted at source"),
        INPUT_GST: (ASSET, "Input GST"),
        DEFERRED_REVENUE: (LIABILITY, "Revenue not earned yet"),
        OUTPUT_CGST: (LIABILITY, "Output CGST"),
        OUTPUT_SGST: (LIABILITY, "Output SGST or UTGST"),
        OUTPUT_IGST: (LIABILITY, "Output IGST"),
        REVENUE: (INCOME, "Revenue"),
        ROUNDING: (EXPENSE, "Rounding"),
        GATEWAY_FEES: (EXPENSE, "Fees of gateways"),
        BAD_DEBTS: (EXPENSE, "Written off"),
        ADJUSTMENTS: (EXPENSE, "Adjustments"),
    }
)


@dataclass(frozen=True)
class Posting:
    account: str
    amount_paise: int


Postings = tuple[Posting, ...]


class Unbalanced(ValueError):
    """Postings that do not sum to zero, or name an account that is none."""


def postings(*pairs: tuple[str, int]) -> Postings:
    """Lines of zero are left out. Raises Unbalanced."""
    unknown = [account for account, _paise in pairs if account not in ACCOUNTS]
    if unknown:
        raise Unbalanced(f"there is no account {unknown[0]}")
    if sum(paise for _account, paise in pairs):
        raise Unbalanced("the postings do not sum to zero")
    return tuple(Posting(account, paise) for account, paise in pairs if paise)


def payment_received(amount_paise: int) -> Postings:
    """The gateway owes us what it took; until an invoice stands, we owe the customer."""
    return postings((GATEWAYS, amount_paise), (CUSTOMERS, -amount_paise))


def refund_paid(amount_paise: int) -> Postings:
    return postings((CUSTOMERS, amount_paise), (GATEWAYS, -amount_paise))


def dispute_lost(amount_paise: int) -> Postings:
    """The customer's bank took the payment back: it is owed again."""
    return refund_paid(amount_paise)


def invoice_issued(*, taxable_paise: int, tax: TaxSplit, rounding_paise: int = 0) -> Postings:
    """Nothing is earned yet: months are, one after the other (`revenue_earned`)."""
    total = taxable_paise + tax.total + rounding_paise
    return postings(
        (CUSTOMERS, total),
        (DEFERRED_REVENUE, -taxable_paise),
        (OUTPUT_CGST, -tax.cgst),
        (OUTPUT_SGST, -tax.sgst),
        (OUTPUT_IGST, -tax.igst),
        (ROUNDING, -rounding_paise),
    )


def credit_note_issued(*, taxable_paise: int, tax: TaxSplit, rounding_paise: int = 0) -> Postings:
    return reversed_of(
        invoice_issued(taxable_paise=taxable_paise, tax=tax, rounding_paise=rounding_paise)
    )


def revenue_earned(amount_paise: int) -> Postings:
    return postings((DEFERRED_REVENUE, amount_paise), (REVENUE, -amount_paise))


def transfer_received(amount_paise: int) -> Postings:
    return postings((BANK, amount_paise), (CUSTOMERS, -amount_paise))


def tds_deducted(amount_paise: int) -> Postings:
    """The customer paid a part to the tax office in our name (s.393 Income-tax Act 2025)."""
    return postings((TDS_RECEIVABLE, amount_paise), (CUSTOMERS, -amount_paise))


def written_off(amount_paise: int) -> Postings:
    return postings((BAD_DEBTS, amount_paise), (CUSTOMERS, -amount_paise))


def adjusted(amount_paise: int) -> Postings:
    """Positive: the customer owes more; negative: less."""
    return postings((CUSTOMERS, amount_paise), (ADJUSTMENTS, -amount_paise))


def payout_made(
    *, amount_paise: int, fee_paise: int, fee_tax_paise: int, adjustment_paise: int = 0
) -> Postings:
    """A gateway pays out what it holds, less its fee and the GST on it (an input of ours).

    `adjustment_paise` is what it added (or, below zero, kept) for a reason that is not in our
    books: no payment, refund or dispute of ours.
    """
    held = amount_paise + fee_paise + fee_tax_paise - adjustment_paise
    return postings(
        (BANK, amount_paise),
        (GATEWAY_FEES, fee_paise),
        (INPUT_GST, fee_tax_paise),
        (ADJUSTMENTS, -adjustment_paise),
        (GATEWAYS, -held),
    )


def payout_failed(
    *, amount_paise: int, fee_paise: int, fee_tax_paise: int, adjustment_paise: int = 0
) -> Postings:
    """It did not reach the bank: the gateway owes it again."""
    return reversed_of(
        payout_made(
            amount_paise=amount_paise,
            fee_paise=fee_paise,
            fee_tax_paise=fee_tax_paise,
            adjustment_paise=adjustment_paise,
        )
    )


def adjustment_explained(amount_paise: int) -> Postings:
    """An adjustment of a payout turns out to be a dispute's: it was the gateway's debt to us."""
    return postings((ADJUSTMENTS, amount_paise), (GATEWAYS, -amount_paise))


def reversed_of(made: Iterable[Posting]) -> Postings:
    return tuple(Posting(each.account, -each.amount_paise) for each in made)


def balances(entries: Iterable[Iterable[Posting]]) -> dict[str, int]:
    """By account; accounts that were never moved are missing."""
    sums: dict[str, int] = {}
    for entry in entries:
        for each in entry:
            sums[each.account] = sums.get(each.account, 0) + each.amount_paise
    return sums
