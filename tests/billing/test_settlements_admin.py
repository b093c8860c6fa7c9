"""The accountant's page: a month tied to the books, a statement taken, what does not meet."""

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.engine import ledger
from billing.models import BankLine, BankStatement, IncomingTransfer, Payout
from billing.selectors.gateway_month import gateway_month
from billing.services.ledger import journal_post
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.models import User
from tests.billing.test_admin import signed_in

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
PAGE = "/billing/payout/settlements/"
HEAD = "Txn Date,Description,Ref No./Cheque No.,Debit,Credit\n"


@pytest.fixture
def staff():
    return signed_in(User.objects.create_superuser(email="a@example.in", password="a-long-word-3"))


def post(kind, cause, postings, on, tenant=None):
    facts = {"kind": kind, "cause": cause, "narration": kind, "postings": postings}
    journal_post(**facts, on=on, now=NOW, tenant=tenant)


def a_month(tenant):
    """₹100 from October; ₹500 in, ₹50 back, ₹20 disputed; ₹300 paid out after ₹10, ₹1.80, ₹5."""
    october, november, december = date(2026, 10, 31), date(2026, 11, 1), date(2026, 12, 1)
    post("payment", "p:1", ledger.payment_received(10_000), october, tenant)
    post("payment", "p:2", ledger.payment_received(50_000), november, tenant)
    post("refund", "r:1", ledger.refund_paid(5_000), date(2026, 11, 30), tenant)
    post("dispute", "d:1", ledger.dispute_lost(2_000), november, tenant)
    out = {"amount_paise": 30_000, "fee_paise": 1_000, "fee_tax_paise": 180}
    post("payout", "payout:1:1", ledger.payout_made(**out, adjustment_paise=-500), november)
    post("payment", "p:3", ledger.payment_received(77), december, tenant)


def test_a_month_ties_out_from_anywhere(local_tenant):
    a_month(local_tenant)
    with tenant_context(local_tenant):
        found = gateway_month(date(2026, 11, 17))
    assert (found.opening_paise, found.captured_paise, found.refunds_paise) == (
        10_000,
        50_000,
        5_000,
    )
    assert (found.disputes_paise, found.fees_paise, found.fee_tax_paise) == (2_000, 1_000, 180)
    assert (found.adjustments_paise, found.paid_out_paise) == (500, 30_000)
    # 100 + 500 − 50 − 20 − 10 − 1.80 − 5 is 513.20; 300 of it was paid out.
    assert (found.expected_paise, found.closing_paise, found.difference_paise) == (
        51_320,
        21_320,
        0,
    )


def test_the_page_and_its_csv(staff, local_tenant):
    a_month(local_tenant)
    page = staff.get(PAGE, {"month": "2026-11"})
    assert page.status_code == 200
    assert "₹513.20" in page.content.decode() and "ties out" in page.content.decode()
    told = staff.get(f"{PAGE}month.csv", {"month": "2026-11"}).content.decode("utf-8-sig")
    assert "still with the gateways,213.20" in told
    assert "difference,0.00" in told
    for odd in ("2026-13", "x", "9999999-1", "²-1"):
        assert staff.get(PAGE, {"month": odd}).status_code == 200
    assert staff.get(f"{PAGE}else.csv").status_code == 404


def test_a_statement_is_taken_once_or_refused_with_its_rows(staff):
    def send(text):
        file = SimpleUploadedFile("nov.csv", (HEAD + text).encode())
        return staff.post(f"{PAGE}statement/", {"file": file})

    Payout.objects.create(
        gateway="razorpay", remote_id="setl_1", utr="UTIB1234567890123", state="processed",
        amount_paise=100, paid_on=date(2026, 11, 2), created_at=NOW,
    )  # fmt: skip
    bad = send("31/02/2026,x,,,1.00\n03/11/2026,y,,,five\n")
    assert bad.status_code == 422
    assert bad.content.decode("utf-8-sig").count("cannot be read") == 2
    assert not BankLine.objects.exists()
    good = "02/11/2026,=NEFT UTIB1234567890123,,,1.01\n"
    for _again in range(2):
        assert send(good).status_code == 302
    assert (BankStatement.objects.count(), BankLine.objects.count()) == (1, 1)
    told = staff.get(f"{PAGE}unmatched.csv").content.decode("utf-8-sig")
    assert "The bank shows this UTR with another amount." in told
    assert "'=NEFT" in told and ",=NEFT" not in told
    for state, count in (("differs", 1), ("matched", 0), ("unmatched", 0)):
        assert staff.get(f"/billing/payout/?bank={state}").context["cl"].result_count == count
    assert send("").status_code in {302, 422}
    assert staff.post(f"{PAGE}statement/").status_code == 422


def test_what_customers_sent_is_taken_over_once_and_payouts_never(staff):
    Payout.objects.create(
        gateway="sandbox", remote_id="setl_1", utr="UTIB1234567890123", state="processed",
        amount_paise=100, paid_on=date(2026, 11, 2), created_at=NOW,
    )  # fmt: skip
    lines = (
        "02/11/2026,NEFT UTIB1234567890123,,,1.01",
        "02/11/2026,RAZORPAY SOFTWARE,RATN0000000001,,7.00",
        "02/11/2026,VEDA APPLIANCES,HDFC0000000001,,9.00",
        "03/11/2026,VEDA APPLIANCES AGAIN,HDFC0000000001,,9.00",
        "03/11/2026,OTHER AMOUNT,HDFC0000000001,,9.01",
    )
    for _again in range(2):
        file = SimpleUploadedFile("nov.csv", (HEAD + "\n".join(lines)).encode())
        assert staff.post(f"{PAGE}statement/", {"file": file}).status_code == 302
    transfer = IncomingTransfer.objects.get()
    assert (transfer.utr, transfer.amount_paise, transfer.state) == (
        "HDFC0000000001",
        900,
        "queued",
    )


def test_who_may_not_see_it_does_not(db):
    other = signed_in(
        User.objects.create_user(email="b@example.in", password="a-long-word-3", is_staff=True)
    )
    assert other.get(PAGE).status_code == 403
    assert other.post(f"{PAGE}import/").status_code == 403
    assert other.post(f"{PAGE}statement/").status_code == 403


def test_payouts_are_asked_for_now(staff, twin, settings):
    settings.BILLING_GATEWAYS = ("sandbox",)
    page = staff.post(f"{PAGE}import/", follow=True)
    assert "sandbox:" in page.content.decode() and "seen" in page.content.decode()
