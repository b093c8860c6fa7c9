"""Coupons: whether one may be used, what it takes off, and how long it lasts. Amounts are paise."""

from dataclasses import dataclass
from datetime import datetime

from billing.engine.prices import MONTHS_IN, Interval

# Gateways charge no less, and a price of zero is no sale.
LEAST_PAISE = 100
# How the refund of a coupon that ends is told from others.
REFUND_REASON = "Coupon"
ONCE, REPEATING, FOREVER = "once", "repeating", "forever"


@dataclass(frozen=True)
class CouponTerms:
    """Either a share (basis points) or an amount per month; `months` of a repeating one."""

    percent_basis_points: int
    amount_paise: int
    duration: str
    months: int
    valid_from: datetime
    valid_until: datetime | None = None
    most_uses: int | None = None
    is_on: bool = True
    tier: str = ""


def refusal_of(terms: CouponTerms, *, tier: str, uses: int, now: datetime) -> str:
    """Why it cannot be taken up now: off, not_yet, over, other_tier, used_up; '' when it can.

    One that was taken up in time goes on after its last day.
    """
    reasons = (
        ("off", not terms.is_on),
        ("not_yet", now < terms.valid_from),
        ("over", terms.valid_until is not None and now >= terms.valid_until),
        ("other_tier", terms.tier not in {"", tier}),
        ("used_up", terms.most_uses is not None and uses >= terms.most_uses),
    )
    return next((reason for reason, holds in reasons if holds), "")


def months_at_start(terms: CouponTerms) -> int | None:
    """Months it lasts; 1 for a single payment of whatever interval, None: always."""
    return {ONCE: 1, REPEATING: terms.months, FOREVER: None}[terms.duration]


def discount_of(
    terms: CouponTerms, *, base_paise: int, interval: str, months_left: int | None
) -> int:
    """What it takes off one payment, half up, leaving at least ₹1.

    A repeating one of three months takes off a quarter of a year's share. A single one takes its
    share or amount off one payment, whatever the interval. An amount of the others is by the month.
    """
    in_it = MONTHS_IN[Interval(interval)]
    covered = in_it if months_left is None else min(months_left, in_it)
    if terms.duration == ONCE:
        # Of one payment: not by the month.
        in_it = covered = min(covered, 1)
    if not covered:
        return 0
    if terms.percent_basis_points:
        part, whole = base_paise * terms.percent_basis_points * covered, 10_000 * in_it
        taken = (2 * part + whole) // (2 * whole)
    else:
        taken = terms.amount_paise * covered
    return max(0, min(taken, base_paise - LEAST_PAISE))


def months_after(terms: CouponTerms, *, months_left: int | None, interval: str) -> int | None:
    """Months left after one payment with it; 0: it has ended."""
    if months_left is None:
        return None
    if terms.duration == ONCE:
        return 0
    return max(0, months_left - MONTHS_IN[Interval(interval)])


def is_in_price(terms: CouponTerms) -> bool:
    """Whether the agreed price itself is lower.

    A gateway's mandate has one amount. Only a coupon that lasts for ever lowers that; one that ends
    is given back after each payment, with a credit note, so that the amount never has to rise
    without the customer being asked.
    """
    return terms.duration == FOREVER
