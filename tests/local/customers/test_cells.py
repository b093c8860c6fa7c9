"""Numbers, amounts, days and words as shops write them."""

from datetime import date, datetime

import pytest

from local.customers.engine import cells, phones
from local.customers.engine.cells import Moment, birthday_of, moment_of, paise_of, yes_or_no
from local.customers.engine.phones import mobile_of
from local.customers.errors import InvalidVisit, NumberUnusable
from marketing_platform.core.clock import IST

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "text",
    [
        "9999900001", "09999900001", "+91 99999 00001", "+91-99999-00001", "0091 9999900001",
        "91 9999900001", "99999.00001", "९९९९९ ००००१", "૯૯૯૯૯૦૦૦૦૧", "(+91) 99999 00001 ",
        "'9999900001"[1:], "Mob: 9999900001",
    ],
)  # fmt: skip
def test_one_mobile_number_in_any_dress(text):
    assert mobile_of(text) == "+919999900001"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("9999900001, 9999900002", phones.TWO_NUMBERS),
        ("9999900001 / 9999900002", phones.TWO_NUMBERS),
        ("9999900001 9999900002", phones.TWO_NUMBERS),
        ("9999900001 or 9999900002", phones.TWO_NUMBERS),
        ("1800 266 1234", phones.NOT_A_PERSON),
        ("020 2612 3456", phones.LANDLINE),
        ("+1 415 555 2671", phones.FOREIGN),
        ("9.99999E+09", phones.CUT_SHORT),
        ("99999", NumberUnusable.sentence),
        ("99999000012", NumberUnusable.sentence),
        ("0000000000", NumberUnusable.sentence),
        ("", NumberUnusable.sentence),
        ("abc", NumberUnusable.sentence),
        ("\x00", NumberUnusable.sentence),
        ("9" * 500, NumberUnusable.sentence),
        ("٣" * 90, NumberUnusable.sentence),
    ],
)
def test_what_is_no_mobile_says_why(text, sentence):
    with pytest.raises(NumberUnusable) as caught:
        mobile_of(text)
    assert (caught.value.sentence, caught.value.field) == (sentence, "phone")


@pytest.mark.parametrize(
    ("text", "paise"),
    [
        ("450", 45_000), ("₹1,04,500.50", 10_450_050), ("1,04,500/-", 10_450_000),
        ("Rs. 450", 45_000), ("Rs450", 45_000), ("१,०४,५००", 10_450_000), ("1,234.5", 123_450),
        ("0", 0), ("", None), ("-", None), ("N/A", None), ("  99.99 ", 9_999), ("450 रुपये", 45_000),
        ("INR 1,000", 100_000),
    ],
)  # fmt: skip
def test_amounts(text, paise):
    assert paise_of(text) == paise


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("-450", cells.NEGATIVE),
        ("(450)", cells.NEGATIVE),
        ("\u2212450", cells.NEGATIVE),
        ("free", cells.NOT_AN_AMOUNT),
        ("12,34", cells.NOT_AN_AMOUNT),
        ("1e9", cells.NOT_AN_AMOUNT),
        ("NaN", cells.NOT_AN_AMOUNT),
        ("=1+1", cells.NOT_AN_AMOUNT),
        ("9" * 400, cells.NOT_AN_AMOUNT),
        ("9" * 20, cells.TOO_LARGE),
    ],
)
def test_what_is_no_amount_says_why(text, sentence):
    with pytest.raises(InvalidVisit) as caught:
        paise_of(text)
    assert caught.value.sentence == sentence


@pytest.mark.parametrize(
    ("text", "day", "has_time"),
    [
        ("05/11/2026", (2026, 11, 5, 12, 0), False),
        ("5-11-26", (2026, 11, 5, 12, 0), False),
        ("2026-11-05", (2026, 11, 5, 12, 0), False),
        ("05/11/2026 18:45", (2026, 11, 5, 18, 45), True),
        ("05/11/2026, 6:45 PM", (2026, 11, 5, 18, 45), True),
        ("2026-11-05T18:45:10", (2026, 11, 5, 18, 45), True),
        ("5 Nov 2026", (2026, 11, 5, 12, 0), False),
        ("5 नवंबर 2026", (2026, 11, 5, 12, 0), False),
        ("०५/११/२०२६", (2026, 11, 5, 12, 0), False),
        ("46331", (2026, 11, 5, 12, 0), False),
    ],
)
def test_days_are_read_day_first(text, day, has_time):
    assert moment_of(text, TODAY) == Moment(datetime(*day, tzinfo=IST), has_time)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("23/11/2026", cells.IN_FUTURE),
        ("05/11/1999", cells.LONG_AGO),
        ("31/02/2026", cells.NOT_A_DATE),
        ("05/11/2026 25:99", cells.NOT_A_DATE),
        ("yesterday", cells.NOT_A_DATE),
        ("11/25/2026", cells.NOT_A_DATE),
        ("5 Xyz 2026", cells.NOT_A_DATE),
    ],
)
def test_what_is_no_day_says_why(text, sentence):
    with pytest.raises(InvalidVisit) as caught:
        moment_of(text, TODAY)
    assert caught.value.sentence == sentence


def test_only_a_word_that_says_yes_is_a_yes():
    assert [yes_or_no(text) for text in ("Yes", "हाँ", "होय", "1", "Agreed.")] == [True] * 5
    assert [yes_or_no(text) for text in ("no", "नहीं", "STOP", "0")] == [False] * 4
    assert [yes_or_no(text) for text in ("", "maybe", "pending", "yes?", "12/11/2026")] == [
        None
    ] * 5


def test_birthdays_have_no_year():
    assert birthday_of("14/02") == birthday_of("14-02-1990") == birthday_of("14 Feb") == (2, 14)
    assert birthday_of("29/02") == (2, 29)
    assert birthday_of("31/02") is birthday_of("") is birthday_of("soon") is None
