"""In what an amount is: lakh and crore, signs of currencies; and how a sheet keeps dates."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from enterprise.data_sources.engine import guessing, parsing
from enterprise.data_sources.engine.cells import moment_of, number_of
from enterprise.data_sources.engine.contracts import DateOrder, Role
from enterprise.data_sources.engine.reading import read_table
from marketing_platform.core.clock import IST


def parsed(content, **changes):
    table = read_table(content if isinstance(content, bytes) else content.encode())
    mapping = guessing.guess(table)
    for name, value in changes.items():
        object.__setattr__(mapping, name, value)
    return parsing.parse(table, mapping)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5.2 lakh", "520000"), ("₹5.2L", "520000"), ("1.5 Cr", "15000000"),
        ("2 crores", "20000000"), ("Rs. 3 lacs", "300000"), ("12,34,567", "1234567"),
        ("(1.5 lakh)", "-150000"),
        ("-₹2 Cr", "-20000000"), ("₹80k", "80000"), ("1.2 mn", "1200000"),
    ],
)  # fmt: skip
def test_lakh_and_crore_are_read(text, number):
    assert number_of(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["lakh", "5 lakh 20", "5 lac crore", "L5", "5 clicks", "k", "15 L", "15k"]
)
def test_a_word_that_is_no_unit_is_still_refused(text):
    with pytest.raises(ValueError):
        number_of(text)


@pytest.mark.parametrize(
    ("heading", "paise"),
    [
        ("Spend", 520),
        ("Spend (₹)", 520),
        ("Spend (INR)", 520),
        ("Spend (net)", 520),
        ("Spend (₹ lakh)", 520 * 10**5),
        ("Spend (Rs. in lakhs)", 520 * 10**5),
        ("Spend (INR Cr)", 520 * 10**7),
        ("Spend ('000)", 520 * 1_000),
        ("Spend in lakhs", 520 * 10**5),
    ],
)
def test_a_heading_says_in_what_its_amounts_are(heading, paise):
    found = parsed(f"Date,Channel,{heading}\n2026-01-05,Radio,5.20\n2026-01-06,Radio,5.20\n")
    assert [entry.cost_paise for entry in found.entries] == [paise, paise]


@pytest.mark.parametrize(
    ("heading", "currency"),
    [("Spend ($)", "USD"), ("Spend (US$)", "USD"), ("Spend (USD mn)", "USD"), ("Spend (€)", "EUR")],
)
def test_a_foreign_sign_in_a_heading_asks_for_the_rate(heading, currency):
    content = f"Date,Channel,{heading}\n2026-01-05,Radio,5.20\n"
    found = parsed(content)
    assert (found.good_rows, found.currencies) == (0, (currency,))
    found = parsed(content, rates=((currency, Decimal(80)),))
    assert found.entries[0].cost_paise == 41_600 * (10**6 if "mn" in heading else 1)


@pytest.mark.parametrize(
    ("written", "currency"), [("$", "USD"), ("US$", "USD"), ("£", "GBP"), ("aed", "AED")]
)
def test_a_foreign_sign_in_the_column_of_currencies_asks_for_the_rate(written, currency):
    found = parsed(
        "Date,Channel,Cost,Currency\n"
        f"2026-01-05,Radio,5,{written}\n2026-01-06,Radio,5,INR\n"
        "2026-01-07,Radio,5,Rs.\n2026-01-08,Radio,5,₹\n2026-01-09,Radio,5,\n"
    )
    assert (found.good_rows, found.bad_rows, found.currencies) == (4, 1, (currency,))


def test_a_currency_that_nobody_knows_is_not_taken_for_rupees():
    found = parsed("Date,Channel,Cost,Currency\n2026-01-05,Radio,5,dollars of a kind\n")
    assert (found.good_rows, found.bad_rows, found.currencies) == (0, 1, ())
    assert found.problems[0].problem == "This is not a currency we know."


def test_an_amount_too_large_in_rupees_is_refused():
    content = "Date,Channel,Cost,Currency\n2026-01-05,Radio,99999999999,USD\n"
    found = parsed(content, rates=(("USD", Decimal(90_000)),))
    assert (found.good_rows, found.problems[0].problem) == (0, "This number is too large.")


def written(hour, minute):
    """As a spreadsheet has it: of no time zone."""
    return datetime(2026, 1, 9, hour, minute, tzinfo=IST).replace(tzinfo=None)


def test_a_sheet_keeps_the_time_at_which_a_stage_was_entered(workbook):
    content = workbook(
        [
            ["Deal ID", "Created", "Stage", "Entered at"],
            ["D1", date(2026, 1, 5), "Won", written(17, 45)],
            ["D1", date(2026, 1, 5), "Proposal", written(10, 15)],
        ]
    )
    deal = parsed(content).entries[0]
    assert (deal.stage, [stay.stage for stay in deal.history]) == ("Won", ["Proposal", "Won"])
    assert deal.history[1].entered_at == datetime(2026, 1, 9, 17, 45, tzinfo=IST)


def test_dates_that_a_sheet_holds_as_numbers_are_read(workbook):
    found = parsed(workbook([["Date", "Channel", "Cost"], [46027, "Radio", 5], [46028.5, "TV", 6]]))
    assert [str(entry.date) for entry in found.entries] == ["2026-01-05", "2026-01-06"]
    assert moment_of("46027.75", DateOrder.UNKNOWN) == datetime(2026, 1, 5, 18, tzinfo=IST)


def test_a_guess_names_the_columns_of_amounts_in_lakh():
    table = read_table("Month,Channel,Spend (₹ lakh)\n2026-01-01,Radio,5\n".encode())
    assert guessing.guess(table).roles == (Role.DATE, Role.CHANNEL, Role.COST)
