"""Every page that links lead to, for axe: both themes, a phone and a desk, nothing sideways.

One page of each address pattern is looked at: what differs by a number, an id or a
date is one, and so are the help topics.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SIZES = ({"width": 360, "height": 780}, {"width": 1280, "height": 860})
THEMES = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}}
# Colours are judged when they have arrived.
STILL = "* { transition: none !important; animation: none !important }"
# Files and acts.
LEFT_OUT = re.compile(
    r"/(sign-out|api(?!/docs/)|media|static|inbox)/|/export|/download|\.(pdf|csv|xlsx|svg|png|pptx|webmanifest)"
    r"|/pdf/|/poster|/file/|/switch-language/"
)
CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d{2}(-\d{2})?|\d+|(?<=/help/)[a-z-]+(?=/)")


def pattern(address: str) -> str:
    return CHANGING.sub("*", urlsplit(address).path)


def links(page: Page, host: str) -> Iterator[str]:
    for href in page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))"):
        address = urljoin(page.url, href).split("#")[0]
        path = urlsplit(address).path
        if urlsplit(address).netloc == host and not LEFT_OUT.search(path + "/"):
            yield address


def found_on(page: Page) -> list[str]:
    """Violations and sideways scroll at every size and theme."""
    found = []
    page.add_style_tag(content=STILL)
    for size in SIZES:
        page.set_viewport_size(size)
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            found.append(f"{size['width']} px: scrolls sideways")
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            answer = Axe().run(page, options=OPTIONS).response["violations"]
            found += [
                f"{size['width']} px, {theme}: {each['id']} {each['nodes'][0]['html'][:200]}"
                for each in answer
            ]
    return found


def walk(page: Page, start: str) -> tuple[dict[str, list[str]], set[str]]:
    """What is wrong, page by page, and every pattern that was looked at."""
    host = urlsplit(start).netloc
    waiting, seen, wrong = [start], set(), {}
    while waiting:
        address = waiting.pop(0)
        if pattern(address) in seen:
            continue
        seen.add(pattern(address))
        answer = page.goto(address)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        if answer.status >= 400:
            wrong[address] = [f"answers {answer.status}"]
            continue
        page.wait_for_load_state("networkidle")
        waiting += links(page, host)
        if found := found_on(page):
            wrong[address] = found
    return wrong, seen


def sign_in(page: Page, product: dict[str, Any], role: str, tier: str) -> str:
    account = next(row for row in product["sign_ins"] if row["role"] == role)
    workspace = next(row for row in product["workspaces"] if row["tier"] == tier)
    page.goto(f"{workspace['url']}/")
    if "@" in account["login"]:
        page.locator("[name=way-tab]").nth(1).check()
        page.fill("[name=email]", account["login"])
        page.fill("[name=password]", account["password_or_code"])
        page.locator("form:has([name=password]) button[type=submit]").click()
    else:
        page.fill("[name=phone]", account["login"])
        page.locator("form:has([name=phone]) button[type=submit]").click()
        page.wait_for_url("**/sign-in/code/")
        page.fill("[name=code]", account["password_or_code"])
        page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**//{workspace['slug']}.**")
    return page.url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=SIZES[0], locale="en-IN", bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_public_pages(page: Page, running_product: dict[str, Any], language: str) -> None:
    port = urlsplit(running_product["public_url"]).port
    page.context.set_extra_http_headers({"Accept-Language": language})
    wrong, seen = walk(page, f"http://localhost:{port}/")
    assert not wrong, json.dumps(wrong, indent=1)
    assert len(seen) > 8


@pytest.mark.parametrize(
    ("role", "tier", "fewest"),
    [("local_owner", "local", 35), ("enterprise_owner", "enterprise", 30)],
)
def test_workspace_pages(
    page: Page, running_product: dict[str, Any], role: str, tier: str, fewest: int
) -> None:
    wrong, seen = walk(page, sign_in(page, running_product, role, tier))
    assert not wrong, json.dumps(wrong, indent=1)
    assert len(seen) >= fewest
