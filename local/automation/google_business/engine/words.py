"""What a review is written in and what it speaks of, by word lists. No network, no model.

Language: script first, then words that only one of the candidates uses. Aspects: words of each
clause; a clause's own praise or blame decides, a negation turns it, and only a clause that says
neither takes the stars' side.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

CONTENT = Path(__file__).resolve().parent.parent / "content"
ASPECTS = ("wait", "staff", "price", "quality", "clean", "parking")
DEVANAGARI = re.compile("[\u0900-\u097f]")
# Letters with their marks: \w alone would end a Devanagari word at its vowel sign.
WORD = re.compile("[a-z0-9\u00c0-\u024f\u0900-\u0963\u0966-\u097f']+")
CLAUSE = re.compile(
    r"[.!?;,।|\n]+|\b(?:but|however|although|lekin|magar|par)\b|(?<=\s)(?:लेकिन|मगर|पर|पण|परंतु)(?=\s)"
)
ENOUGH_HINGLISH = 2
PRAISE_FROM, BLAME_TO = 4, 2


def folded(text: str) -> str:
    """For comparing: one spelling of each letter (ड़ and ड़ alike), lower case, plain quotes."""
    return unicodedata.normalize("NFC", text).casefold().replace("’", "'")


def words_of(text: str) -> list[str]:
    return WORD.findall(folded(text))


def language_of(text: str) -> str:
    """en, hi, hinglish or mr; "" for a text without letters we know."""
    words = words_of(text)
    if DEVANAGARI.search(text):
        return "mr" if _hits(words, "language", "mr") else "hi"
    if not any(word.isascii() and word.isalpha() for word in words):
        return ""
    return "hinglish" if _hits(words, "language", "hinglish") >= ENOUGH_HINGLISH else "en"


def aspects_of(text: str, stars: int) -> Mapping[str, bool]:
    """Aspects that the review names: True praised, False blamed; the last word on each counts."""
    found: dict[str, bool] = {}
    for clause in CLAUSE.split(folded(text)):
        words = words_of(clause)
        is_praise = _is_praise(words, stars)
        for aspect in ASPECTS:
            if is_praise is not None and _hits(words, "aspects", aspect):
                found[aspect] = is_praise
            elif _is_denied(words) and aspect == "parking" and _hits(words, "aspects", aspect):
                # "No parking" needs no bad word.
                found[aspect] = False
    return found


def names(words: Iterable[str], group: str, name: str) -> list[str]:
    """Those of the words that are on the list."""
    whole, starts = _list(group, name)
    return [word for word in words if word in whole or word.startswith(starts)]


def _is_praise(words: list[str], stars: int) -> bool | None:
    score = _hits(words, "polarity", "good") - _hits(words, "polarity", "bad")
    if _is_denied(words):
        score = -score
    if score:
        return score > 0
    if _is_denied(words):
        # "Staff did not listen" blames; "no waiting", "no problem" from a happy one does not.
        return False if stars <= BLAME_TO else None
    if stars >= PRAISE_FROM or stars <= BLAME_TO:
        return stars >= PRAISE_FROM
    return None


def _is_denied(words: list[str]) -> bool:
    return _hits(words, "polarity", "not") > 0


def _hits(words: Iterable[str], group: str, name: str) -> int:
    return len(names(words, group, name))


@cache
def _list(group: str, name: str) -> tuple[frozenset[str], tuple[str, ...]]:
    rows = [folded(word) for word in _content()[group][name]]
    starts = tuple(row[:-1] for row in rows if row.endswith("*"))
    return frozenset(row for row in rows if not row.endswith("*")), starts


@cache
def _content() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((CONTENT / "words.toml").read_text(encoding="utf-8"))
