"""The brief as slides (Office Open XML, by python-pptx): one title, then one slide a section.

Every figure's evidence stands in the notes of its slide. The chart of the budget is a native one,
so that it can be restyled; its numbers are the evidence's own.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.util import Emu, Inches, Pt

from enterprise.strategic_synthesizer.engine.contracts import Brief, Run
from enterprise.strategic_synthesizer.engine.finished import (
    EvidenceRow,
    Finished,
    FinishedSection,
    FinishedTable,
)
from enterprise.strategic_synthesizer.engine.rendering import plain

WIDE, HIGH = Inches(13.333), Inches(7.5)
MARGIN = Inches(0.7)
BLANK = 6
SIZES = (20, 18, 16, 14, 12, 10)
# Of its size a letter is about half as wide as high; a line takes a fifth more than its letters.
LETTER, LINE, POINTS = 0.5, 1.2, 72
ROWS_A_SLIDE = 8
# A spreadsheet would compute or link what begins like this; the chart's numbers lie in one.
NO_TEXT = re.compile(r"[=+\-@{\t\r]|(https?|ftp|file|mailto|internal|external):", re.IGNORECASE)


def slides(brief: Brief, finished: Finished, *, words: dict[str, str]) -> bytes:
    """The file's bytes. `words`: before, after, rupees a week, in the language."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDE, HIGH
    deck.core_properties.title = finished.title
    deck.core_properties.author = finished.company
    evidence = {each.id: each for each in finished.evidence}
    _title(deck, finished, evidence)
    for section in finished.sections:
        _section(deck, section, evidence)
        if section.table:
            for start in range(0, len(section.table.rows), ROWS_A_SLIDE):
                rows = section.table.rows[start : start + ROWS_A_SLIDE]
                _table(deck, section, replace(section.table, rows=rows), evidence)
            _chart(deck, brief, section, evidence, words)
    kept = BytesIO()
    deck.save(kept)
    return _timeless(kept)


def _timeless(file: BytesIO) -> bytes:
    """The same entries without the time of writing, so that the same brief is the same bytes."""
    written = BytesIO()
    with ZipFile(file) as old, ZipFile(written, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(ZipInfo(name), old.read(name), ZIP_DEFLATED)
    return written.getvalue()


def _title(deck: Any, finished: Finished, evidence: dict[str, EvidenceRow]) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    company = fitting([finished.company], Inches(0.6))
    _text(slide, Inches(1.6), Inches(0.6), finished.company, size=company)
    _text(slide, Inches(2.2), Inches(1), finished.title, size=44, is_bold=True)
    _text(slide, Inches(3.4), Inches(1.6), plain(finished.headline), size=26)
    _text(slide, Inches(6.5), Inches(0.5), finished.dated, size=16)
    _notes(slide, [finished.headline], evidence)


def _section(deck: Any, section: FinishedSection, evidence: dict[str, EvidenceRow]) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    _text(slide, Inches(0.5), Inches(0.9), section.title, size=32, is_bold=True)
    frame = slide.shapes.add_textbox(MARGIN, Inches(1.6), WIDE - 2 * MARGIN, Inches(5.4)).text_frame
    frame.word_wrap = True
    size = fitting(map(plain, section.claims), Inches(5.4))
    for place, claim in enumerate(section.claims):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(size * 0.6)
        for run in claim:
            piece = paragraph.add_run()
            piece.text = run.text
            piece.font.size = Pt(size)
            piece.font.bold = bool(run.evidence_id)
    _notes(slide, list(section.claims), evidence)


def fitting(texts: Iterable[str], height: Emu) -> int:
    """The largest size in points at which the paragraphs fit into the height; else the smallest."""
    lengths = [len(text) for text in texts]
    for size in SIZES:
        letters = (WIDE - 2 * MARGIN) / Inches(1) * POINTS / (size * LETTER)
        lines = sum(math.ceil(length / letters) for length in lengths)
        if size * (LINE * lines + 0.6 * len(lengths)) <= height / Inches(1) * POINTS:
            return size
    return SIZES[-1]


def _table(
    deck: Any, section: FinishedSection, table: FinishedTable, evidence: dict[str, EvidenceRow]
) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    _text(slide, Inches(0.5), Inches(0.9), section.title, size=32, is_bold=True)
    height = min(Inches(5.4), Inches(0.5) * (len(table.rows) + 1))
    shape = slide.shapes.add_table(
        len(table.rows) + 1, len(table.columns), MARGIN, Inches(1.6), WIDE - 2 * MARGIN, height
    )
    shape.table.columns[0].width = Inches(4)
    for column in list(shape.table.columns)[1:]:
        column.width = (WIDE - 2 * MARGIN - Inches(4)) // (len(table.columns) - 1)
    for column, name in enumerate(table.columns):
        _cell(shape.table.cell(0, column), name)
    for place, row in enumerate(table.rows, start=1):
        for column, text in enumerate((row.name, *(run.text for run in row.figures))):
            _cell(shape.table.cell(place, column), text)
    _notes(slide, [row.figures for row in table.rows], evidence)


def _chart(
    deck: Any,
    brief: Brief,
    section: FinishedSection,
    evidence: dict[str, EvidenceRow],
    words: dict[str, str],
) -> None:
    """Before and after by channel, in rupees a week."""
    table = next(each.table for each in brief.sections if each.key == section.key)
    if table is None or not table.rows:
        return
    values = {each.id: each.value for each in brief.evidence}
    chart_data = CategoryChartData(number_format='"₹"#,##,##0')
    chart_data.categories = [as_text(row.name) for row in section.table.rows]
    for place, name in enumerate(("before", "after")):
        series = [round(values[row.figures[place].evidence_id]) for row in table.rows]
        chart_data.add_series(words[name], series)
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    title = f"{section.title}, {words['unit']}"
    _text(slide, Inches(0.5), Inches(0.9), title, size=28, is_bold=True)
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.BAR_CLUSTERED,
        MARGIN,
        Inches(1.5),
        WIDE - 2 * MARGIN,
        Inches(5.6),
        chart_data,
    )
    frame.chart.has_legend = True
    frame.chart.legend.position = XL_LEGEND_POSITION.BOTTOM
    frame.chart.legend.include_in_layout = False
    _notes(slide, [row.figures[:2] for row in section.table.rows], evidence)


def as_text(name: str) -> str:
    """With an apostrophe where a spreadsheet would not take it for text."""
    return f"'{name}" if NO_TEXT.match(name) else name


def _text(
    slide: Any, top: Emu, height: Emu, text: str, *, size: int, is_bold: bool = False
) -> None:
    frame = slide.shapes.add_textbox(MARGIN, top, WIDE - 2 * MARGIN, height).text_frame
    frame.word_wrap = True
    run = frame.paragraphs[0].add_run()
    run.text = text
    run.font.size, run.font.bold = Pt(size), is_bold


def _cell(cell: Any, text: str) -> None:
    cell.text = text
    for paragraph in cell.text_frame.paragraphs:
        paragraph.font.size = Pt(14)


def _notes(slide: Any, claims: list[tuple[Run, ...]], evidence: dict[str, EvidenceRow]) -> None:
    ids = dict.fromkeys(run.evidence_id for claim in claims for run in claim if run.evidence_id)
    lines = [
        " · ".join(
            part
            for part in (
                evidence[each].metric,
                evidence[each].value,
                evidence[each].interval,
                evidence[each].rows,
                evidence[each].as_of,
                evidence[each].run,
            )
            if part
        )
        for each in ids
    ]
    slide.notes_slide.notes_text_frame.text = "\n".join(lines)
