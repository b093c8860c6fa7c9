"""Files read back: Google Ads Editor CSV and the media plan."""

import csv
import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from enterprise.campaign_generator.engine.exports import google_ads_csv, media_plan
from tests.enterprise.campaign_generator.made import FACTS, document


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_editor_file_has_a_row_for_each_entity() -> None:
    made = document()
    campaign, group, ad = rows_of(google_ads_csv(made))
    texts = [slot.text for slot in made.creatives[0].slots if slot.kind == "headline"]
    assert campaign["Campaign"] == group["Campaign"] == ad["Campaign"] == "Winter launch"
    assert (campaign["Start Date"], campaign["End Date"]) == ("2026-12-01", "2026-12-28")
    daily = int(campaign["Budget"].replace(".", ""))
    assert daily == made.grid.by_channel[0] // 28
    assert group["Ad Group"] == ad["Ad Group"] == "Veda Geyser 15 L"
    assert [ad[f"Headline {n}"] for n in range(1, 16) if ad[f"Headline {n}"]] == texts
    assert ad["Final URL"] == made.creatives[0].url
    assert {campaign["Campaign Status"], group["Ad Group Status"], ad["Ad Status"]} == {"Paused"}


def test_no_cell_of_the_editor_file_is_a_formula() -> None:
    bad = '=HYPERLINK("http://x.example","a")'
    made = document(name=bad, facts=replace(FACTS, product="@SUM(A1)"))
    cells = [cell for row in rows_of(google_ads_csv(made)) for cell in row.values()]
    assert "'" + bad in cells
    assert "'@SUM(A1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_without_google_there_is_no_editor_file() -> None:
    with pytest.raises(ValueError, match="no Google Ads"):
        google_ads_csv(document(channels=("email",), shares=(1,)))


def test_the_sums_of_the_media_plan_are_formulas_that_equal_ours() -> None:
    made = document()
    sheet = load_workbook(io.BytesIO(media_plan(made)))["Budget"]
    weeks, channels = len(made.grid.weeks), len(made.grid.channels)
    cells = [
        [sheet.cell(row + 2, column + 2).value for column in range(weeks)]
        for row in range(channels)
    ]
    assert [[round(cell * 100) for cell in row] for row in cells] == [
        list(row) for row in made.grid.paise
    ]
    assert [sheet.cell(row + 2, weeks + 2).value for row in range(channels)] == [
        f"=SUM(B{row + 2}:E{row + 2})" for row in range(channels)
    ]
    assert sheet.cell(channels + 2, 2).value == f"=SUM(B2:B{channels + 1})"
    assert sheet.cell(channels + 2, weeks + 2).value == f"=SUM(F2:F{channels + 1})"
    assert round(sum(map(sum, cells)) * 100) == made.grid.total_paise


def test_what_xml_cannot_hold_does_not_stop_the_media_plan() -> None:
    odd = document(facts=replace(FACTS, benefits=("Quiet\uffff", "Cool\ufffe")))
    texts = [row[2] for row in load_workbook(io.BytesIO(media_plan(odd)))["Creatives"].values]
    assert "Quiet" in texts
    assert "Cool" in texts


def test_texts_in_the_media_plan_stay_texts() -> None:
    made = document(channels=("=1+1", "google_ads"), shares=(1, 1))
    book = load_workbook(io.BytesIO(media_plan(made)))
    assert (book["Budget"]["A2"].value, book["Budget"]["A2"].data_type) == ("=1+1", "s")
    formulas = [
        cell.value
        for name in ("Creatives", "Calendar")
        for row in book[name].iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert formulas == []
    assert book["Creatives"].max_row == 1 + sum(len(one.slots) for one in made.creatives)
