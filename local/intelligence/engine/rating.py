"""The stars: how far the next tenth is, how often reviews come, how soon they are answered (12)."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

from local.intelligence.engine.contracts import Action, Bar, Insight, Missing, Review, grade_of
from local.intelligence.engine.wording import LANGUAGES, texts_of, words
from marketing_platform.core.clock import IST

NEED = 5
PLENTY = 20
MONTH = timedelta(days=30)


def five_star_reviews_needed(count: int, mean: float, target: float) -> int:
    """How many reviews of five stars lift `count` reviews of this mean to `target` (below 5).

    N·(t − r)/(5 − t), to the next whole review; 0 when it is reached already.
    """
    if not 1 <= target < 5:
        raise ValueError("the target lies between 1 and 5 stars")
    # To a millionth, so that a sum that is exact on paper does not ask for one review more.
    return max(0, math.ceil(round(count * (target - mean) / (5 - target), 6)))


def next_step(mean: float) -> float:
    """The next tenth that Google would show: 4.23 → 4.3, 4.3 → 4.4; at most 4.9."""
    return min(4.9, (math.floor(round(mean * 10, 6)) + 1) / 10)


def rating(reviews: Sequence[Review], *, today: date) -> Insight | Missing:
    if len(reviews) < NEED:
        texts = texts_of("rating_missing", have=len(reviews), need=NEED)
        return Missing("rating", 12, len(reviews), NEED, "reviews", texts)
    stars = [each.stars for each in reviews]
    mean = sum(stars) / len(stars)
    target = next_step(mean)
    needed = five_star_reviews_needed(len(stars), mean, target)
    days = sorted(each.created_at.astimezone(IST).date() for each in reviews)
    lately = sum(today - MONTH < day <= today for day in days)
    unanswered = sum(each.replied_at is None for each in reviews)
    key = "rating_top" if mean >= target else "rating"
    params = {
        # To the hundredth: 4.26 is not yet the 4.3 that the title names.
        "mean": f"{mean:.2f}",
        "count": len(stars),
        "needed": needed,
        "target": f"{target:.1f}",
        "lately": lately,
        "unanswered": unanswered,
        "reply": _reply_words(reviews),
    }
    return Insight(
        key="rating",
        family="reviews",
        number=12,
        grade=grade_of(is_plenty=len(stars) >= PLENTY, is_clear=lately > 0),
        n=len(stars),
        period=(days[0], days[-1]),
        value=round(mean, 2),
        low=None,
        high=None,
        unit="stars",
        formula="rating/1",
        # Everybody, not only who looks happy: review gating is against Google's policy.
        action=Action("ask_everyone_for_reviews", {"needed": needed, "unanswered": unanswered}),
        texts=texts_of(key, is_one=needed == 1, **params),
        chart=tuple(
            Bar(dict.fromkeys(LANGUAGES, f"{each} ★"), stars.count(each), str(stars.count(each)))
            for each in (5, 4, 3, 2, 1)
        ),
    )


def _reply_words(reviews: Sequence[Review]) -> dict[str, str]:
    waits = [
        (each.replied_at - each.created_at).total_seconds() / 3600
        for each in reviews
        if each.replied_at is not None and each.replied_at >= each.created_at
    ]
    if not waits:
        return dict(words("reply", "never"))
    hours = median(waits)
    if hours <= 1:
        return dict(words("reply", "hour"))
    name, number = ("hours", math.ceil(hours)) if hours < 48 else ("days", round(hours / 24))
    return {language: text.format(number=number) for language, text in words("reply", name).items()}
