"""Charged as agreed, though the day has another tax: a lawful invoice, and staff are told."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from billing.models import (
    JournalLine,
    RevenueSlice,
    Supplier,
    TaxDocument,
)
from billing.selectors.documents import open_paise
from billing.services.document_pdf import document_pdf
from billing.services.invoicing import credit_note_issue
from billing.services.staff_notices import letter_remind, staff_send
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.models import TenantEvent
from marketing_platform.users.models import User

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
UNTIL = date(2026, 11, 30)
EXPIRED = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
Make = Callable[..., Any]


def letter(supplier: Make, until: date = UNTIL) -> Supplier:
    return supplier(lut_number="AD290326000001X", lut_valid_until=until)


def heads(row: TaxDocument) -> tuple[Any, ...]:
    return (row.supply, row.taxable_paise, row.cgst_paise, row.sgst_paise, row.igst_paise,
            row.rounding_paise, row.total_paise)  # fmt: skip


def words(row: TaxDocument) -> str:
    return " ".join(PdfReader(BytesIO(document_pdf(row))).pages[0].extract_text().split())


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser(email="accounts@nukkad.example", password="x" * 20)


def test_the_letter_ends_while_an_untaxed_mandate_runs(
    issue: Make, payer: Make, pay: Make, supplier: Make, staff: User, local_tenant: Any,
    give_back: Make,
) -> None:  # fmt: skip
    payer(country="SG", state_code="96")
    letter(supplier)
    before = issue(payment=pay(tax=0), charged_paise=99_900)
    assert heads(before) == ("export_without_tax", 99_900, 0, 0, 0, 0, 99_900)
    assert not DueWork.objects.filter(task="billing.tell_staff").exists()
    payment = pay(tax=0, remote_id="pay_2")
    after = issue(payment=payment, charged_paise=99_900, cause="test:2", now=EXPIRED)
    assert heads(after) == ("export_with_tax", 84_661, 0, 0, 15_239, 0, 99_900)
    assert open_paise(after) == 0
    assert after.lines[0]["agreed_paise"] == 99_900
    assert (
        sum(RevenueSlice.objects.filter(document=after).values_list("amount_paise", flat=True))
        == 84_661
    )
    assert JournalLine.objects.filter(account="output_igst").get().amount_paise == -15_239
    shown = words(after)
    assert "₹999.00 was agreed without GST" in shown
    assert "on payment of integrated tax" in shown
    assert "Singapore" in shown
    told = DueWork.objects.get(task="billing.tell_staff")
    assert told.arguments["to_email"] == staff.email
    assert "₹152.39 of it is GST" in told.arguments["text"]
    assert TenantEvent.objects.filter(tenant=local_tenant, kind="price_differs").count() == 1
    # What goes back of it has its tax.
    back = {"taxable_paise": None, "reason": "unused time", "cause": "back", "now": EXPIRED}
    note = credit_note_issue(document=after, refund=give_back(payment, 49_950), **back)
    assert heads(note) == ("export_with_tax", 42_331, 0, 0, 7_620, -1, 49_950)
    assert "agreed without GST" not in words(note)


def test_who_comes_home_is_taxed_by_the_place_on_the_day(
    issue: Make, payer: Make, pay: Make, supplier: Make
) -> None:
    payer(country="IN", state_code="29")
    letter(supplier)
    home = issue(payment=pay(tax=0), charged_paise=99_900)
    assert heads(home) == ("regular", 84_661, 7_619, 7_619, 0, 1, 99_900)
    assert DueWork.objects.filter(task="billing.tell_staff").count() == 1
    payer(country="IN", state_code="27")
    away = issue(payment=pay(remote_id="pay_2"), charged_paise=117_882, cause="test:2")
    assert heads(away) == ("regular", 99_900, 0, 0, 17_982, 0, 117_882)
    # Between States nothing of the price changes.
    assert DueWork.objects.filter(task="billing.tell_staff").count() == 1
    payer(country="SG", state_code="96")
    left = issue(payment=pay(remote_id="pay_3"), charged_paise=117_882, cause="test:3")
    assert heads(left) == ("export_with_tax", 99_900, 0, 0, 17_982, 0, 117_882)
    told = DueWork.objects.filter(task="billing.tell_staff").latest("pk")
    assert "Offer the lower price" in told.arguments["text"]


def test_staff_are_reminded_thirty_days_before_the_letter_ends(
    supplier: Make, us: Supplier, staff: User, issue: Make, payer: Make, subscription: Any
) -> None:
    row = letter(supplier, date(2027, 3, 31))
    planned = DueWork.objects.get(task="billing.remind_letter")
    assert planned.due_at == datetime(2027, 3, 1, 3, 30, tzinfo=UTC)
    payer(country="SG", state_code="96")
    type(subscription).objects.filter(pk=subscription.pk).update(state="active")
    issue()
    assert letter_remind(supplier_id=row.pk, until=date(2027, 3, 31))
    assert letter_remind(supplier_id=row.pk, until=date(2027, 3, 31))
    told = DueWork.objects.get(task="billing.tell_staff")
    assert "ends on 31-03-2027" in told.arguments["subject"]
    assert "charged without tax now: 1." in told.arguments["text"]
    staff_send(**told.arguments)
    assert OutgoingMessage.objects.get().to_email == staff.email
    # A newer letter: the old reminder says nothing.
    letter(supplier, date(2028, 3, 31))
    assert not letter_remind(supplier_id=row.pk, until=date(2027, 3, 31))


def test_without_staff_the_suppliers_own_address_is_told(supplier: Make) -> None:
    row = letter(supplier)
    User.objects.filter(is_staff=True).delete()
    assert letter_remind(supplier_id=row.pk, until=UNTIL)
    told = DueWork.objects.get(task="billing.tell_staff")
    assert told.arguments["to_email"] == "billing@ujala.example"
