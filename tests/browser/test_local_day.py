"""A shop owner's day on a phone, in Chromium against the running product and its sandbox networks.

The tests share one signed-in phone and read in the order of a day; each also runs alone. Nothing
here depends on the hour: what may not go out at night is checked to wait.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from local.automation.whatsapp.engine.window import is_quiet
from marketing_platform.core import clock
from tests.browser.test_journeys import PHONE, Visitor, in_workspace

pytestmark = pytest.mark.browser
DESKTOP = {"width": 1280, "height": 860}
# How long workers may take under load, and how near to a change of the hour nothing is said.
PATIENCE, NEAR = timedelta(seconds=60), timedelta(minutes=2)
SOON = 20_000
MEENA, NAME = "99999 00077", "Meena Kulkarni"
RUPEES = 450
MESSAGE = "Offer for new faces"
FILE = """Customer Name,Mobile,Bill Date,Amount,Opt in
Rukmini Gadre,9999900081,{day},640,yes
Harish Vaidya,99999 00082,{day},1 250.50,no
Wrong Number,12345,{day},90,yes
"""


class Owner(Visitor):
    """The owner, signed in; every page is looked at on the phone and on a wide screen."""

    def _console(self, message: Any) -> None:
        # The sandbox's own pages have no icon.
        if urlsplit(self.page.url).port == self.port:
            super()._console(message)

    def main(self, words: str | re.Pattern[str], timeout: int = SOON) -> None:
        expect(self.page.locator("main")).to_contain_text(words, timeout=timeout)

    def look(self, path: str = "") -> None:
        if path:
            self.open(path)
        self.page.wait_for_load_state("networkidle")
        self.see()
        self.page.set_viewport_size(DESKTOP)
        self.see()
        self.page.set_viewport_size(PHONE)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.locator("main").get_by_role("button", name=name)

    def comes(self, words: str | re.Pattern[str], within: Locator | None = None) -> None:
        """What the workers do shows on the page, loaded again until then."""
        place, until = within or self.page.locator("main"), clock.now() + PATIENCE
        while True:
            try:
                expect(place).to_contain_text(words, timeout=1_500)
            except AssertionError:
                if clock.now() > until:
                    raise
                self.page.reload(wait_until="networkidle")
            else:
                return

    def elsewhere(self, url: str) -> Page:
        page = self.page.context.new_page()
        page.goto(url)
        return page


@pytest.fixture(scope="module")
def phone(browser: Browser, running_product: dict[str, Any]) -> Iterator[Owner]:
    """Signed in to the demo shop."""
    account = next(row for row in running_product["sign_ins"] if row["role"] == "local_owner")
    workspace = next(row for row in running_product["workspaces"] if row["tier"] == "local")
    context = browser.new_context(viewport=PHONE, locale="en-IN", reduced_motion="reduce")
    owner = Owner(context.new_page(), running_product)
    owner.open(f"{workspace['url']}/")
    owner.page.fill("[name=phone]", account["login"])
    owner.submit()
    owner.page.wait_for_url("**/sign-in/code/")
    owner.page.fill("[name=code]", account["password_or_code"])
    owner.submit()
    in_workspace(owner, workspace["slug"])
    yield owner
    context.close()


@pytest.fixture
def owner(phone: Owner) -> Iterator[Owner]:
    phone.problems.clear()
    phone.open("/")
    yield phone
    assert phone.problems == []


def test_the_day_begins_with_a_plan_and_a_list_of_customers(owner: Owner, tmp_path: Path) -> None:
    owner.look()
    owner.main(re.compile(r"\d+ minutes, \d things?\."))
    expect(owner.page.get_by_role("heading", name=re.compile("^Today's post"))).to_be_visible()

    owner.look("/customers/")
    owner.page.get_by_role("link", name="Bring in a list").click()
    file = tmp_path / "customers.csv"
    file.write_text(FILE.format(day=f"{clock.today() - timedelta(days=3):%d/%m/%Y}"))
    owner.page.set_input_files("[name=file]", file)
    owner.look()
    owner.button("Look at the file").click()
    owner.main("2 new customers")
    owner.main("1 row cannot be used")
    owner.main("1 row says yes to WhatsApp")
    owner.look()
    # Without a declaration nobody's yes is taken.
    owner.page.check("[name=takes_consent]")
    owner.page.fill("[name=how]", "Signed slips at the counter")
    owner.page.fill("[name=collected_on]", f"{clock.today() - timedelta(days=1)}")
    owner.page.check("[name=is_true]")
    owner.button("Bring it in").click()
    owner.comes("Rows left out")
    owner.look()
    told = owner.page.locator("dl").inner_text()
    assert re.search(r"New customers\s+2\b", told), told
    assert re.search(r"Agreed to offers\s+1\b", told), told
    owner.main("12345")

    owner.look("/customers/?q=Rukmini")
    owner.page.get_by_role("link", name=re.compile("Rukmini Gadre")).click()
    owner.main("₹640")
    owner.main("Agreed to offers and news")
    owner.look()


@pytest.fixture(scope="module")
def meta(phone: Owner) -> str:
    """Facebook connected, as the owner does it; the address of the sandbox's Meta."""
    phone.open("/settings/connections/")
    card = phone.page.locator("li", has=phone.page.get_by_role("heading", name="Facebook"))
    card.get_by_role("button", name="Connect").click()
    allow = phone.page.get_by_role("button", name="Allow", exact=True)
    expect(allow).to_be_visible(timeout=SOON)
    address = urlsplit(phone.page.url)
    allow.click()
    phone.page.wait_for_url("**/settings/connections/")
    phone.main("Asha Sweets is connected.")
    return f"{address.scheme}://{address.netloc}"


def test_todays_post_is_approved_and_live(owner: Owner, meta: str) -> None:
    owner.look("/settings/connections/")
    owner.open("/")
    owner.main("Send it from here")
    owner.look()
    words = owner.page.locator("textarea[name=caption]").first.input_value()
    sheet = owner.page.locator("#sheet")
    sheet.locator("[name=when][value=now]").check()
    sheet.get_by_role("button", name="Approve").click()
    owner.page.wait_for_load_state("networkidle")
    owner.open(f"/posts/{clock.today()}/")
    for network in ("Facebook", "Instagram"):
        row = sheet.locator("li", has_text=network)
        owner.comes("Live", row)
    owner.look()

    link = sheet.locator("li", has_text="Facebook").locator("a[target=_blank]")
    address = link.get_attribute("href")
    assert address.startswith(f"{meta}/live/facebook/")
    live = owner.elsewhere(address)
    expect(live.locator("article")).to_have_count(1)
    expect(live.locator("article")).to_contain_text(words.splitlines()[0])
    assert live.evaluate("document.images[0].naturalWidth") > 0
    live.close()
    owner.look("/posts/")
    owner.main(re.compile("Facebook: Live"))


def counter_write(owner: Owner, number: str, name: str) -> None:
    """A bill, and their yes after they read the wording."""
    owner.look("/customers/counter/")
    owner.page.get_by_text("Name and what they bought").click()
    owner.page.fill("[name=name]", name)
    owner.page.fill("[name=amount]", str(RUPEES))
    # The wording comes anew with the number, in the customer's language.
    with owner.page.expect_response("**/counter/lookup/"):
        owner.page.fill("[name=phone]", number)
    owner.page.wait_for_load_state("networkidle")
    owner.page.check("[name=consent]")
    owner.button("Save").click()
    owner.main(re.compile(f"Last saved:.*{RUPEES}.*{name}", re.DOTALL))


def whatsapp_connect(owner: Owner) -> None:
    """With the token that the form shows for the sandbox."""
    owner.look("/settings/connections/whatsapp/token/")
    for field in ("phone_number_id", "waba_id", "access_token"):
        told = owner.page.inner_text(f"#id_{field}_helptext")
        owner.page.fill(f"[name={field}]", told.removeprefix("Sandbox: ").strip())
    owner.button("Try and connect").click()
    owner.page.wait_for_url("**/settings/connections/")
    owner.main("is connected.")


def message_approved(owner: Owner, meta: str) -> None:
    """Written from a starter, handed over, and approved by the sandbox's WhatsApp."""
    owner.look("/chat/templates/")
    card = owner.page.locator("li", has_text="New offer")
    card.get_by_role("link", name="English").click()
    owner.look()
    owner.page.fill("[name=title]", MESSAGE)
    owner.button("Save").click()
    owner.main("Saved.")
    owner.button("Hand over to WhatsApp for approval").click()
    owner.comes("WhatsApp is checking it")
    applied = owner.page.request.get(f"{meta}/_ledger").json()["applied"]
    names = [row["name"] for row in applied if row["what"] == "whatsapp.template"]
    event = {"template": names[-1], "event": "APPROVED"}
    assert owner.page.request.post(f"{meta}/_whatsapp", data=event).ok
    owner.comes("Approved")
    owner.look()


def campaign_propose(owner: Owner, title: str) -> None:
    """A campaign to new customers from now on, filled in and sent as far as its forecast."""
    owner.open("/chat/campaigns/new/")
    owner.page.get_by_role("link", name=f"Take this one {MESSAGE}").click()
    owner.page.fill("[name=title]", title)
    owner.page.check("[name=segment][value=new]")
    owner.page.check("[name=way][value=api]")
    owner.page.fill("[name=starts_at]", f"{clock.now().astimezone(clock.IST):%Y-%m-%dT%H:%M}")
    owner.page.fill("[name=value_name]", "friend")
    owner.button("See what it would do").click()
    owner.main("What it would do")


def left_out(told: str) -> int:
    found = re.search(r"(\d+) did not agree", told)
    return int(found[1]) if found else 0


def agreed(owner: Owner, search: str) -> int:
    owner.open(f"/customers/?segment=all_agreed&q={search}")
    return owner.page.get_by_role("link", name=re.compile(search)).count()


def test_a_campaign_goes_to_those_who_agreed_until_they_say_stop(owner: Owner, meta: str) -> None:
    counter_write(owner, MEENA, NAME)
    assert agreed(owner, NAME) == 1
    whatsapp_connect(owner)
    message_approved(owner, meta)
    owner.look("/chat/campaigns/new/")
    owner.page.get_by_role("link", name=f"Take this one {MESSAGE}").click()
    owner.look()
    campaign_propose(owner, "New faces")
    owner.look()
    before = owner.page.inner_text("main")
    assert re.search(r"\d+ (person|people) will get it", before)
    begun = clock.now()
    owner.button("Approve").click()
    owner.main("Approved. It goes out at its time.")
    handset = f"{meta}/live/whatsapp/91{MEENA.replace(' ', '')}"
    if not is_quiet(begun) and not is_quiet(clock.now() + NEAR):
        owner.comes("Done")
        page = owner.elsewhere(handset)
        expect(page.locator("article")).to_contain_text(f"Namaste {NAME.split()[0]}")
        page.close()
    elif is_quiet(begun) and is_quiet(clock.now() + NEAR):
        owner.main("10:00")
        page = owner.elsewhere(handset)
        expect(page.get_by_text("No messages yet.")).to_be_visible()
        page.close()
    owner.look()

    page = owner.elsewhere(handset)
    page.fill("[name=text]", "STOP")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("article").last).to_contain_text("STOP")
    page.close()
    owner.look(f"/customers/?q={NAME}")
    owner.page.get_by_role("link", name=re.compile(NAME)).click()
    owner.comes("Said no more messages")
    owner.look()
    assert agreed(owner, NAME) == 0
    owner.look("/chat/")
    owner.page.get_by_role("link", name=re.compile(NAME)).click()
    owner.main("STOP")
    owner.look()
    campaign_propose(owner, "New faces again")
    after = owner.page.inner_text("main")
    assert left_out(after) == left_out(before) + 1, (before, after)
    owner.look("/chat/campaigns/")


def test_a_review_is_answered_and_a_guide_followed(owner: Owner) -> None:
    owner.look("/google/reviews/")
    waiting = owner.page.get_by_role("link", name=re.compile("See the drafted reply"))
    address = waiting.first.get_attribute("href")
    waiting.first.click()
    owner.look()
    reply = owner.page.input_value("[name=text]")
    assert len(reply) > 20
    owner.button("I posted it").click()
    owner.main("you posted it yourself")
    owner.main(reply.splitlines()[0])
    owner.look()
    owner.open("/google/reviews/")
    expect(waiting.first).to_be_visible()
    expect(owner.page.locator(f"main a[href='{address}']")).to_have_count(0)

    owner.look("/guides/")
    owner.page.get_by_role("link", name=re.compile("Reply to a Google review")).click()
    owner.main("0 of 3 steps done")
    owner.look()
    for ticked in (1, 2, 3):
        # Only the step that is next stands open.
        owner.button(re.compile("^Done, next")).click()
        owner.main(f"{ticked} of 3 steps done")
    owner.look()
    owner.page.locator("#proof input[type=checkbox]").check()
    owner.page.locator("#proof").get_by_role("button", name="Finish").click()
    row = owner.page.get_by_role("link", name=re.compile("Reply to a Google review"))
    expect(row).to_contain_text("Last done on")
    owner.look()
