"""Signed events with any one value replaced: read, or refused as malformed; nothing else."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from billing.engine.lifecycle import State
from billing.errors import EventRefused, MalformedEvent
from billing.gateways.base import Observation
from billing.gateways.razorpay import events as razorpay
from billing.gateways.reading import whole
from billing.gateways.stripe import events as stripe
from tests.billing import test_razorpay_reading as razorpay_rows
from tests.billing import test_stripe_reading as stripe_rows

OTHERS = (None, True, 7, -1, 10**30, 1.5, "", "text", "x" * 5_000, [], {}, [7], {"id": "x"})
OBSERVED = Observation(None, None, ())
LINK = {"id": "plink_1", "status": "paid", "amount": 117_882, "currency": "INR",
        "reference_id": "ref-1", "notes": [], "payments": []}  # fmt: skip
REFUND = {"id": "rfnd_1", "payment_id": "pay_1", "amount": 100, "currency": "INR",
          "status": "processed", "created_at": razorpay_rows.AT, "notes": []}  # fmt: skip
DISPUTE = {"id": "disp_1", "payment_id": "pay_1", "amount": 100, "currency": "INR",
           "status": "open", "reason_code": "fraud", "respond_by": razorpay_rows.AT,
           "created_at": razorpay_rows.AT, "phase": "chargeback"}  # fmt: skip


class Told:
    """What the gateway itself would answer is not of interest here."""

    def __getattr__(self, name: str) -> Any:
        answer = razorpay_rows.CHARGE if name == "charge" else OBSERVED
        return lambda *_arguments: [] if name.startswith("subscriptions_") else answer


RAZORPAY = [
    razorpay_rows.event(
        "subscription.charged",
        subscription=razorpay_rows.SUBSCRIPTION,
        payment=razorpay_rows.PAYMENT,
    ),
    razorpay_rows.event("invoice.paid", invoice={"id": "inv_1", "subscription_id": "sub_1"}),
    razorpay_rows.event("payment_link.paid", payment_link=LINK, payment=razorpay_rows.PAYMENT),
    razorpay_rows.event("refund.processed", refund=REFUND),
    razorpay_rows.event("payment.dispute.created", dispute=DISPUTE),
]
STRIPE = [
    stripe_rows.event("customer.subscription.updated", stripe_rows.agreement()),
    stripe_rows.event("checkout.session.completed", {"id": "cs_1"}),
    stripe_rows.event(
        "mandate.updated",
        {"id": "m", "status": "inactive", "payment_method": "pm_1",
         "payment_method_details": {"type": "card", "card": {}}},
    ),
]  # fmt: skip


def places(thing: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for name, inner in list(thing.items() if isinstance(thing, dict) else enumerate(thing)):
        yield (*here, name)
        if isinstance(inner, dict | list):
            yield from places(inner, (*here, name))


def changed(event: Any, path: tuple[Any, ...], other: Any) -> Any:
    place = copy = deepcopy(event)
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = other
    return copy


def answer(read: Any, event: Any) -> str:
    try:
        found = read(event, Told())
    except (MalformedEvent, EventRefused):
        return "refused"
    for one in found:
        assert isinstance(one, Observation)
        assert one.subscription is None or isinstance(one.subscription.state, State)
    return "read"


@pytest.mark.parametrize(("read", "events"), [(razorpay, RAZORPAY), (stripe, STRIPE)])
def test_any_one_value_may_be_junk(read, events):
    answers = []
    for event in events:
        for path in places(event):
            for other in OTHERS:
                try:
                    answers.append(answer(read.observations, changed(event, path, other)))
                except Exception as error:
                    error.add_note(f"{path} was {str(other)[:40]!r}")
                    raise
    assert set(answers) == {"read", "refused"}
    assert len(answers) > 200


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 10**30])
def test_no_number_is_too_large_for_its_column(number):
    assert whole({"amount": 2**53}, "amount") == 2**53
    with pytest.raises(MalformedEvent):
        whole({"amount": number}, "amount")
