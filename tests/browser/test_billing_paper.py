"""Buying on paper, as a company's finance team does it, and a month's returns, as our accountant
does them. Every figure is read from pages and downloaded files.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader, PdfWriter

from billing.engine.numbering import financial_year, quarter_of
from billing.engine.tds import certificate_due_on, quarter_before, quarter_bounds
from marketing_platform.core import clock
from tests.browser.test_billing import MAKE_OWNER, file_of, somebody
from tests.browser.test_journeys import in_workspace, sign_up_company
from tests.browser.test_local_day import DESKTOP, Owner

__all__ = ["somebody"]
pytestmark = pytest.mark.browser
GSTIN, HOME_GSTIN = "29AAGCB7383J1Z4", "27AAACV0001A1ZC"
ORDER, DESK = "PO/GOD/2026/0047", "MKT-4471"
REASON = "Agreed with their finance team"


class Accountant:
    """Staff in the admin, on a wide screen."""

    def __init__(self, page: Page):
        self.page = page
        self.origin = f"http://{urlsplit(page.url).netloc}"

    def open(self, path: str) -> None:
        self.page.goto(f"{self.origin}/billing/{path}")

    def says(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.locator("body")).to_contain_text(words)

    def choose(self, path: str, action: str) -> None:
        """The act, for the first row of a list."""
        self.open(path)
        self.page.locator("input[name=_selected_action]").first.check()
        self.page.select_option("select[name=action]", action)
        self.page.locator("button[name=index]").first.click()

    def confirm(self, **fields: str) -> None:
        for name, value in fields.items():
            place = self.page.locator(f"[name={name}]")
            is_list = place.evaluate("place => place.tagName") == "SELECT"
            place.select_option(value) if is_list else place.fill(value)
        self.page.get_by_role("button", name="Confirm").click()

    def file(self, **fields: str) -> bytes:
        with self.page.expect_download() as coming:
            self.confirm(**fields)
        return Path(coming.value.path()).read_bytes()


@pytest.fixture
def accountant(browser: Browser, running_product: dict[str, Any]) -> Iterator[Accountant]:
    person = next(row for row in running_product["sign_ins"] if row["role"] == "staff")
    context = browser.new_context(viewport=DESKTOP, locale="en-IN")
    page = context.new_page()
    page.goto(f"{running_product['admin_url']}/")
    page.fill("[name=email]", person["login"])
    page.fill("[name=password]", person["password_or_code"])
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")
    yield Accountant(page)
    context.close()


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def order_of(owner: Owner, email: str, name: str, **fields: str) -> str:
    """A company at the end of its sign-up: no card, a quote for a month, ordered."""
    sign_up_company(owner, email, name)
    owner.page.get_by_role("link", name="Order by quote and purchase order").click()
    owner.see()
    for field, value in {"address": "12 Residency Road", "pincode": "560025", **fields}.items():
        owner.page.fill(f"[name={field}]", value)
    owner.button("Quote for a month").click()
    owner.main("valid until")
    owner.look()
    owner.page.fill("[name=po_number]", ORDER)
    return name.lower().replace(" ", "-")


def told_terms(owner: Owner, **fields: str) -> None:
    owner.open("/billing/paper/")
    owner.page.check("[name=po_required]")
    for name, value in fields.items():
        owner.page.fill(f"form[action='/billing/paper/terms/'] [name={name}]", value)
    owner.page.locator("form[action='/billing/paper/terms/'] button[type=submit]").click()
    owner.main("Saved.")


def deducted_on() -> date:
    """A day of the last quarter whose certificate must be here by now."""
    today = clock.today()
    year, quarter = quarter_before(financial_year(today), quarter_of(today))
    while certificate_due_on(year, quarter) > today:
        year, quarter = quarter_before(year, quarter)
    return quarter_bounds(year, quarter)[1] - timedelta(days=1)


def statement_file(folder: Path, *rows: tuple[str, str, str]) -> Path:
    """As banks write it; each row is narration, UTR and rupees that came in."""
    file = folder / "statement.csv"
    day = f"{deducted_on():%d/%m/%Y}"
    lines = [f'{day},"{narration}",{utr},,{rupees}' for narration, utr, rupees in rows]
    head = "Date,Narration,Ref No,Withdrawals,Deposits"
    file.write_text("\n".join([head, *lines, ""]))
    return file


def upload(accountant: Accountant, file: Path) -> None:
    accountant.open("payout/settlements/")
    accountant.page.set_input_files("[name=file]", file)
    with accountant.page.expect_navigation():
        accountant.page.locator("form[action$='statement/'] button").click()
    accountant.says("Pays invoices: 1")
    accountant.page.get_by_role("button", name="Take the statement").click()


def certificate_of(folder: Path) -> Path:
    paper = PdfWriter()
    paper.add_blank_page(width=595, height=842)
    file = folder / "certificate.pdf"
    paper.write(file)
    return file


def test_a_finance_team_orders_pays_short_and_is_square(
    somebody: MAKE_OWNER, accountant: Accountant, tmp_path: Path
) -> None:
    """₹29,500 under a purchase order: ₹27,000 and 10 % TDS on ₹25,000; nothing is owed."""
    owner = somebody()
    slug = order_of(
        owner, "finance@godavari.example", "Godavari Paper", gstin=GSTIN, cost_centre=DESK
    )
    quote = text_of(file_of(owner, re.compile("Download QT")))
    until = clock.today() + timedelta(days=30)
    for words in ("QT/", "not a tax invoice", f"{until.day} {until:%B %Y}", "IGST 18%", DESK):
        assert words in quote, words
    owner.button("Order on these terms").click()
    owner.main("Ordered. We confirm it within a working day")
    owner.see()

    accountant.choose(f"quote/?q={slug}", "confirm")
    accountant.confirm(net_days="30", reason=REASON)
    accountant.says(re.compile(r"invoice INV/[^ ]+, due"))
    owner.page.get_by_role("link", name="Pay online instead").click()
    in_workspace(owner, slug)
    told_terms(owner, tds_section="393(1) 1027", tds_rate="10")
    owner.look("/billing/")
    owner.main("full access until")
    invoice = text_of(file_of(owner, re.compile("Download INV")))
    number = re.search(r"INV/\S+", invoice).group()
    for words in (ORDER, DESK, GSTIN, "IGST 18%", "4,500.00", "29,500.00", "five hundred"):
        assert words in invoice, words
    owner.open("/billing/paper/")
    owner.main("within 30 days")
    owner.main("₹27,000")

    known, unknown = (f"HDFCN5{clock.now():%y%m%d%H%M%S}{last}" for last in (1, 2))
    file = statement_file(
        tmp_path,
        (f"NEFT GODAVARI PAPER {number}", known, "27000.00"),
        ("NEFT SOMEBODY ELSE", unknown, "12345.00"),
    )
    upload(accountant, file)
    accountant.says("2 transfers, 1 of them matched to invoices")
    accountant.open("incomingtransfer/?state__exact=queued")
    accountant.says(unknown)
    accountant.says("No payer has open invoices of this amount.")
    accountant.open(f"taxdocument/?q={number}")
    expect(accountant.page.locator("tbody tr").first).to_contain_text("₹0")
    accountant.open(f"dunningstep/?q={slug}")
    accountant.says("0 dunning steps")

    owner.look("/billing/certificates/")
    owner.main("₹2,500")
    owner.page.fill("[name=certificate_number]", "GODA131Q2")
    owner.page.fill("[name=amount]", "2500")
    owner.page.set_input_files("[name=file]", certificate_of(tmp_path))
    owner.submit()
    owner.main("Thank you. The certificate is here.")
    owner.main("GODA131Q2")
    owner.open("/billing/")
    owner.page.get_by_role("link", name="Statement of account").click()
    owner.look()
    owner.main("Open in all: ₹0")
    owner.main(re.compile("Bank transfer.*₹27,000.*TDS.*₹2,500", re.S))
    owner.main(number)


TABLES = ("b2b", "b2cl", "b2cs", "exp")
NOTES = ("cdnr", "cdnur")


def sum_of(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column] or 0) for row in rows), Decimal())


def files_of(accountant: Accountant, month: str) -> dict[str, list[dict[str, str]]]:
    """Every file of the month's GSTR-1, by its table."""
    accountant.choose("supplier/", "files")
    archive = zipfile.ZipFile(io.BytesIO(accountant.file(month=month, kind="gstr1")))
    prefix = f"gstr1-{month}-"
    assert all(name.startswith(prefix) for name in archive.namelist())
    return {
        name.removeprefix(prefix).removesuffix(".csv"): rows_of(archive.read(name))
        for name in archive.namelist()
    }


def listed(accountant: Accountant, kind: str) -> dict[str, Decimal]:
    """Number and total of every document, as the admin lists them."""
    accountant.open(f"taxdocument/?kind__exact={kind}")
    found = {}
    for row in accountant.page.locator("tbody tr:has(input[name=_selected_action])").all():
        text = row.inner_text()
        number = re.search(r"(INV|CN)/\S+", text).group()
        amounts = re.findall(r"₹([\d,]+(?:\.\d\d)?)", text)
        found[number] = Decimal(amounts[0].replace(",", ""))
    return found


def vouchers_of(content: bytes) -> dict[str, Decimal]:
    """Number to the sum of its entries, which is nothing, for every voucher."""
    found = {}
    for voucher in ElementTree.fromstring(content).iter("VOUCHER"):
        amounts = [Decimal(place.text) for place in voucher.iter("AMOUNT")]
        found[voucher.findtext("VOUCHERNUMBER")] = sum(amounts)
    return found


def locked(accountant: Accountant, month: str, said: str) -> None:
    accountant.choose("supplier/", "lock_month")
    accountant.confirm(month=month, reason="The return is filed")
    accountant.says(said)


@pytest.mark.slow
def test_an_accountant_files_a_month_and_corrects_later(
    somebody: MAKE_OWNER, accountant: Accountant
) -> None:
    """An invoice within the State, a credit note over ₹1,000, and every file of the month."""
    owner = somebody()
    facts = {"gstin": HOME_GSTIN, "pincode": "411001"}
    slug = order_of(owner, "finance@indrayani.example", "Indrayani Castings", **facts)
    owner.button("Order on these terms").click()
    owner.main("Ordered.")
    accountant.choose(f"quote/?q={slug}", "confirm")
    accountant.confirm(net_days="15", reason=REASON)
    accountant.says(re.compile(r"invoice INV/[^ ]+, due"))

    # A month that is over is locked; this one cannot be. What is corrected now is a note of now.
    today = clock.today()
    month, before = f"{today:%Y-%m}", f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"
    locked(accountant, before, f"{before} is locked")
    locked(accountant, month, "it is not over")
    accountant.choose(f"taxdocument/?q={slug}&kind__exact=invoice", "credit")
    accountant.confirm(taxable="1000", reason="A week was agreed as a goodwill credit")
    accountant.says(re.compile(r"CN/[^ ]+ over ₹1,180"))

    invoices, notes = listed(accountant, "invoice"), listed(accountant, "credit_note")
    total = sum(invoices.values()) - sum(notes.values())
    files = files_of(accountant, month)
    hsn = [row for name, rows in files.items() if name.startswith("hsn") for row in rows]
    assert sum_of(hsn, "Total Value") == total
    taxable = sum(sum_of(files[name], "Taxable Value") for name in TABLES)
    taxable -= sum(sum_of(files[name], "Taxable Value") for name in NOTES)
    heads = ("Integrated Tax Amount", "Central Tax Amount", "State/UT Tax Amount")
    assert taxable + sum(sum_of(hsn, head) for head in heads) == total
    mine = next(row for row in files["b2b"] if row["GSTIN/UIN of Recipient"] == HOME_GSTIN)
    assert (mine["Invoice Value"], mine["Place Of Supply"]) == ("29500.00", "27-Maharashtra")
    note = next(row for row in files["cdnr"] if row["GSTIN/UIN of Recipient"] == HOME_GSTIN)
    assert (note["Note Value"], note["Taxable Value"]) == ("1180.00", "1000.00")
    counted = sum(int(row["Total Number"]) - int(row["Cancelled"]) for row in files["docs"])
    assert counted == len(invoices) + len(notes)
    check = files["check"]
    assert {row["Compared with"] for row in check} >= {"tables", "HSN summary", "ledger"}
    assert sum_of(check, "Difference") == 0
    assert [row for row in check if Decimal(row["Difference"])] == []

    accountant.choose("supplier/", "files")
    vouchers = vouchers_of(accountant.file(month=month, kind="tally"))
    assert set(vouchers) == {*invoices, *notes}
    assert set(vouchers.values()) == {Decimal()}
    accountant.open(f"payout/settlements/?month={month}")
    accountant.says("Does not meet, of all months: 0")
    text = text_of(file_of_staff(accountant, f"taxdocument/?q={slug}&kind__exact=credit_note"))
    for words in ("Credit note", mine["Invoice Number"], "CGST 9%", "90.00", "1,180.00"):
        assert words in text, words


def file_of_staff(accountant: Accountant, path: str) -> bytes:
    with accountant.page.expect_download() as coming:
        accountant.choose(path, "download")
    return Path(coming.value.path()).read_bytes()
