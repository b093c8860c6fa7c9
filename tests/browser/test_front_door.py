"""The front door in Hindi on a phone: a stranger looks, tries, asks a nephew in, and pays.

SCREENSHOTS=docs/images/front-door keeps a picture of each step.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import expect

from marketing_platform.operations.embedded import DATABASE, own_secret
from tests.browser.test_billing import MAKE_OWNER, somebody
from tests.browser.test_billing_life import PRICE, look_in_hindi, pay
from tests.browser.test_journeys import Visitor, in_workspace, visitor
from tests.browser.test_local_day import Owner

__all__ = ["somebody", "visitor"]
pytestmark = pytest.mark.browser
OWNER, NEPHEW = "88800 00201", "88800 00202"
PICTURES = os.environ.get("SCREENSHOTS", "")


class Taps:
    """Presses of buttons and links; what is typed or chosen in a list is none."""

    def __init__(self, visitor: Visitor):
        self.visitor, self.count = visitor, 0

    def on(self, selector: str) -> None:
        self.count += 1
        self.visitor.page.locator(selector).first.click()


def picture(owner: Owner, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        owner.page.wait_for_load_state("networkidle")
        owner.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_a_stranger_has_a_first_post_in_six_taps(visitor: Callable[[], Visitor]) -> None:
    someone = visitor()
    someone.open(f"{someone.public}/")
    taps, page = Taps(someone), someone.page
    taps.on("main a[href$='/start/']")
    taps.on("main a[href$='/start/local/']")
    page.fill("[name=full_name]", "Rani Deshmukh")
    page.fill("[name=phone]", "88800 00203")
    taps.on("main form button[type=submit]")
    page.wait_for_url("**/start/code/")
    page.fill("[name=code]", someone.code())
    taps.on("main form button[type=submit]")
    page.wait_for_url("**/start/business/")
    page.fill("[name=name]", "Rani Parlour")
    page.select_option("[name=category]", "salon")
    page.fill("[name=city]", "Pune")
    taps.on("main form button[type=submit]")
    page.wait_for_url("**/start/plan/")
    taps.on("button[value=trial]")
    in_workspace(someone, "rani-parlour")

    expect(page.locator("main img[src*='/media/signed/']").first).to_be_visible(timeout=30_000)
    assert taps.count <= 6


def in_hindi(owner: Owner) -> None:
    owner.open(f"{owner.public}/")
    owner.page.locator("button[name=language][value=hi], a[hreflang=hi]").first.click()
    expect(owner.page.locator("html")).to_have_attribute("lang", "hi")


def see_a_sample(owner: Owner) -> None:
    expect(owner.page.locator("#sample-result img").first).to_be_visible(timeout=30_000)
    owner.page.select_option("#sample-category", "sweet_shop")
    owner.page.select_option("#sample-city", "indore")
    expect(owner.page.locator("#sample-result")).to_contain_text("मिठाई", timeout=30_000)
    look_in_hindi(owner)
    picture(owner, "1-sample")


def sign_up(owner: Owner, phone: str, name: str) -> None:
    owner.open(f"{owner.public}/start/local/")
    look_in_hindi(owner)
    picture(owner, "2-who-are-you")
    owner.page.fill("[name=full_name]", "रानी देशमुख")
    owner.page.fill("[name=phone]", phone)
    owner.submit()
    owner.page.wait_for_url("**/start/code/")
    look_in_hindi(owner)
    owner.page.fill("[name=code]", owner.code())
    owner.submit()
    owner.page.wait_for_url("**/start/business/")
    look_in_hindi(owner)
    owner.page.fill("[name=name]", name)
    owner.page.select_option("[name=category]", "sweet_shop")
    owner.page.fill("[name=city]", "Indore")
    owner.submit()
    owner.page.wait_for_url("**/start/plan/")
    look_in_hindi(owner)
    picture(owner, "3-plan")
    owner.page.click("button[value=trial]")


def ask_in(owner: Owner, phone: str) -> str:
    """The link of an invitation."""
    owner.open("/settings/team/")
    owner.page.fill("[name=contact]", phone)
    owner.page.locator("main form:has([name=contact]) button[type=submit]").click()
    owner.page.wait_for_load_state("networkidle")
    look_in_hindi(owner)
    picture(owner, "5-invitation")
    return re.search(r"http\S+/join/\S+/", owner.page.inner_text("main")).group()


def come_in(nephew: Owner, link: str) -> None:
    nephew.page.goto(link)
    look_in_hindi(nephew)
    picture(nephew, "6-join")
    nephew.page.fill("[name=full_name]", "अमित देशमुख")
    nephew.page.locator("main form:has([name=full_name]) button[type=submit]").click()
    nephew.page.wait_for_url("**/join/code/")
    nephew.page.fill("[name=code]", nephew.code())
    nephew.submit()


def database_of(var: Path) -> str:
    """The running product's, found by what its server said when it started."""
    said = (var / "log" / "postgres.log").read_text()
    port = re.findall(r'"127\.0\.0\.1", port (\d+)', said)[-1]
    return f"postgresql://{DATABASE}:{own_secret(var, 'postgres')}@127.0.0.1:{port}/{DATABASE}"


def trial_is_over(var: Path, slug: str) -> None:
    """As if its days had gone by; the product's own work notices."""
    with psycopg.connect(database_of(var), autocommit=True) as connection:
        moved = connection.execute(
            "UPDATE billing_subscription SET trial_ends_at = now() - interval '1 hour'"
            " WHERE tenant_id = (SELECT id FROM tenants_tenant WHERE slug = %s) RETURNING id",
            [slug],
        ).fetchone()
        connection.execute(
            "UPDATE platform_schedule_duework SET due_at = now() WHERE key = %s",
            [f"billing-trial:{moved[0]}"],
        )


@pytest.mark.slow
def test_a_stranger_tries_asks_a_nephew_in_and_pays_in_hindi(
    somebody: MAKE_OWNER, running_product: dict[str, Any]
) -> None:
    owner, nephew = somebody(), somebody()
    in_hindi(owner)
    see_a_sample(owner)
    sign_up(owner, OWNER, "Rani Mithai")
    in_workspace(owner, "rani-mithai")
    look_in_hindi(owner)
    picture(owner, "4-today")
    link = ask_in(owner, NEPHEW)
    in_hindi(nephew)
    come_in(nephew, link)
    in_workspace(nephew, "rani-mithai")
    look_in_hindi(nephew)
    picture(nephew, "7-nephew")

    slug = urlsplit(owner.page.url).hostname.split(".")[0]
    trial_is_over(Path(running_product["var"]), slug)
    owner.open("/billing/")
    owner.comes(PRICE)
    expect(owner.page.locator("#trial-done")).to_be_visible(timeout=30_000)
    look_in_hindi(owner)
    picture(owner, "8-trial-over")
    pay(owner, "razorpay", "upi")
    picture(owner, "9-paid")
    owner.open("/billing/")
    owner.comes("तक का भुगतान हो चुका है")
    look_in_hindi(owner)


def test_a_passkey_is_made_and_signs_in(visitor: Callable[[], Visitor]) -> None:
    """Chromium's own software device stands for the phone's lock."""
    owner = visitor()
    page = owner.page
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    abilities = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": abilities})
    page.goto(f"{owner.public}/sign-in/")
    page.fill("[name=phone]", "99999 00001")
    page.click("button:has-text('Send me the code')")
    page.fill("[name=code]", "246810")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/my/")
    page.goto(f"{owner.public}/my/security/")
    page.click("button:has-text('Make a passkey on this device')")
    expect(page.locator("main")).to_contain_text("From now on you can sign in with this passkey.")
    assert "Chrome" in page.locator("main li").first.inner_text()

    page.context.clear_cookies()
    page.goto(f"{owner.public}/sign-in/")
    page.click("button:has-text('Sign in with a passkey')")
    page.wait_for_url("**/my/")

    device.send("WebAuthn.removeVirtualAuthenticator", made)
    page.goto(f"{owner.public}/my/security/")
    page.locator("main li").first.get_by_role("button").click()
    expect(page.locator("main")).to_contain_text("The passkey is removed.")
