"""What may be debited without asking the customer again, by method and date. Amounts are paise.

Sources: RBI "Digital Payments – E-mandate Framework, 2026" of 21 April 2026 (approval at
registration and first debit; later debits up to ₹15,000 without; notice 24 hours before; cards,
UPI, prepaid); limits of mandates by method from the gateway's documentation (UPI up to ₹1 lakh,
e-mandate up to ₹1 crore; RuPay above ₹15,000 not at all). RBI's own text was read in reports of it
only: the rows are dated, and a new circular is a new row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from marketing_platform.core.money import Rupees

DebitWay = Literal["silent", "needs_approval", "refused"]
LAKH, CRORE = 1_00_000_00, 1_00_00_000_00
FRAMEWORK = "RBI Digital Payments – E-mandate Framework, 2026 (21 Apr 2026)"


@dataclass(frozen=True)
class MethodRule:
    """`silent_paise`: the largest debit that needs no approval. `most_paise`: the largest mandate
    (None: by the customer's bank). `above`: what becomes of a debit between the two.
    """

    method: str
    since: date
    silent_paise: int
    most_paise: int | None
    above: DebitWay
    source: str
    notice: timedelta = timedelta(hours=24)


_SINCE = date(2026, 4, 21)
TABLE: tuple[MethodRule, ...] = (
    MethodRule("card", _SINCE, 15_000_00, None, "needs_approval", FRAMEWORK),
    MethodRule("rupay", _SINCE, 15_000_00, 15_000_00, "refused", "Razorpay subscriptions FAQ, 26"),
    MethodRule("upi", _SINCE, 15_000_00, LAKH, "needs_approval", FRAMEWORK),
    MethodRule("emandate", _SINCE, CRORE, CRORE, "refused", "Razorpay, supported payment methods"),
)
Rules = Mapping[str, MethodRule]


def rules_at(on: date, table: Sequence[MethodRule] = TABLE) -> Rules:
    """The rule of each method on a day: the newest that holds then, else the oldest known."""
    found: dict[str, MethodRule] = {}
    for rule in sorted(table, key=lambda one: one.since):
        if rule.since <= on or rule.method not in found:
            found[rule.method] = rule
    return found


def debit_way(method: str, amount_paise: int, rules: Rules) -> DebitWay:
    """What becomes of a debit with GST. A method without a rule of its own always asks."""
    rule = rules.get(method)
    if rule is None:
        return "needs_approval"
    if rule.most_paise is not None and amount_paise > rule.most_paise:
        return "refused"
    return "silent" if amount_paise <= rule.silent_paise else rule.above


def largest_silent_base(method: str, rules: Rules) -> int:
    """The largest price before GST whose debit needs no approval: 12,711.86 by card."""
    limit = rules[method].silent_paise
    base = limit * 100 // 118 + 1
    while Rupees(base).with_gst().total.paise > limit:
        base -= 1
    return base


def has_headroom(limit_paise: int | None, amount_paise: int) -> bool:
    """Whether a mandate covers a debit; None: it names no limit."""
    return limit_paise is None or amount_paise <= limit_paise


def limit_to_ask(method: str, amount_paise: int, rules: Rules) -> int:
    """The mandate to ask for: twice the charge in whole ₹100, so that a new price rarely needs a
    new one, within what the method takes, and never less than the charge."""
    wanted = -(-2 * amount_paise // 100_00) * 100_00
    rule = rules.get(method)
    most = wanted if rule is None or rule.most_paise is None else rule.most_paise
    return max(amount_paise, min(wanted, most))


def methods_for(amount_paise: int, methods: Sequence[str], rules: Rules) -> tuple[str, ...]:
    """The methods to offer for a renewing charge: those that debit silently, in the given order,
    else those with which the customer approves each debit."""
    by_way = {
        way: tuple(name for name in methods if debit_way(name, amount_paise, rules) == way)
        for way in ("silent", "needs_approval")
    }
    return by_way["silent"] or by_way["needs_approval"]


def notice_until(method: str, debit_at: datetime, rules: Rules) -> datetime:
    """The last moment at which the customer may be told of a debit."""
    rule = rules.get(method)
    return debit_at - (rule.notice if rule else timedelta(hours=24))


def waiting_state(*, method: str, amount_paise: int, mandate: str, rules: Rules) -> str:
    """The mandate's state before a debit: needs_afa when only the customer can let it through.

    A lost, paused or missing mandate stays what it is.
    """
    way = debit_way(method, amount_paise, rules)
    return "needs_afa" if mandate == "confirmed" and way == "needs_approval" else mandate
