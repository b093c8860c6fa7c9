"""Staff enter who issues, and choose documents and months: what is wrong is said, never a crash."""

from datetime import timedelta
from typing import Any

import pytest

from billing.admin.documents import MonthForm, SupplierForm
from billing.errors import NotAnInvoice, TakenBackTooMuch
from billing.models import Supplier, TaxDocument
from billing.services.invoicing import credit_note_issue
from billing.services.settling import settle
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.users.models import User
from tests.billing.documents.conftest import NOW, OURS
from tests.billing.test_admin import signed_in

FACTS = {
    "legal_name": "Ujala Platform Private Limited",
    "address": "12 Residency Road",
    "city": "Bengaluru",
    "pincode": "560025",
    "gstin": OURS,
    "email": "billing@ujala.example",
}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"gstin": "29AAACU0001A1Z8"}, "gstin"),
        ({"gstin": "\u0662" * 15}, "gstin"),
        ({"pincode": "ABCDEF"}, "pincode"),
        ({"pincode": "५६००२५"}, "pincode"),
        ({"lut_valid_until": "2027-03-31"}, "lut_number"),
        ({"lut_valid_until": "31/31/2027", "lut_number": "A"}, "lut_valid_until"),
        ({"legal_name": "x\0"}, "legal_name"),
        ({"address": "9" * 4000}, "address"),
    ],
)
def test_what_a_supplier_cannot_have_is_said_at_its_field(
    db: None, changes: dict[str, str], field: str
) -> None:
    form = SupplierForm(FACTS | changes)
    assert not form.is_valid()
    assert field in form.errors
    assert SupplierForm(FACTS | {"lut_valid_until": "2027-03-31", "lut_number": "AD1"}).is_valid()


@pytest.mark.parametrize("month", ["2026-१1", "20२६-11", "2026-13", "2026-1", "", "1926-11", "\0"])
def test_other_text_is_no_month(month: str) -> None:
    facts = {"act_id": "5b3a1f8e-0000-4000-8000-000000000000", "reason": "as filed"}
    assert "month" in MonthForm(facts | {"month": month}).errors
    assert MonthForm(facts | {"month": "2026-11"}).is_valid()


@pytest.mark.parametrize("field", ["legal_name", "address", "city", "lut_number", "bank_details"])
def test_the_service_takes_no_text_that_no_database_keeps(supplier: Any, field: str) -> None:
    with pytest.raises(InvalidInput):
        supplier(**{field: "\ud800"})
    assert not Supplier.objects.exists()


def test_the_list_warns_before_the_letter_ends(supplier: Any) -> None:
    boss = User.objects.create_superuser(email="staff@nukkad.example", password="a-long-password-3")
    staff, today = signed_in(boss), clock.today()
    for days, is_warned in ((31, False), (30, True), (-1, True)):
        supplier(lut_number="AD1", lut_valid_until=today + timedelta(days=days))
        shown = staff.get("/billing/supplier/").content.decode()
        assert ("The letter of undertaking of" in shown) is is_warned
    sent = FACTS | {"gstin": "29AAACU0001A1Z8"}
    answer = staff.post("/billing/supplier/add/", sent)
    assert answer.status_code == 200
    assert "This GSTIN is not right" in answer.content.decode()


def test_a_note_is_made_on_an_invoice_only_and_has_nothing_to_take_back(issue: Any) -> None:
    note = credit_note_issue(
        document=issue(), taxable_paise=100, reason="goodwill", cause="n:1", now=NOW
    )
    with pytest.raises(NotAnInvoice, match="CN/26-27/1"):
        credit_note_issue(document=note, taxable_paise=50, reason="again", cause="n:2", now=NOW)
    assert TaxDocument.objects.count() == 2
    with pytest.raises(TakenBackTooMuch):
        settle(document=note, amount_paise=-1, by="payment", cause="c", on=NOW.date(), now=NOW)
