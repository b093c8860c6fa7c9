"""One payment by link pays for the invoice that it names, and for nothing else."""

from datetime import timedelta

import pytest
from django.db import transaction

from billing.models import Checkout, Payment, PlanVersion, TaxDocument
from billing.services.checkouts import checkout_refresh, page_open
from billing.services.invoicing import invoice_issue
from marketing_platform.core import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(enterprise_tenant, supplier):
    with transaction.atomic():
        return invoice_issue(
            tenant=enterprise_tenant,
            subscription=None,
            base_paise=2_500_000,
            cause="renewal:test",
            now=clock.now(),
        )


@pytest.fixture
def link(invoice, twin, enterprise_tenant):
    from billing.gateways.registry import gateway_of

    now = clock.now()
    row = Checkout.objects.create(
        tenant=enterprise_tenant,
        plan_version=PlanVersion.objects.get(plan__tier="enterprise"),
        interval="month",
        base_paise=2_500_000,
        tax_paise=450_000,
        amount_paise=2_950_000,
        purpose="pay_link",
        document_number=invoice.number,
        gateway="sandbox",
        return_url="http://veda-appliances.localhost/billing/return/",
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    return page_open(gateway=gateway_of("sandbox"), checkout=row, now=now)


def test_a_link_settles_its_invoice_once(link, invoice, twin, enterprise_tenant):
    twin.act(link, "pay")
    for _turn in range(2):
        checkout_refresh(checkout=link, now=clock.now())
    payment = Payment.objects.get()
    settled = invoice.settlements.get()
    assert (settled.amount_paise, settled.payment, settled.by) == (2_950_000, payment, "payment")
    assert TaxDocument.objects.count() == 1
    assert (payment.needs_refund, link.state) == (False, "paid")


def test_a_link_that_is_not_paid_settles_nothing(link, invoice, twin):
    twin.act(link, "decline")
    assert checkout_refresh(checkout=link, now=clock.now()).state == "declined"
    assert not invoice.settlements.exists()
    assert not Payment.objects.exists()
