"""Paying, as an owner does it: at each gateway, declined and again, changed and cancelled."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.test_journeys import PHONE, in_workspace, sign_up_company, sign_up_shop
from tests.browser.test_local_day import Owner

pytestmark = pytest.mark.browser
MAKE_OWNER = Callable[[], Owner]


@pytest.fixture
def somebody(browser: Browser, running_product: dict[str, Any]) -> Iterator[MAKE_OWNER]:
    made: list[Owner] = []

    def make() -> Owner:
        context = browser.new_context(viewport=PHONE, locale="en-IN", reduced_motion="reduce")
        made.append(Owner(context.new_page(), running_product))
        return made[-1]

    yield make
    for one in made:
        one.page.context.close()
    assert [problem for one in made for problem in one.problems] == []


def pay_page(owner: Owner, gateway: str) -> Page:
    """The payment company's page: in this tab, or beside ours if it does not come back."""
    owner.open("/billing/")
    owner.page.check(f"[name=gateway][value={gateway}]")
    owner.page.locator("form[action='/billing/pay/'] button[type=submit]").click()
    if gateway != "razorpay":
        return owner.page
    with owner.page.expect_popup() as opened:
        owner.page.get_by_role("link", name="Open the payment page").click()
    return opened.value


def press(page: Page, action: str, method: str = "") -> None:
    if method:
        page.select_option("select[name=method]", method)
    page.locator(f"button[name=action][value={action}]").click()


def pay_anew(owner: Owner, gateway: str, action: str = "pay", method: str = "") -> None:
    page = pay_page(owner, gateway)
    press(page, action, method)
    if page is not owner.page:
        page.close()


def file_of(owner: Owner, link: str | re.Pattern[str]) -> bytes:
    with owner.page.expect_download() as coming:
        owner.page.locator("main").get_by_role("link", name=link).first.click()
    return Path(coming.value.path()).read_bytes()


def cancel(owner: Owner, when: str) -> None:
    owner.open("/billing/cancel/")
    owner.look()
    owner.page.locator(f"button[name=when][value={when}]").click()


@pytest.mark.slow
def test_a_shop_pays_at_both_gateways(somebody: MAKE_OWNER) -> None:
    """Razorpay by UPI; ended; Stripe after a decline; to a year with the figures that were seen."""
    owner = somebody()
    sign_up_shop(owner, "88800 00105", "Billing Salon")
    owner.page.click("button[value=trial]")
    in_workspace(owner, "billing-salon")

    pay_anew(owner, "razorpay", method="upi")
    owner.comes("is confirmed")
    owner.look("/billing/")
    owner.comes("Active. Paid until")
    owner.comes("₹1,178.82")
    assert file_of(owner, re.compile("Download INV")).startswith(b"%PDF")
    cancel(owner, "now")
    owner.comes("Ended. What was paid runs until")

    page = pay_page(owner, "stripe")
    press(page, "decline", "card")
    press(page, "pay", "card")
    owner.page.wait_for_url("**/billing/return/**")
    owner.look("/billing/")
    owner.comes("Active. Paid until")
    owner.page.get_by_role("link", name="Change to yearly").click()
    owner.look()
    charged = owner.page.locator("dd.font-semibold").first.inner_text()
    owner.button("Change it").click()
    owner.page.wait_for_load_state("networkidle")
    owner.comes("paid yearly")
    owner.main(charged)
    cancel(owner, "end")
    owner.comes("Nothing is charged after that.")
    owner.look()


def test_a_company_agrees_to_a_mandate_and_takes_papers(somebody: MAKE_OWNER) -> None:
    """₹29,500 a month by eMandate from the sign-up; ended; by card, which asks each time."""
    owner = somebody()
    sign_up_company(owner, "accounts@tapi.example", "Tapi Valves")
    owner.page.check("[name=gateway][value=razorpay]")
    owner.page.click("button[value=pay]")
    with owner.page.expect_popup() as opened:
        owner.page.get_by_role("link", name="Open the payment page").click()
    press(opened.value, "pay", "emandate")
    opened.value.close()
    in_workspace(owner, "tapi-valves")

    owner.look("/billing/")
    owner.comes("Active. Paid until")
    owner.comes("₹29,500")
    assert file_of(owner, re.compile("Download INV")).startswith(b"%PDF")
    owner.look("/billing/details/")
    owner.look("/billing/paper/")
    cancel(owner, "now")
    owner.comes("Ended. What was paid runs until")
    pay_anew(owner, "stripe", method="card")
    owner.page.wait_for_url("**/billing/return/**")
    owner.look("/billing/")
    owner.comes("Active. Paid until")
    owner.look("/billing/invoices/")
