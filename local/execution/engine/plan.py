"""Which few tasks fit into the owner's minutes today.

The worth of a task is expected value x confidence x urgency less the owner's time at a rate; a 0-1
knapsack (exact, by dynamic programming over minutes) picks at most five whose minutes fit. One per
family; the day's post has its place before all others; at least one that the owner does by hand
when one fits; what was dismissed lately stays away for 7, then 14, then 30 days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

MOST_TASKS = 5
MINUTES = (5, 10, 15, 20)
DEFAULT_MINUTES = 10
# What a minute of an owner is taken to cost, in paise: an assumption (about ₹180 an hour).
MINUTE_PAISE = 300
COOLING = (timedelta(days=7), timedelta(days=14), timedelta(days=30))
CONFIDENCE = {"A": 1.0, "B": 0.7, "C": 0.4, "": 0.5}
# Whatever has no rupee value of its own is worth this much: an assumption, so that it can be
# compared at all. By family.
WORTH_PAISE: Mapping[str, int] = {
    "post": 6_000,
    "replies": 9_000,
    "reviews": 9_000,
    "hours_on_google": 12_000,
    "customers": 8_000,
    "hours": 4_000,
    "occasion": 7_000,
    "setup": 10_000,
    "care": 5_000,
}
MOST_URGENT = 2.0


@dataclass(frozen=True)
class Candidate:
    """Something that could be done today.

    `key` tells it from others on the same day; `type_key` is what a dismissal cools. `low_paise`
    and `high_paise` are the expected value when the shop's own figures give one, else None.
    `due_on` is the last useful day. `is_by_hand`: the owner does it, nothing runs by itself.
    """

    key: str
    type_key: str
    family: str
    minutes: int
    grade: str = ""
    low_paise: int | None = None
    high_paise: int | None = None
    cost_paise: int = 0
    due_on: date | None = None
    is_by_hand: bool = False
    is_pinned: bool = False
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Dismissal:
    """The owner said not today to this type on that day; `times` in a row until then."""

    type_key: str
    on: date
    times: int


def worth(candidate: Candidate, today: date) -> float:
    """Paise, less the owner's minutes and the cost; may be negative."""
    if candidate.low_paise is not None and candidate.high_paise is not None:
        expected = (candidate.low_paise + candidate.high_paise) / 2
    else:
        expected = WORTH_PAISE.get(candidate.family, 3_000)
    gain = expected * CONFIDENCE[candidate.grade] * urgency(candidate, today)
    return gain - candidate.minutes * MINUTE_PAISE - candidate.cost_paise


def urgency(candidate: Candidate, today: date) -> float:
    """2 on the last day, falling to 1 a week before it and where there is none."""
    if candidate.due_on is None:
        return 1.0
    left = max(0, (candidate.due_on - today).days)
    return max(1.0, MOST_URGENT - left / 7)


def is_cooling(candidate: Candidate, dismissals: Sequence[Dismissal], today: date) -> bool:
    """Whether it was dismissed too lately; what is dismissed again stays away longer."""
    return any(
        today < each.on + COOLING[min(each.times, len(COOLING)) - 1]
        for each in dismissals
        if each.type_key == candidate.type_key and each.times
    )


def plan_day(
    candidates: Sequence[Candidate],
    *,
    minutes: int,
    today: date,
    dismissals: Sequence[Dismissal] = (),
) -> list[Candidate]:
    """The tasks of the day, the most worth first; the same input gives the same plan."""
    usable = [
        each
        for each in candidates
        if (each.is_pinned or not is_cooling(each, dismissals, today))
        and (each.due_on is None or each.due_on >= today)
        and each.minutes <= minutes
    ]
    best = _one_per_family(usable, today)
    chosen = best_set([each for each in best if worth(each, today) > 0], minutes, today)
    return sorted(chosen, key=lambda each: (not each.is_pinned, -worth(each, today), each.key))


def best_set(candidates: Sequence[Candidate], minutes: int, today: date) -> list[Candidate]:
    """At most five within the minutes, worth the most together: what is pinned first, and one by
    hand if any fits beside it.
    """
    pinned = [each for each in candidates if each.is_pinned]
    fixed = _knapsack(pinned, minutes, MOST_TASKS, today)
    others = [each for each in candidates if not each.is_pinned]
    left, most = minutes - sum(each.minutes for each in fixed), MOST_TASKS - len(fixed)
    free = _knapsack(others, left, most, today)
    by_hand = [each for each in others if each.is_by_hand and each.minutes <= left and most]
    if not by_hand or any(each.is_by_hand for each in [*fixed, *free]):
        return [*fixed, *free]
    with_one = [
        [each, *_knapsack(_without(others, each), left - each.minutes, most - 1, today)]
        for each in by_hand
    ]
    return [*fixed, *max(with_one, key=lambda found: (_total(found, today), _keys(found)))]


def _knapsack(
    candidates: Sequence[Candidate], minutes: int, most: int, today: date
) -> list[Candidate]:
    # best[(count, minutes used)] = (worth, chosen); few candidates, few minutes: exact and small.
    best: dict[tuple[int, int], tuple[float, tuple[Candidate, ...]]] = {(0, 0): (0.0, ())}
    for candidate in sorted(candidates, key=lambda each: each.key):
        value = worth(candidate, today)
        for (count, used), (total, chosen) in list(best.items()):
            place = (count + 1, used + candidate.minutes)
            if place[0] > most or place[1] > minutes:
                continue
            if place not in best or total + value > best[place][0]:
                best[place] = (total + value, (*chosen, candidate))
    return list(max(best.values(), key=lambda found: (found[0], -len(found[1])))[1])


def _one_per_family(candidates: Sequence[Candidate], today: date) -> list[Candidate]:
    best: dict[str, Candidate] = {}
    for each in sorted(candidates, key=lambda each: (-worth(each, today), each.key)):
        best.setdefault(each.family, each)
    return list(best.values())


def _without(candidates: Sequence[Candidate], one: Candidate) -> list[Candidate]:
    return [each for each in candidates if each.key != one.key]


def _total(candidates: Sequence[Candidate], today: date) -> float:
    return sum(worth(each, today) for each in candidates)


def _keys(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    return tuple(sorted(each.key for each in candidates))
