"""Killed at every commit of checkout, charge and refund: nothing is charged or given back twice,
and who has paid has access once the work was taken up again.
"""

from datetime import timedelta
from functools import partial

import pytest

from billing.gateways.registry import gateway_of
from billing.models import Checkout, Payment, Refund, Subscription, TaxDocument
from billing.selectors import entitlements_of
from billing.services import checkout_start
from billing.services.refunds import refund_plan
from marketing_platform.core import clock
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_run
from tests.billing.killing import boundaries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def take_up():
    """What another worker does later: leases of the killed one are over by then."""
    for _turn in range(6):
        DueWork.objects.filter(done_at=None).update(leased_until=None, lease_token=None)
        rows = DueWork.objects.filter(
            task__startswith="billing.", done_at=None, dead_at=None, due_at__lte=clock.now()
        )
        if not [work_run(pk) for pk in list(rows.values_list("pk", flat=True))]:
            return


def run_due(task):
    """The work of a worker: everything of this kind that is due."""
    rows = DueWork.objects.filter(task=task, done_at=None, due_at__lte=clock.now())
    for pk in list(rows.values_list("pk", flat=True)):
        work_run(pk)


def test_opening_a_page(local_tenant, asha, twin):
    def prepare():
        Checkout.objects.filter(state="open").update(state="abandoned")
        return partial(
            checkout_start,
            tenant=local_tenant,
            interval="month",
            user_id=asha.pk,
            return_url="http://asha-sweets.localhost/billing/return/",
            now=clock.now(),
        )

    kills = 0
    for number, start in enumerate(boundaries(prepare)):
        kills = number
        # A page that nobody finished opening may be asked for again after half a minute.
        Checkout.objects.filter(state="open", remote_id="").update(asked_at=None)
        page = start()
        assert Checkout.objects.filter(state="open").count() == 1
        assert twin.state(page)["checkout"]["reference"] == str(page.pk)
        assert gateway_of("sandbox").find_checkout(str(page.pk)).remote_id == page.remote_id
    assert kills >= 4


def test_the_first_payment(start, twin, deliver, event_of, local_tenant, supplier):
    cases = []

    def prepare():
        """A workspace whose last subscription is over pays anew."""
        Subscription.objects.filter(tenant=local_tenant).update(state="ended", access_until=None)
        checkout = start()
        twin.act(checkout, "pay")
        cases.append(checkout)
        assert entitlements_of(local_tenant).access == "read_only"
        event = event_of("checkout.paid", twin.state(checkout), f"evt_{len(cases)}")
        assert deliver(event).status_code == 200
        return partial(run_due, "billing.apply_event")

    for _work in boundaries(prepare):
        take_up()
        checkout = cases[-1]
        payment = Payment.objects.get(checkout=checkout)
        assert entitlements_of(local_tenant).access == "full"
        assert TaxDocument.objects.filter(settlements__payment=payment).count() == 1
        assert not InboundEvent.objects.exclude(state="applied").exists()
        assert twin.state(checkout)["subscription"]["paid_count"] == 1
    assert Payment.objects.count() == len(cases) >= 6
    numbers = list(TaxDocument.objects.order_by("pk").values_list("number", flat=True))
    assert len(set(numbers)) == len(numbers) == len(cases)


def test_a_renewal(start, twin, deliver, event_of, local_tenant, supplier):
    checkout = start()
    twin.act(checkout, "pay")
    deliver(event_of("checkout.paid", twin.state(checkout), "evt_first"))
    take_up()
    remote = twin.state(checkout)["subscription"]["id"]
    count = [1]

    def prepare():
        count[0] += 1
        state = twin.change(remote, "renew")
        assert (
            deliver(event_of("subscription.charged", state, f"evt_{count[0]}")).status_code == 200
        )
        return partial(run_due, "billing.apply_event")

    for _work in boundaries(prepare):
        take_up()
        row = Subscription.objects.get(gateway_subscription_id=remote)
        assert (row.paid_count, row.payments.count()) == (count[0], count[0])
        assert TaxDocument.objects.count() == count[0]
        assert entitlements_of(local_tenant).access == "full"


def test_a_refund(start, twin, deliver, event_of, supplier):
    checkout = start()
    twin.act(checkout, "pay")
    deliver(event_of("checkout.paid", twin.state(checkout)))
    take_up()
    payment = Payment.objects.get()

    def prepare():
        refund_plan(
            payment=payment, amount_paise=118, reason="drill", actor_id=None, now=clock.now()
        )
        return partial(run_due, "billing.run_refund")

    for number, _work in enumerate(boundaries(prepare), 1):
        take_up()
        given = gateway_of("sandbox").fetch_refunds(payment.remote_id)
        assert len({one.reference for one in given}) == len(given) == number
        assert Refund.objects.filter(state="processed").count() == number
        assert TaxDocument.objects.filter(kind="credit_note").count() == number
    assert number >= 6


def test_a_second_subscription_goes_back(start, twin, deliver, event_of, local_tenant, supplier):
    month, year = start("month"), start("year")
    for number, checkout in enumerate((month, year)):
        twin.act(checkout, "pay")
        deliver(event_of("checkout.paid", twin.state(checkout), f"evt_{number}"))
    take_up()
    [again] = Refund.objects.all()
    assert (again.state, again.amount_paise) == ("processed", 1_178_820)
    assert Payment.objects.filter(needs_refund=False).count() == 1
    assert timedelta(0) < Subscription.objects.get(state="active").current_period_end - clock.now()
