# ruff: noqa: F811
"""A refund without a credit note is closed by staff: on an invoice, or because none is due."""

import uuid

import pytest
from django.contrib.admin.models import LogEntry

from billing.errors import RefundNotWaiting
from billing.models import Settlement, TaxDocument
from billing.selectors.documents import open_paise
from billing.selectors.ledger import balance_of
from billing.services.invoicing import invoice_issue
from billing.services.refund_closing import refund_note, refund_without_note
from billing.services.refunds import refunds_for_staff
from billing.services.settling import settle
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput, NotFound
from marketing_platform.tenants.models import TenantEvent
from tests.billing.test_admin import boss, staff  # noqa: F401
from tests.billing.test_owner_pages import document_of
from tests.billing.test_refunds import payment  # noqa: F401
from tests.billing.test_refunds_and_notes import books, credit, give_back, invoice  # noqa: F401

pytestmark = pytest.mark.django_db
LIST = "/billing/refund/"


@pytest.fixture
def waiting(credit, give_back):
    """₹590 credited by staff, then ₹1,000 gone back: no note of the invoice fits."""
    credit(50_000)
    refund = give_back(100_000)
    assert list(refunds_for_staff()) == [refund]
    return refund


def sent(refund, **form):
    return {
        "action": "close", "_selected_action": str(refund.pk), "act_id": str(uuid.uuid4()),
        "reason": "agreed with the accountant", **form,
    }  # fmt: skip


def by(**changes):
    facts = {"reason": "agreed", "actor_id": uuid.UUID(int=7), "now": clock.now()}
    return facts | changes


def test_none_is_due_is_a_loss_and_the_books_balance(waiting, invoice, staff, boss, local_tenant):
    asked = staff.post(LIST, {"action": "close", "_selected_action": str(waiting.pk)})
    for words in (
        "₹1,000",
        local_tenant.name,
        invoice.number,
        "₹588.82 not credited",
        "wrong plan",
    ):
        assert words in asked.content.decode(), words
    for bad in ({"reason": ""}, {"what": ""}, {"what": "note"}):
        staff.post(LIST, sent(waiting, **({"what": "none"} | bad)))
    assert list(refunds_for_staff()) == [waiting]
    form = sent(waiting, what="none")
    for _turn in range(2):
        staff.post(LIST, form)
    assert not refunds_for_staff().exists()
    assert (open_paise(invoice), books()) == (0, 0)
    # The note of ₹590 answers for its part, so only ₹410 is a loss.
    assert balance_of(local_tenant) == 0
    assert Settlement.objects.get(by="write_off").amount_paise == 41_000
    entry = LogEntry.objects.get()
    assert entry.user_id == boss.pk
    assert "₹410 is written off. Reason: agreed with the accountant." in entry.change_message
    event = TenantEvent.objects.get(kind="refund_without_note")
    assert (event.actor_id, "agreed with the accountant" in event.reason) == (boss.pk, True)
    assert "Nothing" not in staff.get(f"{LIST}?credit=missing").content.decode()
    with pytest.raises(RefundNotWaiting):
        refund_without_note(refund=waiting, **by())


def test_a_credit_note_on_the_invoice_that_staff_choose(
    waiting, staff, local_tenant, enterprise_tenant
):
    other = invoice_issue(
        tenant=local_tenant, subscription=None, base_paise=99_900, cause="test:2", now=clock.now()
    )
    facts = {"document": other, "amount_paise": 117_882, "on": clock.today(clock.now())}
    settle(by="write_off", cause="test:2", now=clock.now(), **facts)
    before = balance_of(local_tenant)
    stranger = document_of(enterprise_tenant)
    staff.post(LIST, sent(waiting, what="note", invoice=str(stranger.pk)))
    assert (list(refunds_for_staff()), LogEntry.objects.count()) == ([waiting], 0)
    staff.post(LIST, sent(waiting, what="note", invoice=str(other.pk)))
    note = TaxDocument.objects.get(kind="credit_note", original=other)
    assert (note.total_paise, note.refund) == (100_000, waiting)
    assert not refunds_for_staff().exists()
    assert (balance_of(local_tenant), books(), open_paise(other)) == (before - 100_000, 0, 0)
    done = LogEntry.objects.get().change_message
    assert f"credit note {note.number} on {other.number}" in done
    page = staff.get(f"{LIST}{waiting.pk}/change/").content.decode()
    for words in (note.number, waiting.payment.remote_id, "Subscriptions", "wrong plan"):
        assert words in page, words


def test_on_the_same_invoice_the_earlier_note_is_used_first(waiting, invoice, local_tenant):
    note = refund_note(refund=waiting, document=invoice, **by())
    assert (note.total_paise, note.refund) == (41_000, waiting)
    assert (balance_of(local_tenant), books(), open_paise(invoice)) == (0, 0, 0)
    assert not refunds_for_staff().exists()
    with pytest.raises(RefundNotWaiting):
        refund_note(refund=waiting, document=invoice, **by())


def test_a_strangers_invoice_and_an_empty_reason_are_refused(waiting, invoice, enterprise_tenant):
    with pytest.raises(NotFound):
        refund_note(refund=waiting, document=document_of(enterprise_tenant), **by())
    with pytest.raises(InvalidInput):
        refund_note(refund=waiting, document=invoice, **by(reason=" "))
    with pytest.raises(InvalidInput):
        refund_without_note(refund=waiting, **by(reason=""))
    assert list(refunds_for_staff()) == [waiting]


def test_only_one_that_waits_is_closed(staff, waiting, give_back):
    fine = give_back(5_900)
    page = staff.post(LIST, {"action": "close", "_selected_action": str(fine.pk)}, follow=True)
    assert "Choose one refund that misses its credit note" in page.content.decode()
