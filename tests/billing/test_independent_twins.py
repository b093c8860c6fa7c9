"""At both gateways: what was shown is what the twin took, on days that are easily wrong."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from billing.models import Payment, Refund, TaxDocument
from tests.billing.lives_at_twins import razorpay_life, start_of, stripe_life  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SECOND = timedelta(seconds=1)
DAYS = (
    datetime(2028, 1, 31, 18, 29, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 6, 0, tzinfo=UTC),
    datetime(2027, 12, 30, 18, 30, tzinfo=UTC),
    datetime(2027, 3, 31, 18, 30, tzinfo=UTC),
)


def up(amount: Fraction) -> int:
    return int((2 * amount + 1) // 2)


def at(life, moment):
    life.running.twin.books.offset = start_of(moment)
    return life


def rest_of(payment, moment) -> Fraction:
    start, end = payment.period_start, payment.period_end
    return Fraction((end - moment) // SECOND, (end - start) // SECOND)


def of_gateway(life, paid: Payment) -> int:
    return life.money()[paid.remote_id]


@pytest.mark.parametrize("moment", DAYS)
@pytest.mark.parametrize("days", [0, 13])
def test_a_year_at_razorpay_is_a_new_mandate(razorpay_life, moment, days):  # noqa: F811
    life = at(razorpay_life, moment)
    life.subscribe()
    life.advance(timedelta(days=days, seconds=7))
    old = Payment.objects.get()
    preview, change = life.change("year")
    assert (preview.way, preview.charged_paise) == ("switch", 1_178_820)
    credit = up(99_900 * rest_of(old, preview.computed_at))
    assert abs(preview.credit_paise - credit) <= 1
    assert preview.refund_paise == up(Fraction(preview.credit_paise * 118, 100))
    life.press(change.checkouts.get())
    life.settle()
    new = Payment.objects.latest("pk")
    assert of_gateway(life, new) == new.amount_paise == preview.charged_paise
    assert dict(life.given_back()) == {old.remote_id: preview.refund_paise}
    assert Refund.objects.get().amount_paise == preview.refund_paise
    assert TaxDocument.objects.get(kind="credit_note").total_paise == preview.refund_paise
    life.books_check()


@pytest.mark.parametrize("moment", DAYS)
@pytest.mark.parametrize("then", ["year", "month"])
def test_a_dearer_price_at_stripe_is_charged_in_place(stripe_life, moment, then):  # noqa: F811
    life = at(stripe_life, moment)
    life.subscribe(method="card")
    life.advance(timedelta(days=9, seconds=11))
    old = Payment.objects.get()
    if then == "month":
        life.dearer(123_457)
    preview, change = life.change(then)
    assert (preview.way, change.state) == ("in_place", "done")
    rest = rest_of(old, preview.computed_at)
    due = 999_000 - 99_900 * rest if then == "year" else (123_457 - 99_900) * rest
    assert abs(preview.charged_paise - due * Fraction(118, 100)) <= 2
    life.settle()
    new = Payment.objects.latest("pk")
    assert of_gateway(life, new) == new.amount_paise == preview.charged_paise
    invoice = TaxDocument.objects.latest("pk")
    assert (invoice.kind, invoice.total_paise) == ("invoice", preview.charged_paise)
    assert not Refund.objects.exists()
    life.books_check()
