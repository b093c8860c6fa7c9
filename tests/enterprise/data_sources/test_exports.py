"""Each kind of export: guessed, read, and what goes wrong with it."""

from datetime import date
from decimal import Decimal

import pytest

from enterprise.data_sources.engine import guessing, parsing, reading
from enterprise.data_sources.engine.contracts import (
    ColumnMapping,
    DateOrder,
    FileKind,
    LeadEntry,
    MetricEntry,
    Role,
    SpendEntry,
)
from enterprise.data_sources.errors import FileUnreadable, MappingIncomplete


def read(content):
    table = reading.read_table(content)
    mapping = guessing.guess(table)
    return table, mapping, parsing.parse(table, mapping)


def test_google_ads(google_file):
    _table, mapping, parsed = read(google_file)
    assert (mapping.kind, mapping.header_line) == (FileKind.GOOGLE_ADS, 3)
    assert (parsed.good_rows, parsed.bad_rows, parsed.total_rows_skipped) == (16, 0, 2)
    assert parsed.grain == "week"
    brand = next(entry for entry in parsed.entries if entry.campaign == "Search | Brand")
    assert brand == SpendEntry(
        date(2026, 1, 5), "Search | Brand", 10_450_050, 12_345, 310, Decimal("21.00")
    )
    display = next(entry for entry in parsed.entries if entry.campaign == "Display")
    assert (display.impressions, display.leads) == (None, None)


def test_meta_ads(meta_file):
    _table, mapping, parsed = read(meta_file)
    assert mapping.kind is FileKind.META_ADS
    assert (parsed.good_rows, parsed.bad_rows, parsed.total_rows_skipped) == (6, 0, 1)
    assert parsed.grain == "week"
    assert parsed.entries[0] == SpendEntry(
        date(2026, 1, 5), "Kitchen range", 12_000_025, 150_000, 900, Decimal(101)
    )


def test_linkedin_ads(linkedin_file):
    table, mapping, parsed = read(linkedin_file)
    assert (mapping.kind, table.encoding, table.delimiter) == (
        FileKind.LINKEDIN_ADS, "utf-16", "\t",
    )  # fmt: skip
    assert mapping.date_order is DateOrder.MONTH_FIRST
    assert parsed.first_on == date(2026, 1, 5)
    assert parsed.last_on == date(2026, 2, 9)
    assert parsed.entries[0].cost_paise == 3_000_075


def test_a_list_of_leads_becomes_counts_without_names(leads_file):
    _table, mapping, parsed = read(leads_file)
    assert (mapping.kind, mapping.date_order) == (FileKind.LEADS, DateOrder.DAY_FIRST)
    assert parsed.entries[:2] == (
        LeadEntry(date(2026, 1, 5), "google_ads", 1),
        LeadEntry(date(2026, 1, 6), "meta_ads", 1),
    )
    assert {entry.channel for entry in parsed.entries} == {
        "google_ads", "meta_ads", "linkedin_ads", "Walk-in",
    }  # fmt: skip
    assert "देशमुख" not in repr(parsed)


def test_leads_by_week():
    content = b"Week,Leads\n2026-01-05,40\n2026-01-12,44\n2026-01-19,39\n"
    _table, mapping, parsed = read(content)
    assert (mapping.kind, parsed.grain) == (FileKind.LEADS, "week")
    assert parsed.entries[1] == LeadEntry(date(2026, 1, 12), "", 44)


def test_plain_figures(metrics_file):
    _table, mapping, parsed = read(metrics_file)
    assert mapping.kind is FileKind.METRICS
    assert mapping.roles == (Role.DATE, Role.METRIC, Role.METRIC)
    assert parsed.grain == "week"
    assert parsed.entries[0] == MetricEntry(
        "Revenue (INR)", date(2026, 1, 5), Decimal(100), unit="INR"
    )


def test_a_spreadsheet_with_dates_numbers_and_a_formula(workbook):
    rows = [["Date", "Orders", "Double"]]
    rows += [[date(2026, 1, place), place * 10, place * 20] for place in range(1, 8)]
    rows.append([date(2026, 1, 8), 80, "=B9*2"])
    _table, _mapping, parsed = read(workbook(rows))
    assert parsed.entries[0] == MetricEntry("Orders", date(2026, 1, 1), Decimal(10))
    (problem,) = parsed.problems
    assert (problem.line, problem.column, problem.value) == (9, "Double", "=B9*2")
    assert problem.problem == "This cell holds a formula without a saved value."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(encoding, delimiter):
    lines = [["Date", "Café"], *[[f"2026-01-{day:02d}", str(day)] for day in range(1, 15)]]
    content = "\n".join(delimiter.join(line) for line in lines).encode(encoding)
    _table, _mapping, parsed = read(content)
    assert {entry.series for entry in parsed.entries} == {"Café"}
    assert len(parsed.entries) == 14


def test_dates_that_prove_nothing_are_asked_for():
    content = b"Date,Orders\n01/02/2026,3\n02/02/2026,4\n03/02/2026,5\n"
    table = reading.read_table(content)
    mapping = guessing.guess(table)
    assert mapping.date_order is DateOrder.UNKNOWN
    with pytest.raises(MappingIncomplete) as caught:
        parsing.parse(table, mapping)
    assert caught.value.field == "date_order"
    chosen = ColumnMapping(mapping.kind, 1, mapping.roles, DateOrder.DAY_FIRST)
    assert parsing.parse(table, chosen).last_on == date(2026, 2, 3)


def test_each_bad_row_is_named_with_its_fix():
    rows = ("2026-01-01,3", "2026-02-30,4", "2026-01-03,many", ",5", "2026-01-01,6", "2026-01-06,7")
    content = "\n".join(["Date,Orders", *rows]).encode()
    _table, _mapping, parsed = read(content)
    assert (parsed.good_rows, parsed.bad_rows) == (2, 4)
    assert [(row.line, row.column, row.problem) for row in parsed.problems] == [
        (3, "Date", "This is not a date we can read."),
        (4, "Orders", "This is not a number."),
        (5, "Date", "The date is missing."),
        (6, "Date", "This date stands in the file twice."),
    ]


def test_costs_in_dollars_are_refused():
    content = (
        b"Day,Campaign,Currency code,Cost,Clicks\n2026-01-05,Brand,USD,10.00,3\n"
        b"2026-01-06,Brand,USD,11.00,3\n"
    )
    _table, _mapping, parsed = read(content)
    assert parsed.bad_rows == 2
    assert parsed.problems[0].problem == "The amounts are not in rupees."
    meta = b"Campaign name,Reporting starts,Amount spent (USD)\nA,2026-01-05,10\nA,2026-01-12,11\n"
    assert read(meta)[2].bad_rows == 2


def test_a_row_over_a_quarter_cannot_be_placed():
    content = (
        b"Campaign name,Reporting starts,Reporting ends,Amount spent (INR)\n"
        b"A,2026-01-01,2026-03-31,900\n"
    )
    (problem,) = read(content)[2].problems
    assert problem.problem == "This row covers more than a week and not one month."


def test_rows_of_one_campaign_and_day_are_summed():
    content = (
        b"Day,Campaign,Ad group,Cost,Clicks\n2026-01-05,A,x,10,1\n2026-01-05,A,y,15,2\n"
        b"2026-01-06,A,x,1,1\n"
    )
    parsed = read(content)[2]
    assert parsed.entries[0] == SpendEntry(date(2026, 1, 5), "A", 2500, None, 3, None)


def test_weeks_that_start_on_sunday_belong_to_the_monday_after():
    content = b"Week,Campaign,Cost,Clicks\n2026-01-04,A,10,1\n2026-01-11,A,12,1\n"
    assert [entry.date for entry in read(content)[2].entries] == [
        date(2026, 1, 5), date(2026, 1, 12),
    ]  # fmt: skip


def test_a_campaign_called_total_is_no_total():
    content = b"Campaign,Day,Cost,Clicks\nTotal comfort,2026-01-05,10,1\nTotal: Account,--,10,1\n"
    parsed = read(content)[2]
    assert (parsed.good_rows, parsed.total_rows_skipped) == (1, 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"   \n ", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel"),
        (b"PK\x03\x04not a zip", "cannot be read"),
        (b"\x89PNG\r\n", "picture"),
        (b"just one line of prose", "column names"),
        (b"1,2,3\n4,5,6\n", "column names"),
        (b"x" * (10 * 1024 * 1024 + 1), "larger than 10 MB"),
        (b"Date,A\n" + b"2026-01-01,1\n" * 100_001, "more than 1,00,000 rows"),
        (b",".join([b"Date"] * 201) + b"\n", "200 columns"),
    ],
)
def test_a_bad_file_is_refused_in_words(content, words):
    with pytest.raises(FileUnreadable, match=words):
        guessing.guess(reading.read_table(content))


def test_an_unclosed_quotation_mark_does_not_hang():
    content = b'Date,Orders\n2026-01-01,"3\n' + b"2026-01-02,4\n" * 20_000
    with pytest.raises(FileUnreadable, match="quotation mark"):
        read(content)


def test_a_packed_bomb_is_refused(monkeypatch, workbook):
    monkeypatch.setattr(reading, "LARGEST_UNPACKED", 1_000)
    with pytest.raises(FileUnreadable, match="too large"):
        reading.read_table(workbook([["Date", "A"], ["2026-01-01", 1]]))
