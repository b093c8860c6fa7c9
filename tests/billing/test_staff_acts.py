"""What staff do to money: with a reason, once, on record, and refused in plain words."""

import json
import uuid
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry

from billing.models import (
    BillingAccount,
    Coupon,
    CustomPrice,
    IncomingTransfer,
    JournalEntry,
    Payment,
    Refund,
    Settlement,
    Subscription,
    TaxDocument,
)
from billing.services.accounts import account_of
from marketing_platform.core import clock
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.models import TenantEvent
from marketing_platform.users.models import User
from tests.billing.test_admin import signed_in
from tests.billing.test_owner_pages import document_of
from tests.rows import billing as rows

pytestmark = pytest.mark.django_db
MODELS = [model for model in admin.site._registry if model._meta.app_label == "billing"]


@pytest.fixture
def staff(db):
    boss = User.objects.create_superuser(email="staff@example.in", password="a-long-password-3")
    return signed_in(boss)


def act(staff, model, action, row, **form):
    meta = model._meta
    data = {"action": action, "_selected_action": str(row.pk), **form}
    return staff.post(f"/{meta.app_label}/{meta.model_name}/", data, follow=True)


def confirmed(reason="agreed by phone", **form):
    return {"act_id": str(uuid.uuid4()), "reason": reason, **form}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_opens_for_staff_and_not_for_an_owner(staff, meera, local_tenant, model):
    rows.fill_public(local_tenant)
    path = f"/billing/{model._meta.model_name}/"
    assert staff.get(path).status_code == 200
    row = model.objects.first()
    if row is not None:
        assert staff.get(f"{path}{row.pk}/change/").status_code == 200
    assert signed_in(meera).get(path).status_code == 302


def test_a_trial_is_extended_from_its_end_and_on_record(staff, local_tenant):
    row = Subscription.objects.get(tenant=local_tenant)
    asked = act(staff, Subscription, "extend_trial", row)
    assert "Days more" in asked.content.decode()
    row.refresh_from_db()
    before = row.trial_ends_at
    act(staff, Subscription, "extend_trial", row, **confirmed(days="7"))
    row.refresh_from_db()
    assert row.trial_ends_at == before + timedelta(days=7)
    assert TenantEvent.objects.get(kind="trial_extended").reason == "agreed by phone"
    assert LogEntry.objects.count() == 1
    ends = DueWork.objects.filter(task="billing.end_trial", due_at=row.trial_ends_at)
    assert ends.count() == 1


@pytest.mark.parametrize("days", ["0", "61", "-1", "x", ""])
def test_days_out_of_bounds_extend_nothing(staff, local_tenant, days):
    row = Subscription.objects.get(tenant=local_tenant)
    before = row.trial_ends_at
    act(staff, Subscription, "extend_trial", row, **confirmed(days=days))
    row.refresh_from_db()
    assert row.trial_ends_at == before


def test_a_paid_plan_has_no_trial_to_extend(staff, local_tenant):
    row = Subscription.objects.get(tenant=local_tenant)
    Subscription.objects.filter(pk=row.pk).update(state="active")
    page = act(staff, Subscription, "extend_trial", row, **confirmed(days="7"))
    assert "Only a trial that runs can be extended." in page.content.decode()
    assert not TenantEvent.objects.filter(kind="trial_extended").exists()


# --- payments


@pytest.fixture
def payment(local_tenant):
    return Payment.objects.create(
        tenant=local_tenant,
        subscription=Subscription.objects.get(tenant=local_tenant),
        gateway="sandbox",
        remote_id="pay_1",
        base_paise=99_900,
        tax_paise=17_982,
        amount_paise=117_882,
        currency="INR",
        paid_at=clock.now(),
        created_at=clock.now(),
    )


def test_a_refund_is_planned_once_for_the_same_form_twice(staff, payment):
    assert "with its credit note" not in act(staff, Payment, "refund", payment).content.decode()
    form = confirmed(amount="500.50")
    act(staff, Payment, "refund", payment, **form)
    act(staff, Payment, "refund", payment, **form)
    refund = Refund.objects.get()
    assert (refund.amount_paise, refund.reason) == (50_050, "agreed by phone")
    assert DueWork.objects.filter(task="billing.run_refund").count() == 1


@pytest.mark.parametrize(
    "form", [{"amount": "1178.83"}, {"amount": "0"}, {"amount": "1.005"}, {"reason": "x"}]
)
def test_a_refund_of_too_much_or_without_a_reason_is_none(staff, payment, form):
    act(staff, Payment, "refund", payment, **(confirmed(amount="1") | form))
    assert not Refund.objects.exists()


# --- documents


@pytest.fixture
def document(local_tenant):
    return document_of(local_tenant)


def test_an_invoice_is_downloaded(staff, document):
    response = act(staff, TaxDocument, "download", document)
    assert response.content.startswith(b"%PDF")


def test_an_e_invoice_is_a_file_for_the_portal_or_says_why_not(staff, local_tenant, document):
    refused = act(staff, TaxDocument, "einvoice", document)
    assert f"{document.number} is no e-invoice" in refused.content.decode()
    buyer = {**document.buyer, "name": "Asha Foods", "gstin": "27AAPFU0939F1ZV"}
    with_irn = {"number": "INV/26-27/77", "irn": "a" * 64, "cause": "77"}
    made = document_of(local_tenant, **with_irn, buyer=buyer)
    answer = act(staff, TaxDocument, "einvoice", made)
    assert 'filename="INV-26-27-77.json"' in answer["Content-Disposition"]
    payload = json.loads(answer.content)
    assert payload["DocDtls"]["No"] == "INV/26-27/77"
    assert payload["ValDtls"]["TotInvVal"] == 1_178.82
    made = document_of(
        local_tenant,
        **with_irn | {"number": "INV/26-27/78", "cause": "78"},
        buyer={**buyer, "pincode": ""},
    )
    assert "buyer pincode is missing" in act(staff, TaxDocument, "einvoice", made).content.decode()


def test_an_invoice_is_sent_again_to_the_payer(staff, document, asha):
    before = OutgoingMessage.objects.count()
    act(staff, TaxDocument, "resend", document)
    assert OutgoingMessage.objects.count() == before
    act(staff, TaxDocument, "resend", document, **confirmed())
    message = OutgoingMessage.objects.latest("pk")
    assert OutgoingMessage.objects.count() == before + 1
    assert message.to_phone == asha.phone
    event = TenantEvent.objects.get(kind="document_resent")
    assert event.reason == f"{document.number}: agreed by phone"
    assert LogEntry.objects.count() == 1


def test_what_is_open_is_written_off_in_the_books_once(staff, document):
    for _turn in range(2):
        act(staff, TaxDocument, "write_off", document, **confirmed())
    row = Settlement.objects.get()
    assert (row.amount_paise, row.by) == (117_882, "write_off")
    assert JournalEntry.objects.filter(kind="write_off").count() == 1


def test_a_credit_note_of_one_form_is_one_note(staff, document):
    form = confirmed(taxable="100.00")
    for _turn in range(2):
        act(staff, TaxDocument, "credit", document, **form)
    note = TaxDocument.objects.get(kind="credit_note")
    assert (note.taxable_paise, note.total_paise) == (10_000, 11_800)
    assert note.original == document


def test_a_credit_note_of_more_than_the_invoice_is_refused_in_words(staff, document):
    page = act(staff, TaxDocument, "credit", document, **confirmed(taxable="999.01"))
    assert not TaxDocument.objects.filter(kind="credit_note").exists()
    assert document.number in page.content.decode()


# --- offers


def coupon_form(**changes):
    return {
        "code": "diwali",
        "tier": "local",
        "percent_basis_points": "10",
        "amount_paise": "0",
        "duration": "once",
        "months": "0",
        "valid_from_0": "2026-11-01",
        "valid_from_1": "00:00:00",
        "is_on": "on",
    } | changes


def test_a_coupon_is_added_and_its_terms_stand_once_it_is_used(staff, local_tenant):
    response = staff.post("/billing/coupon/add/", coupon_form())
    assert response.status_code == 302
    coupon = Coupon.objects.get(code="DIWALI")
    coupon.uses.create(tenant=local_tenant, used_at=clock.now())
    path = f"/billing/coupon/{coupon.pk}/change/"
    staff.post(path, coupon_form(percent_basis_points="90", is_on=""))
    coupon.refresh_from_db()
    assert (coupon.percent_basis_points, coupon.is_on) == (1_000, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_paise": "1"},
        {"percent_basis_points": "0"},
        {"percent_basis_points": "100.01"},
        {"duration": "repeating"},
    ],
)
def test_a_coupon_that_makes_no_sense_is_sent_back(staff, changes):
    assert staff.post("/billing/coupon/add/", coupon_form(**changes)).status_code == 200
    assert not Coupon.objects.exists()


def test_a_price_is_agreed_with_who_and_why(staff, enterprise_tenant):
    form = {
        "tenant": str(enterprise_tenant.pk),
        "monthly_paise": "20000",
        "annual_paise": "200000",
        "quotas": "{}",
        "effective_from_0": "2026-11-01",
        "effective_from_1": "00:00:00",
        "reason": "two years fixed",
    }
    assert staff.post("/billing/customprice/add/", form).status_code == 302
    price = CustomPrice.objects.get()
    assert (price.monthly_paise, price.reason) == (2_000_000, "two years fixed")
    assert TenantEvent.objects.filter(kind="custom_price_set").count() == 1
    assert staff.post("/billing/customprice/add/", form | {"reason": ""}).status_code == 200
    assert CustomPrice.objects.count() == 1


# --- transfers


@pytest.fixture
def transfer(db):
    return IncomingTransfer.objects.create(
        utr="SBIN0000012345",
        amount_paise=107_892,
        received_on=rows.TODAY,
        state="queued",
        created_at=rows.NOON,
    )


def test_a_transfer_less_tds_is_put_to_its_invoice(staff, transfer, document):
    BillingAccount.objects.filter(pk=document.account_id).update(
        tds_section="393(1) 1031", tds_basis_points=1_000, pays_by="invoice"
    )
    lines = f"{document.number} 1078.92 99.90"
    page = act(staff, IncomingTransfer, "assign", transfer, **confirmed(parts=lines))
    transfer.refresh_from_db()
    assert transfer.state == "matched", page.content.decode()[-2000:]
    found = {row.by: row.amount_paise for row in Settlement.objects.filter(document=document)}
    assert found == {"transfer": 107_892, "tds": 9_990}


@pytest.mark.parametrize("lines", ["", "NOTHING 1", "X", "{number} x", "{number} -5", "{number} 1"])
def test_a_transfer_is_not_put_to_what_cannot_be(staff, transfer, document, lines):
    words = lines.format(number=document.number)
    act(staff, IncomingTransfer, "assign", transfer, **confirmed(parts=words))
    transfer.refresh_from_db()
    assert transfer.state == "queued"
    assert not Settlement.objects.exists()


def test_a_transfer_is_sent_back_with_a_reason(staff, transfer):
    act(staff, IncomingTransfer, "sent_back", transfer, **confirmed())
    transfer.refresh_from_db()
    assert (transfer.state, transfer.remark) == ("returned", "agreed by phone")


def test_the_terms_of_a_payer_are_set_with_a_reason(staff, enterprise_tenant):
    account = account_of(enterprise_tenant, now=clock.now())
    form = confirmed(pays_by="invoice", net_days="30", virtual_account="")
    act(staff, BillingAccount, "terms", account, **form)
    account.refresh_from_db()
    assert (account.pays_by, account.net_days) == ("invoice", 30)
    act(staff, BillingAccount, "terms", account, **(form | {"net_days": "46"}))
    account.refresh_from_db()
    assert account.net_days == 30
