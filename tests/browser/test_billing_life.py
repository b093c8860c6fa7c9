"""What becomes of a plan later, as its owner sees it on a phone: a debit that fails, a workspace
that becomes read-only and recovers, money that goes back, and all of it in Hindi.

Time does not pass: the payment companies' twins are told that a debit falls due now.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.browser.test_billing import MAKE_OWNER, file_of, press, somebody
from tests.browser.test_journeys import in_workspace, sign_up_shop
from tests.browser.test_local_day import DESKTOP, Owner

__all__ = ["somebody"]
pytestmark = pytest.mark.browser
PRICE = "₹1,178.82"
# Two or more English words in a row; names of companies and of files are none.
ENGLISH = re.compile(r"[A-Za-z]{2,}(?:[ ,'’-]+[A-Za-z]{2,})+")
NAMES = re.compile(
    r"https?://\S+|UPI AutoPay|Rekha Beauty|Sunita Beauty|Rani Mithai|Godavari Looms"
    r"|Fatima Tailors|Veda Home Appliances|Salesforce|HubSpot|Marketo"
    r"|WhatsApp|Instagram|Facebook|Google|Meta"
)
READ_ONLY = "/", "/posts/", "/customers/", "/settings/", "/billing/invoices/", "/billing/details/"


class AtGateway:
    """A subscription at a twin, and what its customer cannot do: let time bring the next debit."""

    def __init__(self, page: Page):
        self.url = f"http://{urlsplit(page.url).netloc}"
        self.number = urlsplit(page.url).path.rsplit("/", 1)[-1]

    def ask(self, **what: str) -> httpx.Response:
        address = f"{self.url}/_control/subscriptions/{self.number}"
        return httpx.post(address, json=what, trust_env=False)

    def fails(self, times: int = 1) -> None:
        if not self.number.startswith("sub_"):
            told = httpx.get(f"{self.url}/_ledger", trust_env=False).text
            self.number = re.findall(r"sub_[0-9a-f]+", told)[-1]
            self.ask(action="renew", outcome="fail").raise_for_status()
            return
        self.ask(action="outcome", outcome="fail").raise_for_status()
        for _debit in range(times):
            self.ask(action="due").raise_for_status()


def shop_of(owner: Owner, phone: str, name: str) -> None:
    sign_up_shop(owner, phone, name)
    owner.page.click("button[value=trial]")
    in_workspace(owner, name.lower().replace(" ", "-"))


def beside(owner: Owner) -> Page:
    """The page of a payment company that does not come back."""
    with owner.page.expect_popup() as opened:
        owner.page.locator("main a[target=_blank]").click()
    return opened.value


def pay(owner: Owner, gateway: str, method: str) -> AtGateway:
    """In whatever language."""
    owner.open("/billing/")
    owner.page.check(f"[name=gateway][value={gateway}]")
    owner.page.locator("form[action='/billing/pay/'] button[type=submit]").click()
    page = beside(owner) if gateway == "razorpay" else owner.page
    there = AtGateway(page)
    press(page, "pay", method)
    if page is owner.page:
        page.wait_for_url("**/billing/return/**")
    else:
        page.close()
    expect(owner.page.locator("main .text-success")).to_be_visible(timeout=60_000)
    return there


def in_hindi(owner: Owner) -> None:
    owner.page.locator("header details > summary").click()
    owner.page.locator("header button[name=language][value=hi]").click()
    expect(owner.page.locator("html")).to_have_attribute("lang", "hi")


def look_in_hindi(owner: Owner, path: str = "") -> None:
    owner.look(path)
    text = NAMES.sub("", owner.page.inner_text("body"))
    assert ENGLISH.findall(text) == [], owner.page.url


def text_of(pdf: bytes) -> str:
    assert pdf.startswith(b"%PDF")
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize(
    ("gateway", "method", "phone"),
    [
        pytest.param("razorpay", "upi", "88800 00111", marks=pytest.mark.slow),
        pytest.param("stripe", "card", "88800 00112", marks=pytest.mark.slow),
    ],
)
def test_a_debit_that_failed_is_paid_by_another_way(
    somebody: MAKE_OWNER, gateway: str, method: str, phone: str
) -> None:
    """A line on every page says what, until when and where; then the plan goes on."""
    owner = somebody()
    shop_of(owner, phone, f"Repair {gateway.title()}")
    there = pay(owner, gateway, method)
    there.fails()

    owner.open("/")
    owner.comes("Everything works until", within=owner.page.locator("body"))
    owner.page.get_by_role("link", name="See what to do").click()
    owner.look()
    owner.main(f"The last payment did not go through: {PRICE} could not be collected.")
    owner.main(re.compile(r"tries again on \d\d \w{3} \d{4}"))
    owner.main(re.compile(r"Everything works until \d\d \w{3} \d{4}"))

    owner.button("Pay, or change how you pay").click()
    if gateway == "razorpay":
        owner.look()
        page = beside(owner)
        press(page, "pay", "card")
        page.close()
    else:
        owner.page.get_by_role("button").click()
        owner.page.wait_for_url("**/billing/")
    owner.open("/billing/")
    owner.comes("Active. Paid until")
    owner.look()
    expect(owner.page.locator("[role=status]")).to_have_count(0)
    expect(owner.page.get_by_role("link", name=re.compile("^Download INV"))).to_have_count(2)


@pytest.mark.slow
def test_a_suspended_shop_reads_downloads_and_recovers_in_hindi(somebody: MAKE_OWNER) -> None:
    owner = somebody()
    shop_of(owner, "88800 00113", "Rekha Beauty")
    owner.open("/customers/add/")
    owner.page.fill("[name=name]", "सीमा")
    owner.page.fill("[name=phone]", "99999 00061")
    owner.submit()
    owner.page.wait_for_load_state("networkidle")
    there = pay(owner, "razorpay", "upi")
    in_hindi(owner)
    # The first debit and the company's three tries.
    there.fails(times=4)
    owner.open("/billing/")
    owner.comes("भुगतान होने तक वर्कस्पेस सिर्फ़ देखा जा सकता है; कुछ मिटता नहीं।")
    look_in_hindi(owner)

    for path in READ_ONLY:
        owner.open(path)
        expect(owner.page.locator("[role=status]").first).to_contain_text("कुछ मिटा नहीं है")
    for path in ("/billing/invoices/", "/billing/details/", "/billing/paper/", "/billing/cancel/"):
        look_in_hindi(owner, path)
    owner.open("/customers/")
    with owner.page.expect_download() as coming:
        owner.page.locator("a[href*='export'][href*='csv']").click()
    assert "सीमा" in Path(coming.value.path()).read_text("utf-8-sig")

    owner.open("/customers/add/")
    owner.page.fill("[name=name]", "रीना")
    owner.page.fill("[name=phone]", "99999 00062")
    owner.submit()
    owner.page.wait_for_load_state("networkidle")
    expect(owner.page.locator("body")).to_contain_text("वर्कस्पेस")
    look_in_hindi(owner)
    assert all("403" in problem for problem in owner.problems)
    owner.problems.clear()

    pay(owner, "razorpay", "card")
    look_in_hindi(owner, "/billing/")
    owner.main("तक का भुगतान हो चुका है")
    expect(owner.page.locator("[role=status]")).to_have_count(0)
    # Nothing is debited on the mandate that failed.
    assert "cancelled" in there.ask(action="nothing").text


@pytest.fixture
def staff(browser: Browser, running_product: dict[str, Any]) -> Iterator[Page]:
    person = next(row for row in running_product["sign_ins"] if row["role"] == "staff")
    context = browser.new_context(viewport=DESKTOP, locale="en-IN")
    page = context.new_page()
    page.goto(f"{running_product['admin_url']}/")
    page.fill("[name=email]", person["login"])
    page.fill("[name=password]", person["password_or_code"])
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def refund(staff: Page, slug: str, rupees: str) -> None:
    origin = f"http://{urlsplit(staff.url).netloc}"
    staff.goto(f"{origin}/billing/payment/?q={slug}")
    staff.locator("input[name=_selected_action]").first.check()
    staff.select_option("select[name=action]", "refund")
    staff.locator("button[name=index]").first.click()
    staff.fill("[name=amount]", rupees)
    staff.fill("[name=reason]", "Half a month was closed for repairs")
    staff.get_by_role("button", name="Confirm").click()
    expect(staff.locator("body")).to_contain_text("goes back, with its credit note")


@pytest.mark.slow
def test_what_staff_give_back_the_owner_sees_and_downloads(
    somebody: MAKE_OWNER, staff: Page
) -> None:
    owner = somebody()
    shop_of(owner, "88800 00114", "Returned Beauty")
    pay(owner, "razorpay", "upi")
    refund(staff, "returned-beauty", "400")

    owner.open("/billing/")
    owner.comes("₹400 given back.")
    owner.main("Credit note")
    owner.main(f"{PRICE}")
    owner.main("₹999 + ₹179.82 GST")
    owner.look()
    note = text_of(file_of(owner, re.compile("Download CN")))
    for figure in ("400.00", "338.98", "30.51", "INV/"):
        assert figure in note
    refund(staff, "returned-beauty", "778.82")
    owner.comes("Given back in full.")
    expect(owner.page.get_by_role("link", name=re.compile("^Download CN"))).to_have_count(2)


@pytest.mark.slow
def test_a_plan_is_bought_changed_cancelled_and_kept_in_hindi(somebody: MAKE_OWNER) -> None:
    owner = somebody()
    shop_of(owner, "88800 00115", "Sunita Beauty")
    in_hindi(owner)
    look_in_hindi(owner, "/billing/")
    owner.main("आगे जारी रखने के लिए महीने के ₹1,178.82 लगेंगे, GST मिलाकर।")
    look_in_hindi(owner, "/billing/cancel/")
    owner.open("/billing/details/")
    owner.page.select_option("select[name=language]", "hi")
    owner.submit()
    owner.page.wait_for_load_state("networkidle")
    look_in_hindi(owner)

    pay(owner, "stripe", "card")
    look_in_hindi(owner)
    look_in_hindi(owner, "/billing/")
    with owner.page.expect_download() as coming:
        owner.page.locator("main a[href*='/billing/invoices/'][aria-label]").first.click()
    invoice = text_of(Path(coming.value.path()).read_bytes())
    assert "1,178.82" in invoice
    assert re.search("[ऀ-ॿ]{3}", invoice)

    owner.page.locator("a[href='/billing/change/']").click()
    look_in_hindi(owner)
    owner.open("/billing/cancel/")
    look_in_hindi(owner)
    owner.page.locator("button[name=when][value=end]").click()
    owner.comes("उसके बाद कोई पैसा नहीं कटेगा")
    look_in_hindi(owner)
    owner.page.locator("form[action='/billing/keep/'] button").click()
    owner.comes("अगला भुगतान")
    look_in_hindi(owner)
    owner.open("/billing/cancel/")
    owner.page.locator("button[name=when][value=now]").click()
    owner.comes("ख़त्म हो गया")
    look_in_hindi(owner)
    pay(owner, "stripe", "card")
    owner.open("/billing/")
    owner.main("चालू है।")
