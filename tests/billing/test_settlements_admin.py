"""The accountant's page: a month tied out, a statement read and then taken, gateways asked."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.admin import settlements
from billing.models import BankLine, BankStatement, IncomingTransfer, Payout
from billing.services.bank_statements import statement_preview
from billing.services.payouts import payouts_ask
from marketing_platform.core import clock
from marketing_platform.core.tables import xlsx_write
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import public_context
from marketing_platform.users.models import User
from tests.billing.settlement_world import a_month, noon, paid
from tests.billing.test_admin import signed_in
from tests.billing.test_paper_transfers import owed  # noqa: F401

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
PAGE = "/billing/payout/settlements/"
HEAD = "Txn Date,Description,Ref No./Cheque No.,Debit,Credit\n"
UTR = "UTIB1234567890123"


@pytest.fixture
def staff():
    return signed_in(User.objects.create_superuser(email="a@example.in", password="a-long-word-3"))


@pytest.fixture
def payout(db):
    return Payout.objects.create(
        gateway="razorpay", remote_id="setl_1", utr=UTR, state="processed",
        amount_paise=100, paid_on=date(2026, 11, 2), created_at=NOW,
    )  # fmt: skip


def send(staff, text, name="nov.csv"):
    content = text if isinstance(text, bytes) else (HEAD + text).encode()
    return staff.post(f"{PAGE}statement/", {"file": SimpleUploadedFile(name, content)})


def token_of(page):
    return re.search(r'name="token" value="([^"]+)"', page.content.decode())[1]


def take(staff, page, **more):
    form = {"token": page if isinstance(page, str) else token_of(page), **more}
    return staff.post(f"{PAGE}statement/", form, follow=True)


def counts():
    models = (BankStatement, BankLine, IncomingTransfer)
    return tuple(model.objects.count() for model in models)


def test_the_page_and_its_csv_tie_out_the_month(staff, local_tenant):
    a_month(local_tenant)
    page = staff.get(PAGE, {"month": "2026-11"}).content.decode()
    assert "Razorpay, November 2026" in page
    assert "Ties out with the books. 1 payout is not met by a line of the bank." in page
    assert "₹5,458.40" in page and "pay_3, 29 Nov 2026" in page
    told = staff.get(f"{PAGE}month.csv", {"month": "2026-11"}).content.decode("utf-8-sig")
    assert "Razorpay,figure,Still held at the end,300.00,300.00,0.00" in told
    assert 'Razorpay,held,"payment: pay_3, 29 Nov 2026",300.00,0.00,300.00,explained' in told
    assert "setl_1" in told and "No line of the bank has this UTR." in told
    for odd in ("2026-13", "x", "9999999-1", "²-1"):
        assert staff.get(PAGE, {"month": odd}).status_code == 200
    assert staff.get(f"{PAGE}else.csv").status_code == 404


def test_a_month_that_does_not_tie_out_says_why(staff, local_tenant):
    a_month(local_tenant)
    paid(local_tenant, "pay_9", 900, noon(12), is_booked=False)
    page = staff.get(PAGE, {"month": "2026-11"}).content.decode()
    assert "Does not tie out" in page
    assert "Payments taken: pay_9" in page
    assert "We have the row; the books have no entry for it." in page
    told = staff.get(f"{PAGE}month.csv", {"month": "2026-11"}).content.decode("utf-8-sig")
    assert "difference,Payments taken: pay_9,9.00,0.00,-9.00,look,We have the row" in told


def test_a_statement_is_shown_before_it_is_taken(staff, payout, owed, local_tenant):  # noqa: F811
    document = owed(local_tenant)
    rows = (
        f"02/11/2026,NEFT CR-{UTR}-RZP,,,1.00\n"
        f"03/11/2026,{document.number} VEDA APPLIANCES,HDFC0000000001,,27000.00\n"
        "03/11/2026,SOMEBODY,HDFC0000000002,,9.00\n"
        "04/11/2026,RENT,,500.00,\n"
    )
    page = send(staff, rows)
    words = page.content.decode()
    assert page.status_code == 200
    assert "4 lines read, none refused. Nothing is taken yet." in words
    for part in ("Meets a payout: 1", "setl_1", "Pays invoices: 1", document.number):
        assert part in words
    assert "A transfer that staff must decide on: 1" in words
    assert "Stays open: money out, or nobody&#x27;s: 1" in words
    assert counts() == (0, 0, 0)
    said = take(staff, page).content.decode()
    assert "nov.csv was taken: 4 new lines, 1 payout met, 2 transfers, 1 of them matched" in said
    assert counts() == (1, 4, 2)
    assert payout.bank_line.row == 2


def test_the_same_file_and_overlapping_ones_double_nothing(staff, payout):
    first = f"02/11/2026,NEFT {UTR},,,1.00\n03/11/2026,CASH,,,5.00\n"
    page = send(staff, first)
    take(staff, page)
    before = counts()
    # Uploaded again, under another name; and the first preview is sent again.
    again = staff.post(
        f"{PAGE}statement/",
        {"file": SimpleUploadedFile("copy.csv", (HEAD + first).encode())},
        follow=True,
    )
    assert "This very file was taken on" in again.content.decode()
    assert "This preview is over. Nothing was taken." in take(staff, page).content.decode()
    assert counts() == before
    longer = send(staff, first + "04/11/2026,CASH,,,6.00\n")
    assert "Left out: an earlier statement has it: 2" in longer.content.decode()
    take(staff, longer)
    assert counts() == (before[0] + 1, before[1] + 1, before[2] + 1)
    shorter = send(staff, "03/11/2026,CASH,,,5.00\n")
    assert "Earlier statements have all of these lines." in shorter.content.decode()


def test_two_open_previews_of_one_file_take_it_once(staff):
    pages = [send(staff, "03/11/2026,CASH,,,5.00\n") for _turn in range(2)]
    take(staff, pages[0])
    assert "This very file was taken on" in take(staff, pages[1]).content.decode()
    assert counts() == (1, 1, 1)


def test_of_a_file_with_bad_rows_each_is_named_and_nothing_is_taken(staff):
    page = send(staff, "31/02/2026,x,,,1.00\n03/11/2026,=y,,,five\n04/11/2026,ok,,,1.00\n")
    words = page.content.decode()
    assert page.status_code == 422
    assert "2 rows cannot be read, so nothing is taken." in words
    assert "Row 2: The date cannot be read." in words
    assert "Row 3: The amount cannot be read." in words
    told = take(staff, page, what="refused").content.decode("utf-8-sig")
    assert told.splitlines()[0] == "Row,Problem,What stands there"
    assert len(told.splitlines()) == 3
    # Confirmed by hand all the same, it is refused.
    take(staff, page)
    assert counts() == (0, 0, 0)


def test_a_spreadsheet_is_a_statement_too(staff):
    head = HEAD.strip().split(",")
    content = xlsx_write([head, ("02/11/2026", "A", "", "", "1,17,882.00")], title="Sheet1")
    take(staff, send(staff, content, "nov.xlsx"))
    assert BankLine.objects.get().amount_paise == 11_788_200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b" ", "This file is empty."),
        (b"%PDF-1.7", "This is a PDF."),
        (b"\xd0\xcf\x11\xe0old", "This is an old Excel file"),
        (b"PK\x03\x04broken", "cannot be read"),
        (b"Name,Phone\nAsha,9", "column"),
        (b"\x00\x00\x00", ""),
    ],
)
def test_another_kind_of_file_is_refused_in_words(staff, content, said):
    page = send(staff, content)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert counts() == (0, 0, 0)


def test_a_file_that_is_too_large_or_missing_is_refused(staff, monkeypatch):
    monkeypatch.setattr(settlements, "MOST_BYTES", 50)
    page = send(staff, "03/11/2026,CASH,,,5.00\n")
    assert (page.status_code, "larger than 10 MB" in page.content.decode()) == (422, True)
    assert send(staff, b"").status_code == 422
    assert staff.post(f"{PAGE}statement/").status_code == 422


def test_a_preview_is_of_the_person_who_made_it(staff):
    token = token_of(send(staff, "03/11/2026,CASH,,,5.00\n"))
    other = signed_in(User.objects.create_superuser(email="c@example.in", password="a-long-word-3"))
    for client, odd in ((other, token), (staff, token + "x"), (staff, "../x"), (staff, "")):
        assert "This preview is over." in take(client, odd).content.decode()
    assert counts() == (0, 0, 0)
    take(staff, token)
    assert counts() == (1, 1, 1)


def test_what_customers_sent_is_taken_over_once_and_payouts_never(staff, payout):
    lines = (
        f"02/11/2026,NEFT {UTR},,,1.01",
        "02/11/2026,RAZORPAY SOFTWARE,RATN0000000001,,7.00",
        "02/11/2026,VEDA APPLIANCES,HDFC0000000001,,9.00",
        "03/11/2026,VEDA APPLIANCES AGAIN,HDFC0000000001,,9.00",
        "03/11/2026,OTHER AMOUNT,HDFC0000000001,,9.01",
    )
    take(staff, send(staff, "\n".join(lines)))
    transfer = IncomingTransfer.objects.get()
    assert (transfer.utr, transfer.amount_paise, transfer.state) == (
        "HDFC0000000001",
        900,
        "queued",
    )


@pytest.mark.parametrize(
    ("line", "state"),
    [
        # The UTR stands in the text, with another word in the bank's own column.
        (f"02/11/2026,NEFT CR-{UTR}-RAZORPAY,CHQ00001,,1.01", "differs"),
        (f"02/11/2026,NEFT,{UTR},,1.01", "differs"),
        (f"02/11/2026,NEFT CR-{UTR}-RAZORPAY,CHQ00001,,1.00", "matched"),
        (f"02/11/2026,NEFT X{UTR}X,CHQ00001,,1.01", "unmatched"),
    ],
)
def test_the_filter_says_what_the_matcher_says(staff, payout, line, state):
    take(staff, send(staff, line))
    for one in ("differs", "matched", "unmatched"):
        found = staff.get(f"/billing/payout/?bank={one}").context["cl"].result_count
        assert found == (one == state), one
    told = staff.get(f"{PAGE}unmatched.csv").content.decode("utf-8-sig")
    assert ("with another amount" in told) == (state == "differs")


def test_lines_of_the_bank_are_filtered_by_what_they_are(staff, payout):
    take(staff, send(staff, f"02/11/2026,{UTR},,,1.00\n03/11/2026,A,,,5.00\n04/11/2026,B,,6.00,\n"))
    for one in ("payout", "transfer", "open"):
        assert staff.get(f"/billing/bankline/?is={one}").context["cl"].result_count == 1


def test_who_may_not_see_it_does_not(db):
    other = signed_in(
        User.objects.create_user(email="b@example.in", password="a-long-word-3", is_staff=True)
    )
    assert other.get(PAGE).status_code == 403
    assert other.post(f"{PAGE}import/").status_code == 403
    assert other.post(f"{PAGE}statement/").status_code == 403
    assert other.post(f"{PAGE}statement/", {"token": "x"}).status_code == 403


def test_gateways_are_asked_by_a_worker_and_the_page_says_what_came(
    staff, twin, settings, work_off
):
    settings.BILLING_GATEWAYS = ("sandbox",)
    assert "Not asked yet." in staff.get(PAGE).content.decode()
    asked = staff.post(f"{PAGE}import/", follow=True).content.decode()
    assert "Sandbox is being asked. Look again shortly." in asked
    assert "Being asked since" in asked
    assert "being asked already" in staff.post(f"{PAGE}import/", follow=True).content.decode()
    assert DueWork.objects.filter(task="billing.import_payouts").count() == 1
    # A payout of a payment that is none of ours.
    twin_payout(twin)
    work_off()
    page = staff.get(PAGE).content.decode()
    # The twin may hold payouts of other tests too.
    assert re.search(r"Asked .*: [1-9]\d* new payouts?, \d+ put into the books.", page)


def twin_payout(twin):
    import httpx

    httpx.post(f"{twin.url}/_control/payouts", json={}, trust_env=False).raise_for_status()


def test_a_gateway_that_does_not_answer_is_shown(staff, settings):
    settings.BILLING_GATEWAYS = ("sandbox",)
    now = clock.now()
    assert payouts_ask(gateway_code="sandbox", now=now, key="a")
    rows = DueWork.objects.filter(task="billing.import_payouts")
    rows.update(error="GatewayUnavailable")
    assert "It is asked again by itself." in staff.get(PAGE).content.decode()
    rows.update(dead_at=now)
    assert "several times. Ask again." in staff.get(PAGE).content.decode()
    assert not payouts_ask(gateway_code="sandbox", now=now, key="a")
    assert payouts_ask(gateway_code="sandbox", now=now + timedelta(seconds=1), key="b")


def test_the_preview_asks_the_database_as_often_for_many_lines(db):
    def queries(count):
        lines = "".join(
            f"03/11/2026,N {place},HDFC00000{place:05d},,5.00\n" for place in range(count)
        )
        with CaptureQueriesContext(connection) as found, public_context():
            statement_preview(content=(HEAD + lines).encode(), now=NOW)
        return len(found)

    assert queries(2) == queries(40)
