"""The forecast's numbers, and what can be measured."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from local.automation.whatsapp.engine.forecast import Past, Person, forecast
from local.automation.whatsapp.engine.measuring import (
    Counts,
    effect_of,
    health_of,
    held_out_count,
    people_needed,
    power,
    wilson,
)
from local.automation.whatsapp.engine.money import Rate, in_rupees, rate_on

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
RATE = Rate("marketing", date(2026, 1, 1), 8631, "a test")


def people(count: int, **facts: object) -> list[Person]:
    plain = {"agreed": True, "has_number": True}
    return [Person(customer_id=UUID(int=n + 1), **(plain | facts)) for n in range(count)]


def told(group: list[Person], **more: object):
    options = {"rate": RATE, "past": Past(), "now": NOW} | more
    return forecast(group, **options)


def test_the_rate_with_tax_is_exact() -> None:
    assert RATE.with_gst() == 10185  # 0.8631 · 1.18 = 1.018458
    assert Rate("utility", date(2026, 1, 1), 1150, "").with_gst() == 1357


def test_312_people_cost_at_most_317_rupees_77() -> None:
    found = told(people(312))
    assert found.recipients == 312
    assert found.cost_high.paise == 31777
    assert found.cost_low == found.cost_high  # nothing is known of what arrives


def test_the_low_end_leaves_out_who_may_be_free_and_what_does_not_arrive() -> None:
    group = people(100) + people(20, may_be_free=True)
    assert told(group).cost_low == in_rupees(100 * 10185)
    past = Past(sent=200, delivered=180)
    share = wilson(180, 200).low
    assert 0.85 < share < 0.87
    assert told(group, past=past).cost_low == in_rupees(int(100 * share * 10185))


def test_who_is_left_out_is_counted_by_reason() -> None:
    recent = (NOW - timedelta(days=2),)
    silent = tuple(NOW - timedelta(days=each) for each in (80, 50, 20))
    group = [
        *people(5),
        *people(4, agreed=False),
        *people(3, has_number=False),
        *people(2, sent_at=recent),
        *people(1, sent_at=silent),
    ]
    found = told(group, most_people=4)
    assert found.left_out == {
        "not_agreed": 4,
        "no_number": 3,
        "too_often": 2,
        "cools_off": 1,
        "over_cap": 1,
    }
    assert found.recipients == 4


def test_by_hand_costs_nothing() -> None:
    assert told(people(50), is_free=True).cost_high.paise == 0


def test_without_a_rate_no_price_is_said() -> None:
    found = told(people(50), rate=None)
    assert (found.rate, found.cost_high.paise) == (None, 0)


def test_visits_are_expected_only_from_own_past() -> None:
    assert told(people(300), past=Past(99, 99, 5)).visits is None
    assert told(people(300), past=Past(99, 99, 5)).past_missing == 1
    low, high = told(people(300), past=Past(210, 200, 10)).visits
    # Wilson's 90 % interval of 10 in 200 is 3.01 % to 8.19 %.
    assert (low, high) == (9, 25)


def test_the_limit_comes_from_the_api() -> None:
    assert told(people(251), messaging_limit=250).over_limit
    assert not told(people(250), messaging_limit=250).over_limit
    assert not told(people(5000)).over_limit


def test_the_latest_rate_that_holds_counts() -> None:
    newer = Rate("marketing", date(2026, 12, 1), 9000, "newer")
    assert rate_on([newer, RATE], "marketing", date(2026, 11, 30)) is RATE
    assert rate_on([newer, RATE], "marketing", date(2026, 12, 1)) is newer
    assert rate_on([RATE], "marketing", date(2025, 12, 31)) is None
    assert rate_on([RATE], "utility", date(2026, 12, 1)) is None


def test_power_is_what_the_textbook_says() -> None:
    # At 5 % and +3 points with one in ten held out: even at 1,700 people, four fifths at 3,800.
    assert power(1_700) == pytest.approx(0.50, abs=0.02)
    assert power(3_800) == pytest.approx(0.80, abs=0.02)


def test_nobody_is_held_back_where_nothing_can_be_measured() -> None:
    assert held_out_count(312) == 0
    assert told(people(312)).held_out == 0
    enough = people_needed()
    assert 1_600 < enough < 1_800
    assert held_out_count(enough) == round(enough * 0.1)


def test_a_small_campaigns_interval_is_as_wide_as_it_is() -> None:
    found = effect_of(treated=281, treated_visits=22, control=31, control_visits=2)
    assert not found.is_clear
    assert (found.interval.high - found.interval.low) / 2 == pytest.approx(0.07, abs=0.02)


def test_newcombes_own_example() -> None:
    # Newcombe 1998, table II, 56/70 and 48/80, method 10 gives .0524 to .3339 at 95 %.
    from local.automation.whatsapp.engine import measuring

    measuring.Z, before = 1.959963984540054, measuring.Z
    try:
        found = effect_of(treated=70, treated_visits=56, control=80, control_visits=48)
    finally:
        measuring.Z = before
    assert found.interval.low == pytest.approx(0.0524, abs=0.0001)
    assert found.interval.high == pytest.approx(0.3339, abs=0.0001)


def test_under_thirty_held_out_nothing_is_said() -> None:
    assert effect_of(treated=500, treated_visits=50, control=29, control_visits=1) is None


def test_health_is_silent_below_a_hundred() -> None:
    assert health_of(Counts(sent=99, delivered=90)) is None
    found = health_of(Counts(sent=100, delivered=90, replied=4, cost=1_000_000))
    assert found.cost_per_reply == 250_000
    assert found.delivered.low < 0.9 < found.delivered.high
