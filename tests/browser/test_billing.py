"""Paying, as an owner does it: at each gateway, declined and again, changed, cancelled, on paper."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_journeys import PHONE, in_workspace, sign_up_shop
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
