"""Files of rows: from the bytes of a CSV or XLSX to cells of text, and back without formulas.

Encodings are UTF-8, UTF-16 and cp1252; delimiters are guessed. Of an XLSX the first sheet is read,
saved values before formulas; a merged cell has its text in its first place.
"""

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import CONTROL_CHARACTERS
from marketing_platform.core.text import mark as _

LARGEST_FILE = 10 * 1024 * 1024
LARGEST_UNPACKED = 40 * 1024 * 1024
# Of one row as XML: openpyxl holds a whole row at once, at many times its size.
LARGEST_ROW = 2 * 1024 * 1024
MOST_COLUMNS = 200
# A cell of more lines than this is a quotation mark that was never closed.
MOST_LINES_IN_ROW = 20
DELIMITERS = (",", ";", "\t", "|")
SNIFFED_LINES = 60
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# An amount below zero is no formula; a phone number with + would lose its + as a number.
PLAIN_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")
# What a damaged, locked or hostile workbook makes zipfile, the XML parser and openpyxl raise.
SHEET_ERRORS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ParseError,
    InvalidFileException, LookupError, ValueError, TypeError, AttributeError, OSError,
)  # fmt: skip
TOO_LARGE = _("This spreadsheet is too large. Export a shorter period.")
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
WEB_PAGE = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<head")


class TableUnreadable(InvalidInput):
    code = "table_unreadable"
    sentence = _("This file cannot be read. Save it again as CSV or XLSX and upload it.")


@dataclass(frozen=True)
class TableRow:
    """`line` counts from 1, as a spreadsheet or editor shows it."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows with anything in them. `delimiter` is empty for a spreadsheet."""

    rows: tuple[TableRow, ...]
    encoding: str
    delimiter: str


def table_read(content: bytes, *, most_rows: int) -> Table:
    """Raises TableUnreadable for empty, foreign, broken or too large files."""
    if not content.strip():
        raise TableUnreadable(_("This file is empty."), field="file")
    if len(content) > LARGEST_FILE:
        raise TableUnreadable(
            _("This file is larger than 10 MB. Export a shorter period."), field="file"
        )
    start = content[:200].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith(WEB_PAGE):
        raise TableUnreadable(
            _("This is a web page, whatever its name says. Open it in Excel, save it as XLSX."),
            field="file",
        )
    for magic, sentence in OTHER_FORMATS.items():
        if content.startswith(magic) or start.startswith(magic.lower()):
            raise TableUnreadable(sentence, field="file")
    read = _sheet_read if content.startswith(b"PK") else _text_read
    table = read(content, most_rows)
    if not table.rows:
        raise TableUnreadable(_("This file has no rows."), field="file")
    return table


# --- text


def _text_read(content: bytes, most_rows: int) -> Table:
    text, encoding = _decoded(content)
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    delimiter = _delimiter(text)
    return Table(tuple(_limited(_text_rows(text, delimiter), most_rows)), encoding, delimiter)


def _decoded(content: bytes) -> tuple[str, str]:
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return _decoded_strictly(content, encoding), encoding
    sample = content[:2_000]
    # Of UTF-16 without a mark, spaces and line ends show: a zero always on one side of a byte.
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) >= 3 and min(even, odd) * 10 <= max(even, odd):
        encoding = "utf-16-le" if odd > even else "utf-16-be"
        return _decoded_strictly(content, encoding), encoding
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        if CONTROL_CHARACTERS.search(sample.decode("latin-1")[:500].replace("\x00", "")):
            raise TableUnreadable(field="file") from None  # a picture, an archive, a program
        return content.decode("cp1252", errors="replace"), "cp1252"


def _decoded_strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise TableUnreadable(field="file") from error


def _delimiter(text: str) -> str:
    """The delimiter that splits the first lines into most cells of one and the same width."""
    lines = text[:200_000].splitlines()[:SNIFFED_LINES]

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


def _text_rows(text: str, delimiter: str) -> Iterator[TableRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = last = 1
    try:
        for cells in reader:
            if reader.line_num - line >= MOST_LINES_IN_ROW:
                raise csv.Error("a row of too many lines")
            yield TableRow(line, tuple([_bare(cell) for cell in cells]))
            last, line = line, reader.line_num + 1
        _closed_check(text, last, delimiter)
    except csv.Error as error:
        raise TableUnreadable(
            _("Line %(line)s cannot be read: a quotation mark may be missing."),
            field="file",
            line=line if line <= reader.line_num else last,
        ) from error


def _closed_check(text: str, last: int, delimiter: str) -> None:
    """Raises csv.Error when the file ends inside quotation marks: rows were taken for one cell."""
    rest = text.split("\n", last - 1)[-1]
    try:
        list(csv.reader(io.StringIO(rest, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise


def _bare(cell: str) -> str:
    """Without what keeps a number or a formula as text: ="…" of exports, the ' of ours."""
    cell = CONTROL_CHARACTERS.sub("", cell).strip()
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1]
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell


# --- spreadsheets


def _sheet_read(content: bytes, most_rows: int) -> Table:
    try:
        has_formulas = _opened_safely(content)
        values = _sheet_rows(content, most_rows, data_only=True)
        written = _sheet_rows(content, most_rows, data_only=False) if has_formulas else values
        rows = tuple(_limited(_joined(values, written), most_rows))
    except TableUnreadable:
        raise
    except SHEET_ERRORS as error:
        raise TableUnreadable(field="file") from error
    return Table(rows, "xlsx", "")


def _opened_safely(content: bytes) -> bool:
    """Whether the sheets hold formulas; refuses an archive that would unpack to too much."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
            raise TableUnreadable(TOO_LARGE, field="file")
        has_formulas = False
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                xml = archive.read(name)
                has_formulas = has_formulas or b"<f" in xml
                if max(map(len, xml.split(b"<row"))) > LARGEST_ROW:
                    raise TableUnreadable(TOO_LARGE, field="file")
        return has_formulas


def _sheet_rows(content: bytes, most_rows: int, *, data_only: bool) -> dict[int, tuple[Any, ...]]:
    """Rows with anything in them, by line; one more than `most_rows` and its header at most."""
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=data_only)
    try:
        if not book.worksheets:
            return {}
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows: dict[int, tuple[Any, ...]] = {}
        lines = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1)
        for line, cells in enumerate(lines, start=1):
            if cells.count(None) < len(cells):
                rows[line] = cells
            if len(rows) > most_rows + 1:
                break
        return rows
    finally:
        book.close()


def _joined(
    values: dict[int, tuple[Any, ...]], written: dict[int, tuple[Any, ...]]
) -> Iterator[TableRow]:
    for line in sorted({*values, *written}):
        formulas = written.get(line, ())
        saved = values.get(line) or (None,) * len(formulas)
        pairs = zip_longest(saved, formulas)
        cells = tuple([_text_of(value if value is not None else text) for value, text in pairs])
        yield TableRow(line, cells)


def _text_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        has_time = (value.hour, value.minute) != (0, 0)
        return value.isoformat(" ", "minutes") if has_time else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else str(value)
    return _bare(str(value))


def _limited(rows: Iterator[TableRow], most_rows: int) -> Iterator[TableRow]:
    kept = 0
    for row in rows:
        filled = max((place for place, cell in enumerate(row.cells, 1) if cell), default=0)
        if not filled:
            continue
        kept += 1
        if kept > most_rows + 1:
            raise TableUnreadable(
                _("This file has more than %(rows)s rows. Split it in two."),
                field="file",
                rows=most_rows,
            )
        if filled > MOST_COLUMNS:
            raise TableUnreadable(_("This file has more than 200 columns."), field="file")
        # Programs fill up with empty cells, often to the sheet's last column.
        yield TableRow(row.line, row.cells[:filled])


# --- writing


def formula_safe(text: str) -> str:
    """The text, with a ' before what a spreadsheet would take for a formula; `_bare` undoes it."""
    is_formula = text.startswith(FORMULA) and PLAIN_NUMBER.fullmatch(text) is None
    return f"'{text}" if is_formula else text


def csv_write(rows: Iterable[Sequence[str]]) -> bytes:
    """CSV that Excel opens as UTF-8, no cell of which is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([formula_safe(cell) for cell in row])
    return ("\ufeff" + out.getvalue()).encode()


def xlsx_write(rows: Iterable[Sequence[str]], *, title: str) -> bytes:
    """A workbook of one sheet, every cell of which is text and no formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for row in rows:
        sheet.append([_text_cell(sheet, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, formula_safe(CONTROL_CHARACTERS.sub("", text)))
    cell.data_type = "s"
    return cell
