"""Helped by people, in Hindi on a phone: terms that staff accept, a look of ours, a lost number.

SCREENSHOTS=docs/images/helped keeps a picture of each step.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from marketing_platform.core import clock
from tests.browser.test_billing import MAKE_OWNER, somebody
from tests.browser.test_billing_life import look_in_hindi
from tests.browser.test_front_door import PICTURES, database_of, in_hindi, picture
from tests.browser.test_journeys import Visitor, in_workspace, visitor
from tests.browser.test_local_day import PHONE, Owner

__all__ = ["somebody", "visitor"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
WHY = "उनके वित्त विभाग से फ़ोन पर बात हुई"
EVIDENCE = "पिछला इनवॉइस नंबर और GSTIN सही बताया, दुकान का लाइसेंस दिखाया"


class Staff:
    """One of ours with the admin on a phone, in Hindi."""

    def __init__(self, page: Page, address: str):
        self.page, self.address = page, address

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}", wait_until="networkidle")

    def choose(self, action: str, **fields: str) -> None:
        """The act for the first row of the list, with what it asks."""
        self.page.locator("input[name=_selected_action]").first.check()
        self.page.select_option("select[name=action]", action)
        self.page.locator("button[name=index]").first.click()
        for name, value in fields.items():
            self.page.fill(f"textarea[name={name}], input[name={name}]", value)

    def confirm(self) -> None:
        self.page.locator("form button[type=submit]", has_text="पक्का").first.click()
        self.page.wait_for_load_state("networkidle")


@pytest.fixture
def staff(browser: Browser, running_product: dict[str, Any]) -> Iterator[Staff]:
    person = next(row for row in running_product["sign_ins"] if row["role"] == "staff")
    speaks(running_product, "hi")
    context = browser.new_context(viewport=PHONE, locale="hi-IN")
    address = running_product["admin_url"]
    page = context.new_page()
    page.goto(f"{address}/")
    page.fill("[name=email]", person["login"])
    page.fill("[name=password]", person["password_or_code"])
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")
    yield Staff(page, address)
    context.close()
    speaks(running_product, "en")


def speaks(product: dict[str, Any], language: str) -> None:
    """Our staff's own language, for the tests after this one too."""
    with psycopg.connect(database_of(Path(product["var"])), autocommit=True) as connection:
        connection.execute("UPDATE users_user SET language = %s WHERE is_staff", [language])


def company_without_payment(owner: Owner, email: str, name: str) -> None:
    owner.open(f"{owner.public}/start/enterprise/")
    look_in_hindi(owner)
    picture(owner, "1-who-are-you")
    owner.page.fill("[name=full_name]", "निखिल राव")
    owner.page.fill("[name=email]", email)
    owner.page.fill("[name=password]", "tall trees by the river")
    owner.submit()
    owner.page.wait_for_url("**/start/code/")
    owner.page.fill("[name=code]", owner.code())
    owner.submit()
    owner.page.wait_for_url("**/start/business/")
    look_in_hindi(owner)
    owner.page.fill("[name=name]", name)
    owner.page.select_option("[name=industry]", index=1)
    owner.page.fill("[name=city]", "Bengaluru")
    owner.page.select_option("[name=state]", "KA")
    owner.submit()
    owner.page.wait_for_url("**/start/plan/")
    look_in_hindi(owner)
    picture(owner, "2-plan")


def ask_for_terms(owner: Owner) -> None:
    owner.page.locator("main a[href$='/talk/']").click()
    owner.page.wait_for_url("**/talk/")
    owner.page.fill("[name=name]", "निखिल राव")
    owner.page.fill("[name=phone]", "88800 00301")
    owner.page.fill("[name=company]", "Godavari Looms")
    owner.page.locator("main form:has([name=phone]) button[type=submit]").click()
    owner.page.wait_for_load_state("networkidle")
    look_in_hindi(owner)
    picture(owner, "3-talk-to-us")


def accept_terms(staff: Staff, slug: str) -> None:
    staff.open("/support/helprequest/")
    expect(staff.page.locator("#result_list")).to_contain_text("Godavari Looms")
    staff.open(f"/tenants/tenant/?q={slug}")
    tenant = staff.page.locator("#result_list a[href*='/tenants/tenant/']").first
    tenant_id = re.search(r"tenant/([0-9a-f-]{36})", tenant.get_attribute("href")).group(1)
    staff.open("/billing/staffterms/add/")
    until = clock.today() + timedelta(days=90)
    staff.page.evaluate(
        """id => { const list = document.querySelector("[name=tenant]");
        if (![...list.options].some(o => o.value === id)) list.add(new Option(id, id));
        list.value = id; }""",
        tenant_id,
    )
    staff.page.fill("[name=until_0]", f"{until:%Y-%m-%d}")
    staff.page.fill("[name=until_1]", "18:00:00")
    staff.page.fill("[name=reason]", WHY)
    staff.page.locator("[name=_save]").first.click()
    staff.page.wait_for_load_state("networkidle")
    expect(staff.page.locator("#result_list")).to_contain_text("Godavari Looms")


def test_a_company_begins_on_terms_that_staff_accepted(somebody: MAKE_OWNER, staff: Staff) -> None:
    owner = somebody()
    in_hindi(owner)
    company_without_payment(owner, "nikhil@godavari.example", "Godavari Looms")
    ask_for_terms(owner)
    accept_terms(staff, "godavari-looms")
    owner.open(f"{owner.public}/my/")
    owner.comes("Godavari Looms")
    owner.page.locator("main a", has_text="खोलें").first.click()
    in_workspace(owner, "godavari-looms")
    look_in_hindi(owner)
    picture(owner, "4-workspace")


def test_staff_look_in_read_only_and_the_owner_sees_it(
    somebody: MAKE_OWNER, staff: Staff, visitor: Callable[[], Visitor]
) -> None:
    staff.open("/tenants/tenant/?q=asha-sweets")
    staff.choose("visit", reason="मालिक ने फ़ोन पर पोस्टर दिखाने को कहा")
    keep(staff.page, "5-reason")
    staff.confirm()
    expect(staff.page).to_have_url(re.compile(r"^http://asha-sweets[0-9-]*\.localhost:\d+/"))
    keep(staff.page, "6-visit")
    banner = staff.page.locator("form[action$='/support-visit/end/']")
    expect(banner).to_be_visible()
    origin = f"http://{urlsplit(staff.page.url).netloc}"
    assert staff.page.goto(f"{origin}/settings/api-keys/").status == 403
    keep(staff.page, "7-closed-to-a-visit")
    staff.page.goto(f"{origin}/")
    banner.locator("button").click()
    staff.page.wait_for_load_state("networkidle")
    keep(staff.page, "8-visit-over")

    owner = somebody()
    in_hindi(owner)
    sign_in(owner, "99999 00001", "246810")
    owner.page.goto(f"{origin}/", wait_until="networkidle")
    owner.page.goto(f"{origin}/notifications/", wait_until="networkidle")
    owner.main("पोस्टर दिखाने को कहा")
    picture(owner, "9-owner-sees-it")


def sign_in(owner: Owner, phone: str, code: str = "") -> None:
    owner.open(f"{owner.public}/sign-in/")
    owner.page.fill("[name=phone]", phone)
    owner.page.locator("main form:has([name=phone]) button[type=submit]").click()
    owner.page.wait_for_url("**/sign-in/code/")
    owner.page.fill("[name=code]", code or owner.code())
    owner.submit()
    owner.page.wait_for_url("**/my/")


def keep(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


OLD, NEW = "88800 00302", "88800 00303"


def shop(owner: Owner) -> None:
    owner.open(f"{owner.public}/start/local/")
    owner.page.fill("[name=full_name]", "फ़ातिमा शेख")
    owner.page.fill("[name=phone]", OLD)
    owner.submit()
    owner.page.wait_for_url("**/start/code/")
    owner.page.fill("[name=code]", owner.code())
    owner.submit()
    owner.page.wait_for_url("**/start/business/")
    owner.page.fill("[name=name]", "Fatima Tailors")
    owner.page.select_option("[name=category]", "salon")
    owner.page.fill("[name=city]", "Nagpur")
    owner.submit()
    owner.page.wait_for_url("**/start/plan/")
    owner.page.click("button[value=trial]")
    in_workspace(owner, "fatima-tailors")


def day_goes_by(var: Path) -> None:
    with psycopg.connect(database_of(var), autocommit=True) as connection:
        connection.execute(
            "UPDATE people_lostnumber SET due_at = now() - interval '1 minute'"
            " WHERE state = 'waiting'"
        )
        connection.execute(
            "UPDATE platform_schedule_duework SET due_at = now() WHERE key LIKE 'lost-number:%'"
        )


def test_a_lost_number_comes_back_through_staff(
    somebody: MAKE_OWNER, staff: Staff, running_product: dict[str, Any]
) -> None:
    before, owner = somebody(), somebody()
    in_hindi(before)
    shop(before)

    in_hindi(owner)
    owner.open(f"{owner.public}/sign-in/")
    owner.page.locator("main a[href$='/lost-number/']").click()
    look_in_hindi(owner)
    picture(owner, "10-lost-number")
    given = {
        "full_name": "फ़ातिमा शेख",
        "old_phone": OLD,
        "new_phone": NEW,
        "words": "Fatima Tailors, Nagpur",
    }
    for name, value in given.items():
        owner.page.fill(f"[name={name}]", value)
    owner.submit()
    owner.page.wait_for_url("**/lost-number/code/")
    look_in_hindi(owner)
    owner.page.fill("[name=code]", owner.code())
    owner.submit()
    owner.page.wait_for_url("**/lost-number/asked/")
    look_in_hindi(owner)
    picture(owner, "11-we-call-you")

    staff.open("/people/lostnumber/")
    staff.choose("approve", reason="चोरी हुआ फ़ोन, नया सिम", evidence=EVIDENCE)
    keep(staff.page, "12-staff-decides")
    staff.confirm()
    expect(staff.page.locator("body")).to_contain_text("मंज़ूर, एक दिन रुकता है")
    before.open(f"{before.public}/my/")
    before.main("इसे यहाँ रोकिए")
    picture(before, "13-still-signed-in")

    day_goes_by(Path(running_product["var"]))
    before.open(f"{before.public}/my/")
    for _each in range(60):
        if "/sign-in/" in before.page.url:
            break
        before.page.wait_for_timeout(1000)
        before.page.reload()
    assert "/sign-in/" in before.page.url
    sign_in(owner, NEW)
    owner.main("Fatima Tailors")
    look_in_hindi(owner)
    picture(owner, "14-back-in")
