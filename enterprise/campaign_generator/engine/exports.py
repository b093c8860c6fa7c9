"""Files of a campaign: Google Ads Editor CSV and an XLSX media plan. Text never is a formula."""

import csv
import io
import re
from datetime import timedelta

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from enterprise.campaign_generator.engine.contracts import Creative, Document
from enterprise.campaign_generator.engine.limits import limits
from marketing_platform.core.tables import formula_safe

# Column names as Google Ads Editor documents them for CSV files; it ignores case and spaces.
COLUMNS = (
    "Campaign", "Campaign Type", "Budget", "Budget type", "Start Date", "End Date",
    "Campaign Status", "Ad Group", "Ad Group Status", "Ad type",
    *(f"Headline {place}" for place in range(1, 16)),
    *(f"Description {place}" for place in range(1, 5)),
    "Final URL", "Ad Status",
)  # fmt: skip
PAUSED = "Paused"
RUPEES = "#,##0.00"
BOLD = Font(bold=True)
# Places of Unicode that are no characters: XML may not hold them.
NO_CHARACTERS = re.compile("[\ufffe\uffff]")


def google_ads_csv(document: Document) -> bytes:
    """UTF-8 with a byte order mark: a row each for campaign, ad group and ad, all paused.

    The daily budget is the channel's whole budget over its days, rounded down to the paisa.
    Raises ValueError without Google Ads in the campaign.
    """
    creative = next((one for one in document.creatives if one.channel == "google_ads"), None)
    if creative is None:
        raise ValueError("the campaign has no Google Ads")
    text = io.StringIO(newline="")
    rows = csv.DictWriter(text, COLUMNS, restval="")
    rows.writeheader()
    group = {"Campaign": document.name, "Ad Group": document.facts.product}
    entities = (
        _campaign_row(document),
        group | {"Ad Group Status": PAUSED},
        group | _ad_row(creative),
    )
    for row in entities:
        rows.writerow({name: formula_safe(value) for name, value in row.items()})
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def media_plan(document: Document) -> bytes:
    """XLSX with sheets Budget (sums as formulas), Creatives and Calendar; amounts in rupees."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _budget_sheet(book.create_sheet("Budget"), document)
    _creative_sheet(book.create_sheet("Creatives"), document)
    _calendar_sheet(book.create_sheet("Calendar"), document)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _campaign_row(document: Document) -> dict[str, str]:
    grid = document.grid
    daily = grid.by_channel[grid.channels.index("google_ads")] // (7 * len(grid.weeks))
    return {
        "Campaign": document.name,
        "Campaign Type": "Search",
        "Budget": f"{daily // 100}.{daily % 100:02d}",
        "Budget type": "Daily",
        "Start Date": grid.weeks[0].isoformat(),
        "End Date": grid.last_on.isoformat(),
        "Campaign Status": PAUSED,
    }


def _ad_row(creative: Creative) -> dict[str, str]:
    row = {"Ad type": "Responsive search ad", "Final URL": creative.url, "Ad Status": PAUSED}
    for kind in ("headline", "description"):
        texts = [slot.text for slot in creative.slots if slot.kind == kind]
        row |= {f"{kind.title()} {place}": text for place, text in enumerate(texts, 1)}
    return row


def _budget_sheet(sheet: Worksheet, document: Document) -> None:
    grid = document.grid
    last_row, last = len(grid.channels) + 1, get_column_letter(len(grid.weeks) + 1)
    _row(sheet, 1, ["Channel", *(week.isoformat() for week in grid.weeks), "Sum"], is_bold=True)
    for place, channel in enumerate(grid.channels, 2):
        _text(sheet.cell(place, 1), channel)
        for column, paise in enumerate(grid.paise[place - 2], 2):
            _amount(sheet.cell(place, column), paise / 100)
        _amount(sheet.cell(place, len(grid.weeks) + 2), f"=SUM(B{place}:{last}{place})")
    _text(sheet.cell(last_row + 1, 1), "Sum").font = BOLD
    for column in range(2, len(grid.weeks) + 3):
        letter = get_column_letter(column)
        _amount(sheet.cell(last_row + 1, column), f"=SUM({letter}2:{letter}{last_row})")
    sheet.freeze_panes = "B2"


def _creative_sheet(sheet: Worksheet, document: Document) -> None:
    heads = ["Channel", "Kind", "Text", "Characters", "Limit", "Web address"]
    _row(sheet, 1, heads, is_bold=True)
    place = 2
    for one in document.creatives:
        told = limits()[one.channel]
        for slot in one.slots:
            _row(sheet, place, [one.channel, slot.kind, slot.text])
            sheet.cell(place, 4).value = told.length(slot.text)
            sheet.cell(place, 5).value = told.slots[slot.kind].limit
            _text(sheet.cell(place, 6), one.url)
            place += 1


def _calendar_sheet(sheet: Worksheet, document: Document) -> None:
    _row(sheet, 1, ["Day", "What", "Name"], is_bold=True)
    for place, event in enumerate(document.events, 2):
        _row(sheet, place, [event.on.isoformat(), event.kind, event.name])
    after = len(document.events) + 3
    for place, week in enumerate(document.grid.weeks):
        until = (week + timedelta(days=6)).isoformat()
        _row(sheet, after + place, [week.isoformat(), f"week {place + 1}", until])


def _row(sheet: Worksheet, row: int, texts: list[str], *, is_bold: bool = False) -> None:
    for column, text in enumerate(texts, 1):
        cell = _text(sheet.cell(row, column), text)
        if is_bold:
            cell.font = BOLD


def _text(cell: Cell, text: str) -> Cell:
    cell.value = NO_CHARACTERS.sub("", text)
    cell.data_type = "s"
    return cell


def _amount(cell: Cell, value: float | str) -> None:
    cell.value = value
    cell.number_format = RUPEES
