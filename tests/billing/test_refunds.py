"""Money that goes back: once, whatever is lost on the way, and never more than was paid."""

from datetime import timedelta

import httpx
import pytest

from billing.errors import RefundTooLarge
from billing.gateways.registry import gateway_of
from billing.models import Dispute, Payment, Refund
from billing.services.refunds import refund_plan, refund_run, refundable_paise
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.schedule.models import DueWork

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(start, twin, deliver, work_off, event_of, supplier):
    checkout = start()
    twin.act(checkout, "pay")
    deliver(event_of("checkout.paid", twin.state(checkout)))
    work_off()
    return Payment.objects.get()


@pytest.fixture
def plan(payment):
    def make(paise, reason="asked by phone"):
        return refund_plan(
            payment=payment, amount_paise=paise, reason=reason, actor_id=None, now=clock.now()
        )

    return make


def at_gateway(payment):
    return gateway_of("sandbox").fetch_refunds(payment.remote_id)


def test_a_refund_goes_back_and_is_credited(plan, payment, work_off):
    refund = plan(117_882)
    assert (refund.state, at_gateway(payment)) == ("planned", ())
    work_off()
    refund.refresh_from_db()
    assert refund.state == "processed"
    assert [one.reference for one in at_gateway(payment)] == [str(refund.pk)]
    note = refund.documents.get()
    assert (note.kind, note.total_paise, note.taxable_paise) == ("credit_note", 117_882, 99_900)


def test_no_more_than_was_paid_goes_back(plan, payment):
    plan(100_000)
    assert refundable_paise(payment) == 17_882
    for paise in (17_883, 0, -1):
        with pytest.raises(RefundTooLarge):
            plan(paise)
    plan(17_882)
    assert Refund.objects.count() == 2


def test_a_refund_has_a_reason(plan):
    with pytest.raises(InvalidInput):
        plan(1, reason="  ")


def test_run_twice_gives_back_once(plan, payment):
    refund = plan(1_000)
    for _turn in range(2):
        refund_run(refund_id=str(refund.pk), turn=0, now=clock.now())
    assert [one.amount_paise for one in at_gateway(payment)] == [1_000]


def test_a_lost_answer_gives_back_once(plan, payment, work_off, twin):
    refund = plan(1_000)
    twin.control(fail_after_apply=1)
    work_off()
    refund.refresh_from_db()
    assert refund.state == "asked"
    assert len(at_gateway(payment)) == 1
    refund_run(refund_id=str(refund.pk), turn=0, now=clock.now())
    refund.refresh_from_db()
    assert (refund.state, len(at_gateway(payment))) == ("processed", 1)


def test_a_slow_refund_is_asked_about_and_a_failed_one_frees_the_money(
    plan, payment, work_off, twin
):
    twin.control(refunds_wait=True)
    refund = plan(1_000)
    work_off()
    twin.control(refunds_wait=False)
    refund.refresh_from_db()
    later = DueWork.objects.get(key=f"billing-refund:{refund.pk}:1")
    assert (refund.state, later.done_at) == ("asked", None)
    path = f"{twin.url}/_control/refunds/{refund.remote_id}"
    httpx.post(path, json={"status": "failed"}, trust_env=False).raise_for_status()
    refund_run(refund_id=str(refund.pk), turn=1, now=clock.now())
    refund.refresh_from_db()
    assert (refund.state, refundable_paise(payment)) == ("failed", 117_882)
    assert not refund.documents.exists()


def test_a_refund_made_at_the_gateway_is_written_down(payment, twin, deliver, work_off, event_of):
    gateway_of("sandbox").refund(payment.remote_id, 5_000, reason="by hand", key="by-hand")
    state = twin.state(payment.checkout)
    for number in range(2):
        deliver(event_of("refund.created", state, f"evt_r{number}"))
    work_off()
    refund = Refund.objects.get()
    assert (refund.amount_paise, refund.state) == (5_000, "processed")
    assert refund.documents.get().total_paise == 5_000


def test_a_dispute_moves_forward_only(payment, twin, deliver, work_off, event_of):
    path = f"{twin.url}/_control/payments/{payment.remote_id}/dispute"
    opened = httpx.post(path, json={"status": "open"}, trust_env=False).json()
    lost = httpx.post(path, json={"status": "lost"}, trust_env=False).json()
    for number, state in enumerate((lost, opened)):
        deliver(event_of("dispute.updated", state, f"evt_d{number}"))
        work_off()
    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.amount_paise, dispute.payment) == ("lost", 117_882, payment)


def test_paid_in_two_tabs_the_second_goes_back_and_ends_there(
    start, twin, deliver, work_off, event_of, local_tenant
):
    month, year = start("month"), start("year")
    for number, checkout in enumerate((month, year)):
        twin.act(checkout, "pay")
        deliver(event_of("checkout.paid", twin.state(checkout), f"evt_{number}"))
    while work_off():
        pass
    second = Payment.objects.get(checkout=year)
    assert (second.needs_refund, second.refunds.get().state) == (True, "processed")
    assert refundable_paise(second) == 0
    assert not second.refunds.get().documents.exists()
    states = [twin.state(one)["subscription"]["status"] for one in (month, year)]
    assert states == ["active", "canceled"]
    # Told again, nothing more happens.
    deliver(event_of("checkout.paid", twin.state(year), "evt_again"))
    while work_off():
        pass
    assert Refund.objects.count() == 1


def test_what_was_paid_before_its_subscription_ended_is_kept(
    start, twin, deliver, work_off, event_of, local_tenant
):
    """A renewal whose webhook comes after the customer has moved on is no mistake."""
    first = start()
    twin.act(first, "pay")
    deliver(event_of("checkout.paid", twin.state(first), "evt_1"))
    work_off()
    remote = twin.state(first)["subscription"]["id"]
    paid_until = twin.state(first)["subscription"]["current_period_end"]
    late = event_of("subscription.charged", twin.change(remote, "renew"), "evt_2")
    # A word that does not tell of the renewal, so that nobody is asked about it.
    ended = twin.change(remote, "cancel") | {"payments": []}
    ended["subscription"]["current_period_end"] = paid_until
    deliver(event_of("subscription.canceled", ended, "3"))
    work_off()
    row = Payment.objects.get().subscription
    row.access_until = row.state_changed_at - timedelta(days=1)
    row.save()
    deliver(late)
    work_off()
    assert Payment.objects.count() == 2
    assert not Payment.objects.filter(needs_refund=True).exists()
