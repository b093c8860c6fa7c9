"""Insights from a shop's own records, against values worked out by hand."""

import math
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from uuid import UUID

import pytest

from local.intelligence.engine.busy_hours import busy_hours, median_interval, shrunk
from local.intelligence.engine.contracts import Insight, Missing
from local.intelligence.engine.hours_risk import Holiday, hours_risk
from local.intelligence.engine.rating import five_star_reviews_needed, next_step, rating
from local.intelligence.engine.review_aspects import mentions_of, what_reviews_say
from local.intelligence.engine.rhythm import rhythms_of, trade_gap
from local.intelligence.engine.segments import due_for_visit, slipping_away, who_comes
from marketing_platform.core.clock import IST

TODAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Bill:
    happened_at: datetime
    customer_id: UUID | None = None
    amount_paise: int | None = 10_000
    has_time: bool = True


@dataclass(frozen=True)
class Said:
    text: str
    stars: int = 5
    id: int = 1
    created_at: datetime = datetime(2026, 11, 1, 6, tzinfo=UTC)
    replied_at: datetime | None = None


def who(number: int) -> UUID:
    return UUID(int=number)


def days_ago(days: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, 22, hour, tzinfo=IST) - timedelta(days=days)


def visits(number: int, *ago: int, paise: int = 10_000) -> list[Bill]:
    return [Bill(days_ago(days), who(number), paise) for days in ago]


# --- quiet and busy hours


def bills_by_hour(counts: dict[int, int], *, days: int) -> list[Bill]:
    return [
        Bill(days_ago(day, hour))
        for day in range(1, days + 1)
        for hour, count in counts.items()
        for _each in range(count)
    ]


SHOP_DAY = {10: 4, 11: 4, 12: 4, 13: 4, 14: 4, 15: 1, 16: 1, 17: 4, 18: 8, 19: 4, 20: 4}


def test_the_quiet_hours_are_found_with_their_shrunk_level() -> None:
    found = busy_hours(bills_by_hour(SHOP_DAY, days=84))

    assert isinstance(found, Insight)
    usual = sum(SHOP_DAY.values()) / len(SHOP_DAY)
    assert found.action.facts["hour"] == 15
    assert found.value == pytest.approx((12 * 1 + 8 * usual) / 20)
    assert (found.grade, found.n) == ("A", 84 * sum(SHOP_DAY.values()))
    assert "15:00 to 17:00" in found.texts["en"]["title"]
    assert "18:00" in found.texts["en"]["sentence"]


def test_hours_in_which_the_shop_is_closed_are_not_quiet() -> None:
    found = busy_hours(bills_by_hour({10: 4, 11: 4, 12: 4, 18: 4, 19: 4, 20: 4}, days=84))
    early = busy_hours(bills_by_hour(dict.fromkeys(range(10, 14), 4), days=84))

    assert isinstance(found, Insight)
    assert found.action.kind == "staff_busy"
    assert {bar.label["en"] for bar in found.chart} == {
        *("10:00", "11:00", "12:00", "18:00", "19:00", "20:00")
    }
    assert isinstance(early, Insight)
    assert early.action.kind == "staff_busy"


def test_under_eight_weeks_nothing_is_said_of_hours() -> None:
    missing = busy_hours(bills_by_hour(SHOP_DAY, days=55))

    assert isinstance(missing, Missing)
    assert (missing.have, missing.need) == (7, 8)
    assert isinstance(busy_hours([]), Missing)


def test_bills_without_a_time_say_nothing_of_hours() -> None:
    bills = [Bill(each.happened_at, has_time=False) for each in bills_by_hour(SHOP_DAY, days=84)]

    assert isinstance(busy_hours(bills), Missing)


def test_few_days_are_pulled_towards_the_usual_level() -> None:
    assert shrunk(0, 8, 4) == 2.0
    assert shrunk(0, 0, 4) == 4.0
    assert shrunk(0, 92, 4) == pytest.approx(0.32)


def test_the_interval_of_a_median_holds_it_nine_times_in_ten() -> None:
    lots = random.Random(7)
    held = 0
    for _trial in range(600):
        drawn = [math.floor(lots.expovariate(0.2)) for _each in range(15)]
        low, high = median_interval(drawn)
        held += low <= math.floor(math.log(2) / 0.2) <= high

    assert held / 600 >= 0.9
    assert median_interval([3, 1, 2]) == (1.0, 3.0)


def test_a_bill_after_midnight_belongs_to_the_indian_day() -> None:
    late = Bill(datetime(2026, 11, 20, 19, 0, tzinfo=UTC), who(1))
    (rhythm,) = rhythms_of([late], category="salon", today=TODAY)

    assert rhythm.last_on == date(2026, 11, 21)


# --- customers


def test_the_own_gap_is_shrunk_to_the_trade_s() -> None:
    (rhythm,) = rhythms_of(visits(1, 70, 50, 30), category="salon", today=TODAY)

    assert trade_gap("salon") == 35
    assert rhythm.gap == pytest.approx((2 * 20 + 3 * 35) / 5)


@pytest.mark.parametrize(
    ("ago", "standing"), [(26, "fresh"), (27, "due"), (38, "due"), (39, "slipping"), (60, "lost")]
)
def test_the_limits_of_due_slipping_and_lost(ago: int, standing: str) -> None:
    # Ten gaps of 28 days in a trade of 35: g = (10·28 + 3·35)/13 = 29.6…
    own = visits(1, *(ago + 28 * each for each in range(11)))
    (rhythm,) = rhythms_of(own, category="salon", today=TODAY)

    assert rhythm.gap == pytest.approx(385 / 13)
    assert rhythm.standing(TODAY) == standing


def test_two_bills_on_a_day_are_one_visit_of_both_amounts() -> None:
    (rhythm,) = rhythms_of(visits(1, 3, 3, 40), category="salon", today=TODAY)

    assert (rhythm.visits, rhythm.basket, rhythm.spent) == (2, 15_000, 30_000)


def test_who_is_due_is_named_with_what_they_usually_spend() -> None:
    due = [each for number in range(1, 4) for each in visits(number, 35, 70, 105, paise=50_000)]
    fresh = [each for number in range(4, 11) for each in visits(number, 2, 37, 72)]
    found = due_for_visit(due + fresh, category="salon", today=TODAY)

    assert isinstance(found, Insight)
    assert (found.value, found.n) == (3, 10)
    assert found.customers == (who(1), who(2), who(3))
    assert "₹1,500" in found.texts["en"]["sentence"]
    assert "35 days, our assumption" in found.texts["en"]["how"]


def test_slipping_and_lost_are_told_apart() -> None:
    rows = [
        *(each for number in range(1, 7) for each in visits(number, 2, 37, 72)),
        *(each for number in range(7, 9) for each in visits(number, 50, 85, 120)),
        *(each for number in range(9, 11) for each in visits(number, 200, 235, 270)),
    ]
    found = slipping_away(rows, category="salon", today=TODAY)

    assert isinstance(found, Insight)
    assert [bar.value for bar in found.chart] == [6, 0, 2, 2]
    assert set(found.customers) == {who(7), who(8), who(9), who(10)}


def test_nine_returning_customers_are_not_enough() -> None:
    rows = [each for number in range(9) for each in visits(number, 2, 37)]
    once = visits(99, 4)

    missing = due_for_visit(rows + once, category="salon", today=TODAY)

    assert isinstance(missing, Missing)
    assert (missing.have, missing.need) == (9, 10)


def test_sixty_customers_are_needed_for_segments() -> None:
    rows = [each for number in range(59) for each in visits(number, 2, 37)]

    missing = who_comes(rows, category="salon", today=TODAY)

    assert isinstance(missing, Missing)
    assert (missing.have, missing.need) == (59, 60)


def test_segments_hold_everybody_once() -> None:
    rows = []
    for number in range(60):
        many = 1 + number // 6
        rows += visits(number, *(3 + 30 * each for each in range(many)), paise=1_000 * (number + 1))
    found = who_comes(rows, category="salon", today=TODAY)

    assert isinstance(found, Insight)
    counts = {bar.label["en"]: int(bar.value) for bar in found.chart}
    assert sum(counts.values()) == 60
    # One visit each: new. The upper third in visits and money: best.
    assert (counts["New"], counts["Best"]) == (6, 18)
    assert set(found.customers) == {who(number) for number in range(42, 60)}


def test_students_are_never_scored() -> None:
    rows = [each for number in range(200) for each in visits(number, 2, 37, 72)]

    for answer in (
        who_comes(rows, category="coaching_class", today=TODAY),
        due_for_visit(rows, category="coaching_class", today=TODAY),
        slipping_away(rows, category="coaching_class", today=TODAY),
    ):
        assert isinstance(answer, Missing)
        assert "under 18" in answer.texts["en"]["sentence"]


def test_visits_of_tomorrow_are_left_out() -> None:
    assert rhythms_of(visits(1, -3), category="salon", today=TODAY) == []


# --- reviews


@pytest.mark.parametrize(
    ("text", "stars", "expected"),
    [
        ("The place was not clean", 5, [("clean", False)]),
        ("साफ़ नहीं था", 5, [("clean", False)]),
        ("saaf nahi tha", 4, [("clean", False)]),
        ("Staff was rude but sweets are fresh", 3, [("staff", False), ("quality", True)]),
        ("मिठाई ताज़ी और दाम सस्ते", 3, [("quality", True), ("price", True)]),
        ("not expensive", 3, [("price", True)]),
        ("parking problem hai", 5, [("parking", False)]),
        ("Price", 1, [("price", False)]),
        ("Price", 5, [("price", True)]),
        ("Price", 3, [("price", None)]),
        ("Lovely evening", 5, []),
        ("Pricey-looking décor aside, waiter was kind", 4, [("staff", True)]),
        ("वेळेवर सेवा, चव छान", 5, [("wait", True), ("staff", True), ("quality", True)]),
    ],
)
def test_what_one_review_speaks_of(
    text: str, stars: int, expected: list[tuple[str, bool | None]]
) -> None:
    found = {(each.aspect, each.is_praise) for each in mentions_of(Said(text, stars))}

    assert set(expected) <= found
    assert {aspect for aspect, _praise in found} == {aspect for aspect, _praise in expected}


def test_the_most_named_complaint_is_told_with_quotes() -> None:
    said = [
        *(Said("They were late again", 2, id=number) for number in range(4)),
        *(Said("Staff is polite", 5, id=number) for number in range(10, 22)),
        Said("", 1, id=99),
    ]
    found = what_reviews_say(said, today=TODAY)

    assert isinstance(found, Insight)
    assert (found.value, found.n, found.action.facts) == (4, 16, {"aspect": "wait"})
    assert found.quotes[0] == "They were late again"
    assert "12 praise staff" in found.texts["en"]["sentence"]


def test_fourteen_texts_are_not_enough() -> None:
    missing = what_reviews_say([Said("good", id=n) for n in range(14)], today=TODAY)

    assert isinstance(missing, Missing)
    assert (missing.have, missing.need) == (14, 15)


# --- stars


@pytest.mark.parametrize(
    ("count", "mean", "target", "needed"),
    [(100, 4.2, 4.3, 15), (10, 4.0, 4.5, 10), (20, 4.9, 4.5, 0), (40, 4.55, 4.6, 5)],
)
def test_reviews_needed_for_a_target(count: int, mean: float, target: float, needed: int) -> None:
    assert five_star_reviews_needed(count, mean, target) == needed
    if needed:
        after = (count * mean + 5 * needed) / (count + needed)
        before = (count * mean + 5 * (needed - 1)) / (count + needed - 1)
        assert after >= target - 1e-9 > before - 1e-9


def test_five_stars_can_never_be_reached_by_more_reviews() -> None:
    with pytest.raises(ValueError, match="between 1 and 5"):
        five_star_reviews_needed(10, 4.0, 5.0)


@pytest.mark.parametrize(("mean", "step"), [(4.23, 4.3), (4.3, 4.4), (4.95, 4.9), (1.0, 1.1)])
def test_the_next_tenth(mean: float, step: float) -> None:
    assert next_step(mean) == step


def test_the_stars_are_told_with_replies_and_pace() -> None:
    asked = datetime(2026, 11, 10, 6, tzinfo=UTC)
    said = [
        Said("x", stars, id=number, created_at=asked, replied_at=asked + timedelta(hours=hours))
        for number, (stars, hours) in enumerate([(5, 2), (4, 10), (5, 4), (4, 20)])
    ]
    said.append(Said("x", 3, id=9, created_at=asked - timedelta(days=60)))
    found = rating(said, today=TODAY)

    assert isinstance(found, Insight)
    assert found.value == 4.2
    assert found.action.kind == "ask_everyone_for_reviews"
    assert found.action.facts == {"needed": 1, "unanswered": 1}
    assert f"{median([2, 10, 4, 20]):.0f} hours" in found.texts["en"]["sentence"]
    assert "in the last 30 days: 4." in found.texts["en"]["sentence"]


# --- hours


HOLIDAY = {"en": "A holiday", "hi": "छुट्टी", "mr": "सुट्टी"}
GANDHI = Holiday("gandhi-jayanti", date(2026, 12, 1), HOLIDAY)


def risk(**given: object) -> Insight | Missing | None:
    facts = {"is_known": True, "has_regular_hours": True, "special_days": frozenset()}
    return hours_risk([GANDHI], **{**facts, **given}, today=TODAY)  # type: ignore[arg-type]


def test_a_holiday_within_a_fortnight_without_hours_is_told() -> None:
    found = risk()

    assert isinstance(found, Insight)
    assert (found.value, found.grade, found.action.facts["on"]) == (9, "B", "2026-12-01")
    assert "छुट्टी" in found.texts["hi"]["title"]


def test_hours_that_are_set_or_far_days_are_no_risk() -> None:
    assert risk(special_days=frozenset({GANDHI.on})) is None
    far = Holiday("far", TODAY + timedelta(days=15), GANDHI.names)
    assert (
        hours_risk(
            [far],
            is_known=True,
            has_regular_hours=True,
            special_days=frozenset(),
            today=TODAY,
        )
        is None
    )


def test_unknown_hours_are_asked_for() -> None:
    assert isinstance(risk(is_known=False), Missing)
    assert isinstance(risk(has_regular_hours=False), Missing)
