"""Hindi and Marathi: every sentence is translated, and no English is left on a Hindi page.

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
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import override

from marketing_platform.api.problems import sentence_of
from marketing_platform.core.errors import LimitReached
from marketing_platform.messaging.models import OutgoingMessage

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%[sd]|\{\w+\}|</?\w[^>]*>")
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_.+/-]*")
# Addresses, numbers of runs, and what is said of a poster: the words on it are the post's.
EXEMPT = re.compile(
    r"\S+@\S+|https?://\S+|[\w-]+(?:\.[\w-]+)*\.(?:localhost|example|in|csv)\b|\b[0-9a-f]{16}\b"
    r"|^पोस्टर: .*"
)
VISIBLE_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt")
UNREAD = {"script", "style", "code"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}

PRODUCTS = """
    Nukkad WhatsApp Facebook Instagram Google Business LinkedIn Meta Ads Salesforce HubSpot Marketo
    Excel PowerPoint Razorpay Stripe
"""
CODES = """
    API GST GSTIN TDS PAN UPI SAC UTR FSSAI CRM CSV XLSX PDF JPEG PNG WebP MB INR B2B FMCG IT A B C
"""
# Languages are called what their speakers call them.
LANGUAGE_NAMES = "English Hinglish"
PEOPLE_AND_SHOPS = """
    Asha Sweets Kulkarni Vikram Rao Veda Appliances Home Rani Salon
"""
ALLOWED = set(f"{PRODUCTS} {CODES} {LANGUAGE_NAMES} {PEOPLE_AND_SHOPS}".split())


def messages_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", ROOT / "bin" / "messages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


messages = messages_script()


@pytest.fixture(scope="module", params=messages.LANGUAGES)
def stored(request: pytest.FixtureRequest) -> dict[Any, Any]:
    return messages.messages_of(messages.stored(request.param))


# --- the catalogue


def test_the_catalogue_holds_the_messages_of_the_sources(stored: dict[Any, Any]) -> None:
    found = messages.messages_of(messages.extracted())

    assert {"missing": found.keys() - stored.keys(), "unused": stored.keys() - found.keys()} == {
        "missing": set(),
        "unused": set(),
    }, "run .venv/bin/python bin/messages.py and translate what it names"


def test_every_message_has_a_translation(stored: dict[Any, Any]) -> None:
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
        )
        if not is_skipped:
            self.words += [
                text
                for name, text in attrs
                if text and (name in VISIBLE_ATTRIBUTES or name.startswith("data-done"))
            ]
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


def english_on(page: str) -> list[str]:
    """The visible texts with a Latin word that is not a name or a code."""
    reader = VisibleText()
    reader.feed(page)
    return [
        text
        for text in reader.words
        if any(word.strip(".-/") not in ALLOWED for word in LATIN.findall(EXEMPT.sub("", text)))
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
    [
        "/",
        "/insights/",
        "/data/",
        "/settings/",
        "/settings/company/",
        "/settings/team/",
        "/billing/",
    ],
)
@pytest.mark.usefixtures("hindi")
def test_an_enterprise_page_has_no_english_in_it(
    path: str, session_for: Callable[..., Client], vikram: Any, enterprise_tenant: Any
) -> None:
    client = in_hindi(session_for(vikram, enterprise_tenant))
    client.get("/")

    assert english_on(page_of(client, path)) == []


@pytest.mark.usefixtures("hindi")
def test_a_file_with_mistakes_is_explained_without_english(
    session_for: Callable[..., Client], vikram: Any, enterprise_tenant: Any
) -> None:
    client = in_hindi(session_for(vikram, enterprise_tenant))
    content = "तारीख़,ऑर्डर\n2026-01-01,3\n2026-01-02,बहुत\n2026-01-03,4\n".encode()
    draft = client.post("/data/upload/", {"file": SimpleUploadedFile("orders.csv", content)})
    page = client.get(draft["Location"]).content.decode()

    assert "यह संख्या नहीं है।" in page
    assert english_on(page) == []


@pytest.mark.usefixtures("db", "hindi")
def test_signing_up_needs_no_english(settings: Any) -> None:
    client = in_hindi(Client(HTTP_HOST=settings.BASE_HOST))
    pages = [client.post("/start/local/", {"full_name": "", "phone": "12"})]
    client.post("/start/local/", {"full_name": "Rani", "phone": "88888 00011"})
    message = OutgoingMessage.objects.filter(kind="code").first()
    pages += [client.get("/start/code/"), client.post("/start/code/", {"code": "1"})]
    client.post("/start/code/", {"code": re.search(r"\d{6}", message.text).group()})
    pages += [client.get("/start/business/"), client.post("/start/business/", {"name": ""})]
    shop = {"name": "Rani Salon", "category": "salon", "city": "pune", "languages": ["hi"]}
    client.post("/start/business/", shop)
    pages += [client.get("/start/plan/"), client.get("/my/")]
    begun = client.post("/start/plan/", {"period": "monthly", "action": "trial"})
    pages.append(client.get(begun["Location"]))

    assert {page.status_code for page in pages} <= {200, 400, 422}
    assert [text for page in pages for text in english_on(page.content.decode())] == []
    assert english_on(message.text) == []


@pytest.mark.usefixtures("hindi")
def test_a_sentence_of_the_plain_core_is_translated_at_the_edge() -> None:
    error = LimitReached(limit="codes per hour", retry_after=120)
    with override("hi"):
        sentence = sentence_of(error)

    assert sentence == "बहुत बार कोशिश हुई (एक घंटे में कोड)। 2 मिनट बाद फिर कोशिश कीजिए।"
