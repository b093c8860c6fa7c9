"""A standard post on the profile: what may stand in it and how Google wants it written.

https://developers.google.com/my-business/reference/rest/v4/accounts.locations.localPosts
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from marketing_platform.core.text import mark as _

MOST_CHARACTERS = 1500
BUTTONS = {
    "": _("No button"),
    "CALL": _("Call"),
    "LEARN_MORE": _("Learn more"),
    "ORDER": _("Order online"),
    "BOOK": _("Book"),
    "SHOP": _("Buy"),
    "SIGN_UP": _("Sign up"),
}
RULES = {
    "empty": _("Write the post first."),
    "too_long": _("Google takes at most %(most)d characters. Make it shorter."),
    "number": _("Take the phone number out of the text and use the button Call instead."),
    "unknown": _("Choose one of the buttons."),
    "address": _("This button needs a web address, such as https://shop.example/order."),
}
WITHOUT_ADDRESS = frozenset({"", "CALL"})
# Google refuses posts with a phone number in their text; the button Call is for that.
NUMBER = re.compile(r"(?<!\d)(?:\+?\d[\s-]?){10,13}(?!\d)")
LANGUAGE_CODES = {"en": "en", "hi": "hi", "hinglish": "hi-Latn", "mr": "mr"}


@dataclass(frozen=True)
class PostDraft:
    text: str
    language: str
    button: str = ""
    button_url: str = ""


def breaches_of(draft: PostDraft) -> list[tuple[str, str]]:
    """What forbids the post: (field, rule)."""
    found = []
    if not draft.text.strip():
        found.append(("text", "empty"))
    if len(draft.text) > MOST_CHARACTERS:
        found.append(("text", "too_long"))
    if NUMBER.search(draft.text):
        found.append(("text", "number"))
    if draft.button not in BUTTONS:
        found.append(("button", "unknown"))
    elif draft.button not in WITHOUT_ADDRESS and not is_web_address(draft.button_url):
        found.append(("button_url", "address"))
    return found


def body_of(draft: PostDraft, picture_url: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "languageCode": LANGUAGE_CODES.get(draft.language, "en"),
        "summary": draft.text,
        "topicType": "STANDARD",
    }
    if draft.button:
        body["callToAction"] = {"actionType": draft.button}
        if draft.button not in WITHOUT_ADDRESS:
            body["callToAction"]["url"] = draft.button_url
    if picture_url:
        body["media"] = [{"mediaFormat": "PHOTO", "sourceUrl": picture_url}]
    return body


def post_hash(draft: PostDraft, picture_sha256: str) -> str:
    facts = [draft.text, draft.language, draft.button, draft.button_url, picture_sha256]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def is_web_address(given: str) -> bool:
    try:
        parts = urlsplit(given)
        is_whole = parts.scheme in {"https", "http"} and "." in (parts.hostname or "")
    except ValueError:
        return False
    return is_whole and given.isprintable() and " " not in given and len(given) <= 300
