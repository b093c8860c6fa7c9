"""Lives that end unpaid, at both gateways' twins."""

import pytest

from billing.models import Subscription
from billing.services.asking import cancel_ask
from marketing_platform.core import clock
from tests.billing.lives import DAY
from tests.billing.lives_at_twins import razorpay_life, stripe_life  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.parametrize(
    ("gateway", "method", "after", "state"),
    [
        ("stripe", "card", 1, "past_due"),
        ("razorpay", "upi", 1, "past_due"),
        ("razorpay", "upi", 4, "suspended"),
    ],
)
def test_cancelled_while_a_charge_is_open(request, gateway, method, after, state):
    life = request.getfixturevalue(f"{gateway}_life")
    row = life.subscribe(method=method)
    end = row.current_period_end
    life.debits(row.gateway_subscription_id, "fail")
    life.advance_to(end, after * DAY)
    late = life.live()
    assert late.state == state
    cancel_ask(subscription=late, at_period_end=False, now=clock.now())
    life.settle()
    over = Subscription.objects.get(pk=row.pk)
    assert (over.state, over.access_until, life.access) == ("canceled", end, "read_only")
    life.books_check()
