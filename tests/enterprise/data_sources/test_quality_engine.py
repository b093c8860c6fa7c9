"""Each check of the report finds what it is for, and stays silent without it."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from enterprise.data_sources.engine.quality.contracts import (
    OutcomeRowFact,
    QualityInput,
    RateFact,
    RecordFact,
    Severity,
    SpendRowFact,
    State,
)
from enterprise.data_sources.engine.quality.report import report_of
from enterprise.data_sources.engine.quality.weekly import is_one_slip, longest_run, missing_periods

TODAY = date(2026, 11, 22)
FIRST = date(2023, 11, 27)  # a Monday, 156 weeks before


def spend(weeks=156, channels=("Radio", "Search"), seed=1, **changes):
    random = np.random.default_rng(seed)
    rows = []
    for place, channel in enumerate(channels):
        costs = random.integers(50_000, 200_000, weeks) * (place + 1)
        rows += [
            SpendRowFact(
                len(rows) + week, FIRST + timedelta(weeks=week), channel, "", "Plan", "week",
                int(costs[week]), 900, 30,
            )._replace(**changes)
            for week in range(weeks)
        ]  # fmt: skip
    return tuple(rows)


def outcomes(weeks=156, seed=2):
    random = np.random.default_rng(seed)
    return tuple(
        OutcomeRowFact(
            week, FIRST + timedelta(weeks=week), "Orders", "", "Shop", "week", "",
            float(random.normal(500, 40)),
        )
        for week in range(weeks)
    )  # fmt: skip


def deal(key, **changes):
    made = FIRST + timedelta(days=key % 900)
    return RecordFact(
        key, f"D{key}", made, made + timedelta(days=40), True, 100_000 + 700 * (key % 97), "Won",
        "Referral", f"Account {key}", "", "CRM",
    )._replace(**changes)  # fmt: skip


def report(**given):
    return report_of(QualityInput(today=TODAY, **given))


def codes(**given):
    return {issue.code for issue in report(**given).issues}


def issue(code, **given):
    return next(one for one in report(**given).issues if one.code == code)


def test_channels_are_called_by_their_names():
    rows = spend()
    codes = {name: "linkedin_ads" for name in sorted({row.channel for row in rows})[:1]}
    flat = tuple(
        row._replace(channel=codes[row.channel], paise=100_000) if row.channel in codes else row
        for row in rows
    )
    found = issue("constant", spend=flat)
    assert found.title.english == "LinkedIn Ads spends nearly the same every week"
    assert found.subject == "linkedin_ads"
    assert not any("linkedin_ads" in one.title.english for one in report(spend=flat).issues)


def test_many_leads_without_history_do_not_spoil_a_funnel_of_deals():
    deals, leads = tuple(map(deal, range(120))), tuple(map(deal, range(1_000, 2_000)))
    found = report(deals=deals, leads=leads, staged_deals=frozenset(range(120)))
    assert found.grade_of("funnel").state is State.READY
    assert report(leads=leads).grade_of("funnel").state is State.LIMITED


def test_deals_below_zero_are_named_and_hide_no_large_one():
    rows = tuple(deal(key) for key in range(200))
    odd = (deal(500, paise=-90_000), deal(501, paise=900_000_000_00))
    found = issue("negative", deals=rows + odd)
    assert (found.n, found.example, found.action.row_ids) == (1, "D500", (500,))
    assert issue("outliers", deals=rows + odd).n == 1


def test_clean_data_has_no_issue_and_suffices_for_a_budget():
    found = report(spend=spend(), outcomes=outcomes())
    assert found.issues == ()
    assert found.grade_of("budget").state is State.READY
    assert found.grade_of("forecast").state is State.READY
    assert found.grade_of("funnel").state is State.NOT_YET


def test_nothing_at_all_is_an_answer():
    found = report()
    assert (found.tables, found.issues) == ((), ())
    assert {grade.state for grade in found.grades} == {State.NOT_YET}
    assert "at least 52 are needed" in found.grade_of("budget").reasons[0].english


@pytest.mark.parametrize("weeks", [1, 51])
def test_too_few_weeks_are_said_with_their_number(weeks):
    grade = report(spend=spend(weeks), outcomes=outcomes(weeks)).grade_of("budget")
    assert grade.state is State.NOT_YET
    assert grade.reasons[0].params["n"] == weeks


def test_missing_weeks_are_listed():
    rows = [row for row in spend() if row.date not in {FIRST + timedelta(weeks=w) for w in (9, 10)}]
    found = issue("missing_periods", spend=tuple(rows), outcomes=outcomes())
    assert (found.n, found.severity) == (2, Severity.MEDIUM)
    assert found.example == "2024-01-29, 2024-02-05"


def test_dates_to_come_and_long_gone_can_be_left_out():
    rows = (
        *spend(),
        SpendRowFact(9_001, date(2027, 1, 1), "Radio", "", "Plan", "week", 5, 1, 1),
        SpendRowFact(9_002, date(2006, 1, 2), "Radio", "", "Old plan", "week", 5, 1, 1),
    )
    assert issue("future_dates", spend=rows).action.row_ids == (9_001,)
    assert issue("old_dates", spend=rows).action.row_ids == (9_002,)


def test_names_that_look_the_same_can_be_merged():
    rows = spend(channels=("Radio One", "radio one ", "Search"))
    found = issue("alike_names", spend=rows)
    assert (found.action.names, found.action.into) == (("radio one ",), "Radio One")


@pytest.mark.parametrize(
    ("one", "other", "is_slip"),
    [
        ("LinkedIn", "Linkdin", True),
        ("LinkedIn", "Linkdein", True),
        ("Display", "Displays", True),
        ("YouTube", "YuoTube", True),
        ("Channel A", "Channel B", False),
        ("Print", "Point", False),
        ("Brand 1", "Brand 2", False),
        ("East", "West", False),
    ],
)
def test_a_slip_is_a_letter_left_out_or_two_swapped(one, other, is_slip):
    assert is_one_slip(one, other) is is_slip


def test_channels_that_move_together_are_named():
    rows = spend(channels=("Radio",))
    twin = tuple(row._replace(id=row.id + 5_000, channel="TV", paise=2 * row.paise) for row in rows)
    found = report(spend=rows + twin, outcomes=outcomes())
    assert next(i for i in found.issues if i.code == "correlated").example == "1.00"
    assert found.grade_of("budget").state is State.LIMITED


def test_a_channel_that_follows_from_two_others_is_named():
    rows = spend(channels=("Radio", "Search"))
    by_week = {}
    for row in rows:
        by_week[row.date] = by_week.get(row.date, 0) + row.paise
    summed = tuple(
        SpendRowFact(7_000 + n, day, "All", "", "Plan", "week", paise, 1, 1)
        for n, (day, paise) in enumerate(sorted(by_week.items()))
    )
    assert "inflated" in codes(spend=rows + summed)


def test_a_constant_channel_is_named():
    rows = spend(channels=("Radio",)) + spend(channels=("TV",), paise=70_000)
    assert issue("constant", spend=rows).subject == "TV"
    holes = {FIRST + timedelta(weeks=week) for week in (40, 41, 60)}
    with_holes = tuple(row for row in rows if row.date not in holes)
    assert issue("constant", spend=with_holes).subject == "TV"


def test_one_slip_of_the_keyboard_is_an_outlier():
    rows = list(spend())
    rows[30] = rows[30]._replace(paise=rows[30].paise * 100)
    found = issue("outliers", spend=tuple(rows))
    assert found.action.row_ids == (rows[30].id,)


def test_a_pause_is_good_to_know():
    rows = tuple(
        row._replace(paise=0) if row.channel == "Radio" and 40 <= row.id < 52 else row
        for row in spend()
    )
    found = issue("zero_run", spend=rows)
    assert (found.n, found.severity, found.action) == (12, Severity.LOW, None)


def test_the_same_spend_from_two_sources_is_counted_once_by_a_button():
    rows = spend(channels=("Radio",))
    again = tuple(row._replace(id=row.id + 5_000, source="Agency") for row in rows[:40])
    found = issue("twice", spend=rows + again)
    assert (found.n, found.severity) == (40, Severity.HIGH)
    assert set(found.action.row_ids) == {row.id for row in again}


def test_mixed_and_monthly_grains_are_said():
    rows = spend(weeks=40) + spend(weeks=1, channels=("TV",), grain="month")
    assert {"changed_grain", "monthly_spend"} <= codes(spend=rows)


def test_spend_and_outcomes_that_never_meet():
    late = tuple(row._replace(date=row.date + timedelta(weeks=150)) for row in outcomes(weeks=6))
    found = issue("little_overlap", spend=spend(), outcomes=late)
    assert found.n == 6


def test_negative_zero_and_far_values_of_an_outcome():
    rows = list(outcomes())
    rows[20] = rows[20]._replace(value=-30.0)
    rows[60] = rows[60]._replace(value=9_000.0)
    rows[100:106] = [row._replace(value=0.0) for row in rows[100:106]]
    found = {one.code: one for one in report(outcomes=tuple(rows)).issues}
    assert found["negative"].action.row_ids == (20,)
    assert 60 in found["outliers"].action.row_ids
    assert found["zero_run"].n == 6


def test_growth_and_season_are_not_called_outliers():
    rows = tuple(
        row._replace(value=200 + 3 * n + 120 * float(np.sin(n / 8.3)))
        for n, row in enumerate(outcomes())
    )
    assert codes(outcomes=rows) == set()


def test_a_rate_that_somebody_gave_is_shown():
    found = issue("converted", rates=(RateFact("us.csv", "USD", Decimal("83.2")),))
    assert found.example == "1 USD = ₹83.2"


def test_deals_are_checked():
    rows = tuple(deal(key) for key in range(300))
    staged = frozenset(range(300))
    assert codes(deals=rows, staged_deals=staged) == set()
    bad = (
        *rows,
        deal(900, paise=None),
        deal(901, stage=""),
        deal(902, came_from=""),
        deal(903, closed_on=None),
        deal(904, closed_on=date(2027, 3, 1)),
        deal(905, is_won=None, closed_on=None, created_on=date(2025, 1, 1)),
        deal(906, account="Account 7", paise=deal(7).paise, created_on=deal(7).created_on),
        deal(907, paise=10**12),
    )
    found = report(deals=bad, staged_deals=staged | set(range(900, 908)))
    assert {one.code for one in found.issues} == {
        "missing_values", "closed_without_date", "closed_in_future", "stale", "same_record",
        "outliers",
    }  # fmt: skip
    assert found.issue_of("same_record|deals|id|").example == "D7 = D906"
    assert found.issue_of("outliers|deals|amount|").action.row_ids == (907,)


def test_deals_without_history_limit_the_funnel():
    found = report(deals=tuple(deal(key) for key in range(300)))
    assert "no_history" in {one.code for one in found.issues}
    grade = found.grade_of("funnel")
    assert (grade.state, found.grade_of("segments").state) == (State.LIMITED, State.READY)
    assert "speed no" in grade.reasons[0].english


def test_the_report_is_the_same_for_the_same_rows():
    given = {"spend": spend(weeks=60), "outcomes": outcomes(80)}
    assert report(**given) == report(**given)


def test_the_helpers():
    assert missing_periods([date(2026, 1, 1), date(2026, 3, 1)], "month") == [date(2026, 2, 1)]
    assert longest_run([0, 0, 3, 0, 0, 0, 2, 0]) == (3, 3)
    assert longest_run([]) == (0, 0)
