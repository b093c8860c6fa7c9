# ruff: noqa: F811
"""A failed event is applied again by a person with a reason, and the page says what happened."""

import threading
import uuid

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection

from billing.errors import ChangeNotPossible, GatewayUnavailable
from billing.models import Payment, Subscription
from billing.services import staff_acts
from billing.services.staff_acts import event_again, event_words
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.tenants.models import TenantEvent
from tests.billing.test_admin import boss, staff  # noqa: F401
from tests.billing.test_staff_figures import failed_event

pytestmark = pytest.mark.django_db
FIGURES = "/billing/subscription/figures/"
ACTOR = uuid.UUID(int=7)


@pytest.fixture
def lost(start, twin, deliver, event_of):
    """A payment whose event failed, as after a fault of ours."""
    checkout = start()
    twin.act(checkout, "pay")
    deliver(event_of("checkout.paid", twin.state(checkout)))
    InboundEvent.objects.update(state="failed", outcome="our fault")
    return InboundEvent.objects.get()


def again(staff, event, **form):
    data = {"act_id": str(uuid.uuid4()), "reason": "the fault is mended", **form}
    return staff.post(f"{FIGURES}events/{event.pk}/again/", data, follow=True).content.decode()


def test_it_asks_first_then_says_that_it_was_applied(staff, boss, lost, local_tenant):
    path = f"{FIGURES}events/{lost.pk}/again/"
    assert f'href="{path}"' in staff.get(FIGURES).content.decode()
    asked = staff.get(path).content.decode()
    for words in ("our fault", "checkout.paid", "IST", f'href="{FIGURES}"'):
        assert words in asked, words
    for bad in ("", "   ", "x"):
        again(staff, lost, reason=bad)
    assert (Payment.objects.count(), LogEntry.objects.count()) == (0, 0)
    form = {"act_id": str(uuid.uuid4())}
    assert "Applied: " in again(staff, lost, **form)
    assert "This form was sent before" in again(staff, lost, **form)
    assert Payment.objects.count() == 1
    entry = LogEntry.objects.get()
    assert (entry.user_id, entry.object_id) == (boss.pk, str(lost.pk))
    assert entry.change_message.startswith("Apply the event again: Applied: ")
    assert "Reason: the fault is mended." in entry.change_message
    told = TenantEvent.objects.get(kind="event_applied_again", tenant=local_tenant)
    assert (told.actor_id, "the fault is mended" in told.reason) == (boss.pk, True)


def test_it_says_that_nothing_changed_and_why_it_was_refused(staff, lost, settings):
    event = failed_event(provider="sandbox", payload={"id": "e", "type": "odd", "data": {}})
    page = again(staff, event)
    event.refresh_from_db()
    assert event.state in {"ignored", "failed"}
    words = {"ignored": "Nothing changed: ", "failed": "Refused again: "}[event.state]
    assert words in page
    assert words in LogEntry.objects.get(object_id=str(event.pk)).change_message
    InboundEvent.objects.filter(pk=lost.pk).update(state="applied")
    assert "This event is not failed any more." in again(staff, lost)
    assert "refused. This event is not failed" in LogEntry.objects.latest("pk").change_message
    assert not Payment.objects.exists()


@pytest.mark.parametrize("error", [GatewayUnavailable(), RuntimeError("a fault of ours")])
def test_whatever_stops_it_leaves_the_event_failed_as_it_was(lost, monkeypatch, error):
    def fails(**_facts):
        raise error

    monkeypatch.setattr(staff_acts, "event_apply", fails)
    with pytest.raises(type(error)):
        event_again(event_id=lost.pk, reason="once more", actor_id=ACTOR, now=clock.now())
    lost.refresh_from_db()
    assert (lost.state, lost.outcome) == ("failed", "our fault")
    with pytest.raises(InvalidInput):
        event_again(event_id=lost.pk, reason=" ", actor_id=ACTOR, now=clock.now())


def test_all_failed_events_of_a_subscription_with_one_reason(staff, twin, local_tenant):
    row = Subscription.objects.get(tenant=local_tenant)
    Subscription.objects.filter(pk=row.pk).update(
        gateway="sandbox", gateway_subscription_id="sub_x"
    )
    odd = {"id": "e", "type": "odd", "data": {}, "of": "sub_x"}
    event = failed_event(provider="sandbox", payload=odd)
    data = {"action": "apply_again", "_selected_action": str(row.pk)}
    assert "Reason" in staff.post("/billing/subscription/", data).content.decode()
    assert not LogEntry.objects.exists()
    form = {**data, "act_id": str(uuid.uuid4()), "reason": "the fault is mended"}
    page = staff.post("/billing/subscription/", form, follow=True).content.decode()
    event.refresh_from_db()
    assert event.outcome != "=HYPERLINK(1)"
    said = event_words(event)
    assert said.split(":")[0] in page
    assert f"{event.event_id}: {said}" in LogEntry.objects.get().change_message
    form["act_id"] = str(uuid.uuid4())
    page = staff.post("/billing/subscription/", form, follow=True).content.decode()
    if event.state == "ignored":
        assert "No event of it failed, so nothing was applied." in page


@pytest.mark.django_db(transaction=True)
def test_two_at_once_apply_it_once(lost):
    outcomes = []

    def one():
        try:
            event_again(event_id=lost.pk, reason="once more", actor_id=ACTOR, now=clock.now())
            outcomes.append("done")
        except ChangeNotPossible:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _each in range(2)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert sorted(outcomes) == ["done", "refused"]
    assert Payment.objects.count() == 1
