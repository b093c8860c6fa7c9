"""Two workers at the same people: one message each, and never over a limit."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connections

from local.automation.whatsapp.models import Campaign, CampaignRecipient, WhatsAppSettings
from local.automation.whatsapp.services import sending
from local.automation.whatsapp.services.sending import Refusal, recipient_claim
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.context import tenant_context

# Real transactions that are seen by the other thread.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(local_tenant, connected, customer_new, propose, approve, time_is):
    """A campaign that goes out, with two who wait for it."""

    def make(**facts):
        for _n in range(2):
            customer_new()
        campaign = approve(propose(**facts))
        Campaign.objects.filter(pk=campaign.pk).update(state="sending")
        return list(CampaignRecipient.objects.order_by("id").values_list("pk", flat=True))

    return make


def together(tenant, now, ids):
    """Claim each in a thread of its own; both have looked before either writes, if they can."""
    meet = threading.Barrier(len(ids))
    found = []

    def look_twice(check):
        def checked(*arguments):
            refusal = check(*arguments)
            # Broken: the other one was made to wait, as it should be.
            with suppress(threading.BrokenBarrierError):
                meet.wait(timeout=0.7)
            return refusal

        return checked

    def claim(recipient_id):
        try:
            with tenant_context(tenant):
                found.append(recipient_claim(recipient_id=recipient_id, now=now))
        finally:
            connections.close_all()

    patch = pytest.MonkeyPatch()
    patch.setattr(sending, "_money_refusal", look_twice(sending._money_refusal))
    threads = [threading.Thread(target=claim, args=(each,)) for each in ids]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        patch.undo()
    return [each for each in found if not isinstance(each, Refusal)]


def without_locks(monkeypatch):
    """What the claim would be if it only read."""
    monkeypatch.setattr(
        sending, "settings_locked", lambda _now: WhatsAppSettings(monthly_cap_paise=50_000)
    )
    rows = CampaignRecipient.objects.select_related("campaign__template", "customer")
    monkeypatch.setattr(sending, "recipient_held", lambda pk: rows.filter(pk=pk).first())


@pytest.mark.parametrize(("locked", "begun"), [(True, 1), (False, 2)])
def test_one_person_is_claimed_once(local_tenant, waiting, time_is, monkeypatch, locked, begun):
    first, _second = waiting()
    if not locked:
        without_locks(monkeypatch)
    assert len(together(local_tenant, time_is(), [first, first])) == begun


@pytest.mark.parametrize(("locked", "begun"), [(True, 1), (False, 2)])
def test_the_last_money_is_spent_once(local_tenant, waiting, time_is, monkeypatch, locked, begun):
    ids = waiting(cap=Rupees(150))  # one message of ₹1.0185 and not two
    if not locked:
        without_locks(monkeypatch)
    assert len(together(local_tenant, time_is(), ids)) == begun


def test_an_opt_out_while_the_other_claims_is_obeyed(local_tenant, waiting, time_is):
    """Withdrawn a moment before its claim looks: the claim reads it, whatever was planned."""
    from local.customers.services import consent_withdraw

    first, second = waiting()
    customer_id = CampaignRecipient.objects.get(pk=first).customer_id
    consent_withdraw(
        customer_id=customer_id, source="whatsapp_reply", now=time_is() + timedelta(seconds=1)
    )
    begun = together(local_tenant, time_is() + timedelta(seconds=2), [second])
    refused = recipient_claim(recipient_id=first, now=time_is() + timedelta(seconds=2))
    assert isinstance(refused, Refusal)
    assert [each.pk for each in begun] == [second]
