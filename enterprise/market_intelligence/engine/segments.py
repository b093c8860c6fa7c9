"""Groups of deals that are alike in what is known early, and only if they are really there.

Four gates: BIC must strongly prefer several groups to one (by 10, Raftery 1995); the groups must
come back on resampled deals (adjusted Rand index, Hubert & Arabie 1985, mean of 25 bootstrap
samples at least .6; Hennig 2007 on the idea); deals must clearly belong to one (mean membership at
least .85); and none may be tiny. The outcome of a deal
is not among the features, so the win rates that are then compared were not looked at before.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from sklearn.metrics import adjusted_rand_score

from enterprise.market_intelligence.engine import latent
from enterprise.market_intelligence.engine.deals import SECONDS_IN_DAY, DealRow
from enterprise.market_intelligence.engine.proportions import Share, difference, ratio, wilson

FEWEST_DEALS = 200
FEWEST_CLOSED = 30
MOST_GROUPS = 6
STARTS, RESTARTS, SAMPLES = 4, 2, 25
EVIDENCE = 10.0
MOST_TRIED = 3
FEWEST_FEATURES = 2
STABLE = 0.6
BELONGING = 0.85
SMALLEST_SHARE = 0.05
KNOWN_SHARE = 0.8
MOST_WORDS = 6
LEVEL = 0.95
SEED = 20_261_122


@dataclass(frozen=True)
class Trait:
    """What sets a segment apart: ``feature`` "amount", "first_stage", "source", "region",
    "account", "contacts"; ``word`` is "high"/"low" or the level; ``value`` its median or share."""

    feature: str
    word: str
    value: float


@dataclass(frozen=True)
class Segment:
    """``lift``: win rate over that of all other deals, with low and high. ``difference`` of
    the two rates likewise. ``closed_in_year``: deals closed in the 52 weeks before the last one."""

    traits: tuple[Trait, ...]
    deals: int
    open_deals: int
    win_rate: Share | None
    others_rate: Share | None
    lift: tuple[float, float, float] | None
    difference: tuple[float, float, float] | None
    mean_paise: float
    closed_in_year: int


@dataclass(frozen=True)
class Segments:
    """``refused``: "" or which gate said no: "one_group", "unstable", "unclear", "tiny"."""

    groups: int
    stability: float | None
    belonging: float
    refused: str
    segments: tuple[Segment, ...]
    deals: int
    features: tuple[str, ...]
    bics: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class _Features:
    deals: tuple[DealRow, ...]
    numbers: dict[str, np.ndarray]
    words: dict[str, list[str]]
    patterns: latent.Patterns


@dataclass(frozen=True, eq=False)
class _Judged:
    groups: int
    labels: np.ndarray
    stability: float
    belonging: float
    refused: str


def segments(deals: Sequence[DealRow]) -> Segments | None:
    """None when fewer than 200 deals have an amount, or fewer than two features vary.

    Of the numbers of groups that BIC strongly prefers to one, the best that is stable is taken.
    Deterministic (seeded).
    """
    features = _features(deals)
    if features is None:
        return None
    random = np.random.default_rng(SEED)
    found = features.patterns
    count = len(features.deals)
    fits = {
        groups: latent.fit(found, found.counts, groups, random, STARTS)
        for groups in range(1, MOST_GROUPS + 1)
    }
    bics = {groups: made.bic(count) for groups, made in fits.items()}
    wanted = [groups for groups in bics if bics[groups] < bics[1] - EVIDENCE]
    tried = []
    for groups in sorted(wanted, key=lambda groups: bics[groups])[:MOST_TRIED]:
        tried.append(_judged(features, fits[groups], random))
        if not tried[-1].refused:
            break
    best = next((each for each in tried if not each.refused), tried[0] if tried else None)
    names = (*features.numbers, *features.words)
    if best is None:
        return Segments(1, None, 1.0, "one_group", (), count, names, tuple(bics.values()))
    made = () if best.refused else _segments(features, best.labels, best.groups)
    return Segments(
        best.groups, best.stability, best.belonging, best.refused, made, count, names,
        tuple(bics.values()),
    )  # fmt: skip


def _judged(features: "_Features", made: latent.Classes, random: np.random.Generator) -> "_Judged":
    found = features.patterns
    memberships = made.memberships(found.marks)
    of_pattern = np.argmax(memberships, axis=1)
    share = found.counts / found.counts.sum()
    belonging = float(share @ memberships.max(axis=1))
    labels = of_pattern[found.place]
    sizes = np.bincount(labels, minlength=made.groups)
    stability = _stability(found, labels, made.groups, random)
    if stability < STABLE:
        refused = "unstable"
    elif belonging < BELONGING:
        refused = "unclear"
    else:
        refused = "tiny" if sizes.min() < SMALLEST_SHARE * len(labels) else ""
    return _Judged(made.groups, labels, stability, belonging, refused)


def _stability(
    found: latent.Patterns, labels: np.ndarray, groups: int, random: np.random.Generator
) -> float:
    """Mean agreement of the groups found again in resampled deals with the groups found first."""
    agreements = []
    for _sample in range(SAMPLES):
        again = latent.fit(found, found.resampled(random), groups, random, RESTARTS)
        told = np.argmax(again.memberships(found.marks), axis=1)[found.place]
        agreements.append(adjusted_rand_score(labels, told))
    return float(np.mean(agreements))


def _features(deals: Sequence[DealRow]) -> "_Features | None":
    used = tuple(deal for deal in deals if deal.amount_paise and deal.amount_paise > 0)
    if len(used) < FEWEST_DEALS:
        return None
    numbers = {"amount": np.log([float(deal.amount_paise or 1) for deal in used])}
    waits = [_first_wait(deal) for deal in used]
    known = [wait for wait in waits if wait is not None]
    if len(known) >= KNOWN_SHARE * len(used):
        usual = float(np.median(known))
        numbers["first_stage"] = np.log1p([usual if wait is None else wait for wait in waits])
    of_account = Counter(deal.account for deal in used if deal.account)
    words = {
        "source": _levels([deal.source for deal in used]),
        "region": _levels([deal.region for deal in used]),
        "account": [_size(of_account[deal.account]) if deal.account else "" for deal in used],
        "contacts": [_size(deal.contacts) if deal.contacts else "" for deal in used],
    }
    words = {name: column for name, column in words.items() if _varies(column)}
    numbers = {name: column for name, column in numbers.items() if np.ptp(column) > 0}
    columns = [*map(_quarters, numbers.values()), *words.values()]
    if len(columns) < FEWEST_FEATURES:
        return None
    return _Features(used, numbers, words, latent.patterns(columns))


def _quarters(column: np.ndarray) -> list[str]:
    """Which quarter of all deals a number falls in; equal numbers fall in the same."""
    edges = np.unique(np.quantile(column, [0.25, 0.5, 0.75]))
    return [str(place) for place in np.searchsorted(edges, column, side="left")]


def _first_wait(deal: DealRow) -> float | None:
    """Days in the first stage, where it was left: known long before the outcome."""
    if not deal.history:
        return None
    first = min(deal.history, key=lambda stay: stay.entered_at)
    if first.left_at is None:
        return None
    return max((first.left_at - first.entered_at).total_seconds() / SECONDS_IN_DAY, 0.0)


def _levels(column: list[str]) -> list[str]:
    """The most frequent words; what is rarer stands together."""
    usual = {word for word, _times in Counter(filter(None, column)).most_common(MOST_WORDS)}
    return [word if word in usual else ("other" if word else "") for word in column]


def _size(count: int) -> str:
    return "one" if count <= 1 else "few" if count <= 4 else "many"


def _varies(column: list[str]) -> bool:
    """Known for most deals, and not the same for all."""
    known = [word for word in column if word]
    return len(known) >= KNOWN_SHARE * len(column) and len(set(known)) > 1


def _segments(features: _Features, labels: np.ndarray, groups: int) -> tuple[Segment, ...]:
    made = [_segment(features, labels == group, groups) for group in range(groups)]
    return tuple(sorted(made, key=lambda each: -each.deals))


def _segment(features: _Features, inside: np.ndarray, groups: int) -> Segment:
    own = [deal for deal, is_in in zip(features.deals, inside, strict=True) if is_in]
    others = [deal for deal, is_in in zip(features.deals, inside, strict=True) if not is_in]
    closed, other_closed = _closed(own), _closed(others)
    win_rate, others_rate, lift, apart = None, None, None, None
    if min(len(closed), len(other_closed)) >= FEWEST_CLOSED:
        level = 1 - (1 - LEVEL) / groups
        win_rate = wilson(_won(closed), len(closed), level)
        lift = ratio(_won(closed), len(closed), _won(other_closed), len(other_closed), level)
        others_rate = wilson(_won(other_closed), len(other_closed), level)
        apart = difference(win_rate, others_rate)
    return Segment(
        traits=_traits(features, inside),
        deals=len(own),
        open_deals=len(own) - len(closed),
        win_rate=win_rate,
        others_rate=others_rate,
        lift=lift,
        difference=apart,
        mean_paise=math.fsum(deal.amount_paise or 0 for deal in own) / len(own),
        closed_in_year=_closed_in_year(closed, [*closed, *other_closed]),
    )


def _closed(deals: Sequence[DealRow]) -> list[DealRow]:
    return [deal for deal in deals if deal.is_won is not None]


def _won(deals: Sequence[DealRow]) -> int:
    return sum(bool(deal.is_won) for deal in deals)


def _closed_in_year(closed: Sequence[DealRow], every: Sequence[DealRow]) -> int:
    last = max((deal.closed_on for deal in every if deal.closed_on), default=None)
    if last is None:
        return 0
    begin = last - timedelta(weeks=52)
    return sum(bool(deal.closed_on and deal.closed_on > begin) for deal in closed)


def _unscaled(feature: str, middle: float) -> float:
    return math.exp(middle) if feature == "amount" else math.expm1(middle)


def _traits(features: _Features, inside: np.ndarray) -> tuple[Trait, ...]:
    """The two or three features that differ most from all deals, the clearest first."""
    found: list[tuple[float, Trait]] = []
    for name, column in features.numbers.items():
        away = (column[inside].mean() - column.mean()) / column.std()
        if abs(away) >= 0.5:
            word = "high" if away > 0 else "low"
            middle = float(np.median(column[inside]))
            found.append((abs(away), Trait(name, word, _unscaled(name, middle))))
    for name, words in features.words.items():
        every = Counter(words)
        own = Counter(word for word, is_in in zip(words, inside, strict=True) if is_in)
        for word, times in own.items():
            share = times / inside.sum()
            more = share - every[word] / len(words)
            if word and share >= 0.5 and more >= 0.2:
                found.append((4 * more, Trait(name, str(word), float(share))))
    found.sort(key=lambda each: -each[0])
    return tuple(trait for _away, trait in found[:3])
