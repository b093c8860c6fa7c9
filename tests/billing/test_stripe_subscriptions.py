"""A subscription at Stripe: renewals, failures, approvals, changes, pauses, the end."""

from datetime import timedelta

import pytest

from billing.engine.lifecycle import State
from billing.errors import RemoteNotFound
from billing.gateways.stripe import calls
from tests.billing.stripe_calls import BACK, DAY, ENTERPRISE, LOCAL, LOCAL_YEAR

# --- a subscription's life


def test_renewals_are_counted_and_dated(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    for _month in range(3):
        stripe_twin.act(number, "renew")

    found = stripe_gateway.fetch_subscription(number)

    assert (found.subscription.paid_count, len(found.payments)) == (4, 4)
    assert len({one.remote_id for one in found.payments}) == 4
    # Each period begins where the one before ended.
    ends = [one.period_end for one in found.payments[:-1]]
    assert [one.period_start for one in found.payments[1:]] == ends
    assert found.payments[-1].period_end == found.subscription.current_period_end


def test_a_page_of_a_hundred_is_not_the_end(stripe_gateway, stripe_twin, stripe_paid, monkeypatch):
    number = stripe_paid()
    for _month in range(4):
        stripe_twin.act(number, "renew")
    monkeypatch.setattr(calls, "PAGE", 2)

    assert stripe_gateway.fetch_subscription(number).subscription.paid_count == 5


def test_a_renewal_that_fails_is_tried_again_by_stripe(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    stripe_twin.act(number, "renew", "fail")
    late = stripe_gateway.fetch_subscription(number).subscription

    stripe_twin.advance(3 * DAY + 60)

    again = stripe_gateway.fetch_subscription(number)
    assert late.state == State.PAST_DUE and late.past_due_since is not None
    assert late.next_attempt_at is not None and late.paid_count == 1
    assert again.subscription.state == State.ACTIVE
    assert again.subscription.next_attempt_at is None
    assert again.subscription.paid_count == 2


def test_a_renewal_that_fails_to_the_end_is_suspended(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    stripe_twin.outcome(number, "fail")
    stripe_twin.act(number, "renew", "fail")
    stripe_twin.advance(16 * DAY)
    unpaid = stripe_gateway.fetch_subscription(number).subscription

    stripe_twin.act(number, "retry")

    assert (unpaid.state, unpaid.next_attempt_at) == (State.SUSPENDED, None)
    assert stripe_gateway.fetch_subscription(number).subscription.state == State.ACTIVE


@pytest.mark.parametrize(
    ("outcome", "state"), [("requires_action", State.PAST_DUE), ("processing", State.ACTIVE)]
)
def test_a_debit_that_waits_for_the_customer(
    stripe_gateway, stripe_twin, stripe_paid, outcome, state
):
    number = stripe_paid(ENTERPRISE)
    stripe_twin.act(number, "renew", outcome)
    waiting = stripe_gateway.fetch_subscription(number).subscription

    stripe_twin.act(number, "approve")

    found = stripe_gateway.fetch_subscription(number).subscription
    assert (waiting.state, waiting.mandate.state) == (state, "needs_afa")
    assert (found.state, found.mandate.state) == (State.ACTIVE, "confirmed")
    assert found.paid_count == 2


def test_a_lost_mandate_is_seen(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    stripe_twin.act(number, "lose_mandate")

    mandate = stripe_gateway.fetch_subscription(number).subscription.mandate

    assert (mandate.state, mandate.reason) == ("lost", "canceled")


def test_the_read_state_is_as_new_as_stripes_answer(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    now = stripe_twin.advance(5 * DAY)

    found = stripe_gateway.fetch_subscription(number).subscription.updated_at

    assert abs(found.timestamp() - now) <= 2


# --- changes


def test_a_preview_is_what_is_charged(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    start = stripe_gateway.fetch_subscription(number).subscription.current_period_start
    at = start + timedelta(days=10)
    stripe_twin.advance(10 * DAY)

    due = stripe_gateway.preview_change(number, LOCAL_YEAR, at=at)
    found = stripe_gateway.change_plan(number, LOCAL_YEAR, at=at, key="change-1")

    # November has 30 days here or December 31: the unused part of 117,882 for what is left.
    whole = (found.payments[0].period_end - start).total_seconds()
    unused = round(117_882 * (whole - 10 * DAY) / whole)
    assert due == 1_178_820 - unused
    assert found.payments[-1].amount_paise == due
    assert (found.subscription.charge, found.subscription.state) == (LOCAL_YEAR, State.ACTIVE)
    assert found.subscription.current_period_start == at
    assert found.subscription.current_period_end == at.replace(year=at.year + 1)


def test_a_preview_changes_nothing(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    at = stripe_gateway.fetch_subscription(number).subscription.current_period_start

    stripe_gateway.preview_change(number, ENTERPRISE, at=at)

    assert stripe_gateway.fetch_subscription(number).subscription.charge == LOCAL
    assert len(stripe_twin.all("invoice")) == 1


def test_a_change_that_was_not_paid_has_not_happened(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    at = stripe_gateway.fetch_subscription(number).subscription.current_period_start
    stripe_twin.outcome(number, "fail")
    refused = stripe_gateway.change_plan(number, LOCAL_YEAR, at=at, key="change-1")

    stripe_twin.act(number, "retry")

    found = stripe_gateway.fetch_subscription(number)
    assert (refused.subscription.charge, len(refused.payments)) == (LOCAL, 1)
    assert refused.subscription.state == State.ACTIVE
    assert (found.subscription.charge, len(found.payments)) == (LOCAL_YEAR, 2)


def test_the_same_change_twice_is_one(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    at = stripe_gateway.fetch_subscription(number).subscription.current_period_start

    for _turn in range(2):
        found = stripe_gateway.change_plan(number, LOCAL_YEAR, at=at, key="change-1")

    assert len(found.payments) == 2
    assert len(stripe_twin.ledger("charged")) == 2


def test_cancelling_at_the_end_and_taking_it_back(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    cancelled = stripe_gateway.cancel(number, at_period_end=True, key="1").subscription
    kept = stripe_gateway.keep(number, key="2").subscription
    stripe_gateway.cancel(number, at_period_end=True, key="3")

    stripe_twin.act(number, "renew")

    assert (cancelled.cancel_at_period_end, cancelled.state) == (True, State.ACTIVE)
    assert not kept.cancel_at_period_end
    assert stripe_gateway.fetch_subscription(number).subscription.state == State.CANCELED


def test_cancelling_now_can_be_asked_twice(stripe_gateway, stripe_paid):
    number = stripe_paid()

    for key in ("1", "1", "2"):
        found = stripe_gateway.cancel(number, at_period_end=False, key=key)
        assert found.subscription.state == State.CANCELED

    with pytest.raises(RemoteNotFound):
        stripe_gateway.cancel("sub_nobody", at_period_end=False, key="4")


def test_a_pause_debits_nothing(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    paused = stripe_gateway.pause(number, key="1").subscription
    stripe_twin.act(number, "renew")
    during = stripe_gateway.fetch_subscription(number).subscription

    resumed = stripe_gateway.resume(number, key="2").subscription

    stripe_twin.act(number, "renew")
    after = stripe_gateway.fetch_subscription(number).subscription
    assert (paused.state, paused.paused_by) == (State.PAUSED, "us")
    assert (during.paid_count, resumed.state, after.paid_count) == (1, State.ACTIVE, 2)


def test_the_portal_repairs_the_method(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    stripe_twin.outcome(number, "fail")
    stripe_twin.act(number, "renew", "fail")

    url = stripe_gateway.manage_url(number, return_url=BACK)
    answer = stripe_twin.press(url, "")

    assert answer.headers["Location"] == BACK
    assert stripe_gateway.fetch_subscription(number).subscription.state == State.ACTIVE
