"""What a new user does, in Chromium against the running product: sign up, look, pay, decline."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

# Before xdist reads the marks: one product, so one worker.
pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 780}
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}


class Visitor:
    """A person with a phone: a page of their own, and what went wrong on it."""

    def __init__(self, page: Page, product: dict[str, Any]):
        self.page = page
        self.port = urlsplit(product["public_url"]).port
        self.public = f"http://localhost:{self.port}"
        self.problems: list[str] = []
        page.on("console", self._console)
        page.on("response", self._response)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.problems.append(f"{self.page.url}: {message.text}")

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status} {response.url}")

    def open(self, path: str) -> None:
        origin = re.match(r"https?://[^/]+", self.page.url)
        base = path if path.startswith("http") else f"{origin.group()}{path}"
        self.page.goto(base)

    def submit(self) -> None:
        self.page.locator("main form button[type=submit]").first.click()

    def code(self) -> str:
        inbox = self.page.context.new_page()
        inbox.goto(f"{self.public}/inbox/")
        found = re.search(r"\b\d{6}\b", inbox.inner_text("#entries"))
        inbox.close()
        return found.group()

    def see(self) -> None:
        """The page is accessible and fits the screen."""
        found = Axe().run(self.page, options=AXE_OPTIONS).response["violations"]
        told = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]
        assert told == [], f"{self.page.url}: {told}"
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= self.page.viewport_size["width"], f"{self.page.url} scrolls sideways"


@pytest.fixture
def visitor(browser: Browser, running_product: dict[str, Any]) -> Iterator[Callable[[], Visitor]]:
    made: list[Visitor] = []

    def make() -> Visitor:
        context = browser.new_context(viewport=PHONE, locale="en-IN", reduced_motion="reduce")
        made.append(Visitor(context.new_page(), running_product))
        return made[-1]

    yield make
    problems = [problem for one in made for problem in one.problems]
    for one in made:
        one.page.context.close()
    assert problems == []


def sign_up_shop(someone: Visitor, phone: str, name: str) -> None:
    someone.open(f"{someone.public}/start/local/")
    someone.see()
    someone.page.fill("[name=full_name]", "Rani Deshmukh")
    someone.page.fill("[name=phone]", phone)
    someone.submit()
    someone.page.wait_for_url("**/start/code/")
    someone.see()
    someone.page.fill("[name=code]", someone.code())
    someone.submit()
    someone.page.wait_for_url("**/start/business/")
    someone.see()
    someone.page.fill("[name=name]", name)
    someone.page.select_option("[name=category]", "salon")
    someone.page.fill("[name=city]", "Pune")
    someone.page.check("[name=languages][value=hi]")
    someone.submit()
    someone.page.wait_for_url("**/start/plan/")
    someone.see()


def sign_up_company(someone: Visitor, email: str, name: str) -> None:
    someone.open(f"{someone.public}/start/enterprise/")
    someone.page.fill("[name=full_name]", "Nikhil Rao")
    someone.page.fill("[name=email]", email)
    someone.page.fill("[name=password]", "tall trees by the river")
    someone.submit()
    someone.page.wait_for_url("**/start/code/")
    someone.page.fill("[name=code]", someone.code())
    someone.submit()
    someone.page.wait_for_url("**/start/business/")
    someone.see()
    someone.page.fill("[name=name]", name)
    someone.page.select_option("[name=industry]", index=1)
    someone.page.fill("[name=city]", "Bengaluru")
    someone.page.select_option("[name=state]", "KA")
    someone.submit()
    someone.page.wait_for_url("**/start/plan/")
    someone.see()


def pay_page(someone: Visitor) -> None:
    someone.page.wait_for_url("**/pay/**")


def in_workspace(someone: Visitor, slug: str) -> None:
    someone.page.wait_for_url(
        re.compile(rf"^http://{slug}[0-9-]*\.localhost:\d+/$"), timeout=60_000
    )
    someone.page.wait_for_load_state("networkidle")


def test_the_public_pages_read_well_on_a_phone(visitor: Callable[[], Visitor]) -> None:
    someone = visitor()
    for path in ("/", "/pricing/", "/start/", "/start/enterprise/", "/sign-in/"):
        someone.open(f"{someone.public}{path}")
        someone.see()


def test_a_shop_tries_pays_and_keeps_working(visitor: Callable[[], Visitor]) -> None:
    someone = visitor()
    sign_up_shop(someone, "88800 00101", "Rani Salon")
    someone.page.click("button[value=trial]")
    in_workspace(someone, "rani-salon")
    someone.see()
    expect(someone.page.locator("h1")).to_contain_text("Rani")
    for path in (
        "/posts/",
        "/insights/",
        "/occasions/",
        "/settings/",
        "/settings/brand/",
        "/offers/",
        "/settings/business/",
        "/settings/team/",
        "/settings/api-keys/",
    ):
        someone.open(path)
        someone.see()

    someone.open("/billing/")
    someone.see()
    someone.submit()
    pay_page(someone)
    someone.page.locator("button", has_text=re.compile(r"^Pay ₹1,178\.82")).click()
    someone.page.wait_for_url(re.compile("rani-salon"))
    expect(someone.page.locator("main")).to_contain_text("Your plan is active", timeout=30_000)
    someone.see()
    someone.open("/billing/")
    expect(someone.page.locator("main")).to_contain_text("1,178.82")
    someone.see()


def test_a_shop_shares_and_marks_todays_post(visitor: Callable[[], Visitor]) -> None:
    someone = visitor()
    sign_up_shop(someone, "88800 00102", "Kirti Parlour")
    someone.page.click("button[value=trial]")
    in_workspace(someone, "kirti-parlour")
    before = someone.page.inner_text("main")
    someone.page.get_by_role("button", name="Another idea").click()
    changed = "text => document.querySelector('main').innerText !== text"
    someone.page.wait_for_function(changed, arg=before)
    someone.page.get_by_role("button", name=re.compile("^Facebook")).last.click()
    someone.page.wait_for_load_state("networkidle")
    someone.see()


def test_a_company_is_declined_then_pays_and_finds_a_finding(
    visitor: Callable[[], Visitor],
) -> None:
    someone = visitor()
    sign_up_company(someone, "nikhil@kaveri.example", "Kaveri Pumps")
    expect(someone.page.locator("button[value=trial]")).to_have_count(0)

    someone.page.click("button[value=pay]")
    pay_page(someone)
    someone.page.get_by_role("button", name=re.compile("Decline")).click()
    someone.page.wait_for_url("**/start/waiting/**")
    expect(someone.page.locator("main")).to_contain_text("declined", timeout=30_000)
    someone.submit()
    someone.page.wait_for_url("**/start/plan/")
    someone.page.click("button[value=pay]")
    pay_page(someone)
    someone.page.get_by_role("button", name=re.compile("Cancel")).or_(
        someone.page.get_by_role("link", name=re.compile("Cancel"))
    ).click()
    someone.page.wait_for_url("**/start/waiting/**")
    expect(someone.page.locator("main")).to_contain_text(
        "You left the payment page", timeout=30_000
    )
    someone.submit()
    someone.page.click("button[value=pay]")
    pay_page(someone)
    someone.page.locator("button", has_text=re.compile(r"^Pay ₹29,500")).click()

    in_workspace(someone, "kaveri-pumps")
    expect(someone.page.locator("main")).to_contain_text("Sample data")
    for path in ("/", "/insights/", "/data/", "/billing/", "/settings/"):
        someone.open(path)
        someone.see()


def test_an_owner_signs_in_again_with_a_code(
    visitor: Callable[[], Visitor], running_product: dict[str, Any]
) -> None:
    owner = next(row for row in running_product["sign_ins"] if row["role"] == "local_owner")
    workspace = next(row for row in running_product["workspaces"] if row["tier"] == "local")
    someone = visitor()
    someone.open(workspace["url"])
    someone.page.wait_for_url("**/sign-in/**")
    someone.page.fill("[name=phone]", owner["login"])
    someone.submit()
    someone.page.wait_for_url("**/sign-in/code/")
    someone.see()
    someone.page.fill("[name=code]", owner["password_or_code"])
    someone.submit()
    in_workspace(someone, workspace["slug"])

    someone.page.set_viewport_size({"width": 1280, "height": 860})
    someone.see()
    someone.page.emulate_media(color_scheme="dark")
    someone.see()


def test_the_first_load_of_the_home_is_small(
    visitor: Callable[[], Visitor], running_product: dict[str, Any]
) -> None:
    """At most 100 KB compressed before the page is idle; the full poster comes after."""
    someone = visitor()
    sign_up_shop(someone, "88800 00103", "Meena Beauty")
    sizes: dict[str, int] = {}

    def count(request: Any) -> None:
        sizes[request.url] = request.sizes()["responseBodySize"]

    someone.page.click("button[value=trial]")
    in_workspace(someone, "meena-beauty")
    someone.page.context.clear_cookies(name="nothing")
    session = someone.page.context.new_cdp_session(someone.page)
    session.send("Network.clearBrowserCache")
    someone.page.on("requestfinished", count)
    someone.page.reload(wait_until="networkidle")
    first = {url: size for url, size in sizes.items() if not is_full_poster(url, size)}

    assert sum(first.values()) <= 100_000, first


def is_full_poster(url: str, size: int) -> bool:
    return "/media/signed/" in url and size > 15_000


def test_staff_find_a_client_and_its_plan(
    visitor: Callable[[], Visitor], running_product: dict[str, Any]
) -> None:
    staff = next(row for row in running_product["sign_ins"] if row["role"] == "staff")
    someone = visitor()
    someone.page.set_viewport_size({"width": 1280, "height": 860})
    someone.open(f"{running_product['admin_url']}/")
    someone.page.fill("[name=email]", staff["login"])
    someone.page.fill("[name=password]", staff["password_or_code"])
    someone.submit()
    someone.page.wait_for_load_state("networkidle")
    someone.open("/tenants/tenant/")

    expect(someone.page.locator("#result_list")).to_contain_text("Asha Sweets")
    expect(someone.page.locator("#result_list")).to_contain_text("Veda Home Appliances")
    expect(someone.page.locator("#result_list")).to_contain_text("Bengaluru")
