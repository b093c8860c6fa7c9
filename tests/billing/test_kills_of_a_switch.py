"""A switch of plan at Razorpay's twin, killed at every commit: begun, told by
webhooks, the old one ended, its rest given back.

Whatever was cut off: the workspace stays open, the old subscription ends after the new mandate and
not before, the year is charged once and the rest of the month goes back once.
"""

from datetime import timedelta
from functools import partial

import pytest

from billing.models import PlanChange, Refund, Subscription
from billing.services.changing import change_preview, change_start
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from tests.billing.killing import boundaries
from tests.billing.lives import BACK
from tests.billing.lives_at_twins import razorpay_life  # noqa: F401

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WAITED = timedelta(seconds=31)


class Case:
    """One workspace's month at Razorpay, and the year that it changes to."""

    def __init__(self, life):
        self.life = life
        Subscription.objects.exclude(state="ended").update(state="ended", access_until=None)
        self.old = life.subscribe()
        self.preview = change_preview(
            subscription=self.old, interval="year", now=clock.now() + timedelta(seconds=1)
        )
        life.pass_time(2)

    def begin(self):
        return change_start(
            subscription=self.old,
            interval="year",
            at=self.preview.computed_at,
            seen_paise=self.preview.charged_paise,
            return_url=BACK,
            actor_id=None,
            now=clock.now(),
        )

    def finish(self):
        """What the owner and the workers do after the kill, and what must then be so."""
        life = self.life
        assert life.access == "full"
        life.pass_time(int(WAITED.total_seconds()))
        change = PlanChange.objects.filter(subscription=self.old).first() or self.begin()
        if change.state == "awaiting_mandate":
            page = self.begin().checkouts.get()
            assert life.status(self.old.gateway_subscription_id) == "active"
            life.press(page)
        self.take_up()
        self.check()

    def take_up(self):
        for _turn in range(3):
            DueWork.objects.filter(done_at=None).update(leased_until=None, lease_token=None)
            self.life.pass_time(61)
            self.life.settle()

    def check(self):
        life, change = self.life, PlanChange.objects.get(subscription=self.old)
        new = life.live()
        assert (change.state, change.new_subscription_id) == ("done", new.pk)
        assert (new.interval, life.access) == ("year", "full")
        assert life.status(new.gateway_subscription_id) == "active"
        assert life.status(self.old.gateway_subscription_id) == "cancelled"
        life.never_ended_before(new, self.old)
        assert new.payments.get().amount_paise == self.preview.charged_paise
        [refund] = Refund.objects.filter(payment__subscription=self.old)
        assert (refund.state, refund.amount_paise) == ("processed", self.preview.refund_paise)
        live = [row for row in life.running.all("subscription") if row["status"] == "active"]
        assert [row["id"] for row in live] == [new.gateway_subscription_id]
        life.running.twin.books.end(live[0], "cancelled")
        life.settle()


@pytest.fixture
def life(razorpay_life):  # noqa: F811
    return razorpay_life


def drill(life, prepare):
    """Every boundary of one part; how many kills there were."""
    cases = []

    def begin():
        cases.append(Case(life))
        return prepare(cases[-1])

    for _work in boundaries(begin):
        cases[-1].finish()
    life.books_check()
    print(f"{len(cases)} kills")
    return len(cases)


def to_the_page(case):
    return case.begin().checkouts.get()


def to_the_payment(case):
    case.life.press(to_the_page(case))
    case.life.hear()


def only(life, task):
    """The work of one kind that is due, as a worker of its own does it."""
    rows = DueWork.objects.filter(task=task, done_at=None, due_at__lte=clock.now())
    return partial(life.work_on, list(rows.order_by("pk").values_list("pk", flat=True)))


def test_killed_while_it_is_begun(life):
    assert drill(life, lambda case: case.begin) >= 6


def test_killed_while_its_webhooks_are_applied(life):
    def prepare(case):
        to_the_payment(case)
        return only(life, "billing.apply_event")

    assert drill(life, prepare) >= 12


def test_killed_while_the_old_one_is_ended(life):
    def prepare(case):
        to_the_payment(case)
        only(life, "billing.apply_event")()
        return only(life, "billing.follow_change")

    assert drill(life, prepare) >= 4


def test_killed_while_the_rest_goes_back(life):
    def prepare(case):
        to_the_payment(case)
        only(life, "billing.apply_event")()
        only(life, "billing.follow_change")()
        return only(life, "billing.run_refund")

    assert drill(life, prepare) >= 6
