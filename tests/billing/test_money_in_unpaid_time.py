"""Who ends without paying keeps what was paid for, and nothing of the period that was not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from billing.engine.access import access_of
from billing.engine.lifecycle import Change, Facts, State, is_unpaid, paid_time_only
from billing.gateways.base import Charge
from billing.gateways.razorpay import telling as razorpay
from billing.gateways.stripe import telling as stripe
from billing.models import Payment, Subscription
from billing.services.applying import SnapshotNeeded, observation_apply
from billing.services.subscriptions import access_fact
from tests.billing.changing_world import END, PAID_AT
from tests.billing.fake_gateway import Fake, Prorating

DAY = timedelta(days=1)
NOON = datetime(2027, 5, 1, 6, 30, tzinfo=UTC)
NEXT_END = NOON + 30 * DAY
LATE = Facts(State.PAST_DUE, past_due_since=NOON, period_end=NEXT_END)


def ended(before, change, paid_until):
    after = replace(before, state=State.CANCELED, access_until=NEXT_END)
    return paid_time_only(before, change, after, paid_until).access_until


@pytest.mark.parametrize(
    ("before", "open_since", "paid_until", "until"),
    [
        (LATE, None, NOON - DAY, NOON - DAY),
        # Never longer than the gateway itself says.
        (LATE, None, NEXT_END + DAY, NEXT_END),
        (replace(LATE, state=State.SUSPENDED), None, NOON, NOON),
        # No payment is known: up to when the trouble began, by the newest that tells it.
        (LATE, NOON - DAY, None, NOON - DAY),
        (LATE, None, None, NOON),
        (replace(LATE, past_due_since=None), None, None, NOON + 21 * DAY),
        # Our row had not heard of it.
        (Facts(State.ACTIVE), NOON, NOON - DAY, NOON - DAY),
        # Nothing was open: a month that was given, or paid by an earlier credit.
        (Facts(State.ACTIVE), None, NOON, NEXT_END),
        (Facts(State.TRIALING), None, None, NEXT_END),
        (Facts(State.PAUSED), None, NOON, NEXT_END),
    ],
)
def test_only_paid_time_is_kept(before, open_since, paid_until, until):
    change = Change(State.CANCELED, NOON + 21 * DAY, past_due_since=open_since)
    assert ended(before, change, paid_until) == until


def test_what_gives_no_time_is_left_alone():
    change = Change(State.EXPIRED, NOON)
    after = replace(LATE, state=State.EXPIRED)
    assert paid_time_only(LATE, change, after, NOON) is after
    assert is_unpaid(LATE, change)
    assert not is_unpaid(Facts(State.ACTIVE), change)


# --- what the gateways say of an end


def stripe_row(status):
    period = {"current_period_start": 1_900_000_000, "current_period_end": 1_902_592_000}
    price = {"unit_amount": 100, "currency": "inr", "metadata": {"plan": "local"}}
    price["recurring"] = {"interval": "month"}
    return {"id": "sub_1", "status": status, "items": {"data": [{"price": price, **period}]}}


@pytest.mark.parametrize(
    ("status", "invoice", "since"),
    [
        ("canceled", {"status": "open", "finalized_at": 1_900_003_600}, 1_900_003_600),
        ("canceled", {"status": "uncollectible", "finalized_at": 1_900_003_600}, 1_900_003_600),
        ("canceled", {"status": "void", "finalized_at": 1_900_003_600}, 1_900_003_600),
        ("canceled", {"status": "draft", "finalized_at": None}, 1_900_000_000),
        ("canceled", {"status": "paid", "finalized_at": 1_900_003_600}, None),
        ("canceled", None, None),
        ("past_due", {"status": "open", "finalized_at": 1_900_003_600}, 1_900_003_600),
        ("past_due", {"status": "draft", "finalized_at": None}, None),
        ("active", {"status": "open", "finalized_at": 1_900_003_600}, None),
    ],
)
def test_stripe_shows_the_charge_that_was_open_at_the_end(status, invoice, since):
    if invoice:
        finalized_at = invoice.pop("finalized_at")
        invoice |= {"created": 1_900_000_000, "status_transitions": {"finalized_at": finalized_at}}
    found = stripe.subscription(stripe_row(status), updated_at=NOON, invoice=invoice)
    told = found.past_due_since and int(found.past_due_since.timestamp())
    assert told == since


@pytest.mark.parametrize(
    ("status", "is_told"),
    [("cancelled", True), ("pending", True), ("halted", True), ("active", False)],
)
def test_razorpay_shows_the_charge_that_was_open_at_the_end(status, is_told):
    row = {"id": "sub_1", "status": status, "paid_count": 1, "notes": {"op_id": "1"}}
    found = razorpay.observations(
        row, Charge(100, "INR", "local", "month"), at=NOON, past_due_since=NOON - DAY
    )
    since = found[-1].subscription.past_due_since
    assert since == (NOON - DAY if is_told else None)


# --- through the tables


def hear(row, now, *, is_reading=True, **changes):
    """What the gateway says now; with `changes` of the subscription."""
    Fake.remote.now = now
    told = Prorating().fetch_subscription(row.gateway_subscription_id)
    told = replace(told, is_authoritative=is_reading)
    told = replace(told, subscription=replace(told.subscription, **changes))
    with transaction.atomic():
        observation_apply(gateway_code="prorating", observation=told, now=now)
    return Subscription.objects.get(pk=row.pk)


def unpaid_period(row, now):
    """A new period begins, as at Stripe, and its charge fails."""
    theirs = Fake.remote.subscriptions[row.gateway_subscription_id]
    Fake.remote.now = now
    theirs.periods += 1
    Fake.remote.fail(theirs)
    return theirs


def access(row, now):
    return access_of([access_fact(row)], now).level


@pytest.mark.django_db
@pytest.mark.parametrize("is_reading", [True, False])
def test_cancelled_for_non_payment(subscribed, remote, is_reading):
    row = subscribed("prorating")
    theirs = unpaid_period(row, END + DAY)
    late = hear(row, END + DAY)
    assert late.current_period_end > END + 25 * DAY
    # In grace everything works, whatever was paid.
    assert (late.state, access(late, END + 2 * DAY)) == ("past_due", "full")
    Fake.remote.now = END + 5 * DAY
    Fake.remote.put(theirs, State.CANCELED, past_due_since=None)
    over = hear(row, END + 5 * DAY, is_reading=is_reading)
    assert (over.state, over.access_until) == ("canceled", END)
    assert access(over, END + 5 * DAY) == "read_only"


@pytest.mark.django_db
def test_the_word_of_the_failed_charge_was_lost(subscribed, remote):
    row = subscribed("prorating")
    theirs = unpaid_period(row, END + DAY)
    since = theirs.past_due_since
    Fake.remote.now = END + 5 * DAY
    Fake.remote.put(theirs, State.CANCELED)
    # The event alone does not tell whether its period was paid for.
    with pytest.raises(SnapshotNeeded):
        hear(row, END + 5 * DAY, is_reading=False, past_due_since=None)
    assert Subscription.objects.get(pk=row.pk).state == "active"
    over = hear(row, END + 5 * DAY, past_due_since=since)
    assert (over.state, over.access_until) == ("canceled", END)


@pytest.mark.django_db
def test_a_period_that_was_given_is_kept(subscribed, remote):
    """No charge was open: an earlier credit at the gateway paid for it."""
    row = subscribed("prorating")
    theirs = Fake.remote.subscriptions[row.gateway_subscription_id]
    theirs.periods += 1
    Fake.remote.put(theirs, State.CANCELED)
    over = hear(row, END + 5 * DAY)
    assert over.access_until == over.current_period_end > END


@pytest.mark.django_db
def test_a_late_charge_gives_its_time_after_all(subscribed, remote):
    row = subscribed("prorating")
    theirs = unpaid_period(row, END + DAY)
    hear(row, END + DAY)
    Fake.remote.put(theirs, State.CANCELED)
    assert hear(row, END + 5 * DAY).access_until == END
    theirs.periods -= 1
    Fake.remote.charge(theirs)
    theirs.state = State.CANCELED
    over = hear(row, END + 6 * DAY)
    assert Payment.objects.filter(subscription=row).count() == 2
    assert over.state == "canceled"
    assert over.access_until == theirs.payments[-1].period_end > END + 25 * DAY


@pytest.mark.django_db
def test_cancelled_in_the_middle_of_what_was_paid(subscribed, remote):
    row = subscribed("prorating")
    theirs = Fake.remote.subscriptions[row.gateway_subscription_id]
    Fake.remote.put(theirs, State.CANCELED)
    for is_reading in (False, True):
        over = hear(row, PAID_AT + timedelta(minutes=1), is_reading=is_reading)
        assert (over.state, over.access_until) == ("canceled", END)
