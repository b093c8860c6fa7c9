from datetime import date
from decimal import Decimal

import pytest

from enterprise.data_sources.engine.cells import (
    date_of,
    date_order_of,
    number_of,
    uses_decimal_comma,
)
from enterprise.data_sources.engine.channels import channel_of
from enterprise.data_sources.engine.contracts import DateOrder

D, M, U = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST, DateOrder.UNKNOWN


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1250", "1250"), ("1,250.50", "1250.50"), ("12,34,567", "1234567"),
        ("1,234,567.89", "1234567.89"), ("₹ 12,34,567.00", "1234567.00"), ("Rs. 500", "500"),
        ("INR 1,000", "1000"), ("500 INR", "500"), ("(1,200)", "-1200"), ("-₹50", "-50"),
        ("₹-50", "-50"), ("+7", "7"), ("12.5%", "12.5"), ("१,२३४", "1234"), ("0", "0"),
        (" 1\u00a0250 ", "1250"), (".5", "0.5"), ("1.2e3", "1.2e3"),
    ],
)  # fmt: skip
def test_a_number_is_read(text, number):
    assert number_of(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", " ", "--", "-", "N/A", "null", "—"])
def test_an_empty_cell_is_no_number(text):
    assert number_of(text) is None


@pytest.mark.parametrize(
    "text", ["abc", "1,2,3", "12,5", "NaN", "Infinity", "1e999", "=SUM(A1)", "5 apples", "1" * 40]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError):
        number_of(text)


def test_a_decimal_comma_is_read_when_the_column_shows_one():
    assert uses_decimal_comma(["1.234,50", "7,5"])
    assert not uses_decimal_comma(["1,234.50", "12,345"])
    assert number_of("1.234,50", has_decimal_comma=True) == Decimal("1234.50")
    assert number_of("7,5", has_decimal_comma=True) == Decimal("7.5")


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2026-04-03", U, date(2026, 4, 3)), ("2026/4/3", U, date(2026, 4, 3)),
        ("2026-04-03T10:00:00+05:30", U, date(2026, 4, 3)), ("03/04/2026", D, date(2026, 4, 3)),
        ("03/04/2026", M, date(2026, 3, 4)), ("3-4-26", D, date(2026, 4, 3)),
        ("03.04.2026", D, date(2026, 4, 3)), ("3 Apr 2026", U, date(2026, 4, 3)),
        ("03-Apr-26", U, date(2026, 4, 3)), ("April 3, 2026", U, date(2026, 4, 3)),
        ("Fri, Apr 3, 2026", U, date(2026, 4, 3)), ("April 2026", U, date(2026, 4, 1)),
        ("46115", U, date(2026, 4, 3)), ("03/04/2026 14:30", D, date(2026, 4, 3)),
        ("०३/०४/२०२६", D, date(2026, 4, 3)),
    ],
)  # fmt: skip
def test_a_date_is_read(text, order, day):
    assert date_of(text, order) == day


@pytest.mark.parametrize(
    ("text", "order"),
    [("03/04/2026", U), ("31/02/2026", D), ("13/13/2026", D), ("soon", D), ("2026-13-01", D),
     ("4 Foo 2026", D), ("", D)],
)  # fmt: skip
def test_what_is_no_date_is_refused(text, order):
    with pytest.raises(ValueError):
        date_of(text, order)


def test_the_column_proves_the_order_of_its_dates():
    assert date_order_of(["03/04/2026", "27/04/2026"]) is D
    assert date_order_of(["03/04/2026", "04/27/2026"]) is M
    assert date_order_of(["03/04/2026", "04/05/2026"]) is U
    assert date_order_of(["27/04/2026", "04/27/2026"]) is U
    assert date_order_of(["2026-04-03"]) is None


@pytest.mark.parametrize(
    ("source", "channel"),
    [
        ("Google Ads", "google_ads"), ("google / cpc", "google / cpc"), ("adwords", "google_ads"),
        ("Google", "google_ads"), ("Facebook", "meta_ads"), ("fb", "meta_ads"),
        ("Instagram Lead Form", "meta_ads"), ("LinkedIn", "linkedin_ads"),
        ("Organic Google", "Organic Google"), ("Walk-in", "Walk-in"), ("", ""),
    ],
)  # fmt: skip
def test_a_source_becomes_a_channel(source, channel):
    assert channel_of(source) == channel


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-05T20:12:33Z", date(2026, 1, 6)),
        ("2026-01-05 20:12 UTC", date(2026, 1, 6)),
        ("2026-01-05T10:12:33+0530", date(2026, 1, 5)),
        ("2026-01-05T11:00:00.000-08:00", date(2026, 1, 6)),
        ("2026-01-05 23:59:59", date(2026, 1, 5)),
    ],
)
def test_a_time_with_an_offset_counts_on_the_day_in_india(text, day):
    assert date_of(text, D) == day


@pytest.mark.parametrize("text", ["2026-01-05T29:61Z", "2026-01-05T10:00+99:99"])
def test_an_impossible_time_is_no_date(text):
    with pytest.raises(ValueError):
        date_of(text, D)
