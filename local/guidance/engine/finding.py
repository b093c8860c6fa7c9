"""Which guides a search means, and which guide a task is."""

import unicodedata
from collections.abc import Iterable, Mapping

from local.guidance.engine.contracts import Guide

LONGEST_QUERY = 80
TITLE, KEYWORD, BODY = 3, 2, 1


def matching(guides: Iterable[Guide], query: str) -> list[Guide]:
    """Guides that hold every word of the query, in any of their languages; best first.

    A word in a title counts more than one in the keywords, and that more than one in the steps.
    Without a query: all, the shortest first.
    """
    words = folded(query[:LONGEST_QUERY]).split()
    if not words:
        return sorted(guides, key=lambda guide: (guide.minutes, guide.slug))
    scored = [(_score(guide, words), guide) for guide in guides]
    found = [(score, guide) for score, guide in scored if score]
    found.sort(key=lambda pair: (-pair[0], pair[1].minutes, pair[1].slug))
    return [guide for _score_of, guide in found]


def guide_of_kind(guides: Mapping[str, Guide], kind: str) -> Guide | None:
    return next((guide for guide in guides.values() if kind in guide.kinds), None)


def folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _score(guide: Guide, words: list[str]) -> int:
    places = (
        (TITLE, guide.title.values()),
        (KEYWORD, [word for each in guide.keywords.values() for word in each]),
        (BODY, _body(guide)),
    )
    texts = [(weight, folded("\n".join(parts))) for weight, parts in places]
    scores = [max((weight for weight, text in texts if word in text), default=0) for word in words]
    return sum(scores) if all(scores) else 0


def _body(guide: Guide) -> list[str]:
    spoken = [each for step in guide.steps for each in (step.text, step.hint)]
    spoken += [fail.symptom for fail in guide.fails]
    return [text for texts in (guide.summary, *spoken) for text in texts.values()]
