"""Money that does not belong where it arrives: of a second subscription, or asked for by nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from billing.admin.settlements import unmatched_rows
from billing.engine.lifecycle import State
from billing.errors import EventRefused
from billing.models import Checkout, JournalEntry, Payment, Refund, Subscription, TaxDocument
from billing.selectors.ledger import trial_balance
from billing.services import checkout_refresh, checkout_start
from billing.services.applying import PAID_TWICE, observation_apply
from billing.services.charging import payments_odd
from billing.services.reconciling import reconcile
from marketing_platform.inbox.models import InboundState
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.models import TenantEvent
from tests.billing.changing_world import END, PAID_AT, RETURN
from tests.billing.fake_gateway import Fake, Prorating, run_due

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SOON = PAID_AT + timedelta(minutes=5)


def apply(told, now):
    with transaction.atomic():
        return observation_apply(gateway_code="prorating", observation=told, now=now)


def read_all(now):
    Fake.remote.now = now
    return reconcile(gateway_code="prorating", since=now - DAY, now=now)


def tables():
    models = (Payment, Refund, TaxDocument, JournalEntry, Checkout, TenantEvent, DueWork)
    rows = [list(model.objects.order_by("pk").values_list()) for model in models]
    # Which moment a reading began is no effect.
    return [
        *rows,
        list(Subscription.objects.order_by("pk").values_list("pk", "state", "paid_count")),
    ]


# --- the second subscription of a double checkout


@pytest.fixture
def twice(remote, local_tenant, asha):
    """Both pages of asha's are paid; the second subscription is not closed yet."""
    pages = [
        checkout_start(
            tenant=local_tenant,
            interval=interval,
            user_id=asha.pk,
            return_url=RETURN,
            now=PAID_AT,
            gateway_code="prorating",
        )
        for interval in ("month", "year")
    ]
    for page in pages:
        remote.pay(page.remote_id)
        checkout_refresh(checkout=page, now=PAID_AT)
    return [remote.subscriptions[remote.pages[page.remote_id]["subscription"]] for page in pages]


@pytest.mark.parametrize("names_page", [False, True])
def test_a_surplus_subscription_that_is_charged_again(twice, local_tenant, names_page):
    ours, surplus = twice
    Fake.remote.now = SOON
    again = Fake.remote.charge(surplus)
    read = Prorating().fetch_checkout if names_page else Prorating().fetch_subscription
    told = read(surplus.page_id if names_page else surplus.remote_id)
    for _turn in range(2):
        outcome = apply(told, SOON)
        assert (outcome.state, outcome.sentence) == (InboundState.APPLIED, PAID_TWICE)
    rows = Payment.objects.filter(needs_refund=True).order_by("pk")
    assert [row.remote_id for row in rows] == [one.remote_id for one in surplus.payments]
    assert rows[1].remote_id == again.remote_id
    run_due(SOON + DAY)
    given = {one.payment_id: one.amount_paise for one in Fake.remote.refunds.values()}
    assert given == {one.remote_id: one.amount_paise for one in surplus.payments}
    assert Refund.objects.count() == 2
    assert surplus.state == State.CANCELED
    # What goes back needs no invoice, as the first time.
    invoice = TaxDocument.objects.get()
    assert invoice.settlements.get().payment.remote_id == ours.payments[0].remote_id
    assert sum(row.amount_paise for row in trial_balance()) == 0
    # The first one is untouched, and nothing more happens.
    row = Subscription.objects.get(tenant=local_tenant)
    assert (row.state, row.gateway_subscription_id) == ("active", ours.remote_id)
    read_all(SOON + DAY)
    before = tables()
    assert read_all(SOON + DAY).changed == []
    assert tables() == before


def test_a_surplus_subscription_is_never_taken_for_the_one_that_ended(twice, local_tenant, asha):
    """The kept one is cancelled; a reading of the other then must not open it again."""
    ours, surplus = twice
    run_due(SOON)
    Fake.remote.put(ours, State.CANCELED)
    read_all(SOON)
    assert Subscription.objects.get(tenant=local_tenant).state == "canceled"
    page = checkout_start(
        tenant=local_tenant,
        interval="month",
        user_id=asha.pk,
        return_url=RETURN,
        now=SOON,
        gateway_code="prorating",
    )
    apply(Prorating().fetch_checkout(surplus.page_id), SOON)
    read_all(SOON)
    assert Subscription.objects.get(tenant=local_tenant).gateway_subscription_id == ours.remote_id
    # A page that is open for coming back stays so.
    page.refresh_from_db()
    assert page.state == "open"


# --- payments that nobody asked for


@pytest.fixture
def strange(subscribed, remote):
    """strange(**changes): another payment in every reading of asha's subscription, with a renewal
    that nobody told us of."""
    row = subscribed("prorating")
    theirs = remote.subscriptions[row.gateway_subscription_id]

    def make(**changes):
        remote.now = END
        odd = replace(theirs.payments[0], remote_id="pay_odd", paid_at=END, **changes)
        remote.charge(theirs)
        theirs.payments.insert(1, odd)
        return row

    return make


@pytest.mark.parametrize(
    "changes", [{"amount_paise": 100}, {"amount_paise": -5}, {"currency": "USD"}]
)
def test_one_strange_payment_does_not_hold_up_the_reading(strange, changes):
    row = strange(**changes)
    report = read_all(END)
    assert (report.refused, report.odd) == ([], ["pay_odd"])
    assert report.line().endswith(", 1 odd")
    row.refresh_from_db()
    assert row.current_period_end > END + 25 * DAY
    paid = Payment.objects.filter(subscription=row)
    assert (paid.count(), paid.filter(remote_id="pay_odd").exists()) == (2, False)
    # Staff have it on a list, once, and by e-mail.
    (listed,) = payments_odd()
    assert (listed.tenant_id, listed.kind) == (row.tenant_id, "payment_not_asked")
    assert listed.reason.startswith("prorating pay_odd: ")
    shown = [line for line in unmatched_rows() if line[0] == "payment not asked for"]
    assert [line[2] for line in shown] == ["prorating pay_odd"]
    assert shown[0][5].startswith("Asha Sweets: ")
    told = DueWork.objects.filter(key__startswith="billing-staff-odd:prorating:pay_odd:")
    assert told.count() == 1
    assert sum(line.amount_paise for line in trial_balance()) == 0
    before = tables()
    again = read_all(END)
    assert (again.changed, again.odd) == ([], ["pay_odd"])
    assert tables() == before


def test_a_payment_of_another_order_is_set_aside(strange, enterprise_tenant):
    row = strange()
    paid = Payment.objects.get()
    counted = {"tenant": enterprise_tenant, "remote_id": "pay_odd", "subscription": None}
    facts = {field: getattr(paid, field) for field in ("gateway", "base_paise", "tax_paise")}
    facts |= {field: getattr(paid, field) for field in ("amount_paise", "currency", "paid_at")}
    Payment.objects.create(**counted, **facts, created_at=END)
    assert read_all(END).odd == ["pay_odd"]
    assert Payment.objects.filter(subscription=row).count() == 2
    assert Payment.objects.get(remote_id="pay_odd").tenant_id == enterprise_tenant.pk


def test_what_was_counted_before_is_not_judged_again(subscribed, remote):
    """Its price may be older than all that is remembered."""
    row = subscribed("prorating")
    Payment.objects.filter(subscription=row).update(base_paise=1, tax_paise=0, amount_paise=1)
    theirs = remote.subscriptions[row.gateway_subscription_id]
    theirs.payments[0] = replace(theirs.payments[0], amount_paise=2)
    report = read_all(SOON)
    assert (report.refused, report.odd, payments_odd()) == ([], [], [])


def test_an_event_of_a_strange_payment_is_refused(strange):
    """Only a reading tells all; an event that does not agree grants and changes nothing."""
    row = strange(amount_paise=100)
    told = Prorating().fetch_subscription(row.gateway_subscription_id)
    with pytest.raises(EventRefused):
        apply(replace(told, is_authoritative=False), END)
    assert Payment.objects.count() == 1
    assert payments_odd() == []


def test_a_strange_payment_alone_opens_no_subscription(remote, local_tenant, asha):
    page = checkout_start(
        tenant=local_tenant,
        interval="month",
        user_id=asha.pk,
        return_url=RETURN,
        now=PAID_AT,
        gateway_code="prorating",
    )
    number = remote.pay(page.remote_id)
    theirs = remote.subscriptions[number]
    theirs.payments[0] = replace(theirs.payments[0], amount_paise=100)
    for _night in range(2):
        assert read_all(SOON).refused == [page.remote_id]
    told = DueWork.objects.get(key__startswith=f"billing-staff-refused:prorating:{page.remote_id}")
    assert "100 paise were paid, 117882 were asked" in told.arguments["text"]
    assert Payment.objects.count() == 0
    assert Subscription.objects.get(tenant=local_tenant).state == "trialing"
