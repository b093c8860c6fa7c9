"""What a text by a language model must pass before anybody sees it. Plain Python, no Django.

The model is not trusted: it may have been talked into something by a customer's or an owner's
words in its task. Only what the draft and the facts already say may appear as number, price,
address or name of a place to fill.
"""

import re
import unicodedata
from collections.abc import Iterable

from marketing_platform.writing.built_in import fill, places
from marketing_platform.writing.contracts import WritingBrief

LINK = re.compile(
    r"https?:|www\.|\b[a-z0-9-]+\.(?:com|in|net|org|co|me|ly|shop|app|info|biz)\b"
    r"|wa\.me|@[a-z0-9_.]+",
    re.IGNORECASE,
)
MARKUP = re.compile(r"<[a-z/!]|\*\*|```|\]\(|^#{1,6} |[{}\[\]|]", re.IGNORECASE | re.MULTILINE)
MONEY = re.compile(r"[₹$€£%]|\brs\b\.?|\brupees?\b|\brupaye\b|रुपय|रुपए|प्रतिशत|टक्के", re.IGNORECASE)
NUMBER = re.compile(r"\d[\d,.]*")
TALK = re.compile(
    r"\bas an ai\b|language model|ignore (?:all|previous)|system prompt|\bsure,? here\b"
    r"|^here(?:'s| is)",
    re.IGNORECASE,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HINDI_WORDS = _words("है हैं का की के में से को और आप हम यह नहीं लिए कीजिए पर तो भी कर रहे हमारे आपके")
MARATHI_WORDS = _words(
    "आहे आहेत आणि तुम्ही आम्ही हे ही नाही साठी करा मध्ये चा ची चे ला तर पण या असेल आम्हाला "
    "तुमच्या आमच्या सांगा होते किंवा"
)
ENGLISH_WORDS = _words(
    "the and you your is are for with this that we our to of in on at it from please"
)
HINGLISH_WORDS = _words(
    "hai hain ka ki ke mein me se ko aur aap hum yeh ye nahi liye kijiye kar par to bhi aapke "
    "humein ho hamare kya koi"
)


def problems(text: str, brief: WritingBrief) -> tuple[str, ...]:
    """Codes of everything wrong with a model's text; empty when it may be used."""
    known = _known_text(brief)
    checks = (
        ("empty", len(text.strip()) < 10),
        ("too_long", brief.measure(text) > brief.limit),
        ("missing_words", any(words not in text for words in brief.must_include)),
        ("link", bool(LINK.search(_without(text, brief)))),
        ("markup", bool(MARKUP.search(_without(text, brief)) or places(text))),
        ("talk", bool(TALK.search(text))),
        ("invented_number", not _numbers(text) <= _numbers(known)),
        ("invented_money", bool(MONEY.search(_without(text, brief)))),
        ("control_characters", _has_control(text)),
        ("wrong_language", not is_in_language(_without(text, brief), brief.language)),
    )
    found = [code for code, is_wrong in checks if is_wrong]
    found += [f"policy:{rule}" for rule in brief.breaches(text)]
    return tuple(found)


def _known_text(brief: WritingBrief) -> str:
    filled = [fill(part.text, brief.facts) for part in brief.parts]
    return " ".join([*filled, *brief.must_include])


def _without(text: str, brief: WritingBrief) -> str:
    for words in sorted((*brief.must_include, *brief.facts.values()), key=len, reverse=True):
        if len(words) > 2:
            text = text.replace(words, " ")
    return text


def _numbers(text: str) -> set[str]:
    plain = "".join(
        str(unicodedata.digit(letter)) if letter.isdigit() else letter for letter in text
    )
    return {found.strip(".,").replace(",", "") for found in NUMBER.findall(plain)}


def _has_control(text: str) -> bool:
    return any(
        unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs") and letter not in "\n\u200c\u200d"
        for letter in text
    )


def is_in_language(text: str, language: str) -> bool:
    """Whether script and small words speak for the language; short texts pass by script alone."""
    letters = [letter for letter in text if unicodedata.category(letter)[0] == "L"]
    devanagari = sum("\u0900" <= letter <= "\u097f" for letter in letters)
    latin = sum("a" <= letter.lower() <= "z" for letter in letters)
    if not letters or devanagari + latin < 0.95 * len(letters):
        return False
    wants_devanagari = language in ("hi", "mr")
    if wants_devanagari is not (devanagari > latin):
        return False
    if not wants_devanagari and devanagari:
        return False
    own, other = _small_words(language)
    words = re.findall(r"[a-z]+|[\u0900-\u0963\u0966-\u097f]+", text.lower())
    mine, theirs = _count(words, own), _count(words, other)
    return mine >= theirs and (mine > 0 or len(words) < 12)


def _small_words(language: str) -> tuple[frozenset[str], frozenset[str]]:
    table = {
        "en": (ENGLISH_WORDS, HINGLISH_WORDS),
        "hinglish": (HINGLISH_WORDS - ENGLISH_WORDS, ENGLISH_WORDS - HINGLISH_WORDS),
        "hi": (HINDI_WORDS, MARATHI_WORDS),
        "mr": (MARATHI_WORDS, HINDI_WORDS),
    }
    return table[language]


def _count(words: Iterable[str], wanted: frozenset[str]) -> int:
    return sum(word in wanted for word in words)
