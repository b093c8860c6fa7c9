"""Odd, broken and hostile files: nothing is lost without a word, nothing eats the machine."""

import io
import time
import zipfile

import pytest
from openpyxl import Workbook

from marketing_platform.core.tables import TableUnreadable, csv_write, table_read

SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


def saved(fill):
    book, out = Workbook(), io.BytesIO()
    fill(book.active)
    book.save(out)
    return out.getvalue()


def with_sheet(xml):
    """A workbook whose first sheet is this XML."""
    out = io.BytesIO()
    plain = zipfile.ZipFile(io.BytesIO(saved(lambda sheet: sheet.append(["x"]))))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in plain.namelist():
            is_sheet = name == "xl/worksheets/sheet1.xml"
            archive.writestr(name, xml if is_sheet else plain.read(name))
    return out.getvalue()


def cells(content, most_rows=100):
    return [row.cells for row in table_read(content, most_rows=most_rows).rows]


def refused(content, most_rows=100):
    with pytest.raises(TableUnreadable) as caught:
        table_read(content, most_rows=most_rows)
    return caught.value.english


def test_a_small_file_that_unpacks_to_one_huge_row_is_refused_at_once():
    bomb = with_sheet(SHEET + b'<row r="1">' + b"<c><v>1</v></c>" * 1_000_000 + b"</row>" + END)
    began = time.perf_counter()
    assert len(bomb) < 100_000
    assert refused(bomb) == "This spreadsheet is too large. Export a shorter period."
    assert time.perf_counter() - began < 2


def test_rows_behind_many_empty_lines_are_not_lost():
    def fill(sheet):
        sheet["A1"], sheet["A5000"] = "Phone", "9999900001"

    rows = table_read(saved(fill), most_rows=100).rows
    assert [(row.line, row.cells) for row in rows] == [(1, ("Phone",)), (5000, ("9999900001",))]


def test_empty_cells_to_the_last_column_are_no_columns():
    def fill(sheet):
        for line in (1, 2):
            sheet.cell(line, 1, "x")
            sheet.cell(line, 16_384).number_format = "0.0"

    assert cells(saved(fill)) == [("x",), ("x",)]
    assert cells(b"Phone,Name" + b"," * 300 + b"\n1,a" + b"," * 300) == [
        ("Phone", "Name"),
        ("1", "a"),
    ]
    assert refused(b",".join([b"x"] * 201)) == "This file has more than 200 columns."


def test_a_merged_cell_has_its_text_in_its_first_place_and_a_formula_its_saved_value():
    def fill(sheet):
        sheet.append(["Phone", "Name"])
        sheet.append([9999900001, "A"])
        sheet.append([None, "B"])
        sheet.merge_cells("A2:A3")

    assert cells(saved(fill)) == [("Phone", "Name"), ("9999900001", "A"), ("", "B")]
    row = b'<row r="1"><c r="A1"><f>1+2</f><v>3</v></c><c r="B1"><f>4+5</f></c></row>'
    assert cells(with_sheet(SHEET + row + END)) == [("3", "=4+5")]


@pytest.mark.parametrize(
    "text", ['Phone,Name\n1,"abc\n2,b\n3,c\n', 'Phone,Name\n1,"abc\n' + "2,b\n" * 30 + '3,"c"\n']
)
def test_a_quotation_mark_left_open_swallows_no_rows(text):
    assert refused(text.encode()) == "Line 2 cannot be read: a quotation mark may be missing."


def test_a_quotation_mark_inside_a_cell_is_only_a_mark():
    assert cells(b'Phone,Items\n1,5" pipe\n2,"a\nb"\n') == [
        ("Phone", "Items"),
        ("1", '5" pipe'),
        ("2", "a\nb"),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html><table><tr><td>9999900001</td></tr></table></html>", "This is a web page"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html>", "This is a web page"),
        (b"\n %PDF-1.4", "This is a PDF"),
        (b"GIF89a" + bytes(range(256)), "This file cannot be read"),
    ],
)
def test_what_only_has_the_name_of_a_list_is_refused(content, sentence):
    assert refused(content).startswith(sentence)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_semicolons_in_the_encodings_of_spreadsheets(encoding):
    text = "Phone;Name\r\n9999900001;Zoë – “Café”\r\n"
    assert cells(text.encode(encoding))[1] == ("9999900001", "Zoë – “Café”")


def test_an_amount_below_zero_stays_a_number_and_anything_else_after_a_minus_does_not():
    written = csv_write([["-1250.50", "-7", "-1+1", "-", "+919999900001", "-1e9|calc"]]).decode()
    assert written == "\ufeff-1250.50,-7,'-1+1,'-,'+919999900001,'-1e9|calc\r\n"
