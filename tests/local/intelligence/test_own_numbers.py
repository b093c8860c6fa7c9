"""Every number of the insights against a second way of counting, in numpy; and odd shops."""

import math
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from local.intelligence.engine.busy_hours import busy_hours
from local.intelligence.engine.contracts import Insight, Missing
from local.intelligence.engine.own_records import Hours, OwnRecords, own_insights
from local.intelligence.engine.rating import rating
from local.intelligence.engine.review_aspects import mentions_of, what_reviews_say
from local.intelligence.engine.rhythm import trade_gap
from local.intelligence.engine.segments import due_for_visit, slipping_away, who_comes
from marketing_platform.core.clock import IST
from tests.local.intelligence.test_own_records import (
    TODAY,
    Bill,
    Said,
    bills_by_hour,
    days_ago,
    visits,
    who,
)

NOBODY = Hours(is_known=False, has_regular_hours=False, special_days=frozenset())


def shop(seed: int, *, customers: int = 200, days: int = 730) -> list[Bill]:
    """Regular and rare customers, walk-ins, some bills without an amount, two on one day."""
    draw = np.random.default_rng(seed)
    bills = []
    for number in range(customers):
        gap, day = draw.uniform(5, 90), draw.integers(0, days)
        while day > 0:
            hour = int(draw.choice(range(10, 21), p=HOURS))
            paise = None if draw.random() < 0.05 else int(draw.lognormal(9.5, 0.6))
            bills.append(Bill(days_ago(int(day), hour), who(number), paise))
            if draw.random() < 0.05:
                bills.append(Bill(days_ago(int(day), hour), who(number), 0))
            day -= max(1, int(draw.exponential(gap)))
    for day in range(1, days):
        for hour in draw.choice(range(10, 21), size=30, p=HOURS):
            bills.append(Bill(days_ago(day, int(hour)), None, 5_000))
    return bills


HOURS = np.array([3, 4, 4, 4, 2, 1, 1, 4, 8, 8, 5]) / 44


def grid(bills: list[Bill]) -> tuple[list[tuple[UUID, np.ndarray, np.ndarray]], np.ndarray]:
    """Per customer (id, days of visits before today as ordinals, paise of each); ids in order."""
    rows = [b for b in bills if b.customer_id is not None]
    ids = sorted({b.customer_id for b in rows if b.customer_id})
    found = []
    for each in ids:
        mine = [b for b in rows if b.customer_id == each]
        day = np.array([b.happened_at.astimezone(IST).date().toordinal() for b in mine])
        paise = np.array([b.amount_paise or 0 for b in mine])
        unique, place = np.unique(day, return_inverse=True)
        found.append((each, unique, np.bincount(place, paise)))
    return found, np.array(ids)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_due_slipping_and_their_worth_are_as_numpy_counts_them(seed: int) -> None:
    bills, prior = shop(seed), trade_gap("salon")
    shares, baskets = {}, {}
    for each, day, paise in grid(bills)[0]:
        gaps = np.diff(day)
        if gaps.size:
            gap = (gaps.size * np.median(gaps) + 3 * prior) / (gaps.size + 3)
            shares[each] = (TODAY.toordinal() - day[-1]) / gap
            baskets[each] = np.median(paise[paise > 0]) if (paise > 0).any() else 0.0
    due = {each for each, share in shares.items() if 0.9 <= share < 1.3}
    lost = {each for each, share in shares.items() if share >= 2}
    away = {each for each, share in shares.items() if share >= 1.3}

    found = due_for_visit(bills, category="salon", today=TODAY)
    gone = slipping_away(bills, category="salon", today=TODAY)

    assert isinstance(found, Insight)
    assert isinstance(gone, Insight)
    assert (set(found.customers), found.value, found.n) == (due, len(due), len(shares))
    assert (set(gone.customers), gone.value) == (away, len(away))
    worth = round(sum(baskets[each] for each in due) / 100)
    assert f"{worth:,}"[-3:] in found.texts["en"]["sentence"]
    assert f"twice as long: {len(lost)}." in gone.texts["en"]["sentence"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_best_customers_and_their_share_are_as_numpy_counts_them(seed: int) -> None:
    bills, prior = shop(seed), trade_gap("salon")
    rows = grid(bills)[0]
    first = TODAY.toordinal() - 365
    often = np.array([(day > first).sum() for _id, day, _paise in rows])
    much = np.array([paise[day > first].sum() for _id, day, paise in rows])
    lately = np.zeros(len(rows), bool)
    for place, (_id, day, _paise) in enumerate(rows):
        gaps = np.diff(day)
        if gaps.size:
            gap = (gaps.size * np.median(gaps) + 3 * prior) / (gaps.size + 3)
            lately[place] = (TODAY.toordinal() - day[-1]) / gap < 1.3
    fifth = [np.array([(v < each).mean() >= 0.8 for each in v]) for v in (often, much)]
    best = fifth[0] & fifth[1] & lately

    found = who_comes(bills, category="salon", today=TODAY)

    assert isinstance(found, Insight)
    assert len(rows) >= 150
    assert set(found.customers) == {rows[place][0] for place in np.flatnonzero(best)}
    share = round(100 * much[best].sum() / much.sum())
    assert found.texts["en"]["title"] == (
        f"{best.sum()} customers bring {share}% of what known customers spend"
    )
    assert sum(bar.value for bar in found.chart) == len(rows)


@pytest.mark.parametrize("seed", [1, 2])
def test_quiet_hours_are_as_numpy_counts_them(seed: int) -> None:
    bills = shop(seed)
    moments = [b.happened_at.astimezone(IST) for b in bills]
    days = sorted({m.date() for m in moments})
    counts = np.zeros((len(days), 24))
    place = {day: number for number, day in enumerate(days)}
    for m in moments:
        counts[place[m.date()], m.hour] += 1
    weekday = np.array([day.weekday() for day in days])
    best: tuple[float, int, int, float, float] | None = None
    for each in range(7):
        mine = counts[weekday == each]
        n, medians = len(mine), np.median(mine[:, 10:21], axis=0)
        usual = medians.mean()
        level = (n * medians + 8 * usual) / (n + 8)
        for hour in range(11, 19):
            pair = level[hour - 10 : hour - 8]
            if (pair <= 0.6 * usual).all():
                key = (float(pair.sum() / usual), each, hour, float(pair.mean()), float(usual))
                best = min(best or key, key)

    found = busy_hours(bills)

    assert isinstance(found, Insight)
    assert best is not None
    assert (found.action.facts["weekday"], found.action.facts["hour"]) == (best[1], best[2])
    assert found.value == pytest.approx(best[3])
    less = round(100 * (1 - best[3] / best[4]))
    assert f"about {less}% fewer" in found.texts["en"]["sentence"]
    assert found.n == len(bills)


def test_stars_are_as_numpy_counts_them_and_the_words_do_not_contradict_the_title() -> None:
    stars = [5] * 13 + [4] * 3 + [3] * 4 + [2]
    found = rating([Said("x", each, id=n) for n, each in enumerate(stars)], today=TODAY)

    mean = np.mean(stars)
    assert isinstance(found, Insight)
    needed = next(n for n in range(200) if (sum(stars) + 5 * n) / (len(stars) + n) >= 4.4)
    assert found.action.facts["needed"] == needed
    assert f"You stand at {mean:.2f} from" in found.texts["en"]["sentence"]
    assert "lift you to 4.4" in found.texts["en"]["title"]


def test_one_more_review_is_one_review() -> None:
    said = [Said("x", 5 if n else 4, id=n, replied_at=Said("").created_at) for n in range(7)]
    found = rating(said, today=TODAY)

    assert isinstance(found, Insight)
    assert math.isclose(found.value, 4.86)
    assert found.texts["en"]["title"] == "3 more reviews of 5 stars lift you to 4.9"
    assert "takes an hour." in found.texts["en"]["sentence"]
    one = rating([*said, Said("x", 5, id=8), Said("x", 5, id=9)], today=TODAY)
    assert isinstance(one, Insight)
    assert one.texts["en"]["title"] == "1 more review of 5 stars lifts you to 4.9"


# --- odd shops


def test_a_bill_a_day_says_nothing_of_hours_and_breaks_nothing() -> None:
    """Each at another hour, so that no hour of a weekday sold twice."""
    bills = [Bill(days_ago(day, 8 + day // 7 % 12)) for day in range(1, 85)]

    found = busy_hours(bills)

    assert isinstance(found, Missing)
    assert (found.have, found.need) == (1, 12)
    assert found.texts["en"]["sentence"].endswith("Bills a day so far: 1.")


def test_a_slow_shop_is_not_called_even() -> None:
    """Three bills a day, mostly at noon: no hour has one as a rule but that."""
    found = busy_hours(bills_by_hour({12: 1, 15: 0, 18: 1, 19: 0}, days=84))
    bills = [Bill(days_ago(d, h)) for d in range(1, 85) for h in range(10, 20) if (d + h) % 4 == 0]

    assert isinstance(found, Insight)
    assert isinstance(busy_hours(bills), Missing)


@pytest.mark.parametrize(
    "bills",
    [
        [],
        visits(1, 0),
        [Bill(days_ago(0), who(n % 70), 0) for n in range(500)],
        [Bill(days_ago(0), who(n % 70), None) for n in range(500)],
        [Bill(days_ago(n * 7), who(n % 80), 10_000) for n in range(521)],
        [Bill(days_ago(n % 300), who(n % 80), 2**62) for n in range(800)],
    ],
    ids=["empty", "one bill", "one day of nothing", "no amounts", "ten years", "huge"],
)
def test_an_odd_shop_gets_sentences_and_no_lie(bills: list[Bill]) -> None:
    records = OwnRecords("salon", bills, (), (), NOBODY)
    found, missing = own_insights(records, today=TODAY)

    assert len(found) + len(missing) == 7
    for each in found:
        assert each.low is None or each.low <= each.value <= (each.high or 0)
        assert not any("{" in text for words in each.texts.values() for text in words.values())
        assert each.period[0] <= each.period[1] <= TODAY


@pytest.mark.parametrize("mark", ["'", "’", "‘", "ʼ"])
def test_not_is_understood_however_the_phone_writes_it(mark: str) -> None:
    (mention,) = mentions_of(Said(f"The place wasn{mark}t clean", 5))

    assert mention.is_praise is False


def test_reviews_of_emoji_and_endless_words_are_read_at_once() -> None:
    started = datetime.now(tz=IST)
    said = [Said("🙏😍🔥", 5, id=1), Said("क्" * 10_000, 5, id=2), Said("not " * 5_000, 1, id=3)]
    found = what_reviews_say([*said, *(Said("late", 1, id=n) for n in range(4, 20))], today=TODAY)

    assert isinstance(found, Insight)
    assert found.value == 16
    assert found.texts["en"]["sentence"].endswith("complain of most.")
    assert datetime.now(tz=IST) - started < timedelta(seconds=2)
