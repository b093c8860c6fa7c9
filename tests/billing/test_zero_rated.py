"""Abroad and in an SEZ the price goes without GST while our letter of undertaking is valid."""

from datetime import date

import pytest

from billing.models import Refund, Supplier, TaxDocument
from billing.selectors.prices import agreed_split, price_for
from billing.services.accounts import account_update, registration_add
from billing.services.changing import change_preview
from billing.services.coupons import coupon_paid, coupon_take
from tests.billing.changing_world import PAID_AT, TENTH, begin, live
from tests.billing.offers_world import coupon

pytestmark = pytest.mark.django_db
SEZ = {
    "gstin": "29AAGCB7383J1Z4",
    "legal_name": "Asha Sweets Exports",
    "address": "Plot 4, Cochin Road",
    "pincode": "560067",
}


@pytest.fixture
def letter(remote):
    """Of our supplier, to the last day of March 2028."""
    Supplier.objects.update(lut_number="AD290427000001X", lut_valid_until=date(2028, 3, 31))


def abroad(tenant):
    account_update(tenant=tenant, now=PAID_AT, country="SG")


def figures(tenant, interval="month", now=PAID_AT):
    price = price_for(tenant, interval, now=now)
    return price.base_paise, price.tax_paise, price.amount_paise


def test_an_export_with_a_letter_carries_no_tax_and_without_one_igst(
    letter, local_tenant, enterprise_tenant
):
    abroad(local_tenant)
    assert figures(local_tenant) == (99_900, 0, 99_900)
    assert figures(local_tenant, "year") == (999_000, 0, 999_000)
    # Who is at home pays as ever.
    assert figures(enterprise_tenant) == (2_500_000, 450_000, 2_950_000)
    Supplier.objects.update(lut_valid_until=date(2027, 3, 31))
    assert figures(local_tenant) == (99_900, 17_982, 117_882)


def test_so_does_a_supply_to_an_sez(letter, local_tenant):
    registration_add(tenant=local_tenant, now=PAID_AT, is_sez=True, **SEZ)
    assert figures(local_tenant) == (99_900, 0, 99_900)
    registration_add(tenant=local_tenant, now=PAID_AT, is_sez=False, **SEZ)
    assert figures(local_tenant) == (99_900, 17_982, 117_882)


def test_what_is_charged_invoiced_and_renewed_has_no_tax(letter, local_tenant, subscribed):
    abroad(local_tenant)
    subscription = subscribed("prorating")
    document = TaxDocument.objects.get()
    assert (document.supply, document.taxable_paise, document.total_paise) == (
        "export_without_tax",
        99_900,
        99_900,
    )
    assert agreed_split(subscription, 120_000).total.paise == 120_000
    # Two thirds of the month are unused: of what was paid, without tax.
    preview = change_preview(subscription=subscription, interval="year", now=TENTH)
    assert (preview.way, preview.due_paise, preview.charged_paise) == ("in_place", 932_400, 932_400)
    begin(subscription, "year")
    assert TaxDocument.objects.latest("pk").total_paise == 932_400
    assert live(local_tenant).interval == "year"


def test_what_comes_back_has_the_tax_that_was_paid(letter, local_tenant, subscribed):
    abroad(local_tenant)
    coupon(valid_from=PAID_AT)
    coupon_take(tenant=local_tenant, code="DIWALI", now=PAID_AT)
    payment = subscribed("mandates").payments.get()
    coupon_paid(payment=payment, now=PAID_AT)
    assert [row.amount_paise for row in Refund.objects.all()] == [49_950]
    preview = change_preview(subscription=live(local_tenant), interval="year", now=TENTH)
    # Half of the month came back: a third of it is left to give.
    assert (preview.way, preview.charged_paise) == ("switch", 999_000)
    assert preview.refund_paise == 33_300


def test_who_is_taxed_from_now_on_gets_a_page_that_says_so(letter, local_tenant, subscribed):
    abroad(local_tenant)
    subscription = subscribed("prorating")
    account_update(tenant=local_tenant, now=PAID_AT, country="IN", state_code="29")
    preview = change_preview(subscription=subscription, interval="year", now=TENTH)
    assert (preview.way, preview.charged_paise) == ("switch", 1_178_820)


def test_who_was_charged_less_by_a_coupon_is_credited_less(remote, local_tenant, subscribed):
    coupon(valid_from=PAID_AT)
    coupon_take(tenant=local_tenant, code="DIWALI", now=PAID_AT)
    payment = subscribed("prorating").payments.get()
    coupon_paid(payment=payment, now=PAID_AT)
    preview = change_preview(subscription=live(local_tenant), interval="year", now=TENTH)
    # The gateway knows of no coupon: it would credit two thirds of ₹999 and not of ₹499.50.
    assert (preview.way, preview.credit_paise, preview.refund_paise) == ("switch", 33_300, 39_294)
