"""What gateways settle beside payments: disputes, their fees, what the bank sent back."""

from dataclasses import replace

import pytest

from billing.engine import ledger
from billing.engine.payouts import Item, opened
from billing.gateways.razorpay import payouts as of_razorpay
from billing.gateways.stripe import payouts as of_stripe
from billing.models import Dispute, Payout
from billing.selectors.payouts import unknown_items, untied_payouts
from tests.billing.stripe_calls import ENTERPRISE
from tests.billing.test_payouts import NOW, books, item, paid_out, told  # noqa: F401
from tests.billing.test_payouts_twins import imported, ours, post

ADJUSTMENT = {"id": "txn_1", "type": "adjustment", "fee": 0, "fee_details": []}


def of(**row):
    found = of_stripe._item({**ADJUSTMENT, **row})
    return (found.kind, found.remote_id, found.amount_paise, found.fee_paise, found.fee_tax_paise)


@pytest.mark.parametrize(
    ("row", "told_as"),
    [
        # Taken by a dispute, with its fee and the GST on that; given back when it is won.
        (
            {
                "amount": -5000,
                "fee": 1770,
                "source": {"object": "dispute", "id": "du_1"},
                "fee_details": [
                    {"type": "stripe_fee", "amount": 1500},
                    {"type": "tax", "amount": 270},
                ],
            },
            ("adjustment", "du_1", -5000, 1500, 270),
        ),
        (
            {"amount": 5000, "source": {"object": "dispute", "id": "du_1"}},
            ("adjustment", "du_1", 5000, 0, 0),
        ),
        # A refund that did not reach the card comes back, under either name.
        (
            {"amount": 900, "source": {"object": "refund", "id": "re_1"}},
            ("refund", "re_1", 900, 0, 0),
        ),
        (
            {"type": "refund_failure", "amount": 900, "source": {"object": "refund", "id": "re_1"}},
            ("refund", "re_1", 900, 0, 0),
        ),
        # Fees that are no payment's are fees, not a loss.
        ({"type": "stripe_fee", "amount": -300}, ("adjustment", "txn_1", 0, 300, 0)),
        ({"type": "tax_fee", "amount": -54}, ("adjustment", "txn_1", 0, 0, 54)),
        (
            {"type": "payout_failure", "amount": 77, "source": {"object": "payout", "id": "po_1"}},
            ("payout", "po_1", 77, 0, 0),
        ),
        ({"amount": -40, "source": None}, ("adjustment", "txn_1", -40, 0, 0)),
    ],
)
def test_what_stripe_writes_is_what_our_rows_call_it(row, told_as):
    assert of(**row) == told_as


def test_an_adjustment_of_razorpay_is_its_disputes():
    row = {"entity_id": "adj_1", "type": "adjustment", "amount": 90, "fee": 0, "tax": 0}
    row |= {"credit": 0, "debit": 90}
    assert of_razorpay._item(row | {"dispute_id": "disp_1"}).remote_id == "disp_1"
    assert of_razorpay._item(row | {"dispute_id": None}).remote_id == "adj_1"


def test_a_payout_that_came_back_is_what_was_in_it():
    inside = [Item("payment", "p", 118, 10, 2)]
    again = Item("payout", "po_1", 106)
    own = Item("payment", "q", 5)
    assert opened([own, again], {"po_1": inside}) == (own, *inside)
    assert opened([own, again], {}) is None
    assert opened([again], {"po_1": [Item("payment", "p", 118, 10, 1)]}) is None
    assert opened([own], {}) == (own,)


@pytest.mark.django_db
def test_a_lost_dispute_at_stripe_is_no_loss_twice(
    stripe_gateway, stripe_twin, stripe_paid, local_tenant
):
    number = stripe_paid(ENTERPRISE)
    (payment,) = stripe_gateway.fetch_subscription(number).payments
    ours(local_tenant, "stripe", payment.remote_id, 2_950_000)
    stripe_twin.act(number, "dispute")
    (made,) = stripe_twin.twin.books.all("dispute")
    Dispute.objects.create(
        tenant=local_tenant, payment=_payment(),
        remote_id=made["id"], amount_paise=2_950_000, state="lost", observed_at=NOW, created_at=NOW,
    )  # fmt: skip
    post(local_tenant, "dispute", ledger.dispute_lost(2_950_000))
    stripe_twin.post("payouts")
    assert len(imported("stripe").posted) == 1
    # Only the fee and its GST are gone; the gateway owes nothing and lost nothing.
    assert books() == {"bank": -69_620, "gateway_fees": 59_000, "input_gst": 10_620}
    assert not unknown_items().exists()


def _payment():
    from billing.models import Payment

    return Payment.objects.get()


@pytest.mark.django_db
def test_a_lost_dispute_at_razorpay_is_no_loss_twice(razorpay_twin, local_tenant):
    from tests.billing.test_payouts_twins import PaymentRequest, gateway_of

    gateway = gateway_of("razorpay")
    started = gateway.start_payment(PaymentRequest("ref-1", 100_000, "INR", "x", "http://a.in/"))
    razorpay_twin.press(started.url)
    payment = gateway.fetch_checkout(started.remote_id).payments[0].remote_id
    ours(local_tenant, "razorpay", payment, 100_000)
    for action in ("dispute", "lose"):
        razorpay_twin.post(f"payments/{payment}", {"action": action})
    (made,) = razorpay_twin.twin.books.all("dispute")
    Dispute.objects.create(
        tenant=local_tenant, payment=_payment(), remote_id=made["id"], amount_paise=100_000,
        state="lost", observed_at=NOW, created_at=NOW,
    )  # fmt: skip
    post(local_tenant, "dispute", ledger.dispute_lost(100_000))
    razorpay_twin.post("settle", {})
    assert len(imported("razorpay").posted) == 1
    assert books() == {"bank": -2_360, "gateway_fees": 2_000, "input_gst": 360}


@pytest.mark.django_db
@pytest.mark.parametrize("was_booked", [True, False])
def test_a_payout_of_stripe_that_fails_comes_in_the_next_one(told, was_booked):  # noqa: F811
    first = paid_out(item())
    failed = replace(first, state="failed")
    back = item("payout", "pout_1", 106, 0, 0)
    second = paid_out(
        item("payment", "pay_2", 50, 0, 0), back, remote_id="pout_2", utr="SBX2", paid_on=NOW.date()
    )
    if was_booked:
        told(first)
    # The newest is told first.
    report = told(second, failed)
    assert (report.posted, report.untied) == (["pout_2"], [])
    # 118 and 50 were paid out in the end, less the fee that was charged all the same.
    assert books() == {"bank": 156, "gateway_fees": 10, "input_gst": 2, "gateways": -168}
    assert told(second, failed).posted == []
    assert untied_payouts() == []


@pytest.mark.django_db
def test_what_came_back_of_an_unknown_payout_waits(told):  # noqa: F811
    second = paid_out(item("payout", "pout_0", 106, 0, 0), remote_id="pout_2")
    assert told(second).untied == ["pout_2"]
    assert books() == {}
    assert Payout.objects.get().items.get().is_known is False


@pytest.mark.django_db
def test_a_lost_middle_page_of_razorpay_books_nothing(razorpay_twin, monkeypatch):
    monkeypatch.setattr(of_razorpay, "RECON_PAGE", 2)
    for paise in (10_000, 20_000, 30_000, 40_000, 50_000):
        razorpay_twin.twin.books.payment(paise, "INR", "upi")
    razorpay_twin.post("settle", {})
    whole = of_razorpay.Client.many

    def lossy(self, path, **more):
        rows = list(whole(self, path, **more))
        yield from rows[:2] + rows[4:] if "recon" in path else rows

    with monkeypatch.context() as patched:
        patched.setattr(of_razorpay.Client, "many", lossy)
        assert len(imported("razorpay").untied) == 1
    assert books() == {}
    # 30,000 and 20,000 less 2.36 % are missing.
    assert [row.difference_paise for row in untied_payouts()] == [48_820]
    assert len(imported("razorpay").posted) == 1
    assert books()["gateways"] == -150_000
