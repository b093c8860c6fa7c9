"""What a gateway may answer that is old, early, refused or none of ours."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import stripe

from billing.errors import GatewayRefused, GatewayUnavailable, NoSupplier, RemoteNotFound
from billing.gateways.registry import gateway_of
from billing.gateways.stripe import calls
from billing.models import Payment, Refund, Subscription, TaxDocument
from billing.services import charging
from billing.services.applying import _next_attempt, _time_give
from billing.services.reconciling import reconcile
from billing.services.refunds import refund_plan, refund_run
from marketing_platform.core import clock


@pytest.fixture
def payment(start, twin, deliver, work_off, event_of):
    checkout = start()
    twin.act(checkout, "pay")
    deliver(event_of("checkout.paid", twin.state(checkout)))
    work_off()
    return Payment.objects.get()


@pytest.mark.django_db
@pytest.mark.parametrize("error", [RemoteNotFound, GatewayRefused])
def test_a_look_up_that_is_refused_is_no_failed_refund(payment, monkeypatch, error):
    now = clock.now()
    refund = refund_plan(
        payment=payment, amount_paise=900, reason="by phone", actor_id=None, now=now
    )
    Refund.objects.filter(pk=refund.pk).update(state="asked")

    def refuse(*_arguments):
        raise error

    monkeypatch.setattr(type(gateway_of("sandbox")), "fetch_refunds", refuse)
    with pytest.raises(GatewayUnavailable):
        refund_run(refund_id=str(refund.pk), turn=0, now=now)
    refund.refresh_from_db()
    assert refund.state == "asked"
    report = reconcile(gateway_code="sandbox", since=now - timedelta(days=1), now=now)
    assert report.unanswered == [str(refund.pk)]


@pytest.mark.django_db
def test_an_invoice_that_comes_after_its_refund_is_credited(
    start, twin, deliver, work_off, event_of, monkeypatch
):
    def refuse(**_arguments):
        raise NoSupplier

    checkout = start()
    twin.act(checkout, "pay")
    with monkeypatch.context() as late:
        late.setattr("billing.services.invoicing.invoice_issue", refuse)
        deliver(event_of("checkout.paid", twin.state(checkout)))
        work_off()
        payment = Payment.objects.get()
        refund_plan(
            payment=payment, amount_paise=117_882, reason="by phone", actor_id=None, now=clock.now()
        )
        work_off()
    assert Refund.objects.get().state == "processed"
    assert not TaxDocument.objects.exists()
    charging.payments_catch_up(gateway_code="sandbox", now=clock.now())
    work_off()
    kinds = TaxDocument.objects.order_by("kind").values_list("kind", "total_paise")
    assert list(kinds) == [("credit_note", 117_882), ("invoice", 117_882)]


@pytest.mark.django_db
def test_one_that_may_not_be_read_does_not_hold_up_the_night(payment, monkeypatch):
    def refuse(*_arguments):
        raise GatewayRefused

    monkeypatch.setattr(type(gateway_of("sandbox")), "fetch_subscription", refuse)
    now = clock.now()
    report = reconcile(gateway_code="sandbox", since=now - timedelta(days=1), now=now)
    assert payment.subscription.gateway_subscription_id in report.unanswered


@pytest.mark.django_db
def test_a_charge_that_crossed_a_cancellation_gives_the_time_it_paid_for(payment):
    rows = Subscription.objects.filter(pk=payment.subscription_id)
    rows.update(state="canceled", access_until=payment.period_end - timedelta(days=30))
    _time_give(payment)
    assert rows.get().access_until == payment.period_end
    rows.update(access_until=payment.period_end + timedelta(days=1))
    _time_give(payment)
    assert rows.get().access_until == payment.period_end + timedelta(days=1)


@pytest.mark.django_db
def test_an_event_from_the_future_does_not_make_the_next_ones_old(
    payment, twin, deliver, work_off, event_of
):
    number = payment.subscription.gateway_subscription_id
    paused = twin.change(number, "pause")
    ahead = event_of("subscription.pause", paused, "evt_ahead")
    ahead["data"]["subscription"]["updated"] = ahead["created"] + 86_400
    deliver(ahead)
    work_off()
    row = Subscription.objects.get(pk=payment.subscription_id)
    assert row.state == "paused"
    assert row.observed_at <= clock.now() + timedelta(minutes=5)


def test_the_next_attempt_is_read_or_moves_later():
    now = clock.now()
    row = SimpleNamespace(next_attempt_at=now)

    def seen(at, *, is_reading):
        told = SimpleNamespace(next_attempt_at=at)
        return SimpleNamespace(subscription=told, is_authoritative=is_reading)

    later, earlier = now + timedelta(days=3), now - timedelta(days=3)
    assert _next_attempt(row, seen(later, is_reading=False)) == later
    assert _next_attempt(row, seen(earlier, is_reading=False)) == now
    assert _next_attempt(row, seen(None, is_reading=False)) == now
    assert _next_attempt(row, seen(earlier, is_reading=True)) == earlier
    assert _next_attempt(row, seen(None, is_reading=True)) is None


@pytest.mark.parametrize("answer", [[], "hello", None, 7])
def test_json_that_is_no_object_is_a_failure_of_the_gateways(answer):
    with pytest.raises(GatewayUnavailable):
        calls._told(lambda: answer)


def test_a_page_of_somebody_between_does_not_make_a_thing_unknown():
    strange = stripe.APIError("Invalid response body", "<html>", 404)
    known = stripe.InvalidRequestError("No such", "id", http_status=404, json_body={"error": {}})
    assert type(calls._ours(strange)) is GatewayUnavailable
    assert type(calls._ours(known)) is RemoteNotFound
