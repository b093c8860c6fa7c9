"""The day's plan: what fits the minutes, what stays away, the same all day."""

import itertools
import random
from datetime import date, timedelta

import pytest

from local.execution.engine.plan import (
    MOST_TASKS,
    Candidate,
    Dismissal,
    best_set,
    is_cooling,
    plan_day,
    urgency,
    worth,
)
from local.execution.engine.states import STEPS, State, check_step, sources_of
from local.execution.engine.texts import effect_of, texts_of
from local.execution.errors import IllegalStep

TODAY = date(2026, 11, 22)


def task(key: str, minutes: int = 3, **more: object) -> Candidate:
    facts = {
        "type_key": key,
        "family": key,
        "grade": "A",
        "low_paise": 10_000,
        "high_paise": 10_000,
    }
    return Candidate(key=key, minutes=minutes, **{**facts, **more})  # type: ignore[arg-type]


def total(chosen: list[Candidate]) -> float:
    return sum(worth(each, TODAY) for each in chosen)


def test_the_choice_is_as_good_as_trying_everything() -> None:
    lots = random.Random(3)
    for _round in range(40):
        candidates = [
            task(
                f"t{number}",
                lots.randint(1, 8),
                low_paise=(paise := lots.randint(1_000, 20_000)),
                high_paise=paise,
                is_by_hand=lots.random() < 0.3,
            )
            for number in range(8)
        ]
        has_hand = any(each.is_by_hand for each in candidates)
        possible = [
            list(some)
            for count in range(MOST_TASKS + 1)
            for some in itertools.combinations(candidates, count)
            if sum(each.minutes for each in some) <= 12
            and (not has_hand or any(each.is_by_hand for each in some))
        ]

        assert total(best_set(candidates, 12, TODAY)) == pytest.approx(max(map(total, possible)))


def test_never_more_than_five_and_never_more_than_the_minutes() -> None:
    many = [task(f"t{number}", 1) for number in range(9)]
    assert len(plan_day(many, minutes=20, today=TODAY)) == 5
    long = [task(f"t{number}", 4) for number in range(9)]
    assert sum(each.minutes for each in plan_day(long, minutes=10, today=TODAY)) == 8


def test_one_of_a_family() -> None:
    two = [task("a", family="reviews"), task("b", family="reviews", low_paise=1, high_paise=99_999)]

    assert [each.key for each in plan_day(two, minutes=20, today=TODAY)] == ["b"]


def test_one_by_hand_even_if_others_are_worth_more() -> None:
    rows = [task(f"t{number}", 5, low_paise=50_000, high_paise=50_000) for number in range(2)]
    hand = task("hand", 5, is_by_hand=True)

    assert "hand" in {each.key for each in plan_day([*rows, hand], minutes=10, today=TODAY)}


def test_what_costs_more_than_it_brings_is_left_out() -> None:
    poor = task("poor", 3, low_paise=500, high_paise=500)
    dear = task("dear", 1, low_paise=10_000, high_paise=10_000, cost_paise=20_000)

    assert plan_day([poor, dear], minutes=20, today=TODAY) == []


def test_the_last_day_counts_double_and_the_day_after_not_at_all() -> None:
    last = task("x", due_on=TODAY)
    assert urgency(last, TODAY) == 2.0
    assert urgency(task("x", due_on=TODAY + timedelta(days=7)), TODAY) == 1.0
    assert urgency(task("x"), TODAY) == 1.0
    assert plan_day([task("x", due_on=TODAY - timedelta(days=1))], minutes=10, today=TODAY) == []


@pytest.mark.parametrize(("times", "days"), [(1, 7), (2, 14), (3, 30), (9, 30)])
def test_what_was_refused_stays_away_longer_each_time(times: int, days: int) -> None:
    said = [Dismissal("x", TODAY, times)]

    assert is_cooling(task("x"), said, TODAY + timedelta(days=days - 1))
    assert not is_cooling(task("x"), said, TODAY + timedelta(days=days))
    assert not is_cooling(task("y"), said, TODAY)


def test_the_day_s_post_never_cools() -> None:
    said = [Dismissal("post", TODAY, 3)]

    assert plan_day([task("post", is_pinned=True)], minutes=10, today=TODAY, dismissals=said)


def test_the_same_candidates_in_any_order_are_the_same_plan() -> None:
    rows = [task(f"t{number}", 2 + number % 3) for number in range(7)]
    plans = {
        tuple(each.key for each in plan_day(list(order), minutes=10, today=TODAY))
        for order in itertools.permutations(rows, 7)
        if order[0].key in ("t0", "t6")
    }

    assert len(plans) == 1


def test_every_step_that_is_not_in_the_table_is_refused() -> None:
    for before, after in itertools.product(State, State):
        if after in STEPS[before]:
            check_step(before, after)
        else:
            with pytest.raises(IllegalStep):
                check_step(before, after)
    assert set(STEPS) == set(State)
    assert sources_of(State.VERIFIED) == [State.EVIDENCE, State.SELF_REPORTED]


def test_nothing_follows_what_is_over() -> None:
    for over in (State.EXPIRED, State.CANCELLED, State.MEASURED):
        assert STEPS[over] == frozenset()


def test_an_unknown_effect_is_said_to_be_unknown() -> None:
    assert effect_of(None, None)["en"] == "We do not know yet what it brings."
    assert effect_of(90_000, 2_10_000)["en"] == "Expected: ₹900 to ₹2,100."


def test_every_task_has_its_words_in_every_language() -> None:
    reviewer = {"en": "a", "hi": "अ", "mr": "आ"}
    words = texts_of("review_reply", reviewer=reviewer, stars=5, waiting=3, days=2)

    assert words["en"]["title"] == "Answer a's review of 5 stars"
    assert set(words) == {"en", "hi", "mr"}
    assert words["hi"]["title"].startswith("अ")
