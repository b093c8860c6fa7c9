"""Drafting a reply to a review, and judging what the owner wants to send.

A draft thanks or apologises by the stars, answers what the review names, and never promises
anything for a review. Clinics and medicine shops say in public nothing about anybody's visit.
"""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from local.automation.google_business.engine.words import (
    CONTENT,
    aspects_of,
    language_of,
    names,
    words_of,
)
from local.business.engine import LANGUAGES
from marketing_platform.core.text import mark as _

# https://developers.google.com/my-business/reference/rest/v4/accounts.locations.reviews
MOST_BYTES = 4096
PRIVATE_TRADES = frozenset({"clinic", "pharmacy"})
NEEDS_PERSON_TO = 3
MOST_ASPECTS = 2
NUMBER = re.compile(r"(?<![\d])\+?[\d][\d\s-]{8,14}[\d](?![\d])")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
# Why a draft says what it says; the edge translates and fills them.
REASONS = {
    "praise": _("%(stars)d of 5 stars: it thanks."),
    "mixed": _("%(stars)d of 5 stars: it thanks and takes the complaint seriously."),
    "blame": _("%(stars)d of 5 stars: it apologises and asks the customer to talk to you."),
    "aspects": _("The review speaks of: %(aspects)s."),
    "private": _("A clinic or medicine shop must not say in public who came or what for."),
    "language": _("It is in the language of the review."),
    "own_language": _("The review has no words, so it is in your language."),
}
ASPECT_NAMES = {
    "wait": _("waiting"),
    "staff": _("your people"),
    "price": _("prices"),
    "quality": _("quality"),
    "clean": _("cleanliness"),
    "parking": _("parking"),
}
RULES = {
    "empty": _("Write a reply first."),
    "too_long": _("The reply is too long for Google by %(over)d bytes. Hindi letters take 3 each."),
    "incentive": _("Promise nothing for a review. Google forbids it; take out: %(words)s."),
    "patient": _("Name nothing of a visit or an illness in public. Take out: %(words)s."),
    "contact": _("Take out phone numbers and addresses that are not the shop's own."),
}


@dataclass(frozen=True)
class ReviewText:
    """What a draft is made from. `key` chooses among ways to say the same."""

    key: str
    stars: int
    text: str
    reviewer: str = ""


@dataclass(frozen=True)
class Shop:
    name: str
    category: str
    phone: str
    language: str


@dataclass(frozen=True)
class Reason:
    code: str
    params: dict[str, Any]


@dataclass(frozen=True)
class Draft:
    """`needs_person`: three stars or fewer, or health: never sent without a person's approval."""

    text: str
    language: str
    reasons: tuple[Reason, ...]
    needs_person: bool


@dataclass(frozen=True)
class Breach:
    rule: str
    params: dict[str, Any]


def draft_reply(review: ReviewText, shop: Shop) -> Draft:
    """A reply in the review's language, or the shop's when the review has no words."""
    spoken = language_of(review.text)
    language = spoken or (shop.language if shop.language in LANGUAGES else "en")
    aspects = aspects_of(review.text, review.stars)
    is_private = shop.category in PRIVATE_TRADES
    say = _Voice(language, review, shop)
    parts = _private(say, review) if is_private else _open(say, review, aspects)
    return Draft(
        text=_joined(parts, say),
        language=language,
        reasons=_reasons(review, aspects, is_private, bool(spoken)),
        needs_person=needs_person(review.stars, shop.category),
    )


def needs_person(stars: int, category: str) -> bool:
    return stars <= NEEDS_PERSON_TO or category in PRIVATE_TRADES


def check_reply(text: str, *, category: str, shop_phone: str) -> tuple[Breach, ...]:
    """What forbids sending this text; empty when nothing does."""
    found = []
    over = len(text.encode("utf-8", "replace")) - MOST_BYTES
    words = words_of(text)
    if not text.strip():
        found.append(Breach("empty", {}))
    if over > 0:
        found.append(Breach("too_long", {"over": over}))
    promised = names(words, "forbidden", "incentive")
    if promised:
        found.append(Breach("incentive", {"words": _listed(promised)}))
    named = names(words, "forbidden", "patient") if category in PRIVATE_TRADES else []
    if named:
        found.append(Breach("patient", {"words": _listed(named)}))
    if EMAIL.search(text) or any(
        not _is_shops(number, shop_phone) for number in NUMBER.findall(text)
    ):
        found.append(Breach("contact", {}))
    return tuple(found)


def content_hash(text: str) -> str:
    """What an approval is bound to."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


class _Voice:
    """Fills the phrases of one language; which way to say it follows from the review's key."""

    def __init__(self, language: str, review: ReviewText, shop: Shop):
        self.language = language
        self.turn = hashlib.sha256(review.key.encode("utf-8", "replace")).digest()[0]
        self.name = first_name(review.reviewer)
        self.facts = {"name": self.name, "shop": shop.name, "phone": local_number(shop.phone)}

    def __call__(self, *path: str) -> str:
        found: Any = _phrases()
        for part in path:
            found = found[part]
        ways = found[self.language]
        chosen = ways if isinstance(ways, str) else ways[self.turn % len(ways)]
        return chosen.format(**self.facts)


def _open(say: _Voice, review: ReviewText, aspects: Any) -> list[str]:
    praised = [name for name, is_good in aspects.items() if is_good][:MOST_ASPECTS]
    blamed = [name for name, is_good in aspects.items() if not is_good][:MOST_ASPECTS]
    thanks = say("thanks") if say.name else say("thanks_unnamed")
    if review.stars >= 4:
        said = [thanks, *([] if praised else [say("glad")])]
        said += [say("praised", name) for name in praised]
        said += [say("blamed", name) for name in blamed]
        return [*said, say("again")]
    call = say("call") if say.facts["phone"] else say("come_by")
    complaint = [say("blamed", name) for name in blamed]
    if review.stars == NEEDS_PERSON_TO:
        middle = [say("mixed")] if praised and blamed else []
        return [thanks, *middle, *complaint, call]
    return [thanks, say("sorry"), *complaint, call]


def _private(say: _Voice, review: ReviewText) -> list[str]:
    if review.stars >= 4:
        return [say("private_good")]
    call = say("private_call") if say.facts["phone"] else say("private_come_by")
    return [say("private_bad"), call]


def _joined(parts: list[str], say: _Voice) -> str:
    return " ".join(parts) + "\n" + say("signed")


def _reasons(
    review: ReviewText, aspects: Any, is_private: bool, has_words: bool
) -> tuple[Reason, ...]:
    band = "praise" if review.stars >= 4 else "mixed" if review.stars == 3 else "blame"
    reasons = [Reason(band, {"stars": review.stars})]
    if is_private:
        reasons.append(Reason("private", {}))
    elif aspects:
        reasons.append(Reason("aspects", {"aspects": list(aspects)}))
    reasons.append(Reason("language" if has_words else "own_language", {}))
    return tuple(reasons)


def first_name(reviewer: str) -> str:
    """The first word of a name that reads like one; "" for nicknames with digits and signs."""
    words = reviewer.strip().split()
    first = words[0] if words else ""
    letters = [each for each in first if each.isalpha()]
    is_name = 2 <= len(first) <= 20 and len(letters) >= len(first) * 0.5
    has_signs = any(each.isdigit() or each in "@_#<>&%{}" for each in first)
    if not is_name or has_signs or first.casefold() in {"a", "the", "google", "user"}:
        return ""
    return first.title() if first.isascii() else first


def local_number(phone: str) -> str:
    """As people dial it: +919800000001 → 98000 00001, +912026123456 → 020 2612 3456."""
    digits = re.sub(r"\D", "", phone).removeprefix("91") if phone.startswith("+91") else ""
    if len(digits) != 10:
        return phone
    return f"{digits[:5]} {digits[5:]}" if digits[0] in "6789" else f"0{digits}"


def _is_shops(number: str, shop_phone: str) -> bool:
    ours = re.sub(r"\D", "", shop_phone)[-10:]
    return bool(ours) and re.sub(r"\D", "", number)[-10:] == ours


def _listed(words: list[str]) -> str:
    return ", ".join(dict.fromkeys(words))


@cache
def _phrases() -> dict[str, Any]:
    return tomllib.loads((CONTENT / "replies.toml").read_text(encoding="utf-8"))
