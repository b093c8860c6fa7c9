"""A month at two gateways, for the tests that tie it out: rows and books, to the paisa."""

from datetime import UTC, date, datetime

from billing.engine import ledger
from billing.engine.payouts import Item, payout_postings
from billing.models import Dispute, Payment, Payout, PayoutItem, Refund
from billing.selectors.gateway_month import gateway_months
from billing.services.ledger import journal_post
from marketing_platform.core import clock

FIRST, TODAY = date(2026, 11, 1), date(2026, 12, 5)
NOON = datetime(2026, 11, 10, 6, 30, tzinfo=UTC)


def noon(day, month=11):
    return NOON.replace(day=day, month=month)


def entry(kind, cause, postings, at, tenant=None):
    facts = {"kind": kind, "cause": cause, "narration": kind, "postings": postings}
    return journal_post(**facts, on=clock.today(at), now=at, tenant=tenant)


def paid(tenant, number, paise, at, *, gateway="razorpay", booked_at=None, is_booked=True):
    row = Payment.objects.create(
        tenant=tenant, gateway=gateway, remote_id=number, base_paise=paise, tax_paise=0,
        amount_paise=paise, currency="INR", paid_at=at, created_at=at,
    )  # fmt: skip
    if is_booked:
        cause = f"payment:{gateway}:{number}"
        entry("payment", cause, ledger.payment_received(paise), booked_at or at, tenant)
    return row


def refunded(payment, number, paise, at):
    row = Refund.objects.create(
        tenant=payment.tenant, payment=payment, amount_paise=paise, state="processed",
        remote_id=number, reason="x", created_at=at, settled_at=at,
    )  # fmt: skip
    entry("refund", f"refund:{row.pk}", ledger.refund_paid(paise), at, payment.tenant)
    return row


def disputed(payment, number, paise, at, state="lost"):
    row = Dispute.objects.create(
        tenant=payment.tenant, payment=payment, remote_id=number, amount_paise=paise,
        state=state, observed_at=at, created_at=at,
    )  # fmt: skip
    if state == "lost":
        entry("dispute", f"dispute:{row.pk}", ledger.dispute_lost(paise), at, payment.tenant)
    return row


def out(number, at, *items, gateway="razorpay", state="processed", known=(), is_booked=True):
    """items: (kind, remote_id, paise, fee, tax)."""
    told = [Item(*one) for one in items]
    fees = [sum(getattr(one, name) for one in told) for name in ("fee_paise", "fee_tax_paise")]
    amount = sum(one.amount_paise for one in told) - sum(fees)
    row = Payout.objects.create(
        gateway=gateway, remote_id=number, utr=f"UTR{number.upper()}", state=state,
        amount_paise=amount, fee_paise=fees[0], fee_tax_paise=fees[1], paid_on=clock.today(at),
        created_at=at,
    )  # fmt: skip
    for one in told:
        facts = {"amount_paise": one.amount_paise, "fee_paise": one.fee_paise}
        facts |= {"kind": one.kind, "remote_id": one.remote_id, "fee_tax_paise": one.fee_tax_paise}
        is_known = (one.kind, one.remote_id) in known
        PayoutItem.objects.create(payout=row, is_known=is_known, **facts)
    if is_booked:
        postings = payout_postings(amount_paise=amount, items=told, known=frozenset(known))
        entry("payout", f"payout:{row.pk}:1", postings, at)
    return row


def a_month(tenant):
    """₹1,000 of October paid out in November with ₹5,000 of November; ₹400 of October refunded in
    November; ₹300 to come. Held at the end: 300."""
    early = paid(tenant, "pay_1", 100_000, noon(31, 10))
    paid(tenant, "pay_2", 500_000, noon(5))
    refunded(early, "rfnd_1", 40_000, noon(6))
    out(
        "setl_1",
        noon(7),
        ("payment", "pay_1", 100_000, 2_000, 360),
        ("payment", "pay_2", 500_000, 10_000, 1_800),
        ("refund", "rfnd_1", -40_000, 0, 0),
    )
    paid(tenant, "pay_3", 30_000, noon(29))
    out("setl_2", noon(1, 12), ("payment", "pay_3", 30_000, 600, 108))
    return early


def of(first=FIRST, gateway="razorpay", today=TODAY):
    (found,) = [one for one in gateway_months(first, today=today) if one.gateway == gateway]
    return found


def named(month):
    """What is shown as different, by code."""
    lines = [(one.code, one.line, one.key.split(":")[-1], one.paise) for one in month.differences]
    held = [(one.code, one.kind, one.remote_id, one.paise) for one in month.opens]
    return lines, held
