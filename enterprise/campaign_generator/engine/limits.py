"""Ad text limits from the dated content file, counted as a reader counts: in graphemes."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).parent.parent / "content"
ZWJ, ZWNJ = "\u200d", "\u200c"
# Signs that join two consonants to one written form (Devanagari to Malayalam, not Tamil).
VIRAMAS = frozenset("\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d")


@dataclass(frozen=True)
class SlotLimit:
    least: int
    most: int
    limit: int
    shown: int


@dataclass(frozen=True)
class ChannelLimits:
    source: str
    read_on: date
    review_on: date
    is_wide: bool
    slots: dict[str, SlotLimit]

    def length(self, text: str) -> int:
        return wide_length(text) if self.is_wide else len(graphemes(text))


def graphemes(text: str) -> tuple[str, ...]:
    """What a reader sees as one character, near to UAX #29 extended grapheme clusters.

    A consonant with its vowel sign is one, and so is a conjunct such as क्ष. Emoji joined by a
    zero width joiner, flags and skin tones are one each.
    """
    found: list[str] = []
    for letter in text:
        if found and _continues(found[-1], letter):
            found[-1] += letter
        else:
            found.append(letter)
    return tuple(found)


def wide_length(text: str) -> int:
    """Graphemes, where a full-width one counts as two."""
    return sum(2 if unicodedata.east_asian_width(one[0]) in "WF" else 1 for one in graphemes(text))


@cache
def limits() -> dict[str, ChannelLimits]:
    return {channel: _channel(table) for channel, table in _read("limits.toml").items()}


@cache
def forbidden() -> tuple[re.Pattern[str], ...]:
    """Patterns of claims that nobody can prove."""
    rules = _read("claims.toml")["rules"]
    return tuple(re.compile(rule["words"], re.IGNORECASE) for rule in rules)


def forbidden_words(text: str) -> str:
    """The first forbidden claim in a text as it is written there; "" without one."""
    for rule in forbidden():
        match = rule.search(text)
        if match:
            return match[0]
    return ""


def _continues(cluster: str, letter: str) -> bool:
    if cluster + letter == "\r\n":
        return True
    if cluster[-1] in "\r\n" or letter in "\r\n":
        return False
    if unicodedata.category(letter) in ("Mn", "Me", "Mc") or letter in (ZWJ, ZWNJ):
        return True
    if "\U000e0020" <= letter <= "\U000e007f":  # the letters of a region's flag
        return True
    if "\U0001f3fb" <= letter <= "\U0001f3ff":
        return True
    if cluster[-1] == ZWJ:
        return unicodedata.category(letter) == "So" or _is_joined(cluster, letter)
    if _is_flag(letter) and _is_flag(cluster[-1]):
        return sum(map(_is_flag, cluster)) % 2 == 1
    return _is_joined(cluster, letter)


def _is_joined(cluster: str, letter: str) -> bool:
    end = cluster.rstrip(ZWJ)
    return end[-1:] in VIRAMAS and len(end) > 1 and unicodedata.category(letter) == "Lo"


def _is_flag(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _channel(table: dict[str, Any]) -> ChannelLimits:
    slots = {
        kind: SlotLimit(slot["least"], slot["most"], slot["limit"], slot.get("shown", 0))
        for kind, slot in table["slots"].items()
    }
    return ChannelLimits(
        table["source"], table["read_on"], table["review_on"], table["count"] == "wide", slots
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((CONTENT / name).read_text(encoding="utf-8"))
