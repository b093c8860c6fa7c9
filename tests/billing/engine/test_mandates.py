"""What may be debited without asking again, on the dates on which it holds."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing.engine.mandates import (
    MethodRule,
    debit_way,
    has_headroom,
    largest_silent_base,
    limit_to_ask,
    methods_for,
    notice_until,
    rules_at,
    waiting_state,
)
from marketing_platform.core.money import Rupees

RULES = rules_at(date(2026, 11, 22))
LOCAL, ENTERPRISE = 117_882, 2_950_000
LAKH, CRORE = 10_000_000, 1_000_000_000


@pytest.mark.parametrize(
    ("method", "paise", "way"),
    [
        ("card", LOCAL, "silent"),
        ("card", 1_500_000, "silent"),
        ("card", 1_500_001, "needs_approval"),
        ("card", ENTERPRISE, "needs_approval"),
        ("card", CRORE * 10, "needs_approval"),
        ("upi", LOCAL, "silent"),
        ("upi", 1_178_820, "silent"),
        ("upi", 1_500_000, "silent"),
        ("upi", 1_500_001, "needs_approval"),
        ("upi", LAKH, "needs_approval"),
        ("upi", LAKH + 1, "refused"),
        ("rupay", 1_500_000, "silent"),
        ("rupay", 1_500_001, "refused"),
        ("emandate", ENTERPRISE, "silent"),
        ("emandate", 29_500_000, "silent"),
        ("emandate", CRORE, "silent"),
        ("emandate", CRORE + 1, "refused"),
        ("", LOCAL, "needs_approval"),
        ("wallet", 1, "needs_approval"),
    ],
)
def test_the_15000_rupee_rule(method, paise, way):
    assert debit_way(method, paise, RULES) == way


@pytest.mark.parametrize("method", ["card", "upi", "rupay"])
def test_the_largest_price_that_renews_silently(method):
    base = largest_silent_base(method, RULES)
    assert base == 1_271_186
    assert Rupees(base).with_gst().total.paise == 1_499_999
    assert Rupees(base + 1).with_gst().total.paise == 1_500_001


def test_the_largest_silent_price_of_a_mandate_by_bank():
    base = largest_silent_base("emandate", RULES)
    assert Rupees(base).with_gst().total.paise <= CRORE
    assert Rupees(base + 1).with_gst().total.paise > CRORE


def test_a_new_circular_is_a_new_row():
    def row(since, silent):
        return MethodRule("card", since, silent, None, "needs_approval", "a test")

    table = (row(date(2027, 4, 1), 20), row(date(2026, 4, 21), 15), row(date(2020, 1, 1), 5))
    days = [date(2019, 1, 1), date(2020, 1, 1), date(2026, 4, 20), date(2026, 4, 21)]
    assert [rules_at(day, table)["card"].silent_paise for day in days] == [5, 5, 5, 15]
    assert rules_at(date(2027, 3, 31), table)["card"].silent_paise == 15
    assert rules_at(date(2027, 4, 1), table)["card"].silent_paise == 20


def test_every_rule_names_its_source_and_its_day():
    assert {rule.since for rule in RULES.values()} == {date(2026, 4, 21)}
    assert all(rule.source for rule in RULES.values())
    assert {rule.notice for rule in RULES.values()} == {timedelta(hours=24)}


@pytest.mark.parametrize(
    ("limit", "amount", "fits"),
    [(None, CRORE, True), (LOCAL, LOCAL, True), (LOCAL - 1, LOCAL, False), (0, 1, False)],
)
def test_headroom(limit, amount, fits):
    assert has_headroom(limit, amount) is fits


@pytest.mark.parametrize(
    ("method", "amount", "asked"),
    [
        ("upi", LOCAL, 240_000),
        ("upi", 120_000, 240_000),
        ("upi", 120_001, 250_000),
        ("upi", 6_000_000, LAKH),
        ("upi", 29_500_000, 29_500_000),
        ("card", ENTERPRISE, 5_900_000),
        ("rupay", 1_000_000, 1_500_000),
        ("wallet", LOCAL, 240_000),
    ],
)
def test_a_mandate_leaves_room_for_a_new_price(method, amount, asked):
    assert limit_to_ask(method, amount, RULES) == asked


@pytest.mark.parametrize(
    ("amount", "offered"),
    [
        (LOCAL, ("upi", "card", "emandate")),
        (ENTERPRISE, ("emandate",)),
        (CRORE + 1, ("card",)),
    ],
)
def test_silent_methods_are_offered_first(amount, offered):
    assert methods_for(amount, ("upi", "card", "emandate"), RULES) == offered


def test_without_a_mandate_by_bank_the_customer_approves_each_debit():
    assert methods_for(ENTERPRISE, ("upi", "card", "rupay"), RULES) == ("upi", "card")
    assert methods_for(LAKH + 1, ("upi", "rupay"), RULES) == ()


def test_the_customer_is_told_a_day_before():
    debit_at = datetime(2026, 12, 1, 6, tzinfo=UTC)
    assert notice_until("upi", debit_at, RULES) == datetime(2026, 11, 30, 6, tzinfo=UTC)
    assert notice_until("unknown", debit_at, RULES) == datetime(2026, 11, 30, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("method", "amount", "mandate", "state"),
    [
        ("card", ENTERPRISE, "confirmed", "needs_afa"),
        ("upi", LOCAL, "confirmed", "confirmed"),
        ("card", ENTERPRISE, "lost", "lost"),
        ("emandate", ENTERPRISE, "confirmed", "confirmed"),
        ("rupay", ENTERPRISE, "confirmed", "confirmed"),
    ],
)
def test_a_debit_above_the_limit_waits_for_the_customer(method, amount, mandate, state):
    found = waiting_state(method=method, amount_paise=amount, mandate=mandate, rules=RULES)
    assert found == state
