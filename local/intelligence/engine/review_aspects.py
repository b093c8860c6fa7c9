"""What reviews speak of (insight 11): aspects by a lexicon in English, Hindi, Hinglish, Marathi.

A clause names an aspect when it holds one of its words. Whether that is praise or a complaint is
the clause's own: words of praise and blame, turned round by a negation in the same clause ("not
clean", "साफ़ नहीं था", "saaf nahi tha"); where a clause has neither, the stars of its review decide
(4 and 5 praise, 1 and 2 blame, 3 neither). Counts and quotes, never a score: a lexicon misses irony
and spellings it does not know.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from local.intelligence.engine.contracts import Action, Bar, Insight, Missing, Review, grade_of
from local.intelligence.engine.wording import content, texts_of, words
from marketing_platform.core.clock import IST

NEED = 15
PLENTY = 40
CLAUSE_END = re.compile(
    r"[.!?;,\n।|]+|\b(?:but|however|although|lekin|magar|par|pan|aur|and)\b|लेकिन|मगर|पर(?=\s)|पण|और|आणि"
)
# As keyboards of phones set them: isn't, isn’t.
APOSTROPHES = re.compile("['’‘ʼ`´]")
ASPECTS = ("wait", "staff", "price", "quality", "clean", "parking")
QUOTE_LENGTH = 140


@dataclass(frozen=True)
class Mention:
    """One clause about one aspect; `is_praise` None where nothing tells."""

    review_id: int
    aspect: str
    clause: str
    is_praise: bool | None


def mentions_of(review: Review) -> list[Mention]:
    """One mention per aspect and judgement at most, in the order of the text."""
    found: dict[tuple[str, bool | None], Mention] = {}
    for clause in CLAUSE_END.split(review.text):
        folded = fold(clause)
        for aspect in ASPECTS:
            judged = judge(folded, aspect)
            if judged is not None:
                is_praise = judged.is_praise if judged.is_own else _by_stars(review.stars)
                mention = Mention(review.id, aspect, clause.strip(), is_praise)
                found.setdefault((aspect, is_praise), mention)
    return list(found.values())


@dataclass(frozen=True)
class Judged:
    is_praise: bool | None
    is_own: bool


def judge(folded: str, aspect: str) -> Judged | None:
    """What a clause says of an aspect: None when it does not speak of it."""
    lexicon = _lexicon()
    rows = lexicon[aspect]
    is_praise = _holds(folded, rows["praise"])
    is_blame = _holds(folded, rows["blame"])
    if not (is_praise or is_blame or _holds(folded, rows["about"])):
        return None
    if not (is_praise or is_blame):
        is_praise = _holds(folded, lexicon["any"]["praise"])
        is_blame = _holds(folded, lexicon["any"]["blame"])
    if is_praise == is_blame:
        return Judged(None, is_own=is_praise)
    return Judged(is_praise != _holds(folded, lexicon["any"]["not"]), is_own=True)


def what_reviews_say(reviews: Sequence[Review], *, today: date) -> Insight | Missing:
    written = [each for each in reviews if each.text.strip()]
    if len(written) < NEED:
        texts = texts_of("reviews_missing", have=len(written), need=NEED)
        return Missing("reviews", 11, len(written), NEED, "reviews", texts)
    praise, blame = _by_aspect(written)
    most_blamed = max(ASPECTS, key=lambda each: (len(blame[each]), -ASPECTS.index(each)))
    most_praised = max(ASPECTS, key=lambda each: (len(praise[each]), -ASPECTS.index(each)))
    days = [each.created_at.astimezone(IST).date() for each in written]
    count = len(blame[most_blamed])
    params = {
        "n": len(written),
        "blamed": words("aspects", most_blamed),
        "count": count,
        "praised": words("aspects", most_praised),
        "praises": len(praise[most_praised]),
        "praise": _praise_words(most_praised, len(praise[most_praised])),
    }
    key = "reviews" if count >= 2 else "reviews_fine" if praise[most_praised] else "reviews_silent"
    return Insight(
        key="reviews",
        family="reviews",
        number=11,
        grade=grade_of(is_plenty=len(written) >= PLENTY, is_clear=count >= 3),
        n=len(written),
        period=(min(days), max(days)),
        value=count,
        low=None,
        high=None,
        unit="reviews",
        formula="reviews/1",
        action=Action(
            "fix_one_thing" if count >= 2 else "share_praise",
            {"aspect": most_blamed if count >= 2 else most_praised},
        ),
        texts=texts_of(key, **params),
        chart=_bars(praise, blame, most_blamed if count >= 2 else ""),
        quotes=tuple(_quote(each) for each in blame[most_blamed][:3]) if count >= 2 else (),
    )


def fold(text: str) -> str:
    """Lower case, nukta and other marks on letters apart from vowels left out, single spaces."""
    return _spaced(unicodedata.normalize("NFKD", text).casefold().replace("़", ""))


def _spaced(plain: str) -> str:
    kept = "".join(
        letter if letter.isalnum() or unicodedata.category(letter) in ("Mn", "Mc") else " "
        for letter in APOSTROPHES.sub("", plain)
    )
    return f" {' '.join(kept.split())} "


def _by_aspect(reviews: Iterable[Review]) -> tuple[Mapping, Mapping]:
    praise: dict[str, list[Mention]] = defaultdict(list)
    blame: dict[str, list[Mention]] = defaultdict(list)
    for review in reviews:
        for mention in mentions_of(review):
            if mention.is_praise is not None:
                (praise if mention.is_praise else blame)[mention.aspect].append(mention)
    return praise, blame


def _praise_words(aspect: str, count: int) -> dict[str, str]:
    name = "many" if count > 1 else "one" if count else "none"
    praised = words("aspects", aspect)
    return {
        language: text.format(praises=count, praised=praised[language])
        for language, text in words("praise", name).items()
    }


def _by_stars(stars: int) -> bool | None:
    return None if stars == 3 else stars > 3


def _holds(folded: str, stems: Sequence[str]) -> bool:
    return any(f" {stem}" in folded for stem in stems)


def _quote(mention: Mention) -> str:
    clause = mention.clause
    return clause if len(clause) <= QUOTE_LENGTH else clause[: QUOTE_LENGTH - 1].rstrip() + "…"


def _bars(praise: Mapping, blame: Mapping, focus: str) -> tuple[Bar, ...]:
    bars = []
    for aspect in ASPECTS:
        good, bad = len(praise[aspect]), len(blame[aspect])
        if good or bad:
            bars.append(
                Bar(words("aspects", aspect), good + bad, f"+{good} −{bad}", aspect == focus)
            )
    return tuple(bars)


@cache
def _lexicon() -> dict[str, dict[str, tuple[str, ...]]]:
    """Folded as the texts are; a phrase that ends with a space is whole words, else a beginning."""
    rows = content("aspects")
    return {
        aspect: {kind: tuple(_entry(each) for each in listed) for kind, listed in kinds.items()}
        for aspect, kinds in rows.items()
        if isinstance(kinds, dict)
    }


def _entry(phrase: str) -> str:
    """'saaf' holds for 'saaf' alone; 'clean*' also for 'cleaner'."""
    is_beginning = phrase.endswith("*")
    folded = fold(phrase.rstrip("*"))[1:]
    return folded.rstrip() if is_beginning else folded
