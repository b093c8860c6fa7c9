"""Small defects that were found from outside: each of these failed once."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client

from billing.engine.gstr1 import Receipt, tables
from billing.errors import EInvoiceIncomplete, GatewayUnavailable
from billing.models import DunningStep, GstRegistration, IncomingTransfer, Subscription, TaxDocument
from billing.services import dunning as dunning_service
from billing.services.dunning import dunning_run
from billing.services.returns import einvoice_file, gstr1_tables
from marketing_platform.inbox.models import InboundEvent
from tests.billing.documents.conftest import (  # noqa: F401
    NOW,
    issue,
    pay,
    payer,
    subscription,
    us,
)
from tests.billing.test_webhook_door import SANDBOX_SECRET, body, headers

NOVEMBER = {"month_start": date(2026, 11, 1), "month_end": date(2026, 12, 1)}
THEIRS = {"gstin": "27AAPFU0939F1ZV", "legal_name": "Asha Foods", "address": "4 Nariman Point"}


def test_an_advance_of_an_sez_has_no_tax_in_it() -> None:
    used = ((date(2026, 12, 2), 1_180),)
    taxed = Receipt("29", date(2026, 11, 5), 1_180, used)
    free = replace(taxed, is_taxed=False)
    made = tables([], **NOVEMBER, receipts=[taxed, free, free])
    assert made["at"].rows == (
        ("29-Karnataka", "", "0", 2_360, 0),
        ("29-Karnataka", "", "18", 1_000, 0),
    )
    december = {"month_start": date(2026, 12, 1), "month_end": date(2027, 1, 1)}
    made = tables([], **december, receipts=[taxed, free])
    assert made["atadj"].rows == (
        ("29-Karnataka", "", "0", 1_180, 0),
        ("29-Karnataka", "", "18", 1_000, 0),
    )


@pytest.mark.django_db
def test_an_sez_under_a_letter_stands_at_nothing_among_advances(us, payer, pay) -> None:  # noqa: F811
    account = payer()
    row = GstRegistration.objects.create(
        account=account, **THEIRS, pincode="400021", is_default=True, is_sez=True
    )
    pay(base=99_900, tax=0)
    IncomingTransfer.objects.create(
        utr="UTR1", amount_paise=118_000, received_on=NOW.date(), created_at=NOW, account=account
    )
    us.lut_valid_until = NOW.date()
    made = gstr1_tables(supplier=us, month="2026-11")
    assert made["at"].rows == (("27-Maharashtra", "", "0", 217_900, 0),)
    # After the letter's last day tax lies in it; and at home as ever.
    us.lut_valid_until = NOW.date() - timedelta(days=1)
    made = gstr1_tables(supplier=us, month="2026-11")
    assert made["at"].rows == (("27-Maharashtra", "", "18", 84_661 + 100_000, 0),)
    us.lut_valid_until = NOW.date()
    GstRegistration.objects.filter(pk=row.pk).update(is_sez=False)
    made = gstr1_tables(supplier=us, month="2026-11")
    assert made["at"].rows == (("27-Maharashtra", "", "18", 84_661 + 100_000, 0),)


@pytest.mark.django_db
def test_an_e_invoice_waits_for_a_pin_code_and_takes_the_one_of_today(payer, issue) -> None:  # noqa: F811
    account = payer(pincode="")
    row = GstRegistration.objects.create(account=account, **THEIRS, pincode="", is_default=True)
    document = issue()
    with pytest.raises(EInvoiceIncomplete) as refused:
        einvoice_file(document)
    assert refused.value.field == "buyer.pincode"
    assert "buyer pincode" in str(refused.value)
    GstRegistration.objects.filter(pk=row.pk).update(pincode="400021")
    document = TaxDocument.objects.get(pk=document.pk)
    assert json.loads(einvoice_file(document))["BuyerDtls"]["Pin"] == 400_021


@pytest.mark.django_db
def test_a_gateway_that_is_silent_holds_up_no_invoice(
    payer,  # noqa: F811
    issue,  # noqa: F811
    local_tenant,
    monkeypatch,
) -> None:
    class Silent:
        def fetch_subscription(self, _remote_id):
            raise GatewayUnavailable

    monkeypatch.setattr(dunning_service, "gateway_of", lambda _code: Silent())
    row = Subscription.objects.get(tenant=local_tenant)
    row.state, row.past_due_since = "past_due", NOW
    row.gateway, row.gateway_subscription_id = "sandbox", "sub_1"
    row.save()
    payer(pays_by="invoice")
    invoice = issue(due_on=NOW.date())
    with pytest.raises(GatewayUnavailable):
        dunning_run(tenant=local_tenant, now=NOW + timedelta(days=4))
    assert list(DunningStep.objects.values_list("document", flat=True)) == [invoice.pk]


@pytest.mark.django_db
def test_a_webhook_address_without_its_last_slash(settings) -> None:
    settings.BILLING_GATEWAYS = ["sandbox"]
    settings.SANDBOX_GATEWAY_SECRET = SANDBOX_SECRET
    raw = body("sandbox")
    answer = Client(HTTP_HOST="localhost").post(
        "/webhooks/billing/sandbox",
        raw,
        content_type="application/json",
        headers=headers("sandbox", raw),
    )
    assert answer.status_code == 200
    assert InboundEvent.objects.get().provider == "sandbox"
