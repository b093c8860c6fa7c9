"""Paid at two gateways within one second: one subscription; the other money goes back once."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from django.db import connections

from billing.models import Checkout, Payment, Refund, Subscription, TaxDocument
from billing.selectors import entitlements_of
from billing.selectors.ledger import balance_of, trial_balance
from billing.services import webhook_receive
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_run
from tests.billing.lives import LETTERS
from tests.billing.lives_at_twins import RazorpayLife, StripeLife

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ENDED = {"cancelled", "canceled"}


@pytest.fixture
def lives(razorpay_twin, stripe_twin, stripe_sent, local_tenant, asha, supplier):
    return [
        RazorpayLife(razorpay_twin, local_tenant, asha),
        StripeLife(stripe_twin, local_tenant, asha),
    ]


def at_once(works) -> None:
    def one(work):
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, works))


def hear(lives, random) -> int:
    """Every new webhook of both, each twice, all at the same moment."""
    sent = []
    for life in lives:
        events = life.signed_events()
        sent += [(life.code, *event) for event in events[life.told :] * 2]
        life.told = len(events)
    random.shuffle(sent)
    at_once(
        lambda code=code, raw=raw, headers=headers: webhook_receive(
            gateway_code=code, raw=raw, headers=headers, now=clock.now()
        )
        for code, raw, headers in sent
    )
    return len(sent)


def work(random) -> int:
    """What is due, by eight workers, in any order."""
    rows = DueWork.objects.filter(
        task__startswith="billing.", done_at=None, dead_at=None, due_at__lte=clock.now()
    ).exclude(task__in=LETTERS)
    numbers = list(rows.values_list("pk", flat=True))
    random.shuffle(numbers)
    at_once(lambda number=number: work_run(number) for number in numbers)
    return len(numbers)


@pytest.mark.parametrize("seed", range(6))
def test_one_subscription_and_the_others_money_once(lives, local_tenant, seed):
    random = Random(seed)
    random.shuffle(lives)
    pages = [life.open() for life in lives]
    at_once(
        lambda life=life, page=page: life.press(Checkout.objects.get(pk=page.pk))
        for life, page in zip(lives, pages, strict=True)
    )
    for _turn in range(12):
        if not hear(lives, random) + work(random):
            break
    else:
        raise AssertionError("work never ends")

    [live] = Subscription.objects.filter(tenant=local_tenant, state="active").exclude(gateway="")
    kept, surplus = Payment.objects.order_by("needs_refund")
    assert (kept.needs_refund, surplus.needs_refund) == (False, True)
    assert (kept.gateway, kept.subscription_id) == (live.gateway, live.pk)
    assert entitlements_of(local_tenant, now=clock.now()).access == "full"

    refund = Refund.objects.get()
    assert (refund.payment_id, refund.amount_paise, refund.state) == (
        surplus.pk,
        117_882,
        "processed",
    )
    there = {life.code: life for life in lives}
    given = {code: sum(life.given_back().values()) for code, life in there.items()}
    assert given == {kept.gateway: 0, surplus.gateway: 117_882}
    assert {code: sum(life.money().values()) for code, life in there.items()} == {
        kept.gateway: 117_882,
        surplus.gateway: 117_882,
    }
    assert there[kept.gateway].status(live.gateway_subscription_id) == "active"
    others = [row["id"] for row in there[surplus.gateway].running.all("subscription")]
    assert [there[surplus.gateway].status(one) in ENDED for one in others] == [True]

    [invoice] = TaxDocument.objects.all()
    assert (invoice.kind, invoice.total_paise) == ("invoice", 117_882)
    assert invoice.settlements.get().payment_id == kept.pk
    assert balance_of(local_tenant) == 0
    assert sum(row.amount_paise for row in trial_balance()) == 0
    assert not DueWork.objects.filter(task__startswith="billing.").exclude(dead_at=None)
