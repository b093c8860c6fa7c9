"""Invoices and credit notes as rows: numbers, tax, journal, settlements, months."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from billing.errors import (
    ChargeMismatch,
    CreditTooLarge,
    CreditTooLate,
    InvalidGstin,
    NoSupplier,
    PeriodLocked,
    StateMissing,
    UnknownDocument,
)
from billing.models import (
    AccountWorkspace,
    BillingAccount,
    GstRegistration,
    JournalLine,
    Payment,
    PeriodLock,
    Refund,
    RevenueSlice,
    SeriesCounter,
    Settlement,
    Supplier,
    TaxDocument,
)
from billing.selectors.documents import (
    document_by_number,
    document_facts,
    documents_facts,
    documents_of,
    open_paise,
)
from billing.services.invoicing import buyer_check, credit_note_issue, invoice_issue
from billing.services.suppliers import supplier_current
from marketing_platform.tenants.context import tenant_context

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
OURS = "29AAACU0001A1Z9"
THEIRS = "27AAACV0001A1ZC"


def heads(document: TaxDocument) -> tuple[int, ...]:
    return (
        document.taxable_paise,
        document.cgst_paise,
        document.sgst_paise,
        document.igst_paise,
        document.rounding_paise,
        document.total_paise,
    )


# --- the supplier


def test_without_a_supplier_nothing_is_issued(local_tenant: Any) -> None:
    with pytest.raises(NoSupplier):
        supplier_current()
    with pytest.raises(NoSupplier):
        invoice_issue(tenant=local_tenant, subscription=None, base_paise=1, cause="c", now=NOW)
    assert not TaxDocument.objects.exists()


@pytest.mark.parametrize("gstin", ["", "29AAACU0001A1Z8", "29AAGCB7383J1D"])
def test_a_supplier_has_a_gstin_under_which_it_can_sell(
    supplier: Callable[..., Supplier], gstin: str
) -> None:
    with pytest.raises(InvalidGstin):
        supplier(gstin=gstin)
    assert not Supplier.objects.exists()


def test_a_supplier_is_corrected_and_another_gstin_takes_over(
    us: Supplier, supplier: Callable[..., Supplier]
) -> None:
    again = supplier(legal_name="Ujala Platform Limited")
    assert (again.pk, again.pan) == (us.pk, "AAACU0001A")
    other = supplier(gstin="29AAACU0002A1Z8")
    assert supplier_current() == other
    assert Supplier.objects.filter(is_on=True).count() == 1


# --- invoices


def test_a_monthly_charge_becomes_an_invoice(
    issue: Callable[..., TaxDocument], pay: Callable[..., Payment], us: Supplier
) -> None:
    payment = pay()
    document = issue(
        payment=payment,
        charged_paise=117_882,
        period_start=datetime(2026, 11, 22, 6, 0, tzinfo=UTC),
        period_end=datetime(2026, 12, 22, 6, 0, tzinfo=UTC),
    )
    document.refresh_from_db()
    assert (document.number, document.financial_year) == ("INV/26-27/1", "2026-27")
    assert document.issued_on == document.due_on == date(2026, 11, 22)
    assert heads(document) == (99_900, 8_991, 8_991, 0, 0, 117_882)
    assert (document.place_of_supply, document.supply) == ("29", "regular")
    assert document.seller["gstin"] == OURS
    assert document.buyer == {
        "name": "Asha Sweets", "address": "7 MG Road", "city": "Mysuru", "pincode": "570001",
        "state_code": "29", "country": "IN", "gstin": "",
    }  # fmt: skip
    assert document.lines == [
        {
            "description": "Local plan, monthly subscription",
            "sac": "997331",
            "period_start": "2026-11-22",
            "period_end": "2026-12-22",
            "taxable_paise": 99_900,
            "rate_basis_points": 1800,
        }
    ]
    assert document.irn == ""
    assert open_paise(document) == 0
    settlement = Settlement.objects.get()
    assert (settlement.amount_paise, settlement.payment) == (117_882, payment)
    # 9 of 30 days lie in November.
    assert list(RevenueSlice.objects.values_list("month", "amount_paise")) == [
        ("2026-11", 29_970),
        ("2026-12", 69_930),
    ]
    assert sum(JournalLine.objects.values_list("amount_paise", flat=True)) == 0


def test_the_same_cause_is_the_same_document(issue: Callable[..., TaxDocument]) -> None:
    first, again, other = issue(), issue(base_paise=5), issue(cause="test:2")
    assert again == first
    assert again.total_paise == 117_882
    assert other.number == "INV/26-27/2"
    assert SeriesCounter.objects.get().last == 2


def test_a_number_that_was_rolled_back_is_given_again(issue: Callable[..., TaxDocument]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        assert issue().number == "INV/26-27/1"
        raise RuntimeError
    assert issue(cause="test:2").number == "INV/26-27/1"


def test_numbers_begin_anew_on_1_april_in_india(issue: Callable[..., TaxDocument]) -> None:
    eve = datetime(2027, 3, 31, 18, 29, 59, tzinfo=UTC)
    old, new = issue(now=eve), issue(cause="test:2", now=eve + timedelta(seconds=1))
    assert (old.number, old.issued_on) == ("INV/26-27/1", date(2027, 3, 31))
    assert (new.number, new.issued_on) == ("INV/27-28/1", date(2027, 4, 1))


def test_a_registered_buyer_elsewhere_pays_igst_and_sees_its_order(
    issue: Callable[..., TaxDocument],
    payer: Callable[..., BillingAccount],
    local_tenant: Any,
) -> None:
    account = payer(pays_by="invoice", net_days=30)
    GstRegistration.objects.create(
        account=account,
        gstin=THEIRS,
        legal_name="Asha Foods Private Limited",
        address="4 Nariman Point",
        city="Mumbai",
        pincode="400021",
        is_default=True,
    )
    AccountWorkspace.objects.filter(tenant=local_tenant).update(
        po_number="PO-77", cost_centre="CC-9"
    )
    document = issue()
    assert heads(document) == (99_900, 0, 0, 17_982, 0, 117_882)
    assert document.place_of_supply == "27"
    assert document.buyer["gstin"] == THEIRS
    assert document.buyer["state_code"] == "27"
    assert document.buyer["name"] == "Asha Foods Private Limited"
    assert (document.po_number, document.cost_centre) == ("PO-77", "CC-9")
    assert document.due_on == date(2026, 12, 22)
    assert open_paise(document) == 117_882
    assert document_facts(document).open == "₹1,178.82"


def test_the_paisa_between_heads_and_charge_is_rounding(issue: Callable[..., TaxDocument]) -> None:
    document = issue(base_paise=84_661, charged_paise=99_900)
    assert heads(document) == (84_661, 7_619, 7_619, 0, 1, 99_900)


def test_a_charge_that_is_not_the_price_with_tax_is_refused(
    issue: Callable[..., TaxDocument],
) -> None:
    with pytest.raises(ChargeMismatch, match=r"₹1,178\.80 was charged, but ₹999 with its GST"):
        issue(charged_paise=117_880)
    assert not TaxDocument.objects.exists()
    assert not SeriesCounter.objects.filter(last__gt=0).exists()


def test_abroad_nothing_is_taxed_under_a_letter_of_undertaking(
    issue: Callable[..., TaxDocument],
    payer: Callable[..., BillingAccount],
    supplier: Callable[..., Supplier],
) -> None:
    payer(country="US", state_code="")
    supplier(lut_number="AD290326000001X", lut_valid_until=date(2026, 11, 22))
    dry = issue()
    assert heads(dry) == (99_900, 0, 0, 0, 0, 99_900)
    assert (dry.supply, dry.place_of_supply) == ("export_without_tax", "96")
    charged_with_tax = issue(cause="test:2", charged_paise=117_882)
    assert (charged_with_tax.supply, charged_with_tax.igst_paise) == ("export_with_tax", 17_982)
    expired = issue(cause="test:3", now=NOW + timedelta(days=1))
    assert (expired.supply, expired.igst_paise) == ("export_with_tax", 17_982)


def test_an_irn_only_when_we_issue_e_invoices_and_the_buyer_is_registered(
    issue: Callable[..., TaxDocument],
    payer: Callable[..., BillingAccount],
    supplier: Callable[..., Supplier],
) -> None:
    account = payer()
    supplier(issues_e_invoices=True)
    assert issue().irn == ""
    GstRegistration.objects.create(
        account=account, gstin=THEIRS, legal_name="A", address="B", pincode="400021",
        is_default=True,
    )  # fmt: skip
    irn = issue(cause="test:2").irn
    # printf 29AAACU0001A1Z92026-27INVINV/26-27/2 | sha256sum
    assert irn == "5a24f559f5f1a995b5953e91d22d998002e93af6c8c720cf75d7dffc3b3e5c88"


def test_the_state_is_asked_for_before_money() -> None:
    with pytest.raises(StateMissing):
        buyer_check(country="IN", state_code="", gstin="")
    buyer_check(country="IN", state_code="29", gstin="")
    buyer_check(country="IN", state_code="", gstin=THEIRS)
    buyer_check(country="US", state_code="", gstin="")


def test_documents_are_found_inside_their_own_workspace_only(
    issue: Callable[..., TaxDocument], local_tenant: Any, enterprise_tenant: Any
) -> None:
    document = issue()
    with tenant_context(local_tenant):
        assert list(documents_of(local_tenant)) == [document]
        assert document_by_number(local_tenant, "INV/26-27/1") == document
        assert [each.number for each in documents_facts(documents_of(local_tenant))] == [
            "INV/26-27/1"
        ]
    with tenant_context(enterprise_tenant):
        assert list(documents_of(enterprise_tenant)) == []
        with pytest.raises(UnknownDocument):
            document_by_number(enterprise_tenant, "INV/26-27/1")


# --- credit notes


def test_a_refund_becomes_credit_notes_that_sum_to_the_invoice(
    issue: Callable[..., TaxDocument],
    pay: Callable[..., Payment],
    give_back: Callable[..., Refund],
) -> None:
    payment = pay()
    invoice = issue(payment=payment, charged_paise=117_882)
    notes = []
    for amount in (40_001, 17_000, 60_881):
        refund = give_back(payment, amount)
        note = credit_note_issue(
            document=invoice,
            taxable_paise=None,
            reason="unused time",
            cause=f"refund:{refund.pk}",
            now=NOW,
            refund=refund,
        )
        notes.append(note)
        assert note.total_paise == amount
        assert open_paise(invoice) == 0
    assert [note.number for note in notes] == ["CN/26-27/1", "CN/26-27/2", "CN/26-27/3"]
    assert {note.original for note in notes} == {invoice}
    sums = [sum(column) for column in zip(*(heads(note) for note in notes), strict=True)]
    assert sums == list(heads(invoice))
    assert all(abs(note.rounding_paise) <= 2 for note in notes)
    assert sum(RevenueSlice.objects.values_list("amount_paise", flat=True)) == 0


def test_the_same_refund_has_one_note_and_no_second_effect(
    issue: Callable[..., TaxDocument],
    pay: Callable[..., Payment],
    give_back: Callable[..., Refund],
) -> None:
    payment = pay()
    invoice = issue(payment=payment, charged_paise=117_882)
    refund = give_back(payment, 117_882)

    def note() -> TaxDocument:
        return credit_note_issue(
            document=invoice,
            taxable_paise=None,
            reason="paid twice",
            cause=f"refund:{refund.pk}",
            now=NOW,
            refund=refund,
        )

    first = note()
    rows = Settlement.objects.count(), JournalLine.objects.count()
    assert note() == first
    assert heads(first) == heads(invoice)
    assert (Settlement.objects.count(), JournalLine.objects.count()) == rows


def test_a_note_on_an_open_invoice_settles_it_and_takes_back_late_months(
    issue: Callable[..., TaxDocument],
) -> None:
    invoice = issue(period_start=date(2026, 11, 1), period_end=date(2027, 2, 1))
    note = credit_note_issue(
        document=invoice, taxable_paise=50_000, reason="agreed less", cause="n:1", now=NOW
    )
    assert heads(note) == (50_000, 4_500, 4_500, 0, 0, 59_000)
    assert open_paise(invoice) == 58_882
    # Of 92 days January has 31: 33,662 paise; the rest comes from December.
    assert list(note.slices.values_list("month", "amount_paise")) == [
        ("2026-12", -16_338),
        ("2027-01", -33_662),
    ]
    rest = credit_note_issue(
        document=invoice, taxable_paise=49_900, reason="agreed less", cause="n:2", now=NOW
    )
    assert open_paise(invoice) == 0
    assert open_paise(rest) == 0
    assert list(rest.slices.values_list("month", "amount_paise")) == [
        ("2026-11", -32_576),
        ("2026-12", -17_324),
    ]


@pytest.mark.parametrize("taxable", [0, 99_901])
def test_a_note_on_more_than_the_invoice_is_refused(
    issue: Callable[..., TaxDocument], taxable: int
) -> None:
    invoice = issue()
    with pytest.raises(CreditTooLarge, match=r"₹1,178\.82"):
        credit_note_issue(document=invoice, taxable_paise=taxable, reason="r", cause="n:1", now=NOW)
    assert not SeriesCounter.objects.filter(series="CN").exists()


def test_a_refund_of_more_than_is_left_is_refused(
    issue: Callable[..., TaxDocument],
    pay: Callable[..., Payment],
    give_back: Callable[..., Refund],
) -> None:
    payment = pay()
    invoice = issue(payment=payment, charged_paise=117_882)
    for amount, taxable in ((117_883, None), (117_882, 50_000)):
        with pytest.raises(CreditTooLarge):
            credit_note_issue(
                document=invoice,
                taxable_paise=taxable,
                reason="r",
                cause="n:1",
                now=NOW,
                refund=give_back(payment, amount),
            )


def test_a_note_comes_by_30_november_after_the_year(issue: Callable[..., TaxDocument]) -> None:
    invoice = issue()
    late = datetime(2027, 11, 30, 18, 30, tzinfo=UTC)
    with pytest.raises(CreditTooLate, match="30-11-2027"):
        credit_note_issue(document=invoice, taxable_paise=100, reason="r", cause="n:1", now=late)
    in_time = credit_note_issue(
        document=invoice,
        taxable_paise=100,
        reason="r",
        cause="n:1",
        now=late - timedelta(seconds=1),
    )
    assert (in_time.number, in_time.issued_on) == ("CN/27-28/1", date(2027, 11, 30))


def test_nothing_is_issued_into_a_locked_month(
    issue: Callable[..., TaxDocument], us: Supplier, asha: Any
) -> None:
    invoice = issue()
    PeriodLock.objects.create(supplier=us, month="2026-11", actor_id=asha.pk, locked_at=NOW)
    with pytest.raises(PeriodLocked, match="2026-11"):
        issue(cause="test:2")
    with pytest.raises(PeriodLocked):
        credit_note_issue(document=invoice, taxable_paise=100, reason="r", cause="n:1", now=NOW)
    later = NOW + timedelta(days=10)
    note = credit_note_issue(
        document=invoice, taxable_paise=100, reason="r", cause="n:1", now=later
    )
    assert note.issued_on == date(2026, 12, 2)
    assert issue(cause="test:2", now=later).number == "INV/26-27/2"
