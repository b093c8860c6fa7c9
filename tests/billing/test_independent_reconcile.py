"""A second reconcile executes no statement that writes, on any connection."""

import re
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from billing.models import Payment, Refund
from billing.services.charging import payments_catch_up
from billing.services.reconciling import reconcile
from billing.services.refunds import refund_plan
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from tests.billing.lives import DAY, MINUTE
from tests.billing.lives_at_twins import razorpay_life, sandbox_life, stripe_life  # noqa: F401

pytestmark = pytest.mark.django_db
WRITES = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|TRUNCATE|MERGE\s+INTO|COPY\s|NOTIFY\b|nextval)",
    re.IGNORECASE,
)


def reconciled(code):
    """As the nightly work does it, and what it executed."""
    now = clock.now()
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(one)) for one in connections.all()]
        report = reconcile(gateway_code=code, since=now - timedelta(days=400), now=now)
        payments_catch_up(gateway_code=code, now=now)
    return report, [one["sql"] for captured in seen for one in captured.captured_queries]


def live_deaf(life):
    """A month that was told, then everything without a word: a renewal, another, a refund."""
    row = life.subscribe()
    life.is_deaf = True
    for _month in range(2):
        # The question that is put at the end of each period would make up for it by itself.
        DueWork.objects.filter(task="billing.refresh_subscription").update(done_at=clock.now())
        life.advance_to(next_end(row))
        if life.code == "sandbox":
            life.act(row.gateway_subscription_id, "renew")
        row.current_period_end += 31 * DAY
    refund_plan(
        payment=Payment.objects.earliest("pk"),
        amount_paise=1_180,
        reason="Asked for",
        actor_id=None,
        now=clock.now(),
    )
    life.advance(MINUTE)


def next_end(row):
    return row.current_period_end + DAY


def twice(life):
    live_deaf(life)
    first, statements = reconciled(life.code)
    assert first.changed
    assert [one for one in statements if WRITES.search(one)]
    life.is_deaf = False
    life.settle()
    reconciled(life.code)
    life.settle()
    assert Payment.objects.count() == 3
    assert Refund.objects.get().state == "processed"
    report, statements = reconciled(life.code)
    assert (report.changed, report.unanswered, report.refused, report.missing) == ([], [], [], [])
    assert report.asked
    assert statements
    assert [one for one in statements if WRITES.search(one)] == []


def test_at_the_sandbox(sandbox_life):  # noqa: F811
    twice(sandbox_life)


@pytest.mark.slow
def test_at_razorpay(razorpay_life):  # noqa: F811
    twice(razorpay_life)


@pytest.mark.slow
def test_at_stripe(stripe_life):  # noqa: F811
    twice(stripe_life)
