"""A month's return against documents and books, and the lock after filing."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest

from billing.engine import ledger
from billing.errors import PeriodLocked, PeriodNotReady
from billing.models import (
    AccountWorkspace,
    BillingAccount,
    GstRegistration,
    IncomingTransfer,
    JournalEntry,
    JournalLine,
    Payment,
    PeriodLock,
    Refund,
    Supplier,
    TaxDocument,
)
from billing.services.invoicing import credit_note_issue
from billing.services.returns import (
    einvoice_file,
    gstr1_files,
    gstr1_tables,
    gstr1_ties,
    gstr1_zip,
    period_lock,
    tally_file,
)
from billing.services.settling import settle

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
THEIRS = "27AAACV0001A1ZC"
Issue = Callable[..., TaxDocument]


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def month(
    issue: Issue,
    payer: Callable[..., BillingAccount],
    pay: Callable[..., Payment],
    give_back: Callable[..., Refund],
) -> list[TaxDocument]:
    """A consumer at home, paid and half refunded; one elsewhere; a company; one large."""
    payment = pay()
    home = issue(payment=payment, charged_paise=117_882)
    refund = give_back(payment, 58_941)
    note = credit_note_issue(
        document=home, taxable_paise=None, reason="r", cause="n:1", now=NOW, refund=refund
    )
    account = payer(state_code="07", legal_name="=SUM(A1)")
    away = issue(cause="test:2", base_paise=100_050)
    large = issue(cause="test:3", base_paise=9_000_000)
    GstRegistration.objects.create(
        account=account, gstin=THEIRS, legal_name="=Asha Foods", address="Pune", pincode="411001",
        is_default=True,
    )  # fmt: skip
    company = issue(cause="test:4", base_paise=2_500_000)
    credit = credit_note_issue(
        document=company, taxable_paise=500_000, reason="r", cause="n:2", now=NOW
    )
    return [home, note, away, large, company, credit]


def test_the_files_of_a_month(month: list[TaxDocument], us: Supplier) -> None:
    files = {
        name.removeprefix("gstr1-2026-11-").removesuffix(".csv"): read(content)
        for name, content in gstr1_files(supplier=us, month="2026-11").items()
    }
    assert set(files) == {"b2b", "b2cl", "b2cs", "exp", "cdnr", "cdnur", "at", "atadj", "hsn_b2b",
                          "hsn_b2c", "docs", "check"}  # fmt: skip
    (company,) = files["b2b"]
    assert company["Receiver Name"] == "'=Asha Foods"
    assert company["Invoice Value"] == "29500.00"
    assert files["cdnr"][0]["Note Value"] == "5900.00"
    assert files["b2cl"][0]["Taxable Value"] == "90000.00"
    assert [(row["Place Of Supply"], row["Taxable Value"]) for row in files["b2cs"]] == [
        ("07-Delhi", "1000.50"),
        ("29-Karnataka", "499.50"),
    ]
    assert [
        (row["Sr. No. From"], row["Sr. No. To"], row["Total Number"], row["Cancelled"])
        for row in files["docs"]
    ] == [("INV/26-27/1", "INV/26-27/4", "4", "0"), ("CN/26-27/1", "CN/26-27/2", "2", "0")]
    whole = sum(Decimal(row["Taxable Value"]) for row in files["hsn_b2b"] + files["hsn_b2c"])
    assert whole == Decimal("111500.00")
    assert {row["Difference"] for row in files["check"]} == {"0.00", "0"}


def test_every_figure_ties_to_the_ledger(month: list[TaxDocument], us: Supplier) -> None:
    ties = {(tie.figure, tie.where): tie for tie in gstr1_ties(supplier=us, month="2026-11")}
    assert all(tie.difference_paise == 0 for tie in ties.values())
    # 999 - 499.50 + 1,000.50 + 90,000 + 25,000 - 5,000 before tax.
    assert ties["taxable", "ledger"].other_paise == 11_150_000
    assert ties["igst", "ledger"].other_paise == 18_009 + 1_620_000 + 450_000 - 90_000
    assert ties["cgst", "ledger"].other_paise == 8_991 - 4_496
    assert ties["total", "ledger"].other_paise == sum(
        (-1 if each.kind == "credit_note" else 1) * each.total_paise for each in month
    )
    assert ties["count", "documents issued"].other_paise == 6


def test_a_month_without_documents_ties_too(us: Supplier) -> None:
    assert all(not tie.difference_paise for tie in gstr1_ties(supplier=us, month="2026-10"))


def test_tax_that_no_document_stands_for_shows_and_stops_the_lock(
    month: list[TaxDocument], us: Supplier, asha: Any
) -> None:
    entry = JournalEntry.objects.create(
        kind="adjustment", cause="a:1", narration="wrong", posted_on=date(2026, 11, 30),
        actor_id=asha.pk, reason="a mistake", created_at=NOW,
    )  # fmt: skip
    for account, paise in ((ledger.OUTPUT_IGST, -1), (ledger.ROUNDING, 1)):
        JournalLine.objects.create(entry=entry, account=account, amount_paise=paise)
    off = [tie for tie in gstr1_ties(supplier=us, month="2026-11") if tie.difference_paise]
    assert [(tie.figure, tie.where, tie.difference_paise) for tie in off] == [("igst", "ledger", 1)]
    with pytest.raises(PeriodNotReady, match="igst differs between documents and ledger"):
        period_lock(supplier=us, month="2026-11", actor_id=asha.pk, now=DECEMBER)
    assert not PeriodLock.objects.exists()


def test_what_another_supplier_of_ours_issued_stays_with_it(
    issue: Issue, us: Supplier, supplier: Callable[..., Supplier]
) -> None:
    issue()
    other = supplier(gstin="29AAACU0002A1Z8")
    assert issue(cause="test:2", base_paise=5_000).number == "INV/26-27/1"
    for each, taxable in ((us, 99_900), (other, 5_000)):
        ties = {(tie.figure, tie.where): tie for tie in gstr1_ties(supplier=each, month="2026-11")}
        assert ties["taxable", "tables"].documents_paise == taxable
        assert not any(tie.difference_paise for tie in ties.values())


def test_advances_until_their_invoice(
    issue: Issue, pay: Callable[..., Payment], us: Supplier, payer: Callable[..., BillingAccount]
) -> None:
    payment = pay()
    Payment.objects.filter(pk=pay(remote_id="pay_2").pk).update(needs_refund=True)
    IncomingTransfer.objects.create(
        utr="UTR1", amount_paise=2_700_000, received_on=date(2026, 11, 5), created_at=NOW,
        account=payer(state_code="07"),
    )  # fmt: skip
    IncomingTransfer.objects.create(
        utr="UTR2", amount_paise=5, received_on=date(2026, 11, 5), created_at=NOW
    )
    payer()
    advance = gstr1_tables(supplier=us, month="2026-11")
    # By where the payer is now: asha's account is one.
    assert advance["at"].rows == (("29-Karnataka", "", "18", 2_388_036, 0),)
    issue(payment=payment, charged_paise=117_882, now=DECEMBER)
    later = gstr1_tables(supplier=us, month="2026-12")
    assert later["atadj"].rows == (("29-Karnataka", "", "18", 99_900, 0),)
    assert later["at"].rows == ()
    assert gstr1_tables(supplier=us, month="2026-11")["at"].rows == advance["at"].rows


def test_what_is_written_down_after_filing_belongs_to_the_month_that_is_open(
    issue: Issue, pay: Callable[..., Payment], us: Supplier, asha: Any, local_tenant: Any
) -> None:
    """An advance of November that was in its return, used in December for an invoice of November;
    and a transfer of November that the bank's file brings after filing."""
    payment = pay(remote_id="pay_9")
    invoice = issue(now=NOW)
    november = gstr1_tables(supplier=us, month="2026-11")
    assert november["at"].rows == (("29-Karnataka", "", "18", 99_900, 0),)
    period_lock(supplier=us, month="2026-11", actor_id=asha.pk, now=DECEMBER)
    later = DECEMBER + timedelta(days=9)
    settle(document=invoice, amount_paise=117_882, by="payment", cause="p", payment=payment,
           on=NOW.date(), now=later)  # fmt: skip
    account = AccountWorkspace.objects.get(tenant=local_tenant).account
    IncomingTransfer.objects.create(
        utr="UTR9", amount_paise=118, received_on=NOW.date(), created_at=later, account=account
    )
    assert gstr1_tables(supplier=us, month="2026-11")["at"].rows == november["at"].rows
    december = gstr1_tables(supplier=us, month="2026-12")
    assert december["at"].rows == (("29-Karnataka", "", "18", 100, 0),)
    assert december["atadj"].rows == (("29-Karnataka", "", "18", 99_900, 0),)


def test_a_default_gstin_says_where_an_advance_is_from(
    pay: Callable[..., Payment], us: Supplier, payer: Callable[..., BillingAccount]
) -> None:
    GstRegistration.objects.create(
        account=payer(), gstin=THEIRS, legal_name="Asha Foods", address="4 Nariman Point",
        pincode="400021", is_default=True,
    )  # fmt: skip
    pay()
    made = gstr1_tables(supplier=us, month="2026-11")
    assert made["at"].rows == (("27-Maharashtra", "", "18", 99_900, 0),)


def test_a_refund_of_an_invoiced_payment_is_no_advance(
    month: list[TaxDocument], us: Supplier
) -> None:
    made = gstr1_tables(supplier=us, month="2026-11")
    assert made["at"].rows == made["atadj"].rows == ()


def test_a_month_is_locked_once_it_is_over_and_ties(
    month: list[TaxDocument], us: Supplier, asha: Any, issue: Issue
) -> None:
    eve = datetime(2026, 11, 30, 18, 29, 59, tzinfo=UTC)
    with pytest.raises(PeriodNotReady, match="it is not over"):
        period_lock(supplier=us, month="2026-11", actor_id=asha.pk, now=eve)
    now = eve + timedelta(seconds=1)
    first = period_lock(supplier=us, month="2026-11", actor_id=asha.pk, now=now)
    assert period_lock(supplier=us, month="2026-11", actor_id=asha.pk, now=DECEMBER) == first
    assert (first.locked_at, PeriodLock.objects.count()) == (now, 1)
    with pytest.raises(PeriodLocked):
        issue(cause="test:9", now=eve)
    assert issue(cause="test:9", now=now).issued_on == date(2026, 12, 1)


@pytest.mark.parametrize("text", ["2026-13", "", "2026-11-01"])
def test_text_that_is_no_month_is_refused(us: Supplier, text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        gstr1_files(supplier=us, month=text)


def test_the_archive_repeats_and_holds_every_file(month: list[TaxDocument], us: Supplier) -> None:
    content = gstr1_zip(supplier=us, month="2026-11")
    assert content == gstr1_zip(supplier=us, month="2026-11")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert set(archive.namelist()) == set(gstr1_files(supplier=us, month="2026-11"))


def test_tallys_vouchers_sum_to_the_documents(month: list[TaxDocument], us: Supplier) -> None:
    root = ElementTree.fromstring(tally_file(supplier=us, month="2026-11"))
    vouchers = list(root.iter("VOUCHER"))
    assert [each.findtext("VOUCHERNUMBER") for each in vouchers] == [each.number for each in month]
    for voucher, document in zip(vouchers, month, strict=True):
        amounts = [Decimal(each.text) for each in voucher.iter("AMOUNT")]
        assert sum(amounts) == 0
        assert abs(amounts[0]) == Decimal(document.total_paise) / 100


def test_the_e_invoice_file_is_the_documents(month: list[TaxDocument]) -> None:
    payload = json.loads(einvoice_file(month[4]))
    assert payload["DocDtls"]["No"] == "INV/26-27/4"
    assert payload["ValDtls"]["TotInvVal"] == 29500
    assert json.loads(einvoice_file(month[5]))["RefDtls"]["PrecDocDtls"][0]["InvNo"] == (
        "INV/26-27/4"
    )
