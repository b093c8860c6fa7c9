"""Texts made comparable, and word lists of policy packs turned into one expression per rule.

A term is a plain word or phrase; `*` at an end stands for any further letters, a space for any
run of spaces and light punctuation. `\\b` is of no use for Devanagari (vowel signs are not word
characters to `re`), so words are bounded by "no letter, digit or Devanagari sign beside it".
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_INVISIBLE_RANGES = ((0x200B, 0x2010), (0x202A, 0x202F), (0x2060, 0x2070), (0xFE00, 0xFE10))
_INVISIBLE = dict.fromkeys(
    [
        *(0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF),
        *(point for first, end in _INVISIBLE_RANGES for point in range(first, end)),
    ]
)
_DIGITS = {0x0966 + digit: str(digit) for digit in range(10)}
_NUKTA = {0x093C: None}
_VARIANTS = str.maketrans({"ऑ": "आ", "ॉ": "ा", "ऍ": "ए", "ॅ": "े", "ँ": "ं", "’": "'", "‘": "'"})
_LOOKALIKES = str.maketrans("аеорсухіѕјԁοαεικρντ", "aeopcyxisjdoaeikpvt")
_LATIN_MARKS = dict.fromkeys(range(0x0300, 0x0370))
_DROPPED = _INVISIBLE | _NUKTA | _LATIN_MARKS
_REPLACED = _DIGITS | _VARIANTS | _LOOKALIKES
_WORD = r"[0-9a-z_\u0900-\u0963\u0966-\u097f\u00c0-\u024f]"
_SPELT_OUT = re.compile(rf"(?<!{_WORD})(?:[a-z](?:\s|[.\-_*·])){{3,}}[a-z](?!{_WORD})")


@lru_cache(maxsize=4096)
def comparable(text: str) -> str:
    """Fold case, width, digits, nukta, invisible characters, look-alikes and s-p-e-l-l-i-n-g."""
    folded = unicodedata.normalize("NFKD", text).translate(_DROPPED)
    folded = unicodedata.normalize("NFC", folded).casefold().translate(_REPLACED)
    return _SPELT_OUT.sub(lambda match: re.sub(r"[^a-z]", "", match[0]), " ".join(folded.split()))


def _term_expression(term: str) -> str:
    words = [re.escape(word) for word in comparable(term.strip("*")).split()]
    return r"[\s\-–—.,:;'\"/&]+".join(words)


def _terms_expression(terms: Iterable[str]) -> str:
    """All terms under one pair of bounds: `re` then skips by first letter, which is fast."""
    branches = []
    for opens in (False, True):
        for closes in (False, True):
            chosen = [
                _term_expression(term)
                for term in sorted(set(terms), key=len, reverse=True)
                if term.startswith("*") is opens and term.endswith("*") is closes
            ]
            if chosen:
                before = "" if opens else rf"(?<!{_WORD})"
                after = "" if closes else rf"(?!{_WORD})"
                branches.append(f"{before}(?:{'|'.join(chosen)}){after}")
    return "|".join(branches)


def expression(terms: Iterable[str], raw: Iterable[str] = ()) -> re.Pattern[str]:
    """One compiled alternation of terms and raw expressions, to be used on `comparable` text.

    In raw expressions `\\<` and `\\>` mean the start and the end of a word.
    """
    parts = [text for text in [_terms_expression(list(terms))] if text]
    for text in raw:
        bounded = text.replace(r"\<", rf"(?<!{_WORD})").replace(r"\>", rf"(?!{_WORD})")
        parts.append(f"(?:{bounded.translate(_VARIANTS).translate(_NUKTA)})")
    return re.compile("|".join(parts))
