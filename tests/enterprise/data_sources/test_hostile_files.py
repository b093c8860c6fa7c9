"""Files nobody has prepared for: short reports, totals in odd places, damaged workbooks."""

import io
import random
import warnings
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from enterprise.data_sources.engine import guessing, parsing, reading
from enterprise.data_sources.engine.contracts import FileKind
from enterprise.data_sources.errors import FileUnreadable, MappingIncomplete
from enterprise.data_sources.models import ImportBatch
from marketing_platform.tenants.context import tenant_context

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ONE_CELL = (
    b"<worksheet %s><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>&b;</t></is></c></row>"
    b"</sheetData></worksheet>" % NAMESPACE
)
BOMB = (
    b"<!DOCTYPE x [<!ENTITY a '" + b"l" * 1000 + b"'>"
    b"<!ENTITY c '" + b"&a;" * 100 + b"'><!ENTITY d '" + b"&c;" * 100 + b"'>"
    b"<!ENTITY b '" + b"&d;" * 100 + b"'>]>" + ONE_CELL
)
OUTSIDE = b"<!DOCTYPE x [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>" + ONE_CELL


def read(content):
    table = reading.read_table(content)
    return parsing.parse(table, guessing.guess(table))


def paise(parsed):
    return sum(entry.cost_paise for entry in parsed.entries)


@pytest.fixture
def sheet(workbook):
    return workbook([["Date", "Revenue"], ["2026-01-05", 1], ["2026-01-06", 2]])


def rewritten(sheet, part, change):
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet)) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return content.getvalue()


def test_two_rows_below_a_preamble_full_of_commas_are_found():
    lines = [
        "Campaign Performance Report (in UTC)",
        "Report Start: January 5, 2026, 12:00 AM",
        "Report End: March 1, 2026, 11:59 PM",
        "Date Generated: March 2, 2026, 9:14 AM",
        "",
        "Start Date (in UTC)\tCurrency\tCampaign Name\tTotal Spent\tImpressions\tLeads",
        "1/5/2026\tINR\tDealers\t1,234.56\t9,000\t",
        "2/5/2026\tINR\tDealers\t1.44\t9,000\t3",
    ]
    parsed = read("\r\n".join(lines).encode("utf-16"))
    assert (parsed.good_rows, parsed.bad_rows, paise(parsed)) == (2, 0, 123_600)


def test_a_total_below_the_dates_is_no_problem():
    content = (
        b"Campaign report\nDay,Campaign,Currency code,Cost\n2025-11-03,A,INR,10.10\n"
        b'2025-11-03,Total comfort,INR,"1,04,500.05"\n --,Total: Account,INR,"1,04,510.15"\n'
    )
    parsed = read(content)
    assert (parsed.good_rows, parsed.bad_rows, parsed.total_rows_skipped) == (2, 0, 1)
    assert paise(parsed) == 10_451_015


@pytest.mark.parametrize("name", ["Total", "Grand total", "Results from 2 campaigns"])
def test_a_total_with_dates_is_not_counted_as_a_campaign(name):
    content = (
        "Campaign name,Reporting starts,Reporting ends,Amount spent (INR),Results\n"
        '"दिवाली, ""Mega""\nSale",2026-01-05,2026-01-05,"1,234.56",\n'
        "B,2026-01-05,2026-01-05,0.44,3\n"
        f"{name},2026-01-05,2026-01-05,1235.00,3\n"
    )
    parsed = read(content.encode("utf-8-sig"))
    assert (parsed.good_rows, parsed.total_rows_skipped, paise(parsed)) == (2, 1, 123_500)


def test_an_amount_torn_apart_by_its_commas_is_named_and_not_read_as_one_rupee():
    parsed = read(b"Day,Campaign,Cost,Clicks\n2026-01-05,A,1,04,500.50,3\n2026-01-06,A,2.50,3,\n")
    problem = parsed.problems[0]
    assert (parsed.good_rows, parsed.bad_rows, paise(parsed)) == (1, 1, 250)
    assert (problem.line, problem.value) == (2, "500.50")
    assert "more cells" in problem.problem and "quotation marks" in problem.fix


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, b"", b"<worksheet><sheetData>"])
def test_a_hostile_or_torn_sheet_is_refused_in_words(sheet, content):
    with pytest.raises(FileUnreadable):
        reading.read_table(rewritten(sheet, SHEET, lambda _old: content))


@pytest.mark.parametrize(
    "part",
    ["xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"],
)
def test_half_a_part_of_a_workbook_is_refused_in_words(sheet, part):
    with pytest.raises(FileUnreadable):
        reading.read_table(rewritten(sheet, part, lambda old: old[: len(old) // 2]))


def test_no_damaged_byte_of_a_workbook_crashes(sheet):
    chance = random.Random(1)
    for _try in range(120):
        damaged = bytearray(sheet)
        for _byte in range(chance.choice([1, 3, 10])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                parsed = read(bytes(damaged))
            except (FileUnreadable, MappingIncomplete):
                continue
        assert parsed.entries == () or parsed.grain == "day"


def test_a_google_week_report_is_right_to_the_paisa():
    lines = [
        "Campaign report",
        "November 3, 2025 - November 30, 2025",
        "Week\tCampaign\tCurrency code\tCost\tImpr.\tConversions",
        '"Nov 3, 2025"\t"Search, ""Brand"""\tINR\t₹1,04,500.55\t12,345\t21.50',
        '"Nov 10, 2025"\tDisplay\tINR\t"2,000.45"\t --\t --',
        'Total: Account\t --\tINR\t"1,06,501.00"\t12,345\t21.50',
    ]
    parsed = read("\n".join(lines).encode("utf-16-le"))
    assert (parsed.good_rows, parsed.total_rows_skipped, parsed.grain) == (2, 1, "week")
    assert paise(parsed) == 10_650_100
    assert (
        guessing.guess(reading.read_table("\n".join(lines).encode("utf-16-le"))).kind
        == FileKind.GOOGLE_ADS
    )


def test_a_torn_workbook_is_said_on_the_page_and_leaves_nothing(
    workspace_client, enterprise_tenant, vikram, sheet
):
    client = workspace_client(enterprise_tenant, vikram)
    file = SimpleUploadedFile("leads.xlsx", rewritten(sheet, SHEET, lambda old: old[:200]))
    answer = client.post("/data/upload/", {"file": file})
    assert answer.status_code == 400
    assert "This file cannot be read. Save it as CSV or XLSX" in answer.content.decode()
    with tenant_context(enterprise_tenant):
        assert ImportBatch.objects.count() == 0
