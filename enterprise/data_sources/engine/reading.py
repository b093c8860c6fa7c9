"""From bytes to rows of text: encodings, delimiters, spreadsheets."""

import codecs
import csv
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from enterprise.data_sources.engine.contracts import (
    LARGEST_FILE,
    MOST_COLUMNS,
    MOST_ROWS,
    RawTable,
    Row,
)
from enterprise.data_sources.errors import FileUnreadable
from marketing_platform.core.text import mark as _

DELIMITERS = (",", ";", "\t", "|")
LARGEST_UNPACKED = 120 * 1024 * 1024
SNIFFED_LINES = 60
# What a damaged, locked or hostile workbook makes zipfile, the XML parser and openpyxl raise. Both
# parsers openpyxl may use, xml.etree and lxml, raise a SyntaxError of their own.
SHEET_ERRORS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, SyntaxError,
    InvalidFileException, LookupError, ValueError, TypeError, AttributeError, OSError,
)  # fmt: skip
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHER_FORMATS = {
    b"\xd0\xcf\x11\xe0": _("This is an old Excel file (.xls). Save it as .xlsx or CSV."),
    b"%PDF": _("This is a PDF. Export the table as CSV or XLSX."),
    b"\x89PNG": _("This is a picture. Export the table as CSV or XLSX."),
    b"\xff\xd8\xff": _("This is a picture. Export the table as CSV or XLSX."),
}


def read_table(content: bytes) -> RawTable:
    """Rows of text from CSV (any common encoding and delimiter) or the first sheet of an XLSX.

    Raises FileUnreadable for empty, too large, foreign or broken files. Formula cells of a
    sheet give their saved value, or the formula's text when none was saved.
    """
    if not content.strip():
        raise FileUnreadable(_("This file is empty."))
    if len(content) > LARGEST_FILE:
        raise FileUnreadable(_("This file is larger than 10 MB. Export a shorter period."))
    for start, sentence in OTHER_FORMATS.items():
        if content.startswith(start):
            raise FileUnreadable(sentence)
    table = _read_sheet(content) if content.startswith(b"PK") else _read_text(content)
    if not table.rows:
        raise FileUnreadable(_("This file has no rows."))
    return table


def _read_text(content: bytes) -> RawTable:
    text, encoding = _decoded(content)
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = tuple(_limited(_text_rows(reader)))
    except csv.Error as error:
        raise FileUnreadable(
            _("Line %(line)s cannot be read: a quotation mark may be missing."),
            line=reader.line_num,
        ) from error
    return RawTable(rows=rows, encoding=encoding, delimiter=delimiter)


def _decoded(content: bytes) -> tuple[str, str]:
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return _decode_strictly(content, encoding), encoding
    sample = content[:2_000]
    if sample.count(b"\x00") > len(sample) // 4:
        encoding = "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"
        return _decode_strictly(content, encoding), encoding
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "cp1252"


def _decode_strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileUnreadable from error


def _delimiter(text: str) -> str:
    """The delimiter that splits the first lines into most cells of one and the same width.

    Few rows below a preamble full of commas are still seen: a wide table outweighs it.
    """
    lines = text.splitlines()[:SNIFFED_LINES]

    def score(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            return (0, 0)
        widths.pop(0, None)
        widths.pop(1, None)
        if not widths:
            return (0, 0)
        width, times = max(widths.items(), key=lambda pair: (pair[1], pair[0]))
        return (times * (width - 1), width)

    return max(DELIMITERS, key=score)


def _text_rows(reader: Any) -> Iterator[Row]:
    line = 1
    for cells in reader:
        yield Row(line, tuple([_bare(cell) for cell in cells]))
        line = reader.line_num + 1


def _bare(cell: str) -> str:
    """Without spaces, and without the ="…" by which exports keep a number as text."""
    cell = cell.strip()
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def _read_sheet(content: bytes) -> RawTable:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
                raise FileUnreadable(_("This spreadsheet is too large. Export a shorter period."))
            has_formulas = any(
                b"<f" in archive.read(part)
                for part in archive.namelist()
                if part.startswith("xl/worksheets/")
            )
        values = _sheet_rows(content, data_only=True)
        formulas = _sheet_rows(content, data_only=False) if has_formulas else values
        rows = tuple(_limited(_merged(values, formulas)))
    except FileUnreadable:
        raise
    except SHEET_ERRORS as error:
        raise FileUnreadable from error
    return RawTable(rows=rows, encoding="xlsx", delimiter="")


def _sheet_rows(content: bytes, *, data_only: bool) -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=data_only)
    try:
        if not book.worksheets:
            raise FileUnreadable(_("This file has no rows."))
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = []
        for cells in sheet.iter_rows(values_only=True):
            rows.append(cells[: MOST_COLUMNS + 1])
            if len(rows) > MOST_ROWS + 1_000:
                break
        return rows
    finally:
        book.close()


def _merged(values: list[tuple[Any, ...]], formulas: list[tuple[Any, ...]]) -> Iterator[Row]:
    for line, (row, written) in enumerate(zip(values, formulas, strict=False), start=1):
        pairs = zip(row, written, strict=False)
        cells = tuple(_text_of(saved if saved is not None else text) for saved, text in pairs)
        if any(cells):
            yield Row(line, cells)


def _text_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        # A sheet keeps a time as a fraction of a day, a hair off the second.
        moment = value + timedelta(milliseconds=500)
        shown = moment.isoformat(sep=" ", timespec="seconds")
        return shown.removesuffix(" 00:00:00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else str(value)
    return str(value).strip()


def _limited(rows: Iterator[Row]) -> Iterator[Row]:
    kept = 0
    for row in rows:
        if not any(row.cells):
            continue
        kept += 1
        if kept > MOST_ROWS:
            raise FileUnreadable(
                _("This file has more than 1,00,000 rows. Export a shorter period.")
            )
        if len(row.cells) > MOST_COLUMNS:
            raise FileUnreadable(_("This file has more than 200 columns."))
        yield row
