"""A post on its way out: its words, what an approval is bound to, and its states."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from local.automation.social_media.engine.library import network_limits

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
EMPTY_LINES = re.compile(r"\n{3,}")
HASHTAG = re.compile(r"(?<!\w)#\w")
MOST_HASHTAGS = MappingProxyType({"instagram": 30})


class State(StrEnum):
    """`draft`: put aside for later. `self_reported`: the owner posted it by hand."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    LIVE = "live"
    NEEDS_CHECK = "needs_check"
    SELF_REPORTED = "self_reported"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


S = State
# Its words may change without anything outside being stopped.
WAITING = frozenset({S.DRAFT, S.PROPOSED, S.APPROVED})
# Bound to what was read and approved.
BOUND = frozenset({S.APPROVED, S.SCHEDULED, S.SENDING, S.LIVE, S.NEEDS_CHECK})
UNDER_WAY = frozenset({S.SCHEDULED, S.SENDING, S.NEEDS_CHECK})
CLOSED = frozenset({S.REJECTED, S.EXPIRED, S.CANCELLED})
# What the ledger's states mean for the post (marketing_platform.effects.states).
BY_EFFECT: Mapping[str, State] = MappingProxyType(
    {
        "planned": S.SCHEDULED,
        "preparing": S.SCHEDULED,
        "prepared": S.SCHEDULED,
        "armed": S.SENDING,
        "unknown": S.SENDING,
        "pending_remote": S.SENDING,
        "needs_check": S.NEEDS_CHECK,
        "confirmed": S.LIVE,
        "rejected": S.REJECTED,
        "cancelled": S.CANCELLED,
        "expired": S.EXPIRED,
    }
)


def content_hash(
    caption: str, image_sha256: str, network: str, account_id: str, language: str
) -> str:
    """What an approval is bound to: these words, this picture, on this account."""
    facts = [caption, image_sha256, network, account_id, language]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def clean_caption(text: str) -> str:
    """User text of several lines, as databases and networks take it."""
    text = text.encode("utf-8", "ignore").decode().replace("\r\n", "\n").replace("\r", "\n")
    text = CONTROL.sub("", unicodedata.normalize("NFC", text))
    return EMPTY_LINES.sub("\n\n", text).strip()


def fault_of(caption: str, network: str) -> tuple[str, int] | None:
    """The first thing the network would refuse: ("empty" | "too_long" | "hashtags", the limit)."""
    limit = network_limits()[network]
    if not caption:
        return "empty", 1
    if limit.measure(caption) > limit.limit:
        return "too_long", limit.limit
    most = MOST_HASHTAGS.get(network)
    if most is not None and len(HASHTAG.findall(caption)) > most:
        return "hashtags", most
    return None


def same_words(one: str, other: str) -> bool:
    """Equal but for spaces and line ends, which networks change."""
    return _spaced(one) == _spaced(other)


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
