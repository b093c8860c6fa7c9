"""The Hindi interface: every sentence is translated, and no English is left on a page.

What owners wrote, and the posts themselves, may be in any language; they are not looked at.
"""

import importlib.util
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from django.test import Client
from django.utils.translation import gettext

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%[sd]|\{\w+\}|</?\w[^>]*>")
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_.+/-]*")
ADDRESS = re.compile(r"\S+@\S+|https?://\S+|[\w-]+(?:\.[\w-]+)*\.(?:localhost|example|in)\b")
VISIBLE_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "data-done-shared")
UNREAD = {"script", "style", "code"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}

PRODUCTS = """
    Nukkad WhatsApp Facebook Instagram Google Business LinkedIn Meta Ads Salesforce HubSpot Marketo
    Excel
"""
CODES = """
    API GST GSTIN FSSAI CRM CSV XLSX PDF JPEG PNG WebP MB INR B2B FMCG IT A B C
"""
# Languages are called what their speakers call them.
LANGUAGE_NAMES = "English Hinglish"
PEOPLE_AND_SHOPS = """
    Asha Sweets Kulkarni Vikram Rao Veda Appliances Home
"""
ALLOWED = set(f"{PRODUCTS} {CODES} {LANGUAGE_NAMES} {PEOPLE_AND_SHOPS}".split())


def messages_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", ROOT / "bin" / "messages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


messages = messages_script()


@pytest.fixture(scope="module")
def stored() -> dict[Any, Any]:
    return messages.messages_of(messages.stored())


# --- the catalogue


def test_the_catalogue_holds_the_messages_of_the_sources(stored: dict[Any, Any]) -> None:
    found = messages.messages_of(messages.extracted())

    assert {"missing": found.keys() - stored.keys(), "unused": stored.keys() - found.keys()} == {
        "missing": set(),
        "unused": set(),
    }, "run .venv/bin/python bin/messages.py and translate what it names"


def test_every_message_has_a_hindi_translation(stored: dict[Any, Any]) -> None:
    assert [key[1] for key, message in stored.items() if not messages.is_translated(message)] == []


def test_translations_keep_placeholders_and_markup(stored: dict[Any, Any]) -> None:
    wrong = []
    for (_context, sentence), message in stored.items():
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = sorted(PLACEHOLDER.findall(originals[-1]))
        if any(sorted(PLACEHOLDER.findall(text)) != wanted for text in texts):
            wrong.append(sentence)

    assert wrong == []


def test_translations_use_latin_digits_and_do_not_shout(stored: dict[Any, Any]) -> None:
    texts = [str(message.string) for message in stored.values()]

    assert [text for text in texts if re.search(r"[०-९!]", text)] == []


# --- the pages


class VisibleText(HTMLParser):
    """The words a reader sees or hears, without parts marked as another language than Hindi."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        is_skipped = (
            self._is_skipping()
            or tag in UNREAD
            or (values.get("lang") or "hi") != "hi"
            or "data-share-caption" in values
            or is_poster(values)
        )
        if not is_skipped:
            self.words += [values[name] for name in VISIBLE_ATTRIBUTES if values.get(name)]
            if tag == "meta" and values.get("name") == "description":
                self.words.append(values["content"] or "")
        if tag not in VOID:
            self.open.append((tag, is_skipped))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._is_skipping() and data.strip():
            self.words.append(" ".join(data.split()))

    def _is_skipping(self) -> bool:
        return bool(self.open) and self.open[-1][1]


def is_poster(attributes: dict[str, str | None]) -> bool:
    """Its description repeats the words on it, which are the post's."""
    return "/poster" in (attributes.get("src") or "") or (attributes.get("alt") or "").startswith(
        gettext("Poster: %(text)s") % {"text": ""}
    )


def english_on(page: str) -> list[str]:
    """The visible texts with a Latin word that is not a name or a code."""
    reader = VisibleText()
    reader.feed(page)
    return [
        text
        for text in reader.words
        if any(word.strip(".-/") not in ALLOWED for word in LATIN.findall(ADDRESS.sub("", text)))
    ]


@pytest.fixture
def hindi(settings: Any, tmp_path: Path) -> Iterator[None]:
    """The catalogue as it stands in the sources, whether or not it was compiled before."""
    folder = tmp_path / "hi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as target:
        write_mo(target, messages.stored())
    settings.LOCALE_PATHS = [tmp_path]
    yield


def in_hindi(client: Client) -> Client:
    client.cookies["django_language"] = "hi"
    return client


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code in {200, 404}, path
    return answer.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/pricing/",
        "/start/",
        "/start/local/",
        "/start/enterprise/",
        "/sign-in/",
        "/account/password/reset/",
        "/account/password/reset/done/",
        "/no-such-page/",
    ],
)
@pytest.mark.usefixtures("db", "hindi")
def test_a_public_page_has_no_english_in_it(path: str, settings: Any) -> None:
    client = in_hindi(Client(HTTP_HOST=settings.BASE_HOST))

    assert english_on(page_of(client, path)) == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/posts/",
        "/insights/",
        "/occasions/",
        "/offers/",
        "/settings/",
        "/settings/business/",
        "/settings/brand/",
        "/settings/team/",
        "/settings/api-keys/",
        "/billing/",
    ],
)
@pytest.mark.usefixtures("hindi")
def test_a_local_page_has_no_english_in_it(
    path: str, session_for: Callable[..., Client], asha: Any, local_tenant: Any
) -> None:
    client = in_hindi(session_for(asha, local_tenant))

    assert english_on(page_of(client, path)) == []


@pytest.mark.parametrize(
    "path",
    ["/", "/insights/", "/data/", "/settings/", "/settings/company/", "/settings/team/", "/billing/"],
)
@pytest.mark.usefixtures("hindi")
def test_an_enterprise_page_has_no_english_in_it(
    path: str, session_for: Callable[..., Client], vikram: Any, enterprise_tenant: Any
) -> None:
    client = in_hindi(session_for(vikram, enterprise_tenant))
    client.get("/")

    assert english_on(page_of(client, path)) == []
