"""One unpaid debit from the first word to the last, as its owner meets it: what was promised."""

from datetime import timedelta

import pytest

from billing.engine.lifecycle import State
from billing.models import DunningStep, Subscription
from billing.selectors import entitlements_of
from billing.services import dunning as service
from billing.services.dunning import dunning_run
from billing.services.subscriptions import subscription_refresh
from marketing_platform.core import clock
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_run

# Each promise has a quick test of its own too: test_dunning.py, engine/test_dunning.py.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def paying(start, twin, local_tenant, supplier):
    """The workspace's subscription, paid at the sandbox gateway."""
    from billing.services import checkout_refresh

    checkout = start()
    twin.act(checkout, "pay")
    checkout_refresh(checkout=checkout, now=clock.now())
    return Subscription.objects.get(tenant=local_tenant)


@pytest.fixture
def retries(monkeypatch):
    """retries(when): when the gateway tries again by itself; None: not any more."""
    asked, told = service._ask, {"at": None}

    def ask(subscription, now):
        from dataclasses import replace

        snapshot = asked(subscription, now)
        Subscription.objects.filter(pk=subscription.pk).update(next_attempt_at=told["at"])
        return None if snapshot is None else replace(snapshot, next_attempt_at=told["at"])

    monkeypatch.setattr(service, "_ask", ask)
    return lambda when: told.update(at=when)


def test_from_the_failed_debit_to_the_payment_that_ends_it(
    paying, twin, local_tenant, asha, workspace_client, retries
):
    owner = workspace_client(local_tenant, asha)
    began = clock.now()
    assert "did not go through" not in owner.get("/billing/").content.decode()
    twin.change(paying.gateway_subscription_id, "fail")
    subscription_refresh(subscription_id=paying.pk, now=began)

    # Never a word while a retry of the gateway is in flight: neither before it nor until it is
    # answered; but the line on top says what happens.
    retries(began + DAY)
    for hours in (1, 23, 24, 30, 43):
        assert dunning_run(tenant=local_tenant, now=began + hours * HOUR) == 0
    assert "tries it again" in owner.get("/").content.decode()
    # Grace of 72 hours and more.
    assert entitlements_of(local_tenant, now=began + 73 * HOUR).may_write
    retries(None)
    told = []
    for days in (2, 4, 6, 7, 11):
        when = began + days * DAY + HOUR
        dunning_run(tenant=local_tenant, now=when)
        told.append(entitlements_of(local_tenant, now=when).may_write)
    steps = list(DunningStep.objects.values_list("step", flat=True))
    assert steps == ["reminder_1", "reminder_2", "last_call", "suspended"]
    assert told == [True] * 3 + [False] * 2
    due = DueWork.objects.filter(task="billing.tell_dunning")
    due.update(due_at=began)
    assert all([work_run(pk) for pk in due.values_list("pk", flat=True)])
    said = OutgoingMessage.objects.filter(to_phone=asha.phone, kind="billing")
    assert (said.count(), {one.language for one in said}) == (4, {asha.language})

    # Suspended is read-only: everything can be read, taken away and paid, nothing written.
    # The pages' clock is the real one: there the debit failed eleven days ago.
    rows = Subscription.objects.filter(pk=paying.pk)
    rows.update(past_due_since=began - 11 * DAY, next_attempt_at=None)
    page = owner.get("/customers/").content.decode()
    assert "This workspace is read-only: a payment is open." in page
    assert owner.post("/customers/add/", {"name": "Meera"}).status_code == 403
    export = owner.get("/customers/export/")
    assert (export.status_code, "attachment" in export["Content-Disposition"]) == (200, True)
    assert owner.get("/billing/").status_code == 200
    assert owner.post("/billing/repair/").status_code == 303

    # The payment at the gateway's page ends it.
    twin.change(paying.gateway_subscription_id, "renew")
    subscription_refresh(subscription_id=paying.pk, now=began + 12 * DAY)
    assert Subscription.objects.get(pk=paying.pk).state == State.ACTIVE
    assert entitlements_of(local_tenant, now=began + 12 * DAY).may_write
    dunning_run(tenant=local_tenant, now=began + 12 * DAY)
    assert DunningStep.objects.latest("pk").step == "recovered"
    assert dunning_run(tenant=local_tenant, now=began + 13 * DAY) == 0
