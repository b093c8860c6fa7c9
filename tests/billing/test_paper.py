"""Buying on paper: quote, order, confirmation, invoices on their day, certificates, vendor pack."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pypdf
import pytest

from billing.errors import (
    CertificateRefused,
    PlanRuns,
    PurchaseOrderMissing,
    QuoteChanged,
    QuoteNotOpen,
    StateMissing,
    UnknownQuote,
)
from billing.models import (
    Plan,
    PlanVersion,
    Quote,
    SeriesCounter,
    StaffTerms,
    Subscription,
    TaxDocument,
    TdsCertificate,
    VendorFile,
)
from billing.selectors import entitlements_of
from billing.selectors.documents import open_paise
from billing.services.accounts import account_update, workspace_details
from billing.services.paper import invoice_tell, paper_remind, paper_renew
from billing.services.quote_pdf import quote_pdf
from billing.services.quotes import (
    quote_accept,
    quote_confirm,
    quote_decline,
    quote_make,
    quotes_expire,
)
from billing.services.settling import settle
from billing.services.tds import (
    certificate_tell,
    certificate_upload,
    certificates_open,
    certificates_remind,
)
from billing.services.vendor import vendor_pack
from enterprise.clients.models import EnterpriseClient
from marketing_platform.core import clock
from marketing_platform.core.errors import NotFound
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.notifications.models import Notification
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import tenant_context

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
ACTOR = "00000000-0000-4000-8000-000000000007"
PDF = b"%PDF-1.7\n%%EOF"


@pytest.fixture
def buyer(supplier: Any, enterprise_tenant: Any) -> Any:
    """Veda on a trial of Enterprise, in Karnataka; we are in Maharashtra."""
    plan = Plan.objects.get(tier="enterprise")
    # The launch price begins when it was migrated, which may be after these dates.
    PlanVersion.objects.create(
        plan=plan,
        number=99,
        monthly_paise=2_500_000,
        annual_paise=25_000_000,
        effective_from=ist(2026, 1, 1),
    )
    Subscription.objects.filter(tenant=enterprise_tenant).update(
        state="trialing", gateway="", gateway_subscription_id="", trial_ends_at=NOW
    )
    account_update(
        tenant=enterprise_tenant,
        now=NOW,
        legal_name="Veda Appliances Private Limited",
        address="12 Hosur Road",
        city="Bengaluru",
        pincode="560030",
        state_code="29",
        emails=["accounts@veda.example", "cfo@veda.example"],
        tds_section="393(1) 1027",
        tds_basis_points=1000,
    )
    return enterprise_tenant


def ordered(tenant: Any, interval: str = "month", po_number: str = "PO-7") -> Quote:
    quote = quote_make(tenant=tenant, interval=interval, now=NOW)
    return quote_accept(tenant=tenant, quote_id=quote.pk, po_number=po_number, now=NOW)


def confirmed(tenant: Any, interval: str = "month", net_days: int = 30) -> TaxDocument:
    return quote_confirm(
        quote=ordered(tenant, interval),
        net_days=net_days,
        reason="order by e-mail",
        actor_id=ACTOR,
        now=NOW,
    )


def text_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def ist(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=clock.IST)


def test_a_quote_tells_the_price_with_gst_and_takes_no_tax_number(buyer: Any) -> None:
    quote = quote_make(tenant=buyer, interval="month", now=NOW)
    assert (quote.number, quote.valid_until) == ("QT/26-27/1", date(2026, 12, 22))
    assert (quote.taxable_paise, quote.total_paise) == (2_500_000, 2_950_000)
    assert quote.facts["igst"] == 450_000
    assert (SeriesCounter.objects.count(), TaxDocument.objects.count()) == (0, 0)
    again = quote_make(tenant=buyer, interval="month", now=NOW + timedelta(minutes=1))
    assert again.pk == quote.pk
    yearly = quote_make(tenant=buyer, interval="year", now=NOW)
    assert (yearly.number, yearly.total_paise) == ("QT/26-27/2", 29_500_000)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Proforma invoice", "not a tax invoice", "QT/26-27/1", "22 December 2026",
                "29,500.00", "Veda Appliances Private Limited", "Karnataka (29)")),
        ("hi", ("QT/26-27/1", "29,500.00")),
    ],
)  # fmt: skip
def test_its_paper(buyer: Any, language: str, words: tuple[str, ...]) -> None:
    quote = quote_make(tenant=buyer, interval="month", now=NOW)
    content = quote_pdf(quote, language)
    assert content == quote_pdf(quote, language)
    text = text_of(content)
    assert [word for word in words if word not in text] == []
    assert ("Tax invoice" in text) is False


def test_no_quote_without_a_state(supplier: Any, enterprise_tenant: Any) -> None:
    # A company that came before sign-up asked for it.
    EnterpriseClient.objects.filter(tenant=enterprise_tenant).update(state="")
    with pytest.raises(StateMissing):
        quote_make(tenant=enterprise_tenant, interval="month", now=NOW)


def test_a_wanted_order_number_is_asked_for(buyer: Any) -> None:
    account_update(tenant=buyer, now=NOW, po_required=True)
    quote = quote_make(tenant=buyer, interval="month", now=NOW)
    with pytest.raises(PurchaseOrderMissing):
        quote_accept(tenant=buyer, quote_id=quote.pk, now=NOW)
    assert quote_accept(tenant=buyer, quote_id=quote.pk, po_number="PO-7", now=NOW).po_number


def test_confirmed_it_gives_access_and_the_invoice_of_the_quote(buyer: Any) -> None:
    workspace_details(tenant=buyer, cost_centre="CC 4", now=NOW)
    document = confirmed(buyer)
    assert (document.total_paise, document.due_on) == (2_950_000, date(2026, 12, 22))
    assert (document.po_number, document.cost_centre) == ("PO-7", "CC 4")
    assert (document.lines[0]["period_start"], document.lines[0]["period_end"]) == (
        "2026-11-22",
        "2026-12-22",
    )
    assert open_paise(document) == 2_950_000
    row = Subscription.objects.get(tenant=buyer)
    assert (row.state, row.gateway, row.current_period_end) == ("active", "", ist(2026, 12, 22))
    terms = StaffTerms.objects.get(tenant=buyer)
    assert (terms.until, "PO-7" in terms.reason) == (row.current_period_end, True)
    assert entitlements_of(buyer, now=NOW).access == "full"
    quote = Quote.objects.get()
    again = quote_confirm(quote=quote, net_days=30, reason="twice", actor_id=ACTOR, now=NOW)
    assert (again.pk, TaxDocument.objects.count()) == (document.pk, 1)


def test_an_open_or_late_quote_is_no_order(buyer: Any) -> None:
    quote = quote_make(tenant=buyer, interval="month", now=NOW)
    by = {"net_days": 0, "reason": "x", "actor_id": ACTOR, "now": NOW}
    with pytest.raises(QuoteNotOpen):
        quote_confirm(quote=quote, **by)
    late = NOW + timedelta(days=31)
    with pytest.raises(QuoteNotOpen):
        quote_accept(tenant=buyer, quote_id=quote.pk, now=late)
    assert quotes_expire(tenant=buyer, now=NOW + timedelta(days=30)) == 0
    assert quotes_expire(tenant=buyer, now=late) == 1
    with pytest.raises(QuoteNotOpen):
        quote_decline(tenant=buyer, quote_id=quote.pk, now=late)


def test_who_is_in_another_state_since_gets_a_new_quote(buyer: Any) -> None:
    quote = ordered(buyer)
    account_update(tenant=buyer, now=NOW, country="SG", address="1 Marina", pincode="")
    with pytest.raises(QuoteChanged):
        quote_confirm(quote=quote, net_days=0, reason="x" * 5, actor_id=ACTOR, now=NOW)
    assert (TaxDocument.objects.count(), StaffTerms.objects.count()) == (0, 0)


def test_a_plan_that_runs_ends_first(buyer: Any) -> None:
    quote = ordered(buyer)
    Subscription.objects.filter(tenant=buyer).update(
        state="active", gateway="sandbox", gateway_subscription_id="sub_1"
    )
    with pytest.raises(PlanRuns):
        quote_confirm(quote=quote, net_days=0, reason="x" * 5, actor_id=ACTOR, now=NOW)
    assert TaxDocument.objects.count() == 0


def test_anothers_quote_is_as_absent_as_none(buyer: Any, local_tenant: Any) -> None:
    quote = quote_make(tenant=buyer, interval="month", now=NOW)
    for number in (quote.pk, 999_999):
        with pytest.raises(UnknownQuote):
            quote_accept(tenant=local_tenant, quote_id=number, now=NOW)
    assert Quote.objects.get().state == "open"


@pytest.mark.parametrize("is_paid", [True, False])
def test_the_next_invoice_comes_on_its_day_paid_or_not(buyer: Any, is_paid: bool) -> None:
    first = confirmed(buyer, net_days=15)
    if is_paid:
        settle(document=first, amount_paise=2_950_000, by="transfer", cause="t", on=NOW.date(),
               now=NOW)  # fmt: skip
    assert paper_renew(tenant=buyer, now=ist(2026, 12, 22) - timedelta(seconds=1)) == []
    (second,) = paper_renew(tenant=buyer, now=ist(2026, 12, 22))
    assert second.issued_on == date(2026, 12, 22) <= second.due_on == date(2027, 1, 6)
    assert second.lines[0]["period_end"] == "2027-01-22"
    assert (second.po_number, second.total_paise) == ("PO-7", 2_950_000)
    assert paper_renew(tenant=buyer, now=ist(2026, 12, 25)) == []
    row = Subscription.objects.get(tenant=buyer)
    assert row.current_period_end == ist(2027, 1, 22)


def test_the_31st_comes_back_after_february(buyer: Any) -> None:
    quote = ordered(buyer)
    start = datetime(2026, 12, 31, 5, tzinfo=UTC)
    quote_confirm(quote=quote, net_days=0, reason="order", actor_id=ACTOR, now=start)
    ends = []
    for day in (ist(2027, 1, 31), ist(2027, 2, 28), ist(2027, 3, 31)):
        (document,) = paper_renew(tenant=buyer, now=day)
        ends.append(document.lines[0]["period_end"])
    assert ends == ["2027-02-28", "2027-03-31", "2027-04-30"]


def test_a_suspended_time_is_not_invoiced(buyer: Any) -> None:
    confirmed(buyer)
    rows = Subscription.objects.filter(tenant=buyer)
    rows.update(state="suspended")
    assert paper_renew(tenant=buyer, now=ist(2027, 2, 10)) == []
    rows.update(state="active")
    (document,) = paper_renew(tenant=buyer, now=ist(2027, 2, 10))
    assert document.lines[0]["period_start"] == "2027-02-10"
    (after,) = paper_renew(tenant=buyer, now=ist(2027, 3, 10))
    assert after.lines[0]["period_end"] == "2027-04-10"


def test_who_cancelled_gets_no_further_invoice(buyer: Any) -> None:
    confirmed(buyer)
    Subscription.objects.filter(tenant=buyer).update(cancel_at_period_end=True)
    assert paper_renew(tenant=buyer, now=ist(2026, 12, 22)) == []
    assert Subscription.objects.get(tenant=buyer).state == "ended"


def test_an_invoice_is_told_to_every_billing_address(buyer: Any) -> None:
    document = confirmed(buyer)
    assert DueWork.objects.filter(task="billing.tell_invoice").count() == 1
    told = invoice_tell(document_id=document.pk)
    found = set(OutgoingMessage.objects.exclude(to_email="").values_list("to_email", flat=True))
    assert {"accounts@veda.example", "cfo@veda.example"} <= found
    assert told == OutgoingMessage.objects.count()


def test_an_order_that_runs_out_is_said_once(buyer: Any) -> None:
    confirmed(buyer)
    until = date(2026, 12, 31)
    workspace_details(tenant=buyer, po_number="PO-7", po_valid_until=until, now=NOW)
    assert not paper_remind(tenant=buyer, now=ist(2026, 11, 30))
    assert paper_remind(tenant=buyer, now=ist(2026, 12, 1))
    paper_remind(tenant=buyer, now=ist(2026, 12, 2))
    with tenant_context(buyer):
        assert Notification.objects.filter(key__startswith="billing-po").count() == 1


# --- certificates


def deducted(tenant: Any, paise: int = 250_000, on: date = date(2026, 11, 25)) -> None:
    document = confirmed(tenant)
    settle(document=document, amount_paise=paise, by="tds", cause="tds:1", on=on, now=NOW)


def test_a_quarter_with_deducted_tax_is_asked_for_once_in_thirty_days(buyer: Any) -> None:
    deducted(buyer)
    assert certificates_remind(tenant=buyer, now=ist(2027, 2, 14)) == 0
    assert certificates_remind(tenant=buyer, now=ist(2027, 2, 15)) == 1
    assert certificates_remind(tenant=buyer, now=ist(2027, 3, 16)) == 0
    assert certificates_remind(tenant=buyer, now=ist(2027, 3, 18)) == 1
    row = TdsCertificate.objects.get()
    assert (row.financial_year, row.quarter, row.booked_paise) == ("2026-27", 3, 250_000)
    assert certificate_tell(tenant_id=buyer.pk, certificate_id=row.pk) >= 2
    text = OutgoingMessage.objects.filter(to_email="cfo@veda.example").latest("pk").subject
    assert "Form 131" in text or text == ""


@pytest.mark.parametrize(
    ("certified", "state"),
    [(250_000, "matched"), (249_900, "matched"), (249_899, "received"), (260_000, "received")],
)
def test_a_certificate_is_compared_with_the_books(buyer: Any, certified: int, state: str) -> None:
    deducted(buyer)
    (row,) = certificates_open(tenant=buyer, now=ist(2027, 2, 15))
    given = certificate_upload(
        tenant=buyer,
        certificate_id=row.pk,
        certificate_number="ABCDE",
        certified_paise=certified,
        file_name="q3.pdf",
        content=PDF,
        now=ist(2027, 2, 16),
    )
    assert (given.state, bytes(given.content)) == (state, PDF)
    # The tax is settled whatever the certificate says: a difference is for staff, no debt.
    document = TaxDocument.objects.get()
    assert document.total_paise - open_paise(document) == 250_000
    assert Subscription.objects.get(tenant=buyer).state == "active"
    assert certificates_remind(tenant=buyer, now=ist(2027, 4, 30)) == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-" + bytes(5 * 1024 * 1024)])
def test_what_is_no_certificate(buyer: Any, content: bytes) -> None:
    deducted(buyer)
    (row,) = certificates_open(tenant=buyer, now=ist(2027, 2, 15))
    facts = {"certificate_number": "A1", "certified_paise": 1, "file_name": "x", "now": NOW}
    with pytest.raises(CertificateRefused):
        certificate_upload(tenant=buyer, certificate_id=row.pk, content=content, **facts)
    assert TdsCertificate.objects.get().content is None


def test_anothers_certificate_is_as_absent_as_none(buyer: Any, local_tenant: Any) -> None:
    deducted(buyer)
    (row,) = certificates_open(tenant=buyer, now=ist(2027, 2, 15))
    facts = {"certificate_number": "A1", "certified_paise": 1, "file_name": "x", "now": NOW}
    with pytest.raises(NotFound):
        certificate_upload(tenant=local_tenant, certificate_id=row.pk, content=PDF, **facts)


# --- vendor pack


def test_the_vendor_pack_holds_what_staff_show(supplier: Any) -> None:
    with pytest.raises(NotFound):
        vendor_pack()
    by = {"content_type": "application/pdf", "actor_id": ACTOR, "uploaded_at": NOW}
    for title, content, is_shown in (
        ("PAN card", b"%PDF-a", True),
        ("PAN card", b"%PDF-b", True),
        ("../../Cheque", b"%PDF-c", True),
        ("Draft", b"%PDF-d", False),
    ):
        VendorFile.objects.create(
            title=title, file_name="f.pdf", content=content, is_shown=is_shown, **by
        )
    content = vendor_pack()
    assert content == vendor_pack()
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        assert sorted(pack.namelist()) == [
            "Cheque.pdf",
            "PAN card 2.pdf",
            "PAN card.pdf",
            "supplier.txt",
        ]
        assert "27AAPFU0939F1ZV" in pack.read("supplier.txt").decode()
        assert pack.read("Cheque.pdf") == b"%PDF-c"
