"""Spend by channel, outcomes, leads and deals by their id: guessed, read, refused in words."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from enterprise.data_sources.engine import guessing, parsing, reading
from enterprise.data_sources.engine.contracts import FileKind, MetricEntry, StageEntry
from enterprise.data_sources.errors import FileUnreadable, MappingIncomplete
from marketing_platform.core.clock import IST

SPEND = b"Date,Channel,Campaign,Cost,Currency,Impressions,Clicks\n"
DEALS = b"Deal ID,Account,Amount,Currency,Stage,Created,Close date,Won,Source,Owner\n"


def read(content, **changes):
    table = reading.read_table(content)
    mapping = replace(guessing.guess(table), **changes)
    return mapping, parsing.parse(table, mapping)


def test_spend_by_channel_keeps_each_channel_apart():
    mapping, parsed = read(
        SPEND
        + b'2026-01-05,Google Ads,Brand,"1,04,500.50",INR,900,30\n'
        + b"2026-01-05,Google Shopping,,20,INR,,\n2026-01-05,Google Ads,Brand,0.50,INR,1,\n"
    )
    assert mapping.kind is FileKind.SPEND
    assert [(e.channel, e.campaign, e.cost_paise, e.clicks) for e in parsed.entries] == [
        ("Google Shopping", "", 2_000, None),
        ("google_ads", "Brand", 10_450_100, 30),
    ]


def test_foreign_amounts_are_refused_until_a_rate_is_given():
    content = SPEND + b"2026-01-05,Meta,A,100,USD,,\n2026-01-05,Radio,A,50,INR,,\n"
    _mapping, parsed = read(content)
    assert (parsed.good_rows, parsed.bad_rows, parsed.currencies) == (1, 1, ("USD",))
    assert "not in rupees" in parsed.problems[0].problem
    _mapping, parsed = read(content, rates=(("USD", Decimal("83.2")),))
    assert {e.channel: e.cost_paise for e in parsed.entries} == {"Meta": 832_000, "Radio": 5_000}
    assert parsed.currencies == ()


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (b"2026-01-05,,A,1,INR,,", "channel is missing"),
        (b"2026-01-05,Radio,A,,INR,,", "cost is missing"),
        (b"2026-01-05,Radio,A,-1,INR,,", "must not be negative"),
        (b"2026-01-05,Radio,A,=A1,INR,,", "formula"),
        (b"2026-02-30,Radio,A,1,INR,,", "not a date"),
        (b"1890-01-05,Radio,A,1,INR,,", "out of range"),
        (b"2026-01-05,Radio,A,999999999999,INR,,", "too large"),
        (b"2026-01-05,Radio,A,nan,INR,,", "not a number"),
        (b"2026-01-05,Radio,A,1,04,500.50,,,9", "more cells"),
    ],
)
def test_a_bad_row_of_spend_is_named_and_the_others_stay(row, word):
    _mapping, parsed = read(SPEND + b"2026-01-12,Radio,A,7,INR,,\n" + row + b"\n")
    assert (parsed.good_rows, parsed.bad_rows) == (1, 1)
    assert word in parsed.problems[0].problem
    assert parsed.problems[0].line == 3


def test_the_grain_is_found_and_can_be_changed():
    content = SPEND + b"".join(b"2026-01-%02d,Radio,A,10,INR,,\n" % day for day in range(5, 19))
    _mapping, parsed = read(content)
    assert (parsed.grain, parsed.found_grain, len(parsed.entries)) == ("day", "day", 14)
    _mapping, parsed = read(content, grain="week")
    assert (parsed.grain, parsed.found_grain) == ("week", "day")
    assert [(e.date, e.cost_paise) for e in parsed.entries] == [
        (date(2026, 1, 5), 7_000),
        (date(2026, 1, 12), 7_000),
    ]


def test_outcomes_have_a_figure_a_revenue_and_a_region():
    mapping, parsed = read(
        b"Date,Metric,Value,Revenue,Region\n2026-01-05,Orders,12,1200.50,Delhi\n"
        b"2026-01-05,Visits,90,,Delhi\n2026-01-05,Orders,3,300,Goa\n"
    )
    assert mapping.kind is FileKind.OUTCOMES
    day = date(2026, 1, 5)
    assert set(parsed.entries) == {
        MetricEntry("Orders", day, Decimal(12), "Delhi"),
        MetricEntry("Revenue", day, Decimal("1200.50"), "Delhi", "INR"),
        MetricEntry("Visits", day, Decimal(90), "Delhi"),
        MetricEntry("Orders", day, Decimal(3), "Goa"),
        MetricEntry("Revenue", day, Decimal(300), "Goa", "INR"),
    }


def test_an_outcome_given_twice_or_not_at_all_is_a_problem():
    _mapping, parsed = read(
        b"Date,Metric,Value,Region\n2026-01-05,Orders,12,Goa\n2026-01-05,orders,13,goa\n"
        b"2026-01-06,Orders,,Goa\n2026-01-07,Orders,-4,Goa\n"
    )
    assert (parsed.good_rows, parsed.bad_rows) == (2, 2)
    assert "twice" in parsed.problems[0].problem
    assert "figure is missing" in parsed.problems[1].problem


def test_rates_are_averaged_and_counts_are_summed_into_weeks():
    content = b"Date,Metric,Value\n" + b"".join(
        b"2026-01-%02d,Orders,2\n2026-01-%02d,Return rate,4\n" % (day, day) for day in range(5, 12)
    )
    _mapping, parsed = read(content, grain="week")
    assert {e.series: e.value for e in parsed.entries} == {"Orders": 14, "Return rate": 4}


def test_deals_are_won_lost_or_open():
    mapping, parsed = read(
        DEALS
        + b'D1,Asha Steel,"4,50,000",INR,Closed Won,05/01/2026,25/02/2026,yes,Google Ads,Ravi\n'
        + b"D2,Beta,100,INR,Closed Lost,05/01/2026,26/02/2026,no,Referral,Ravi\n"
        + b"D3,Gamma,,INR,Proposal,05/01/2026,27/12/2026,,Facebook,\n"
    )
    assert mapping.kind is FileKind.DEALS
    won, lost, still_open = parsed.entries
    assert (won.amount_paise, won.is_won, won.closed_on) == (45_000_000, True, date(2026, 2, 25))
    assert (lost.is_won, lost.closed_on, lost.came_from) == (False, date(2026, 2, 26), "Referral")
    # The day an open deal is hoped to close is no close.
    assert (still_open.is_won, still_open.closed_on, still_open.amount_paise) == (None, None, None)
    assert still_open.came_from == "meta_ads"


def test_won_no_of_an_open_stage_is_not_a_loss():
    _mapping, parsed = read(
        b"Deal ID,Stage,Created,Won,Is closed\nD1,Proposal,2026-01-05,false,false\n"
        b"D2,Dead,2026-01-05,false,true\n"
    )
    assert [e.is_won for e in parsed.entries] == [None, False]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (b",A,1,INR,New,05/01/2026,,,x,y", "id is missing"),
        (b"D" * 121 + b",A,1,INR,New,05/01/2026,,,x,y", "id is too long"),
        (b"D9,A,-1,INR,New,05/01/2026,,,x,y", "must not be negative"),
        (b"D9,A,1,EUR,New,05/01/2026,,,x,y", "not in rupees"),
        (b"D9,A,1,INR,Won,05/02/2026,25/01/2026,yes,x,y", "closed before it was created"),
        (b"D9,A,1,INR,New,05/01/2026,,perhaps,x,y", "neither yes nor no"),
        (b"D9,A,1,INR,New,,,,x,y", "date is missing"),
    ],
)
def test_a_bad_deal_is_named(row, word):
    good = b"D1,A,1,INR,New,25/01/2026,,,x,y\n"
    _mapping, parsed = read(DEALS + good + row + b"\n")
    assert (parsed.good_rows, parsed.bad_rows) == (1, 1)
    assert word in parsed.problems[0].problem


def test_an_id_that_stands_there_twice_holds_once():
    _mapping, parsed = read(
        DEALS + b"D1,A,1,INR,New,25/01/2026,,,x,y\nD1,A,2,INR,Proposal,25/01/2026,,,x,y\n"
    )
    assert parsed.repeated_ids == 1
    assert [(e.external_id, e.amount_paise, e.stage) for e in parsed.entries] == [
        ("D1", 200, "Proposal")
    ]


def test_rows_of_one_lead_become_its_history():
    mapping, parsed = read(
        b"Lead ID,Created,Source,Stage,Entered at,Left at,Email\n"
        b"L1,2026-01-05,LinkedIn,Qualified,2026-01-09T20:12:33Z,,Anita@Veda.Example\n"
        b"L1,2026-01-05,LinkedIn,New,2026-01-05 10:30,,anita@veda.example\n"
    )
    assert mapping.kind is FileKind.LEAD_LIST
    (lead,) = parsed.entries
    qualified = datetime(2026, 1, 9, 20, 12, tzinfo=UTC)
    assert lead.history == (
        StageEntry("New", datetime(2026, 1, 5, 10, 30, tzinfo=IST), qualified),
        StageEntry("Qualified", qualified, None),
    )
    assert (lead.stage, lead.came_from) == ("Qualified", "linkedin_ads")
    assert lead.email_hash == hashlib.sha256(b"anita@veda.example").hexdigest()
    assert "anita" not in repr(parsed).lower()


def test_a_stage_left_before_it_was_entered_is_named():
    _mapping, parsed = read(
        b"Lead ID,Created,Stage,Entered at,Left at\nL1,2026-01-05,New,2026-01-09,2026-01-08\n"
    )
    assert "left before it was entered" in parsed.problems[0].problem


@pytest.mark.parametrize(
    "content",
    [b"Date,Channel\n2026-01-05,Radio\n", b"Deal ID,Stage,Amount\nD1,New,5\n"],
)
def test_a_file_without_a_needed_column_asks_for_it(content):
    with pytest.raises((MappingIncomplete, FileUnreadable)):
        parsing.parse(
            table := reading.read_table(content),
            guessing.for_kind(
                table,
                guessing.guess(table),
                FileKind.SPEND if b"Channel" in content else FileKind.DEALS,
            ),
        )


def test_ten_years_of_days_are_read():
    first = date(2016, 1, 1)
    lines = [f"{first + timedelta(days=n)},Radio,A,{n},INR,," for n in range(3_653)]
    _mapping, parsed = read(SPEND + "\n".join(lines).encode())
    assert (parsed.good_rows, parsed.last_on) == (3_653, date(2025, 12, 31))


def test_one_row_is_enough():
    _mapping, parsed = read(DEALS + b"D1,A,1,INR,New,25/01/2026,,,x,y\n")
    assert (parsed.good_rows, parsed.grain) == (1, "day")
