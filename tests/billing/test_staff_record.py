# ruff: noqa: F811
"""Every act of staff: asked for with its customer and amount, with a reason, once, on record."""

import threading
import uuid

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client

from billing.models import (
    BillingAccount,
    CustomPrice,
    JournalEntry,
    Payment,
    Refund,
    Settlement,
    StaffTerms,
    Subscription,
    TaxDocument,
)
from billing.services.accounts import account_of
from marketing_platform.core import clock
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.tenants.models import TenantEvent
from tests.billing.test_admin import ADMIN_HOST, boss, staff  # noqa: F401
from tests.billing.test_staff_acts import document, payment  # noqa: F401

pytestmark = pytest.mark.django_db
REASON = "agreed by phone"


def path_of(model):
    return f"/billing/{model._meta.model_name}/"


def counts():
    """What acts leave; none of it may appear twice."""
    trial = Subscription.objects.values_list("trial_ends_at", "state", "cancel_at_period_end")
    terms = BillingAccount.objects.values_list("pays_by", "net_days")
    rows = (Refund, Settlement, TaxDocument, JournalEntry, OutgoingMessage, TenantEvent)
    return [*[model.objects.count() for model in rows], list(trial), list(terms)]


def row_for(model, tenant, payment, document):
    rows = {
        Payment: payment,
        TaxDocument: document,
        Subscription: Subscription.objects.get(tenant=tenant),
        BillingAccount: account_of(tenant, now=clock.now()),
    }
    return rows[model]


ACTS = {
    "refund": (Payment, {"amount": "500.50"}, ("₹1,178.82", "Asha Sweets", "cannot be undone")),
    "extend_trial": (Subscription, {"days": "7"}, ("Asha Sweets", "Nothing is charged")),
    "resend": (TaxDocument, {}, ("₹1,178.82", "Asha Sweets", "once more")),
    "write_off": (TaxDocument, {}, ("₹1,178.82", "Asha Sweets", "a loss in the books")),
    "credit": (TaxDocument, {"taxable": "100"}, ("₹1,178.82", "Asha Sweets", "No money moves")),
    "terms": (BillingAccount, {"pays_by": "invoice", "net_days": "30"}, ("keep their due date",)),
    "adjust": (
        BillingAccount,
        {"amount": "150", "side": "credit"},
        ("in favour of the customer", "no invoice"),
    ),
    "cancel": (Subscription, {"when": "end"}, ("Asha Sweets", "What is paid can be used up")),
}


@pytest.mark.parametrize("action", ACTS)
def test_an_act_asks_refuses_an_empty_reason_and_is_done_once(
    staff, boss, local_tenant, payment, document, action
):
    model, facts, words = ACTS[action]
    row = row_for(model, local_tenant, payment, document)
    if action == "adjust":
        facts = {**facts, "workspace": str(local_tenant.pk)}
    before, chosen = counts(), {"action": action, "_selected_action": str(row.pk)}
    asked = staff.post(path_of(model), chosen).content.decode()
    for word in (*words, "Back to the list", f'href="{path_of(model)}"', "Confirm"):
        assert word in asked, word
    for reason in ("", "   ", "x"):
        form = {**chosen, **facts, "act_id": str(uuid.uuid4()), "reason": reason}
        staff.post(path_of(model), form)
    assert (counts(), LogEntry.objects.count()) == (before, 0)

    form = {**chosen, **facts, "act_id": str(uuid.uuid4()), "reason": REASON}
    staff.post(path_of(model), form)
    after = counts()
    assert after != before
    page = staff.post(path_of(model), form, follow=True).content.decode()
    assert "This form was sent before, so nothing was done again." in page
    assert counts() == after
    entry = LogEntry.objects.get()
    assert (entry.user_id, entry.object_id) == (boss.pk, str(row.pk))
    assert f"Reason: {REASON}. (form {form['act_id']})" in entry.change_message
    assert "begun" not in entry.change_message


def test_a_refusal_is_on_record_too(staff, local_tenant):
    row = Subscription.objects.get(tenant=local_tenant)
    Subscription.objects.filter(pk=row.pk).update(state="active")
    form = {"action": "extend_trial", "_selected_action": str(row.pk), "days": "7"}
    form |= {"act_id": str(uuid.uuid4()), "reason": REASON}
    staff.post(path_of(Subscription), form)
    assert LogEntry.objects.get().change_message.startswith(
        "Extend the trial: refused. Only a trial that runs can be extended."
    )


ADDED = {
    CustomPrice: {
        "monthly_paise": "20000",
        "annual_paise": "200000.50",
        "quotas": "{}",
        "effective_from_0": "2026-11-01",
        "effective_from_1": "00:00:00",
    },
    StaffTerms: {"until_0": "2099-01-01", "until_1": "00:00:00"},
}


@pytest.mark.parametrize("model", ADDED)
def test_a_row_that_is_added_twice_by_one_form_is_one(staff, boss, enterprise_tenant, model):
    path = f"{path_of(model)}add/"
    page = staff.get(path).content.decode()
    assert 'name="act_id"' in page
    assert "charged" in page or "checkouts" in page
    form = {**ADDED[model], "tenant": str(enterprise_tenant.pk), "act_id": str(uuid.uuid4())}
    assert staff.post(path, form | {"reason": " "}).status_code == 200
    assert not model.objects.exists()
    for _turn in range(2):
        response = staff.post(path, form | {"reason": REASON})
        assert response["Location"].endswith(path_of(model))
    row = model.objects.get()
    assert (row.actor_id, row.reason) == (boss.pk, REASON)
    entry = LogEntry.objects.get()
    assert (entry.user_id, f"Reason: {REASON}." in entry.change_message) == (boss.pk, True)
    assert TenantEvent.objects.filter(tenant=enterprise_tenant, reason=REASON).count() == 1
    if model is CustomPrice:
        assert (row.monthly_paise, row.annual_paise) == (2_000_000, 20_000_050)


@pytest.mark.django_db(transaction=True)
def test_one_form_twice_at_once_is_done_once(staff, local_tenant):
    row = Subscription.objects.get(tenant=local_tenant)
    form = {"action": "extend_trial", "_selected_action": str(row.pk), "days": "7"}
    form |= {"act_id": str(uuid.uuid4()), "reason": REASON}
    both = threading.Barrier(2)

    def one():
        client = Client(HTTP_HOST=ADMIN_HOST)
        client.cookies = staff.cookies
        both.wait()
        client.post(path_of(Subscription), form)
        connection.close()

    threads = [threading.Thread(target=one) for _each in range(2)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    before = row.trial_ends_at
    row.refresh_from_db()
    assert (row.trial_ends_at - before).days == 7
    assert LogEntry.objects.count() == 1
