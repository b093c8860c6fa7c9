"""A company signs up without a card: quote, order, staff confirm, the workspace opens."""

import io
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from billing.models import BillingAccount, GstRegistration, Quote, StaffTerms, TaxDocument
from billing.selectors import entitlements_of, subscription_summary
from billing.selectors.paper import paper_page
from billing.services.quotes import quote_confirm
from enterprise.clients.forms import CompanyForm
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.models import User
from tests.onboarding.test_sign_up import HOST, last_code, post, signed_up
from tests.onboarding.test_sign_up import with_business as shop_of

pytestmark = pytest.mark.django_db
GSTIN = "29AAGCB7383J1Z4"
PAYER = {
    "legal_name": "Tapi Valves Private Limited",
    "gstin": GSTIN,
    "address": "12 Residency Road",
    "pincode": "560025",
    "cost_centre": "MKT-4471",
}


@pytest.fixture
def buyer(db: Any) -> Client:
    """At the end of a sign-up, before any decision."""
    from tests.rows.billing import supplier

    supplier()
    browser = Client()
    person = {"full_name": "Nik", "email": "nik@tapi.example", "password": "a long sentence here"}
    post(browser, "/start/enterprise/", person)
    post(browser, "/start/code/", {"code": last_code()})
    industry = CompanyForm().fields["industry"].choices[1][0]
    facts = {"name": "Tapi Valves", "industry": industry, "city": "Bengaluru", "state": "KA"}
    answer = post(browser, "/start/business/", facts)
    assert answer["Location"] == "/start/plan/", answer.content.decode()[-2000:]
    return browser


def quoted(buyer: Client, **changes: Any) -> Any:
    return post(buyer, "/start/quote/", {**PAYER, "period": "monthly", **changes})


def test_a_company_without_a_card_orders_and_staff_open_its_workspace(buyer: Client) -> None:
    boss = User.objects.create_superuser(email="staff@example.in", password="a-long-password-3")
    assert b"/start/quote/" in buyer.get("/start/plan/", **HOST).content
    assert quoted(buyer)["Location"] == "/start/quote/"
    quote = Quote.objects.get()
    file = buyer.get(f"/start/quote/{quote.pk}/pdf/", **HOST)
    words = PdfReader(io.BytesIO(file.content)).pages[0].extract_text()
    assert all(each in words for each in (GSTIN, "MKT-4471", "29,500.00", "not a tax invoice"))
    tenant = Tenant.objects.get(name="Tapi Valves")

    sent = {"quote_id": str(quote.pk), "po_number": "PO 47"}
    assert post(buyer, "/start/quote/", sent)["Location"] == "/start/quote/"
    # Ordered is not open: nothing is issued before staff agree, who are told once.
    post(buyer, "/start/quote/", sent)
    told = DueWork.objects.filter(task="billing.tell_staff", key__startswith="quote_accepted:")
    assert ["PO 47" in row.arguments["text"] for row in told] == [True]
    assert not TaxDocument.objects.exists()
    assert not StaffTerms.objects.exists()
    assert b"We confirm it within a working day" in buyer.get("/start/quote/", **HOST).content

    now = clock.now()
    quote.refresh_from_db()
    invoice = quote_confirm(quote=quote, net_days=30, reason="as agreed", actor_id=boss.pk, now=now)
    tenant.refresh_from_db()
    assert tenant.state != State.PENDING
    assert (invoice.po_number, invoice.total_paise) == ("PO 47", 2_950_000)
    assert entitlements_of(tenant, now=now).may_write
    # Who pays by invoice is not asked to pay the same period online as well.
    assert not subscription_summary(tenant, now=now).may_pay
    assert invoice.number in paper_page(tenant, now=now).quotes[0].state_words
    assert buyer.get("/start/quote/", **HOST)["Location"] == "/start/plan/"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"gstin": "29AAGCB7383J1Z5"}, "gstin"),
        ({"pincode": "12"}, "pincode"),
        ({"legal_name": ""}, "legal_name"),
        ({"address": "\x00"}, "address"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    buyer: Client, changes: dict[str, str], field: str
) -> None:
    answer = quoted(buyer, **changes)

    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not Quote.objects.exists()


def test_a_period_that_is_none_and_ids_that_are_none(buyer: Client) -> None:
    assert quoted(buyer, period="weekly").context["form"].non_field_errors()
    for number in ("x", "9" * 40, "²", "0"):
        assert post(buyer, "/start/quote/", {"quote_id": number}).status_code == 404
    assert buyer.get("/start/quote/7/pdf/", **HOST).status_code == 404
    assert Client().get("/start/quote/", **HOST)["Location"] == "/start/plan/"


def test_another_one_s_quote_is_not_there(buyer: Client) -> None:
    quoted(buyer)
    quote = Quote.objects.get()
    other = signed_up(Client())
    shop_of(other)

    assert other.get(f"/start/quote/{quote.pk}/pdf/", **HOST).status_code == 404
    assert post(other, "/start/quote/", {"quote_id": str(quote.pk)}).status_code == 404
    assert GstRegistration.objects.get().account == BillingAccount.objects.get(
        legal_name=PAYER["legal_name"]
    )
    quote.refresh_from_db()
    assert quote.state == "open"
