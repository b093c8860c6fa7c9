"""Refunds that come back after they had gone out, and payments that a customer's bank takes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from billing.gateways.base import DisputeSnapshot, Observation, RefundSnapshot
from billing.models import (
    Dispute,
    DunningStep,
    JournalEntry,
    JournalLine,
    Payment,
    Refund,
    Settlement,
    Subscription,
    TaxDocument,
)
from billing.selectors.documents import open_paise
from billing.selectors.dunning import open_invoices
from billing.selectors.ledger import balance_of, trial_balance
from billing.services import charging
from billing.services.applying import observation_apply
from billing.services.dunning import dunning_run
from billing.services.reconciling import reconcile
from billing.services.refunds import (
    refund_credit,
    refund_plan,
    refund_run,
    refundable_paise,
    refunds_for_staff,
    surplus_refund,
)
from billing.services.staff_acts import document_write_off
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.models import TenantEvent
from tests.billing.changing_world import PAID_AT
from tests.billing.fake_gateway import Fake, run_due

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SOON = PAID_AT + DAY
ALL = 117_882
STAFF = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def payment(subscribed):
    subscribed("prorating")
    return Payment.objects.get()


@pytest.fixture
def give_back(payment):
    def make(paise, now=SOON):
        refund = refund_plan(
            payment=payment, amount_paise=paise, reason="by phone", actor_id=None, now=now
        )
        run_due(now + DAY)
        refund.refresh_from_db()
        assert refund.state == "processed"
        return refund

    return make


def hear(now=SOON + DAY, **found):
    told = Observation(None, None, (), **found)
    with transaction.atomic():
        outcome = observation_apply(gateway_code="prorating", observation=told, now=now)
    return outcome.sentence


def told_failed(refund):
    return RefundSnapshot(
        refund.remote_id, refund.payment.remote_id, refund.amount_paise, "failed", str(refund.pk)
    )


def tables():
    models = (Refund, Dispute, TaxDocument, Settlement, JournalEntry, JournalLine)
    models += (TenantEvent, DueWork, OutgoingMessage)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


def in_balance():
    return sum(row.amount_paise for row in trial_balance()) == 0


def notices(kind):
    return TenantEvent.objects.filter(kind=kind)


# --- refunds


@pytest.mark.parametrize("paise", [59_000, pytest.param(ALL, marks=pytest.mark.slow)])
def test_a_refund_that_comes_back_is_owed_and_given_once_more(give_back, payment, paise):
    invoice = TaxDocument.objects.get(kind="invoice")
    first = give_back(paise)
    note = first.documents.get()
    assert (balance_of(payment.tenant), open_paise(invoice)) == (0, 0)
    assert hear(refunds=(told_failed(first),)) == "the refund is failed"
    first.refresh_from_db()
    assert (first.state, first.settled_at) == ("failed", SOON + DAY)
    # We owe it; the note stands, and the invoice is as paid as before.
    assert (balance_of(payment.tenant), open_paise(invoice)) == (-paise, 0)
    assert TaxDocument.objects.filter(kind="credit_note").get() == note
    assert refundable_paise(payment) == ALL
    assert not refunds_for_staff().exists()
    assert in_balance()
    (told,) = notices("refund_failed")
    assert "by transfer" in told.reason and "no second one" in told.reason
    assert DueWork.objects.filter(key__startswith=f"billing-staff-failed:{first.pk}:").count() == 1
    # Told again, in either word, nothing more happens.
    before = tables()
    for state in ("failed", "processed"):
        again = replace(told_failed(first), state=state)
        assert hear(refunds=(again,)) == "the refund was failed before"
    assert refund_credit(refund=first, now=SOON + DAY) is None
    assert tables() == before
    # The next refund is the money of the same note.
    second = give_back(paise, SOON + 2 * DAY)
    assert TaxDocument.objects.filter(kind="credit_note").get() == note
    assert (balance_of(payment.tenant), open_paise(invoice)) == (0, 0)
    assert not refunds_for_staff().exists()
    assert refundable_paise(payment) == ALL - paise
    # And that one comes back, too.
    hear(SOON + 4 * DAY, refunds=(told_failed(second),))
    assert (balance_of(payment.tenant), open_paise(invoice)) == (-paise, 0)
    third = give_back(paise, SOON + 5 * DAY)
    assert refund_credit(refund=third, now=SOON + 5 * DAY) == note
    assert (balance_of(payment.tenant), open_paise(invoice), in_balance()) == (0, 0, True)


def test_a_refund_that_fails_at_once_is_told_to_staff(payment):
    Fake.remote.refuses.add("refund")
    refund = refund_plan(
        payment=payment, amount_paise=900, reason="by phone", actor_id=None, now=SOON
    )
    for _turn in range(2):
        assert refund_run(refund_id=str(refund.pk), turn=0, now=SOON).state == "failed"
    assert "was refused" in notices("refund_failed").get().reason
    assert not JournalEntry.objects.filter(kind="refund").exists()
    assert (refundable_paise(payment), balance_of(payment.tenant)) == (ALL, 0)


def test_money_of_no_invoice_comes_back(payment):
    """Paid twice: the refund has no credit note, and the money is owed all the same."""
    facts = {"base_paise": 99_900, "tax_paise": 17_982, "amount_paise": ALL, "currency": "INR"}
    twice = Payment.objects.create(
        tenant=payment.tenant,
        gateway="prorating",
        remote_id="pay_twice",
        needs_refund=True,
        paid_at=SOON,
        created_at=SOON,
        **facts,
    )
    surplus_refund(payment=twice, now=SOON)
    run_due(SOON + DAY)
    refund = Refund.objects.get()
    owed = balance_of(payment.tenant)
    hear(refunds=(told_failed(refund),))
    assert balance_of(payment.tenant) == owed - ALL
    assert "credit note" not in notices("refund_failed").get().reason
    assert in_balance()


def test_a_refund_whose_failure_nobody_told_us_of(give_back, payment, monkeypatch):
    refund = give_back(900)
    # A subscription's reading does not name refunds, at no real gateway.
    read = Fake.fetch_checkout
    monkeypatch.setattr(
        Fake, "fetch_checkout", lambda self, number: replace(read(self, number), refunds=())
    )

    def night(now):
        Fake.remote.now = now
        return reconcile(gateway_code="prorating", since=now - DAY, now=now)

    assert str(refund.pk) not in night(SOON + DAY).changed
    made = Fake.remote.refunds
    made[str(refund.pk)] = replace(made[str(refund.pk)], state="failed")
    assert str(refund.pk) in night(SOON + 20 * DAY).changed
    refund.refresh_from_db()
    assert (refund.state, balance_of(payment.tenant)) == ("failed", -900)
    before = tables()
    assert night(SOON + 20 * DAY).changed == []
    assert tables() == before


# --- disputes


def dispute(payment, state="lost", paise=ALL, number="dp_1", at=SOON):
    return DisputeSnapshot(number, payment.remote_id, paise, state, "fraudulent", at)


@pytest.mark.parametrize("paise", [ALL, 50_000])
def test_a_lost_dispute_opens_the_invoice_again(payment, paise):
    invoice, tenant = TaxDocument.objects.get(), payment.tenant
    hear(disputes=(dispute(payment, "open", paise),))
    assert "last day" in notices("dispute_opened").get().reason
    assert (balance_of(tenant), open_paise(invoice)) == (0, 0)
    hear(disputes=(dispute(payment, "lost", paise, at=SOON + DAY),))
    # Books and paper say the same.
    assert (balance_of(tenant), open_paise(invoice)) == (paise, paise)
    assert in_balance()
    told = notices("dispute_lost").get()
    assert invoice.number in told.reason and "write off" in told.reason
    assert DueWork.objects.filter(key__startswith="billing-staff-dispute_lost:").count() == 1
    # The taken money cannot be given back as well, and access is the gateway's to end.
    assert refundable_paise(payment) == ALL - paise
    assert Subscription.objects.get(pk=payment.subscription_id).state == "active"
    before = tables()
    for state in ("lost", "won", "open"):
        hear(disputes=(dispute(payment, state, paise, at=SOON + 2 * DAY),))
    assert tables() == before
    document_write_off(document=invoice, reason="charged back", actor_id=STAFF, now=SOON + DAY)
    assert (balance_of(tenant), open_paise(invoice), in_balance()) == (0, 0, True)


def test_nobody_is_reminded_of_what_their_bank_took(payment):
    """Also not who pays by invoice and whose day is long past."""
    invoice = TaxDocument.objects.get()
    account = invoice.account
    account.pays_by = "invoice"
    account.save()
    unpaid = TaxDocument.objects.get(pk=invoice.pk)
    unpaid.pk, unpaid.number, unpaid.cause = None, "X/1", "another"
    unpaid.due_on = invoice.issued_on
    unpaid.save()
    charged = TaxDocument.objects.get(pk=invoice.pk)
    charged.pk, charged.number, charged.cause = None, "X/2", "charged"
    charged.due_on = invoice.issued_on
    charged.save()
    Settlement.objects.create(
        tenant=payment.tenant,
        document=charged,
        amount_paise=ALL,
        by="payment",
        payment=payment,
        cause="payment:1",
        settled_on=invoice.issued_on,
        created_at=SOON,
    )
    hear(disputes=(dispute(payment, paise=2 * ALL),))
    assert [open_paise(row) for row in (invoice, charged)] == [ALL, ALL]
    found = list(open_invoices(payment.tenant, now=SOON + 60 * DAY))
    assert [row.number for row in found] == ["X/1"]
    dunning_run(tenant=payment.tenant, now=SOON + 60 * DAY)
    assert not DunningStep.objects.filter(document=charged).exists()


def test_a_dispute_of_money_that_was_partly_given_back(give_back, payment):
    give_back(59_000)
    hear(disputes=(dispute(payment),))
    invoice = TaxDocument.objects.get(kind="invoice")
    # No more is opened than this payment still settles.
    assert open_paise(invoice) == ALL - 59_000
    assert refundable_paise(payment) == 0
    assert in_balance()


def test_two_disputes_of_one_payment(payment):
    invoice = TaxDocument.objects.get()
    for number, paise, open_after in (("dp_1", 50_000, 50_000), ("dp_2", ALL, ALL)):
        hear(disputes=(dispute(payment, paise=paise, number=number),))
        assert open_paise(invoice) == open_after
    assert invoice.settlements.filter(amount_paise__lt=0).count() == 2
    assert notices("dispute_lost").count() == 2


def test_an_invoice_that_comes_after_its_dispute(subscribed, monkeypatch):
    def refuse(**_facts):
        raise RuntimeError("the paper is out")

    with monkeypatch.context() as late:
        late.setattr("billing.services.invoicing.invoice_issue", refuse)
        subscribed("prorating")
    payment = Payment.objects.get()
    hear(disputes=(dispute(payment),))
    assert "No invoice" in notices("dispute_lost").get().reason
    charging.payments_catch_up(gateway_code="prorating", now=SOON + DAY)
    invoice = TaxDocument.objects.get()
    assert (open_paise(invoice), balance_of(payment.tenant), in_balance()) == (ALL, ALL, True)
