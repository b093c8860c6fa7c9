"""Public pages in three languages, as search engines, phones and messengers find them."""

import io
import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from PIL import Image

from marketing_platform.support.topics import topics

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}
PAGES = ("", "pricing/", "legal/", "legal/terms/", "legal/complaints/", "help/")


def get(path: str, **headers: str) -> Any:
    return Client().get(path, **HOST, **headers)


@pytest.mark.parametrize("language", ["en", "hi", "mr"])
@pytest.mark.parametrize("page", PAGES)
def test_each_page_has_an_address_in_each_language(page: str, language: str) -> None:
    answer = get(f"/{language}/{page}", HTTP_ACCEPT_LANGUAGE="en")
    body = answer.content.decode()

    assert answer.status_code == 200
    assert answer["Content-Language"] == language
    assert f'<html lang="{language}"' in body
    assert f'<link rel="canonical" href="http://localhost/{language}/{page}">' in body
    for other in ("en", "hi", "mr"):
        assert f'hreflang="{other}" href="http://localhost/{other}/{page}">' in body


def test_who_comes_by_a_hindi_address_stays_in_hindi() -> None:
    browser = Client()
    browser.get("/hi/", **HOST)

    assert '<html lang="hi"' in browser.get("/start/", **HOST).content.decode()


def test_the_plain_address_speaks_the_visitors_language() -> None:
    body = get("/", HTTP_ACCEPT_LANGUAGE="mr").content.decode()

    assert '<html lang="mr"' in body
    assert '<link rel="canonical" href="http://localhost/mr/">' in body


def test_every_public_page_describes_itself() -> None:
    for page in (*PAGES, "help/cancel/"):
        assert '<meta name="description" content="">' not in get(f"/en/{page}").content.decode()


def test_the_sitemap_lists_what_exists() -> None:
    root = ElementTree.fromstring(get("/sitemap.xml").content)
    found = [each.text for each in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]

    assert len(found) == len(set(found)) == 3 * (9 + 1 + len(topics()))
    assert {get(each.removeprefix("http://localhost")).status_code for each in found} == {200}


def test_robots_are_kept_from_steps_and_shown_the_sitemap() -> None:
    lines = get("/robots.txt").content.decode().splitlines()

    assert "Disallow: /start/" in lines
    assert "Sitemap: http://localhost/sitemap.xml" in lines


def test_the_manifest_names_icons_that_exist() -> None:
    manifest = json.loads(get("/manifest.webmanifest").content)

    for each in manifest["icons"]:
        picture = Image.open(io.BytesIO(get(each["src"]).content))
        assert f"{picture.width}x{picture.height}" == each["sizes"]
    assert get("/icon-193.png").status_code == 404


def test_a_shared_link_shows_a_picture() -> None:
    picture = Image.open(io.BytesIO(get("/share-hi.png").content))

    assert picture.size == (1200, 630)
    assert get("/share-xx.png").status_code == 404


def test_the_foot_of_every_public_page_leads_to_cancelling(asha: Any, session_for: Any) -> None:
    assert 'href="/cancel/"' in get("/").content.decode()
    assert get("/cancel/")["Location"] == "/sign-in/?next=/my/?to=cancel"
    page = session_for(asha).get("/my/?to=cancel").content.decode()
    assert "/billing/cancel/" in page


def structured_of(path: str) -> Any:
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', body_of(path), re.S)
    return json.loads(text)


def body_of(path: str) -> str:
    return get(path).content.decode()


@pytest.mark.parametrize("path", ["/en/", "/hi/pricing/"])
def test_search_engines_read_the_prices_that_the_page_shows(path: str) -> None:
    company, product = structured_of(path)["@graph"]
    prices = {(offer["price"], offer["priceCurrency"]) for offer in product["offers"]}

    assert company["logo"] == "http://localhost/icon-512.png"
    assert {("999.00", "INR"), ("9990.00", "INR"), ("25000.00", "INR")} <= prices
    assert {"hi", "mr", "en"} <= set(product["inLanguage"])
    assert product["url"].startswith("http://localhost/" + path[1:3])


def test_no_name_ends_the_block_of_data(settings: Any) -> None:
    settings.PRODUCT_NAME = "</script><b>&"

    assert structured_of("/en/")["@graph"][0]["name"] == "</script><b>&"
    assert "</script><b>" not in body_of("/en/")
